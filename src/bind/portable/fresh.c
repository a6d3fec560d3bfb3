/* portable/fresh.c - new descriptors, which no child process inherits once fcntl(2)
 * has set the flags. If another thread starts a child just before that, the child
 * inherits the descriptor. */
#define _XOPEN_SOURCE 700
#include "../posix/fresh.h"

#include <errno.h>
#include <fcntl.h>

#include "../system.h"

/* Sets or clears O_NONBLOCK, because a connection may have the flags of its
 * listener. Returns NULL, or the name of the call that failed. */
static const char *set_flags(int fd, bool nonblocking)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return "fcntl F_SETFD";
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return "fcntl F_GETFL";
    const int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return wanted == flags || fcntl(fd, F_SETFL, wanted) == 0 ? NULL
                                                              : "fcntl F_SETFL";
}

int sbind__fresh_socket(int family, int type, int protocol, bool nonblocking,
                        const char **ret_call)
{
    *ret_call = "socket";
    int fd = socket(family, type, protocol);
    const char *failed = fd < 0 ? NULL : set_flags(fd, nonblocking);
    if (failed == NULL)
        return fd;
    sbind__close_fd(fd);
    *ret_call = failed;
    return -1;
}

int sbind__fresh_connection(int fd, struct sockaddr *ret_peer,
                            socklen_t *length, bool nonblocking,
                            const char **ret_call)
{
    *ret_call = "accept";
    fd = accept(fd, ret_peer, length);
    if (fd < 0 || set_flags(fd, nonblocking) == NULL)
        return fd;
    sbind__close_fd(fd);
    errno = ECONNABORTED; /* the caller may accept the next connection */
    return -1;
}
