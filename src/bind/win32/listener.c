/* win32/listener.c - what is done with a listener: accept and close */
#include "win32.h"

#include <string.h>

#include "../../status/error.h"
#include "../hints.h"
#include "../system.h"

sbind_status sbind__socket_address(sbind_handle fd, sbind_address *ret,
                                   sbind_error *reterr)
{
    struct sockaddr_storage sa;
    int length = sizeof sa;
    if (getsockname((SOCKET)fd, (struct sockaddr *)&sa, &length) != 0)
        return sbind__fail_call("getsockname", reterr);
    sbind_status s =
        sbind__from_sockaddr((const struct sockaddr *)&sa, (size_t)length, ret);
    return s == SBIND_OK ? s : sbind__fail(s, reterr);
}

/* Does nothing: on Windows, closing a socket ends every wait on it. */
void sbind__know_socket(sbind_listener *listener) { (void)listener; }

sbind_handle sbind__handle_of(const sbind_listener *listener)
{
    void *volatile *at = (void *volatile *)(ULONG_PTR)&listener->fd;
    return (sbind_handle)InterlockedCompareExchangePointer(at, NULL, NULL);
}

sbind_handle sbind__take_handle(sbind_listener *listener)
{
    void *volatile *at = (void *volatile *)&listener->fd;
    return (sbind_handle)InterlockedExchangePointer(at, (void *)-1);
}

/* No process is made by fork. */
void sbind_own(sbind_listener *listener) { (void)listener; }

/* Closes the socket and removes its file. The file is removed even if the
 * socket was released. */
static sbind_status close_socket(sbind_listener *listener, sbind_handle fd,
                                 sbind_error *reterr)
{
    sbind_status status = SBIND_OK;
    if (listener->file[0] != L'\0')
        status = sbind__remove_path(listener, reterr);
    listener->file[0] = L'\0';
    sbind__close_handle((HANDLE)listener->lock);
    listener->lock = 0;
    sbind__close_fd(fd);
    return status;
}

sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (listener->kind == 0)
        return s;
    sbind_handle fd = sbind__take_handle(listener);
    if (listener->kind != SBIND_NPIPE)
        s = close_socket(listener, fd, reterr);
    else if (fd >= 0)
        sbind__close_pipe(listener);
    return s == SBIND_OK
               ? s
               : sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
}

/* ---- Accepting ---------------------------------------------------------------- */

/* The status of a failed accept, by its error. */
static sbind_status status_of(int error)
{
    switch (error) {
    case ERROR_OPERATION_ABORTED: /* closed during the wait */
    case ERROR_INVALID_HANDLE:    /* closed before, */
    case WSAENOTSOCK:             /* the number is free, or another handle's */
    case WSAEINVAL:               /* shut down */
        return SBIND_CLOSED;
    case ERROR_TOO_MANY_OPEN_FILES:
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
    case WSAEMFILE:
    case WSAENOBUFS:
        return SBIND_EXHAUSTED;
    default:
        return SBIND_SYSTEM;
    }
}

/* Accepts with a copy of the listener, because another thread may close the
 * listener meanwhile. */
static sbind_status accept_kind(const sbind_listener *listener, sbind_handle fd,
                                sbind_blocking blocking, sbind_stream *ret,
                                sbind_error *reterr)
{
    sbind_listener copy = *listener;
    copy.fd = fd;
    return copy.kind == SBIND_NPIPE
               ? sbind__accept_pipe(&copy, ret, reterr)
               : sbind__accept_socket(&copy, blocking, ret, reterr);
}

sbind_status sbind_accept(const sbind_listener *listener,
                          sbind_blocking blocking, sbind_stream *ret,
                          sbind_error *reterr)
{
    const sbind_handle fd = sbind__handle_of(listener);
    sbind_error error;
    if (sbind__is_empty(listener->kind, fd))
        return sbind__refuse_empty(reterr);
    sbind_status s = accept_kind(listener, fd, blocking, ret, &error);
    if (s == SBIND_OK)
        return s;
    if (s == SBIND_SYSTEM)
        s = error.status = status_of(error.os_error);
    if (reterr != NULL)
        *reterr = error;
    return sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
}

/* Closes a stream. If it is a pipe, the other end can still read what has been
 * written to it. */
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
