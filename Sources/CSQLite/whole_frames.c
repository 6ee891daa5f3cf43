/* SQLite adds a page to a write-ahead log in two pieces: a header of 24 bytes, and the page itself
 * (sqlite.org/walformat.html). That is eight system calls for a breach, and on ext4 takes half as
 * long again as four.
 *
 * This is a VFS (sqlite.org/vfs.html) in front of the system's. A header that is added to a log
 * waits for the page that follows it at once, and both are written together. Where anything else
 * follows, the header is written first, as if it had not waited. */
#include "CSQLite.h"

#include <string.h>

enum { header_bytes = 24, most_page_bytes = 65536 };

struct log {
    sqlite3_file base;
    sqlite3_file *file; /* the system's */
    sqlite3_int64 end;  /* just past what SQLite wrote last */
    int is_waiting;     /* true where a header is in the buffer, which ends there */
    unsigned char *buffer;
};

static int write_waiting(struct log *log) {
    if (!log->is_waiting) return SQLITE_OK;
    log->is_waiting = 0;
    return log->file->pMethods->xWrite(
        log->file, log->buffer, header_bytes, log->end - header_bytes);
}

static int close_log(sqlite3_file *file) {
    struct log *log = (struct log *)file;
    int written = write_waiting(log);
    int closed = log->file->pMethods->xClose(log->file);
    sqlite3_free(log->buffer);
    return written != SQLITE_OK ? written : closed;
}

static int read_log(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    struct log *log = (struct log *)file;
    int code = write_waiting(log);
    return code != SQLITE_OK ? code : log->file->pMethods->xRead(log->file, bytes, count, offset);
}

static int write_log(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct log *log = (struct log *)file;
    int is_added = offset == log->end;
    if (log->is_waiting && is_added && count <= most_page_bytes) {
        log->is_waiting = 0;
        log->end = offset + count;
        memcpy(log->buffer + header_bytes, bytes, (size_t)count);
        return log->file->pMethods->xWrite(
            log->file, log->buffer, header_bytes + count, offset - header_bytes);
    }
    int code = write_waiting(log);
    if (code != SQLITE_OK) return code;
    log->end = offset + count;
    if (!is_added || count != header_bytes) {
        return log->file->pMethods->xWrite(log->file, bytes, count, offset);
    }
    memcpy(log->buffer, bytes, header_bytes);
    log->is_waiting = 1;
    return SQLITE_OK;
}

static int truncate_log(sqlite3_file *file, sqlite3_int64 size) {
    struct log *log = (struct log *)file;
    int code = write_waiting(log);
    return code != SQLITE_OK ? code : log->file->pMethods->xTruncate(log->file, size);
}

static int sync_log(sqlite3_file *file, int flags) {
    struct log *log = (struct log *)file;
    int code = write_waiting(log);
    return code != SQLITE_OK ? code : log->file->pMethods->xSync(log->file, flags);
}

static int size_of_log(sqlite3_file *file, sqlite3_int64 *size) {
    struct log *log = (struct log *)file;
    int code = write_waiting(log);
    return code != SQLITE_OK ? code : log->file->pMethods->xFileSize(log->file, size);
}

static int control_log(sqlite3_file *file, int operation, void *argument) {
    struct log *log = (struct log *)file;
    int code = write_waiting(log);
    return code != SQLITE_OK
        ? code : log->file->pMethods->xFileControl(log->file, operation, argument);
}

static int lock_log(sqlite3_file *file, int level) {
    struct log *log = (struct log *)file;
    return log->file->pMethods->xLock(log->file, level);
}

static int unlock_log(sqlite3_file *file, int level) {
    struct log *log = (struct log *)file;
    return log->file->pMethods->xUnlock(log->file, level);
}

static int is_log_reserved(sqlite3_file *file, int *result) {
    struct log *log = (struct log *)file;
    return log->file->pMethods->xCheckReservedLock(log->file, result);
}

static int sector_size(sqlite3_file *file) {
    struct log *log = (struct log *)file;
    return log->file->pMethods->xSectorSize(log->file);
}

static int characteristics(sqlite3_file *file) {
    struct log *log = (struct log *)file;
    return log->file->pMethods->xDeviceCharacteristics(log->file);
}

static const sqlite3_io_methods methods = {
    .iVersion = 1, .xClose = close_log, .xRead = read_log, .xWrite = write_log,
    .xTruncate = truncate_log, .xSync = sync_log, .xFileSize = size_of_log, .xLock = lock_log,
    .xUnlock = unlock_log, .xCheckReservedLock = is_log_reserved, .xFileControl = control_log,
    .xSectorSize = sector_size, .xDeviceCharacteristics = characteristics,
};

static int open_file(
    sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_found) {
    sqlite3_vfs *system = vfs->pAppData;
    if (!(flags & SQLITE_OPEN_WAL)) return system->xOpen(system, path, file, flags, flags_found);
    struct log *log = (struct log *)file;
    *log = (struct log){
        .file = (sqlite3_file *)(log + 1), .buffer = sqlite3_malloc(header_bytes + most_page_bytes)};
    if (!log->buffer) return SQLITE_NOMEM;
    int code = system->xOpen(system, path, log->file, flags, flags_found);
    if (code == SQLITE_OK) {
        log->base.pMethods = &methods;
    } else {
        sqlite3_free(log->buffer);
    }
    return code;
}

int csqlite_register_whole_frames(void) {
    static sqlite3_vfs vfs;
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (!system) return SQLITE_ERROR;
    /* All but opening a file is the system's, which does not ask what VFS it belongs to. */
    vfs = *system;
    vfs.pNext = NULL;
    vfs.zName = CSQLITE_WHOLE_FRAMES;
    vfs.szOsFile += (int)sizeof(struct log);
    vfs.pAppData = system;
    vfs.xOpen = open_file;
    return sqlite3_vfs_register(&vfs, 0);
}
