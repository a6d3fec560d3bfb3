/* linux/owner.c - which process a listener belongs to: its sbind_close removes the
 * socket file and ends the threads that wait */
#define _GNU_SOURCE /* SO_PEERCRED */
#include "../posix/owner.h"

#include <sys/socket.h>
#include <unistd.h>

#include "../family.h"

/* A process in another PID namespace may have our number. To such a process the
 * system says 0 for the process that called listen, which it cannot see. A
 * descriptor that is closed, or another socket by now, tells nothing. */
static bool is_stranger(int fd)
{
    int is_listening = 0;
    struct ucred listener = {-1, 0, 0};
    socklen_t length = sizeof is_listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length) !=
            0 ||
        is_listening != 1)
        return false;
    length = sizeof listener;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &listener, &length) == 0 &&
           listener.pid == 0;
}

/* The id of a pidfd tells processes of one number apart. A process that cannot
 * find out its own id has its number only. */
static bool is_same_process(uint64_t id)
{
    uint64_t own = sbind_own_pidfdid();
    return own == 0 || own == id;
}

bool sbind__is_owner(const sbind_listener *listener, int fd)
{
    if (listener->creator != (int32_t)getpid())
        return false;
    if (listener->creator_id != 0)
        return is_same_process(listener->creator_id);
    return listener->declared || !sbind__is(listener->kind, SBIND__UNIX) ||
           !is_stranger(fd);
}

void sbind_own(sbind_listener *listener)
{
    if (listener->kind == 0)
        return;
    listener->creator = (int32_t)getpid();
    listener->creator_id = sbind_own_pidfdid();
    listener->declared = true;
}
