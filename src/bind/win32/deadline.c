/* win32/deadline.c - the monotonic clock */
#include "win32.h"

int64_t sbind__now(void) { return (int64_t)GetTickCount64(); }

sbind__deadline sbind__deadline_share(const sbind__deadline *whole,
                                      size_t parts)
{
    int64_t left = sbind__time_left(whole);
    if (left < 0 || parts < 2)
        return *whole;
    return sbind__deadline_in(left / (int64_t)parts);
}
