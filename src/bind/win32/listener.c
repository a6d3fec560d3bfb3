/* win32/listener.c - what is done with a listener: accept and close */
#include "endpoint.h"

#include <string.h>

#include "../../status/error.h"
#include "../hints.h"

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
    if (sbind__is_empty(listener->kind, listener->fd))
        return s;
    if (listener->kind == SBIND_NPIPE) {
        sbind__close_pipe(listener);
    } else {
        if (listener->kind == SBIND_UNIX_PATH)
            s = sbind__remove_path(listener, reterr);
        sbind__close_socket((SOCKET)listener->fd);
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
        sbind__close_socket((SOCKET)stream->fd);
    stream->fd = -1;
}
