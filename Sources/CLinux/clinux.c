#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Nanoseconds since the epoch, or the nearest bound. */
static int64_t nanoseconds(struct statx_timestamp time) {
    int64_t product, sum;
    if (__builtin_mul_overflow((int64_t)time.tv_sec, 1000000000, &product)
        || __builtin_add_overflow(product, (int64_t)time.tv_nsec, &sum)) {
        return time.tv_sec < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

static int status_of(int folder, const char *path, int flags, struct clinux_status *status) {
    struct statx stx;
    if (statx(folder, path, flags, STATX_BASIC_STATS | STATX_BTIME, &stx) != 0) return -1;
    status->device = makedev(stx.stx_dev_major, stx.stx_dev_minor);
    status->inode = stx.stx_ino;
    status->birth_ns = (stx.stx_mask & STATX_BTIME) ? nanoseconds(stx.stx_btime) : INT64_MIN;
    status->modified_ns = nanoseconds(stx.stx_mtime);
    status->size = (int64_t)stx.stx_size;
    status->links = stx.stx_nlink;
    status->mode = stx.stx_mode;
    return 0;
}

int clinux_statx_path(const char *path, struct clinux_status *status) {
    return status_of(AT_FDCWD, path, 0, status);
}

int clinux_statx_fd(int fd, struct clinux_status *status) {
    return status_of(fd, "", AT_EMPTY_PATH, status);
}

const void *clinux_memrchr(const void *bytes, int byte, size_t count) {
    return memrchr(bytes, byte, count);
}

int clinux_accept(int fd) {
    return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void clinux_name_thread(const char *name) {
    pthread_setname_np(pthread_self(), name);
}

/* The first object is the program itself. What may be written is private by now and stays. */
static int release_object(struct dl_phdr_info *object, size_t size, void *page) {
    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
        ElfW(Addr) mask = ~(*(ElfW(Addr) *)page - 1);
        ElfW(Addr) start = (object->dlpi_addr + part->p_vaddr) & mask;
        ElfW(Addr) end = (object->dlpi_addr + part->p_vaddr + part->p_filesz) & mask;
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 1;
}

void clinux_release_image(void) {
    ElfW(Addr) page = (ElfW(Addr))sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(release_object, &page);
}

/* The first version of struct sched_attr (sched_setattr(2)), which the C library does not have. */
struct scheduling {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
};

static int scheduling(pid_t thread, struct scheduling *attributes) {
    return (int)syscall(SYS_sched_getattr, thread, attributes, sizeof *attributes, 0);
}

void clinux_set_slice(uint64_t nanoseconds) {
    struct scheduling attributes;
    if (scheduling(0, &attributes) != 0 || attributes.policy != SCHED_OTHER) return;
    /* SCHED_FLAG_RESET_ON_FORK would take a negative nice value from what is started too. */
    if (attributes.nice >= 0) attributes.flags |= 1;
    attributes.runtime = nanoseconds;
    syscall(SYS_sched_setattr, 0, &attributes, 0);
}

uint64_t clinux_get_slice(pid_t thread) {
    struct scheduling attributes;
    return scheduling(thread, &attributes) != 0 ? 0 : attributes.runtime;
}
