/* A clock that is set while the program runs: loaded before the C library (LD_PRELOAD) by
 * clock_jumps.py, which says how far. Only the time of day jumps; the monotonic clock goes on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

static volatile long shift_s, every;
static volatile long asked;

/* `to_and_fro`: every other reading is as the clock was before. */
void clock_set(long seconds, int to_and_fro) {
    shift_s = seconds;
    every = to_and_fro;
}

long clock_asked(void) {
    return asked;
}

static long shift(void) {
    long now = __sync_fetch_and_add(&asked, 1);
    return every && now % 2 ? 0 : shift_s;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int said = next(clock, now);
    if (!said && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shift();
    return said;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    static int (*next)(struct timeval *, void *);
    if (!next) next = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
    int said = next(now, zone);
    if (!said) now->tv_sec += shift();
    return said;
}

time_t time(time_t *into) {
    static time_t (*next)(time_t *);
    if (!next) next = (time_t (*)(time_t *))dlsym(RTLD_NEXT, "time");
    time_t now = next(0) + shift();
    if (into) *into = now;
    return now;
}
