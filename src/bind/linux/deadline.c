/* linux/deadline.c - a moment by which something must have happened */
#define _POSIX_C_SOURCE 200809L
#include "../deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

static int64_t now(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

sbind__deadline sbind__deadline_in(int64_t timeout)
{
    int64_t from = now();
    if (timeout < 0 || timeout > INT64_MAX - from)
        return (sbind__deadline){-1};
    return (sbind__deadline){from + timeout};
}

int64_t sbind__time_left(const sbind__deadline *deadline)
{
    int64_t left;
    if (deadline->at < 0)
        return -1;
    left = deadline->at - now();
    return left > 0 ? left : 0;
}

sbind__deadline sbind__sooner(sbind__deadline a, sbind__deadline b)
{
    if (a.at < 0 || b.at < 0)
        return a.at < 0 ? b : a;
    return a.at < b.at ? a : b;
}

int sbind__poll(struct pollfd *polls, size_t n, const sbind__deadline *deadline)
{
    for (;;) {
        int64_t left = sbind__time_left(deadline);
        int ready = poll(polls, n, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return ready > 0 ? 1 : -1;
        if (ready == 0 && sbind__time_left(deadline) == 0)
            return 0;
    }
}
