/* win32/deadline.c - the monotonic clock */
#include "win32.h"

int64_t sbind__now(void) { return (int64_t)GetTickCount64(); }
