/* deadline.c - points in time by which a call must end */
#include "deadline.h"

sbind__deadline sbind__deadline_in(int64_t timeout)
{
    int64_t from = sbind__now();
    if (timeout < 0 || timeout > INT64_MAX - from)
        return (sbind__deadline){-1};
    return (sbind__deadline){from + timeout};
}

int64_t sbind__time_left(const sbind__deadline *deadline)
{
    if (deadline->at < 0)
        return -1;
    int64_t left = deadline->at - sbind__now();
    return left > 0 ? left : 0;
}

sbind__deadline sbind__sooner(sbind__deadline a, sbind__deadline b)
{
    if (a.at < 0 || b.at < 0)
        return a.at < 0 ? b : a;
    return a.at < b.at ? a : b;
}
