/* linux/listener.c - what is done with a listener: accept and close */
#define _GNU_SOURCE /* accept4 */
#include <sbind/listen.h>

#include <errno.h>
#include <sys/socket.h>

#include "../family.h"
#include "../hints.h"
#include "../system.h"
#include "taken.h"

/* The lock takes a descriptor. A process that has no other gives up the
 * socket's. */
static sbind_status remove_file(sbind_listener *listener, sbind_error *reterr)
{
    sbind_error error;
    sbind_status s = sbind__remove_path(listener, &error);
    if (s == SBIND_SYSTEM &&
        (error.os_error == EMFILE || error.os_error == ENFILE)) {
        sbind__close_taken(listener->fd);
        listener->fd = -1;
        s = sbind__remove_path(listener, &error);
    }
    if (s != SBIND_OK && reterr != NULL)
        *reterr = error;
    return s;
}

sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (sbind__is_empty(listener->kind, listener->fd))
        return s;
    if (listener->directory_fd >= 0)
        s = remove_file(listener, reterr);
    sbind__close_taken(listener->fd);
    sbind__close_fd(listener->directory_fd);
    sbind__close_fd(listener->file_fd);
    listener->fd = listener->directory_fd = listener->file_fd = -1;
    return s == SBIND_OK
               ? s
               : sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
}

/* What accept(2) says of a connection that is gone already: the next may be
 * there, so it is as if nobody had been waiting. */
static bool is_nobody(int error)
{
    switch (error) {
    case EAGAIN:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
        return true;
    default:
        return false;
    }
}

/* A connection is of the kind of its listener, less "*". */
static sbind_kind kind_of_connection(const sbind_listener *listener,
                                     const struct sockaddr_storage *peer)
{
    if (peer->ss_family == AF_INET)
        return SBIND_TCP_IPV4;
    return peer->ss_family == AF_INET6 ? SBIND_TCP_IPV6 : listener->kind;
}

sbind_status sbind_accept(const sbind_listener *listener,
                          sbind_blocking blocking, sbind_stream *ret,
                          sbind_error *reterr)
{
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof peer;
    int flags = SOCK_CLOEXEC;
    int fd;
    if (sbind__is_empty(listener->kind, listener->fd))
        return sbind__refuse_empty(reterr);
    if (blocking == SBIND_NONBLOCKING)
        flags |= SOCK_NONBLOCK;
    do
        fd = accept4(listener->fd, (struct sockaddr *)&peer, &length, flags);
    while (fd < 0 && errno == EINTR);
    if (fd < 0 && is_nobody(errno))
        return sbind__fail_call_as(SBIND_WOULD_BLOCK, "accept4", reterr);
    if (fd < 0)
        return sbind__advise(sbind__fail_call("accept4", reterr),
                             listener->kind, SBIND__TO_LISTEN, reterr);
    *ret = (sbind_stream){fd, kind_of_connection(listener, &peer)};
    return SBIND_OK;
}

void sbind_close_stream(sbind_stream *stream)
{
    if (sbind__is_empty(stream->kind, stream->fd))
        return;
    sbind__close_taken(stream->fd);
    stream->fd = -1;
}
