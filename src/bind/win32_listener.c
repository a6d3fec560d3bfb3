/* win32_listener.c - what is done with a listener: accept and close */
#include "win32_endpoint.h"

#include <string.h>

#include "../status/error.h"

void sbind__new_listener(sbind_listener *listener, sbind_handle fd,
                         const sbind_address *address)
{
    memset(listener, 0, sizeof *listener);
    listener->fd = fd;
    listener->directory_fd = -1;
    listener->lock_fd = -1;
    listener->creator = (int32_t)GetCurrentProcessId();
    listener->kind = address->kind;
    listener->address = *address;
}

sbind_status sbind__socket_address(sbind_handle fd, sbind_address *ret,
                                   sbind_error *reterr)
{
    struct sockaddr_storage sa;
    int length = sizeof sa;
    if (getsockname((SOCKET)fd, (struct sockaddr *)&sa, &length) != 0)
        return sbind__fail_win32("getsockname", reterr);
    return sbind__win32_address((const struct sockaddr *)&sa, ret, reterr);
}

sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (listener->fd == -1)
        return s;
    if (listener->kind == SBIND_NPIPE) {
        sbind__close_pipe(listener);
    } else {
        if (listener->kind == SBIND_UNIX_PATH)
            s = sbind__remove_path(listener, reterr);
        sbind__close_socket((SOCKET)listener->fd);
    }
    listener->fd = -1;
    return s;
}

/* ---- Accepting ---------------------------------------------------------------- */

/* What accept says of a connection that is gone already: the next may be
 * there, so it is as if nobody had been waiting. */
static bool is_nobody(int error)
{
    return error == WSAEWOULDBLOCK || error == WSAECONNRESET ||
           error == WSAECONNABORTED;
}

static sbind_kind kind_of_connection(const sbind_listener *listener,
                                     const struct sockaddr_storage *peer)
{
    if (peer->ss_family == AF_INET)
        return SBIND_TCP_IPV4;
    return peer->ss_family == AF_INET6 ? SBIND_TCP_IPV6 : listener->kind;
}

/* Winsock has no accept that makes a socket which is not inherited, so that
 * CreateProcess in another thread could hand it on for a moment. */
static sbind_status prepare(SOCKET s, sbind_blocking blocking,
                            sbind_error *reterr)
{
    if (!SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0))
        return sbind__fail_win32("SetHandleInformation", reterr);
    return sbind__set_winsock_blocking(s, blocking, reterr);
}

static sbind_status accept_socket(const sbind_listener *listener,
                                  sbind_blocking blocking, sbind_stream *ret,
                                  sbind_error *reterr)
{
    struct sockaddr_storage peer = {0};
    int length = sizeof peer;
    sbind_status status;
    SOCKET s = accept((SOCKET)listener->fd, (struct sockaddr *)&peer, &length);
    if (s == INVALID_SOCKET)
        return is_nobody(WSAGetLastError())
                   ? sbind__fail_win32_as(SBIND_WOULD_BLOCK, "accept", reterr)
                   : sbind__fail_win32("accept", reterr);
    status = prepare(s, blocking, reterr);
    if (status == SBIND_OK)
        *ret = (sbind_stream){(sbind_handle)s,
                              kind_of_connection(listener, &peer)};
    else
        sbind__close_socket(s);
    return status;
}

sbind_status sbind_accept(const sbind_listener *listener,
                          sbind_blocking blocking, sbind_stream *ret,
                          sbind_error *reterr)
{
    if (listener->kind == SBIND_NPIPE)
        return sbind__accept_pipe(listener, ret, reterr);
    return accept_socket(listener, blocking, ret, reterr);
}

/* What has been written to a pipe can still be read when it is closed. */
void sbind_close_stream(sbind_stream *stream)
{
    if (stream->kind == SBIND_NPIPE)
        sbind__close_handle((HANDLE)stream->fd);
    else
        sbind__close_socket((SOCKET)stream->fd);
    stream->fd = -1;
}
