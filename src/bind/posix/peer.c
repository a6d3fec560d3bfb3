/* posix/peer.c - who is at the other end of a connection: its address, and its user */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "../../status/error.h"
#include "../family.h"
#include "../system.h"
#include "credentials.h"

/* Finds the address of the other end. *ret stays as it is if a unix socket has no name,
 * or a name that no address can express. */
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
