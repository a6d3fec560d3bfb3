/* portable/owner.c - which process a listener belongs to, by the number of the
 * process. No other process has this number as long as the process lives. */
#define _POSIX_C_SOURCE 200809L
#include "../posix/owner.h"

#include <unistd.h>

bool sbind__is_owner(const sbind_listener *listener, int fd)
{
    (void)fd;
    return listener->creator == (int32_t)getpid();
}

void sbind_own(sbind_listener *listener)
{
    if (listener->kind == 0)
        return;
    listener->creator = (int32_t)getpid();
    listener->declared = true;
}
