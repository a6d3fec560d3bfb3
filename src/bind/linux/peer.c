/* linux/peer.c - who is at the other end of a connection: what Linux tells */
#define _GNU_SOURCE /* SO_PEERPIDFD */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "../../status/error.h"
#include "../family.h"
#include "../system.h"
#include "../posix/credentials.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5; the C library may not know it yet */
#endif

/* ---- The address --------------------------------------------------------------- */

/* A unix socket may have no name, or one that is no address: then *ret stays as
 * it is. */
static sbind_status address_of(int fd, sbind_address *ret, int *ret_family,
                               sbind_error *reterr)
{
    struct sockaddr_storage sa;
    socklen_t length = sizeof sa;
    memset(&sa, 0, sizeof sa);
    if (getpeername(fd, (struct sockaddr *)&sa, &length) != 0)
        return errno == ENOTCONN
                   ? sbind__fail_call_as(SBIND_PEER_GONE, "getpeername", reterr)
                   : sbind__fail_call("getpeername", reterr);
    if (sbind__from_sockaddr((const struct sockaddr *)&sa, length, ret) ==
        SBIND_FD_FAMILY)
        return sbind__fail(SBIND_FD_FAMILY, reterr);
    *ret_family = sa.ss_family;
    return SBIND_OK;
}

sbind_status sbind__ask_peer(const sbind_stream *stream, sbind_peer *ret,
                             sbind_error *reterr)
{
    sbind__credentials found = {SBIND_NO_ID, SBIND_NO_ID, SBIND_NO_PID};
    int family = AF_UNSPEC;
    sbind_status s = address_of(stream->fd, &ret->address, &family, reterr);
    if (s != SBIND_OK || family != AF_UNIX)
        return s;
    s = sbind__credentials_of(stream->fd, &found, reterr);
    if (s != SBIND_OK)
        return s;
    ret->uid = found.uid;
    ret->gid = found.gid;
    ret->pid = found.pid;
    return SBIND_OK;
}

/* ---- The process ----------------------------------------------------------------- */

/* ENOPROTOOPT: Linux before 6.5. ENODATA: the kernel has noted no process, as for
 * TCP. EINVAL and, since 6.15, ESRCH: the process has ended. */
static sbind_status fail_pidfd(sbind_error *reterr)
{
    static const char call[] = "getsockopt SO_PEERPIDFD";
    if (errno == ENOPROTOOPT || errno == ENODATA)
        return sbind__fail_call_as(SBIND_NO_PEER_PIDFD, call, reterr);
    if (errno == EINVAL || errno == ESRCH)
        return sbind__fail_call_as(SBIND_PEER_GONE, call, reterr);
    return sbind__fail_call(call, reterr);
}

/* Kernels differ: since 6.16 there is a descriptor of a process that has ended. It
 * can be read then. */
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
