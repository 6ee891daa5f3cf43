#pragma once

#include <sqlite3.h>

/* Settings of the whole process, before its first connection. Memory is not counted, which takes a
 * lock wherever SQLite allocates, and nobody asks; names of files may be URIs. Swift cannot call
 * sqlite3_config, which takes a variable number of arguments. Returns SQLite's code. */
static inline int csqlite_configure(void) {
    int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return code != SQLITE_OK ? code : sqlite3_config(SQLITE_CONFIG_URI, 1);
}

/* The name under which csqlite_register_whole_frames registers its VFS. */
#define CSQLITE_WHOLE_FRAMES "logtail-whole-frames"

/* Registers a VFS that is the system's own but for one thing: a page and its header are added to a
 * write-ahead log by one write. Returns SQLite's code. */
int csqlite_register_whole_frames(void);
