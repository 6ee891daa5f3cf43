#include <sqlite3.h>

/* Swift cannot call sqlite3_config, which takes a variable number of arguments. */
static inline int csqlite_set_memory_status(int is_counted) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, is_counted);
}
