#pragma once

#include <sqlite3.h>

/* Swift cannot call sqlite3_config, which takes a variable number of arguments. */
static inline int csqlite_set_memory_status(int is_counted) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, is_counted);
}

/* The name under which csqlite_register_whole_commits registers its VFS. */
#define CSQLITE_WHOLE_COMMITS "logtail-whole-commits"

/* Registers a VFS that is the system's own but for one thing: what a commit adds to a write-ahead
 * log goes to the kernel in one write. Returns SQLite's code. */
int csqlite_register_whole_commits(void);
