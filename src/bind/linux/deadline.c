/* linux/deadline.c - the monotonic clock */
#define _POSIX_C_SOURCE 200809L
#include "../deadline.h"

#include <time.h>

int64_t sbind__now(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
