/* linux/owner.c - which process a listener belongs to. Only in that process
 * does sbind_close remove the socket file and end the threads that wait. */
#define _GNU_SOURCE /* SO_PEERCRED */
#include "../posix/owner.h"

#include <sys/socket.h>
#include <unistd.h>

#include "../family.h"

/* Whether another process made the listening socket, in a PID namespace that
 * this process cannot see. Such a process can have the same number as this
 * process. For its socket, the kernel reports 0 as the process that called
 * listen. If the descriptor is closed, or is another socket by now, the answer
 * is false. */
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

/* Two processes can have the same number, but not the same id of a pidfd. If this
 * process cannot find out its own id, only the number is compared. */
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
