/* win32/deadline.c - a moment by which something must have happened */
#include "win32.h"

static int64_t now(void) { return (int64_t)GetTickCount64(); }

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
