/* deadline.h - a moment by which something must have happened */
#ifndef SBIND_BIND_DEADLINE_H
#define SBIND_BIND_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

#include <sbind/status.h>

typedef struct sbind__deadline {
    int64_t at; /* milliseconds of the monotonic clock; -1: never */
} sbind__deadline;

/* So many milliseconds from now; -1: never. */
sbind__deadline sbind__deadline_in(int64_t timeout);

/* The end of the first of "parts" equal parts of the time left until *whole. */
sbind__deadline sbind__deadline_share(const sbind__deadline *whole,
                                      size_t parts);

/* Milliseconds left, 0 or more; -1: no limit. */
int64_t sbind__time_left(const sbind__deadline *deadline);

/* Waits until fd can be written to. Errors: SBIND_TIMED_OUT, SBIND_SYSTEM. */
sbind_status sbind__await_writable(int fd, const sbind__deadline *deadline,
                                   sbind_error *reterr);

#endif
