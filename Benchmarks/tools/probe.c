/* Writes to a log and watches what comes of it, in one process, so that one clock times both.
 *
 *   probe row  LOG DATABASE COUNT GAP_US   until another SQLite reader sees the row
 *   probe file LOG OUTPUT   COUNT GAP_US   until a pipeline has appended to its output
 *   probe bus  LOG DATABASE COUNT GAP_US SOCKET
 *                                          until the event has come over the unix socket, and how
 *                                          much later that is than the row
 *   probe busy LOG LINES_A_SECOND SECONDS EVERY [row DATABASE | file OUTPUT]
 *                                          a burst each millisecond, one marker in EVERY, and of
 *                                          those one in 20 a breach, which is waited for
 *   probe sync FILE COUNT GAP_US           appends 4 KiB and waits for the disk: fdatasync(2)
 *   probe start EXPECT COMMAND...          from exec to the first row in EXPECT, a database, or
 *                                          the first byte in it, any other file
 *
 * Prints one JSON object. Waiting is a busy loop: a sleeping watcher would be timed too. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double timeout = 10;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* A STAGE_TIMINGS line of the present second; slow ones are breaches. */
static size_t marker(char *out, int number, double milliseconds) {
    struct timespec time;
    struct tm civil;
    clock_gettime(CLOCK_REALTIME, &time);
    gmtime_r(&time.tv_sec, &civil);
    long second = time.tv_sec - (long)(milliseconds / 1000);
    return (size_t)sprintf(out,
        "%04d-%02d-%02d %02d:%02d:%02d,%03ld - headroom.proxy - INFO - [hr_%ld_%06d] "
        "STAGE_TIMINGS {\"event\": \"stage_timings\", \"path\": \"anthropic_messages\", "
        "\"request_id\": \"hr_%ld_%06d\", \"session_id\": \"5f103f6c8220406ea382376c89d167bd\", "
        "\"stages\": {\"pre_upstream_wait\": 0.2938700000049, \"read_request_json\": 0.9230709998, "
        "\"deep_copy\": 0.0014939998891350115, \"compression_first_stage\": 1.1792680000417, "
        "\"memory_context\": null, \"upstream_connect\": null, \"upstream_first_byte\": null, "
        "\"total_pre_upstream\": %.3f}}\n",
        civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min,
        civil.tm_sec, time.tv_nsec / 1000000, second, number, second, number, milliseconds);
}

static int open_log(const char *path) {
    int log = open(path, O_WRONLY | O_APPEND | O_CREAT, 0644);
    if (log < 0) fail(path);
    return log;
}

/* What a probe waits for: a number that grows. */
static sqlite3 *database;
static sqlite3_stmt *newest;
static int watched = -1;

static int64_t rows(void) {
    int64_t seq = sqlite3_step(newest) == SQLITE_ROW ? sqlite3_column_int64(newest, 0) : -1;
    sqlite3_reset(newest);
    return seq;
}

static int64_t size(void) {
    struct stat status;
    return fstat(watched, &status) == 0 ? status.st_size : -1;
}

static int64_t events(void) {
    static int64_t count;
    char bytes[65536];
    ssize_t length = recv(watched, bytes, sizeof bytes, MSG_DONTWAIT);
    for (ssize_t i = 0; i < length; i++) count += bytes[i] == '\n';
    return count;
}

static int open_database(const char *path, const char *sql) {
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK
        || sqlite3_prepare_v2(database, sql, -1, &newest, NULL) != SQLITE_OK) {
        sqlite3_close(database);
        database = NULL;
        return 0;
    }
    return 1;
}

static void open_bus(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    watched = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(watched, (struct sockaddr *)&address, sizeof address) != 0) fail(path);
    static const char request[] = "{\"publish\":\"all\"}\n";
    if (write(watched, request, sizeof request - 1) < 0) fail(path);
    while (events() < 1) {}
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void percentiles(const char *prefix, double *times, size_t count) {
    qsort(times, count, sizeof *times, ascending);
    printf("\"%sp50_us\": %.1f, \"%sp99_us\": %.1f, \"%sp999_us\": %.1f, \"%smax_us\": %.1f",
        prefix, times[count / 2], prefix, times[count * 99 / 100], prefix,
        times[count * 999 / 1000], prefix, times[count - 1]);
}

/* Times what `look` waits for, and, where something comes after it, how much later that is. */
static int live(
    int64_t (*look)(void), int64_t (*look_after)(void), const char *path, int count, int gap) {
    int log = open_log(path);
    double *times = malloc((size_t)count * sizeof *times);
    double *later = malloc((size_t)count * sizeof *later);
    for (int i = 0; i < count; i++) {
        char line[1024];
        size_t length = marker(line, i, 700.25);
        int64_t before = look(), before_after = look_after ? look_after() : 0;
        double start = now(), first = 0, second = 0;
        if (write(log, line, length) != (ssize_t)length) fail(path);
        while (first == 0 || (look_after && second == 0)) {
            if (first == 0 && look() > before) first = now();
            if (look_after && second == 0 && look_after() > before_after) second = now();
            if (now() > start + timeout) {
                fprintf(stderr, "probe: nothing came within %.0f s\n", timeout);
                return 1;
            }
        }
        times[i] = ((look_after ? second : first) - start) * 1e6;
        later[i] = (second - first) * 1e6;
        usleep((useconds_t)gap);
    }
    printf("{");
    percentiles("", times, (size_t)count);
    if (look_after) {
        printf(", ");
        percentiles("later_", later, (size_t)count);
    }
    printf("}\n");
    return 0;
}

