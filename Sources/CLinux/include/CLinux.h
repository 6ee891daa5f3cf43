/* Linux interfaces that the Glibc module does not carry. The header does without _GNU_SOURCE, which
   would break that module; calls that need it live in the .c files. */
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/types.h>

/* statx(2) reduced to what an identity is made of. birth_ns is INT64_MIN where the file system
   keeps no birth time. Follows symlinks. Returns 0, or -1 with errno set. */
struct clinux_status {
    uint64_t device;
    uint64_t inode;
    int64_t birth_ns;
    int64_t modified_ns;
    int64_t size;
    uint32_t links;
    uint32_t mode;
};
int clinux_statx_path(const char *path, struct clinux_status *status);
int clinux_statx_fd(int fd, struct clinux_status *status);

/* Where needle first occurs, or NULL. first and second are the places in it of two bytes that are
   rare in what is searched; length is at least 1. */
const void *clinux_find(
    const void *bytes, size_t count, const void *needle, size_t length, size_t first,
    size_t second);

/* memrchr(3), which is GNU. */
const void *clinux_memrchr(const void *bytes, int byte, size_t count);

/* accept4(2) with close-on-exec and without blocking. Returns the descriptor, or -1 with errno. */
int clinux_accept(int fd);

/* Names the calling thread, in at most 15 bytes (pthread_setname_np(3)). */
void clinux_name_thread(const char *name);

/* Starts /bin/sh -c SCRIPT with ARGUMENT as $1: a process group of its own, default signals, nothing
   on standard input, standard output where standard error goes, no other descriptor. Returns 0 and
   the process id, or an error number. */
int clinux_spawn_shell(const char *script, const char *argument, pid_t *pid);

/* Starts the program ARGUMENTS[0], searched for along PATH, in this process group: nothing on
   standard input, standard output into a pipe of which OUTPUT is the end to read from. Returns 0,
   or an error number. */
int clinux_spawn_program(char *const arguments[], pid_t *pid, int *output);

/* Gives the pages of the program's own file that it can only read back to the kernel, which still
   has them: they are mapped again where they are touched again. */
void clinux_release_image(void);

/* Asks for slices of NANOSECONDS for the calling thread where the kernel's ordinary policy schedules
   it: sched_setattr(2). What it starts gets ordinary slices, but for one with a negative nice value. */
void clinux_set_slice(uint64_t nanoseconds);

/* The slice of a thread, 0 being the calling one; 0 where the kernel does not tell. */
uint64_t clinux_get_slice(pid_t thread);

/* pidfd_open(2), which the C library has only since 2.36. Returns the descriptor, or -1. */
int clinux_pidfd_open(pid_t pid);

#endif
