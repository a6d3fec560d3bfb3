/* linux_deadline.c - a moment by which something must have happened */
#define _POSIX_C_SOURCE 200809L
#include "deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

#include "../status/error.h"
#include "system.h"

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

sbind__deadline sbind__deadline_share(const sbind__deadline *whole,
                                      size_t parts)
{
    int64_t left = sbind__time_left(whole);
    if (left < 0 || parts < 2)
        return *whole;
    return sbind__deadline_in(left / (int64_t)parts);
}

sbind_status sbind__await_writable(int fd, const sbind__deadline *deadline,
                                   sbind_error *reterr)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    for (;;) {
        int64_t left = sbind__time_left(deadline);
        int n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (n > 0)
            return SBIND_OK;
        if (n < 0 && errno != EINTR)
            return sbind__fail_call("poll", reterr);
        if (n == 0 && sbind__time_left(deadline) == 0)
            return sbind__fail(SBIND_TIMED_OUT, reterr);
    }
}
