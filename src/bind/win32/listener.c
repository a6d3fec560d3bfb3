/* win32/listener.c - what is done with a listener: accept and close */
#include "win32.h"

#include <string.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../hints.h"
#include "../system.h"

/* ---- From the system's addresses to ours ------------------------------------------ */

static void set_zone(sbind_address *a, ULONG index)
{
    sbind__writer number = {a->zone, sizeof a->zone, 0, false};
    sbind__put_decimal(&number, index);
    sbind__put_end(&number);
    a->zone_length = (uint8_t)number.length;
}

sbind_status sbind__from_sockaddr(const struct sockaddr *sa, size_t length,
                                  sbind_address *ret)
{
    const struct sockaddr_in *in = (const void *)sa;
    const struct sockaddr_in6 *in6 = (const void *)sa;
    (void)length;
    memset(ret, 0, sizeof *ret);
    if (sa->sa_family == AF_INET) {
        ret->kind = SBIND_TCP_IPV4;
        ret->port = ntohs(in->sin_port);
        memcpy(ret->ip, &in->sin_addr, 4);
        return SBIND_OK;
    }
    if (sa->sa_family != AF_INET6)
        return SBIND_FD_FAMILY;
    ret->kind = SBIND_TCP_IPV6;
    ret->port = ntohs(in6->sin6_port);
    memcpy(ret->ip, &in6->sin6_addr, 16);
    if (in6->sin6_scope_id != 0)
        set_zone(ret, in6->sin6_scope_id);
    return SBIND_OK;
}

sbind_status sbind__socket_address(sbind_handle fd, sbind_address *ret,
                                   sbind_error *reterr)
{
    struct sockaddr_storage sa;
    int length = sizeof sa;
    sbind_status s;
    if (getsockname((SOCKET)fd, (struct sockaddr *)&sa, &length) != 0)
        return sbind__fail_call("getsockname", reterr);
    s = sbind__from_sockaddr((const struct sockaddr *)&sa, (size_t)length, ret);
    return s == SBIND_OK ? s : sbind__fail(s, reterr);
}

sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (sbind__is_empty(listener->kind, listener->fd))
        return s;
    if (listener->kind == SBIND_NPIPE) {
        sbind__close_pipe(listener);
    } else {
        if (listener->kind == SBIND_UNIX_PATH)
            s = sbind__remove_path(listener, reterr);
        sbind__close_fd(listener->fd);
    }
    listener->fd = -1;
    return s == SBIND_OK
               ? s
               : sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
}

/* ---- Accepting ---------------------------------------------------------------- */

sbind_status sbind_accept(const sbind_listener *listener,
                          sbind_blocking blocking, sbind_stream *ret,
                          sbind_error *reterr)
{
    sbind_status s;
    if (sbind__is_empty(listener->kind, listener->fd))
        return sbind__refuse_empty(reterr);
    s = listener->kind == SBIND_NPIPE
            ? sbind__accept_pipe(listener, ret, reterr)
            : sbind__accept_socket(listener, blocking, ret, reterr);
    return s == SBIND_OK
               ? s
               : sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
}

/* What has been written to a pipe can still be read when it is closed. */
void sbind_close_stream(sbind_stream *stream)
{
    if (sbind__is_empty(stream->kind, stream->fd))
        return;
    if (stream->kind == SBIND_NPIPE)
        sbind__close_handle((HANDLE)stream->fd);
    else
        sbind__close_fd(stream->fd);
    stream->fd = -1;
}
