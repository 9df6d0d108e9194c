/* A disk that is full from its n-th operation on, for one folder of one process: loaded before the
 * C library (LD_PRELOAD) by full_disk.py, which says when. The n-th operation of those that need
 * room is cut short if it writes, and refused like all after it (ENOSPC); what takes away is let
 * through. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX];
static volatile long left = -1; /* -1: there is room */
static volatile long refused;
static volatile int once;

void disk_fill(const char *path, long operations, int only_one) {
    snprintf(folder, sizeof folder, "%s", path);
    refused = 0;
    once = only_one;
    left = operations;
}

long disk_free_again(void) {
    left = -1;
    return refused;
}

static int below(const char *path) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static int path_is_there(int at, const char *path) {
    char whole[PATH_MAX], base[PATH_MAX], name[64];
    ssize_t length;
    if (path[0] == '/') return below(path);
    snprintf(name, sizeof name, at == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", at);
    if ((length = readlink(name, base, sizeof base - 1)) < 0) return 0;
    base[length] = 0;
    return snprintf(whole, sizeof whole, "%s/%s", base, path) < PATH_MAX && below(whole);
}

static int handle_is_there(int handle) {
    char name[64], path[PATH_MAX];
    ssize_t length;
    snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
    if ((length = readlink(name, path, sizeof path - 1)) < 0) return 0;
    path[length] = 0;
    return below(path);
}

/* 0: go on; 1: this one is the first that fails; 2: as those before it */
static int full(void) {
    long now;
    if (once && refused) return 0;
    now = __sync_fetch_and_sub(&left, 1);
    if (now > 1) return 0;
    __sync_add_and_fetch(&refused, 1);
    left = once ? -1 : 0;
    errno = ENOSPC;
    return now == 1 ? 1 : 2;
}

#define NEXT(name) \
    static typeof(name) *next; \
    if (!next) next = (typeof(name) *)dlsym(RTLD_NEXT, #name)

#define HANDLE(name, parameters, arguments) \
    int name parameters { \
        NEXT(name); \
        if (left >= 0 && handle_is_there(handle) && full()) return -1; \
        return next arguments; \
    }
HANDLE(fsync, (int handle), (handle))
HANDLE(fdatasync, (int handle), (handle))

#define GROWTH(name, type) \
    int name(int handle, type size) { \
        struct stat now; \
        NEXT(name); \
        if (left >= 0 && handle_is_there(handle) && fstat(handle, &now) == 0 \
            && size > now.st_size && full()) return -1; \
        return next(handle, size); \
    }
GROWTH(ftruncate, off_t)
GROWTH(ftruncate64, off64_t)

#define ROOM(name, type) \
    int name(int handle, type start, type size) { \
        NEXT(name); \
        if (left >= 0 && handle_is_there(handle) && full()) return ENOSPC; \
        return next(handle, start, size); \
    }
ROOM(posix_fallocate, off_t)
ROOM(posix_fallocate64, off64_t)

#define WRITING(name, parameters, cut, arguments) \
    ssize_t name parameters { \
        NEXT(name); \
        if (left >= 0 && handle_is_there(handle)) { \
            int is_full = full(); \
            if (is_full == 1 && size > 1) { size /= 2; return next cut; } \
            if (is_full) return -1; \
        } \
        return next arguments; \
    }
WRITING(write, (int handle, const void *data, size_t size), (handle, data, size), (handle, data, size))
WRITING(pwrite, (int handle, const void *data, size_t size, off_t at), (handle, data, size, at),
        (handle, data, size, at))
WRITING(pwrite64, (int handle, const void *data, size_t size, off64_t at), (handle, data, size, at),
        (handle, data, size, at))
WRITING(writev, (int handle, const struct iovec *data, int size), (handle, data, size),
        (handle, data, size))

#define SENDING(name, type) \
    ssize_t name(int handle, int from, type *at, size_t size) { \
        NEXT(name); \
        if (left >= 0 && handle_is_there(handle) && full()) return -1; \
        return next(handle, from, at, size); \
    }
SENDING(sendfile, off_t)
SENDING(sendfile64, off64_t)

ssize_t copy_file_range(int from, off64_t *read, int handle, off64_t *at, size_t size, unsigned flags) {
    NEXT(copy_file_range);
    if (left >= 0 && handle_is_there(handle) && full()) return -1;
    return next(from, read, handle, at, size, flags);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    if (left >= 0 && path_is_there(AT_FDCWD, to) && full()) return -1;
    return next(from, to);
}

int renameat(int from_at, const char *from, int at, const char *to) {
    NEXT(renameat);
    if (left >= 0 && path_is_there(at, to) && full()) return -1;
    return next(from_at, from, at, to);
}

int mkdir(const char *path, mode_t mode) {
    NEXT(mkdir);
    if (left >= 0 && path_is_there(AT_FDCWD, path) && full()) return -1;
    return next(path, mode);
}

int link(const char *from, const char *to) {
    NEXT(link);
    if (left >= 0 && path_is_there(AT_FDCWD, to) && full()) return -1;
    return next(from, to);
}

static int new_file(int at, const char *path, int flags) {
    struct stat there;
    return left >= 0 && (flags & O_CREAT) && path_is_there(at, path)
        && fstatat(at, path, &there, AT_SYMLINK_NOFOLLOW) != 0;
}

#define OPENING(name, at, before, call) \
    int name before { \
        mode_t mode = 0; \
        va_list more; \
        NEXT(name); \
        va_start(more, flags); \
        if (flags & (O_CREAT | O_TMPFILE)) mode = va_arg(more, mode_t); \
        va_end(more); \
        if (new_file(at, path, flags) && full()) return -1; \
        return next call; \
    }
OPENING(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENING(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENING(openat, at, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPENING(openat64, at, (int at, const char *path, int flags, ...), (at, path, flags, mode))
