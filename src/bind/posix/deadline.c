/* posix/deadline.c - the monotonic clock, and waiting by it */
#define _POSIX_C_SOURCE 200809L
#include "../deadline.h"

#include <poll.h>
#include <time.h>

int64_t sbind__now(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void sbind__pause(int64_t milliseconds) { poll(NULL, 0, (int)milliseconds); }
