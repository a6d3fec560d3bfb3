/* win32/deadline.c - the monotonic clock, and waiting by it */
#include "win32.h"

int64_t sbind__now(void) { return (int64_t)GetTickCount64(); }

void sbind__pause(int64_t milliseconds) { Sleep((DWORD)milliseconds); }
