/* SQLite writes each page of a commit in two pieces, a header and the page itself: eight system
 * calls for a breach, which on ext4 take three times as long as one.
 *
 * This is a VFS (sqlite.org/vfs.html) in front of the system's. What is added to a write-ahead log
 * waits in a buffer until the last page of a commit is there: its header says so, by a database
 * size that is not 0 (sqlite.org/walformat.html). Until then nobody else would read those pages,
 * since a log is believed up to a commit and no further. Whatever else is done with the log has
 * the buffer written first, as if nothing had waited. */
#include "CSQLite.h"

#include <string.h>

enum {
    header_bytes = 24,
    size_offset = 4, /* where the database size is in a header, 4 bytes */
    buffer_bytes = 32 * 1024,
};

enum follows { anything, page, last_page };

struct log {
    sqlite3_file base;
    sqlite3_file *file;   /* the system's */
    unsigned char *buffer;
    int waiting;          /* bytes in the buffer */
    sqlite3_int64 end;    /* just past what SQLite wrote last; -1 where it has read since */
    enum follows follows; /* what SQLite writes next, by the header before it */
};

static int write_waiting(struct log *log) {
    if (log->waiting == 0) return SQLITE_OK;
    int count = log->waiting;
    log->waiting = 0;
    return log->file->pMethods->xWrite(log->file, log->buffer, count, log->end - count);
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
    /* A header that is written after it was read is an old one that changes. */
    log->end = -1;
    return code != SQLITE_OK ? code : log->file->pMethods->xRead(log->file, bytes, count, offset);
}

static enum follows announced(const unsigned char *header) {
    static const unsigned char zero[4];
    return memcmp(header + size_offset, zero, sizeof zero) == 0 ? page : last_page;
}

static int write_log(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct log *log = (struct log *)file;
    int is_added = offset == log->end;
    if (!is_added || count > buffer_bytes - log->waiting) {
        int code = write_waiting(log);
        if (code != SQLITE_OK) return code;
    }
    int is_header = is_added && count == header_bytes;
    int may_wait = is_header || log->follows == page;
    log->follows = count == header_bytes ? announced(bytes) : anything;
    log->end = offset + count;
    if (!is_added || count > buffer_bytes) {
        return log->file->pMethods->xWrite(log->file, bytes, count, offset);
    }
    memcpy(log->buffer + log->waiting, bytes, (size_t)count);
    log->waiting += count;
    return may_wait ? SQLITE_OK : write_waiting(log);
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
        .file = (sqlite3_file *)(log + 1), .buffer = sqlite3_malloc(buffer_bytes), .end = -1};
    if (!log->buffer) return SQLITE_NOMEM;
    int code = system->xOpen(system, path, log->file, flags, flags_found);
    if (code == SQLITE_OK) {
        log->base.pMethods = &methods;
    } else {
        sqlite3_free(log->buffer);
    }
    return code;
}

int csqlite_register_whole_commits(void) {
    static sqlite3_vfs vfs;
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (!system) return SQLITE_ERROR;
    /* All but opening a file is the system's, which does not ask what VFS it belongs to. */
    vfs = *system;
    vfs.pNext = NULL;
    vfs.zName = CSQLITE_WHOLE_COMMITS;
    vfs.szOsFile += (int)sizeof(struct log);
    vfs.pAppData = system;
    vfs.xOpen = open_file;
    return sqlite3_vfs_register(&vfs, 0);
}
