/* linux/deadline.c - the monotonic clock, and waiting for descriptors */
#define _POSIX_C_SOURCE 200809L
#include "../deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

int64_t sbind__now(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
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
