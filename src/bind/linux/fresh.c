/* linux/fresh.c - new descriptors, which no child process inherits. The calls that
 * make them also set the flags, so there is no moment without close-on-exec. */
#define _GNU_SOURCE /* SOCK_CLOEXEC, accept4 */
#include "../posix/fresh.h"

static int flags_of(bool nonblocking)
{
    return nonblocking ? SOCK_CLOEXEC | SOCK_NONBLOCK : SOCK_CLOEXEC;
}

int sbind__fresh_socket(int family, int type, int protocol, bool nonblocking,
                        const char **ret_call)
{
    *ret_call = "socket";
    return socket(family, type | flags_of(nonblocking), protocol);
}

int sbind__fresh_connection(int fd, struct sockaddr *ret_peer,
                            socklen_t *length, bool nonblocking,
                            const char **ret_call)
{
    *ret_call = "accept4";
    return accept4(fd, ret_peer, length, flags_of(nonblocking));
}
