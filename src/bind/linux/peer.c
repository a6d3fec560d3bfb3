/* linux/peer.c - the process at the other end of a connection, as a pidfd */
#define _GNU_SOURCE /* SO_PEERPIDFD */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "../../status/error.h"
#include "../family.h"
#include "../system.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; an older C library lacks it */
#endif

/* Linux before 6.5 says ENOPROTOOPT. ENODATA means that the kernel has not noted a
 * process, as for TCP. EINVAL, or ESRCH since Linux 6.15, means that the process
 * has ended. */
static sbind_status fail_pidfd(sbind_error *reterr)
{
    static const char call[] = "getsockopt SO_PEERPIDFD";
    if (errno == ENOPROTOOPT || errno == ENODATA)
        return sbind__fail_call_as(SBIND_NO_PEER_PIDFD, call, reterr);
    if (errno == EINVAL || errno == ESRCH)
        return sbind__fail_call_as(SBIND_PEER_GONE, call, reterr);
    return sbind__fail_call(call, reterr);
}

/* Since Linux 6.16 the kernel gives a descriptor even if the process has ended. Such
 * a descriptor is readable. */
static sbind_status check_running(int pidfd, sbind_error *reterr)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    int n = poll(&p, 1, 0);
    if (n < 0)
        return sbind__fail_call("poll", reterr);
    return n == 0 ? SBIND_OK : sbind__fail(SBIND_PEER_GONE, reterr);
}

sbind_status sbind__ask_peer_pidfd(const sbind_stream *stream,
                                   sbind_handle *ret, sbind_error *reterr)
{
    int pidfd = -1;
    socklen_t length = sizeof pidfd;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) != 0)
        return fail_pidfd(reterr);
    sbind_status s = check_running(pidfd, reterr);
    if (s == SBIND_OK)
        *ret = pidfd;
    else
        sbind__close_fd(pidfd);
    return s;
}
