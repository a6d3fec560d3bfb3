/* deadline.h - points in time by which a call must end */
#ifndef SBIND_BIND_DEADLINE_H
#define SBIND_BIND_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

typedef struct sbind__deadline {
    int64_t at; /* milliseconds of the monotonic clock; -1: never */
} sbind__deadline;

/* Milliseconds of the monotonic clock (posix/, win32/). */
int64_t sbind__now(void);

/* The deadline that lies this many milliseconds ahead. -1 means no deadline. */
sbind__deadline sbind__deadline_in(int64_t timeout);

/* The earlier of two deadlines. */
sbind__deadline sbind__sooner(sbind__deadline a, sbind__deadline b);

/* Sleeps this many milliseconds, or less if a signal comes (posix/, win32/). */
void sbind__pause(int64_t milliseconds);

/* How many milliseconds are left, 0 or more. -1 means no deadline. */
int64_t sbind__time_left(const sbind__deadline *deadline);

#endif