/* Breaches on their way: when each was written, and what `look` gives once it has arrived. */
static struct { double start; int64_t seen; } waiting[1 << 16];
static size_t written_breaches, seen_breaches;

static void watch(int64_t (*look)(void), double *times) {
    int64_t reached = look();
    double end = now();
    while (seen_breaches < written_breaches && waiting[seen_breaches].seen <= reached) {
        times[seen_breaches] = (end - waiting[seen_breaches].start) * 1e6;
        seen_breaches++;
    }
}

static int busy(const char *path, int rate, int seconds, int every, int64_t (*look)(void)) {
    static const char other[] =
        "2026-11-21 01:37:09,711 - headroom.proxy - INFO - event=outbound_request method=POST "
        "path=/v1/messages body_bytes=35392 body_mutated=true mutation_reasons=compression\n";
    static double times[sizeof waiting / sizeof *waiting];
    int log = open_log(path), burst = rate / 1000, written = 0, observations = 0;
    /* A database counts rows, a file bytes: of every marker line, since grep prints it whole. */
    int64_t rows_seen = look == rows ? look() : 0, bytes = look == size ? look() : 0;
    double start = now();
    for (int step = 0; step < seconds * 1000; step++) {
        for (int i = 0; i < burst; i++) {
            char line[1024];
            size_t length = sizeof other - 1;
            const char *text = other;
            if (++written % every == 0) {
                int is_breach = ++observations % 20 == 0 && look;
                length = marker(line, observations, is_breach ? 700.25 : 7.25);
                text = line;
                bytes += (int64_t)length;
                if (is_breach && written_breaches < sizeof waiting / sizeof *waiting) {
                    waiting[written_breaches].start = now();
                    waiting[written_breaches].seen = look == rows ? ++rows_seen : bytes;
                    written_breaches++;
                }
            }
            if (write(log, text, length) != (ssize_t)length) fail(path);
        }
        double end = start + (step + 1) * 1e-3;
        while (seen_breaches < written_breaches && now() < end) watch(look, times);
        double left = end - now();
        if (left > 0) usleep((useconds_t)(left * 1e6));
    }
    while (seen_breaches < written_breaches && now() < start + seconds + timeout) watch(look, times);
    if (seen_breaches < written_breaches) {
        fprintf(stderr, "probe: %zu of %zu breaches came\n", seen_breaches, written_breaches);
        return 1;
    }
    printf("{\"lines\": %d, \"observations\": %d, \"seconds\": %.3f", written, observations,
        now() - start);
    if (seen_breaches > 0) {
        printf(", ");
        percentiles("", times, seen_breaches);
    }
    printf("}\n");
    return 0;
}

static int sync_disk(const char *path, int count, int gap) {
    static const char block[4096];
    int file = open_log(path);
    double *times = malloc((size_t)count * sizeof *times);
    for (int i = 0; i < count; i++) {
        double start = now();
        if (write(file, block, sizeof block) != sizeof block || fdatasync(file) != 0) fail(path);
        times[i] = (now() - start) * 1e6;
        usleep((useconds_t)gap);
    }
    printf("{");
    percentiles("", times, (size_t)count);
    printf("}\n");
    return 0;
}

static int begin(const char *expected, char **command) {
    int is_database = strstr(expected, ".sqlite") != NULL;
    double start = now();
    pid_t child = fork();
    if (child == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    while (now() < start + timeout) {
        struct stat status;
        if (stat(expected, &status) != 0 || status.st_size == 0) continue;
        if (!is_database) break;
        if (!database && !open_database(expected, "SELECT max(seq) FROM events")) continue;
        if (rows() > 0) break;
    }
    double end = now();
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    printf("{\"ms\": %.3f}\n", (end - start) * 1e3);
    return end < start + timeout ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc >= 4 && strcmp(argv[1], "start") == 0) return begin(argv[2], argv + 3);
    if (argc == 5 && strcmp(argv[1], "sync") == 0) {
        return sync_disk(argv[2], atoi(argv[3]), atoi(argv[4]));
    }
    int is_busy = argc >= 6 && strcmp(argv[1], "busy") == 0;
    int is_bus = argc == 7 && strcmp(argv[1], "bus") == 0;
    if (argc != 6 && !is_bus && !(is_busy && argc == 8)) {
        fprintf(stderr, "usage: see the head of probe.c\n");
        return 64;
    }
    /* What is watched, and where it is. */
    const char *kind = is_busy ? (argc == 8 ? argv[6] : "") : argv[1];
    const char *target = is_busy ? (argc == 8 ? argv[7] : "") : argv[3];
    int64_t (*look)(void) = NULL;
    if (is_bus) open_bus(argv[6]);
    if (is_bus || strcmp(kind, "row") == 0) {
        if (!open_database(target, "SELECT max(seq) FROM events")) fail(target);
        look = rows;
    } else if (strcmp(kind, "file") == 0) {
        watched = open(target, O_RDONLY);
        if (watched < 0) fail(target);
        look = size;
    }
    if (is_busy) return busy(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), look);
    return live(look, is_bus ? events : NULL, argv[2], atoi(argv[4]), atoi(argv[5]));
}
