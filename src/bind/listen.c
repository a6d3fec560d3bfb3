/* listen.c - from an address to listeners: one function a public call */
#define _GNU_SOURCE /* accept4 */
#include <sbind/listen.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../status/error.h"
#include "family.h"
#include "system.h"
#include "taken.h"

static sbind_status listen_family(const sbind_address *address,
                                  const sbind_listen_options *options,
                                  sbind_listener *ret, size_t cap,
                                  size_t *ret_count, sbind_error *reterr)
{
    sbind_status s;
    switch (address->kind) {
    case SBIND_TCP_DEFAULT:
    case SBIND_TCP_IPV4:
    case SBIND_TCP_IPV6:
    case SBIND_TCP_NAME:
    case SBIND_TCP_ANY:
        return sbind__listen_tcp(address, options, ret, cap, ret_count, reterr);
    case SBIND_FD_SINGLE:
    case SBIND_FD_ALL:
    case SBIND_FD_NUMBER:
    case SBIND_FD_NAME:
        return sbind__listen_fd(address, options, ret, cap, ret_count, reterr);
    case SBIND_NPIPE:
        return sbind__refuse_pipe(reterr);
    case SBIND_UNIX_PATH:
    case SBIND_UNIX_ABSTRACT:
        break;
    }
    if (cap == 0)
        return sbind__fail(SBIND_TOO_MANY_LISTENERS, reterr);
    s = sbind__listen_unix(address, options, ret, reterr);
    if (s == SBIND_OK)
        *ret_count = 1;
    return s;
}

sbind_status sbind_listen_all(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr)
{
    sbind_listen_options o;
    sbind_status s = sbind__apply_default(
        address, options == NULL ? NULL : options->tcp_default, &address,
        reterr);
    if (s == SBIND_OK)
        s = sbind__listen_options(options, address->kind, &o, reterr);
    if (s != SBIND_OK)
        return s;
    return listen_family(address, &o, ret, cap, ret_count, reterr);
}

sbind_status sbind_listen(const sbind_address *address,
                          const sbind_listen_options *options,
                          sbind_listener *ret, sbind_error *reterr)
{
    sbind_listener one;
    sbind_error error;
    size_t count;
    sbind_status s =
        sbind_listen_all(address, options, &one, 1, &count, &error);
    if (s == SBIND_OK) {
        *ret = one;
        return s;
    }
    if (s == SBIND_TOO_MANY_LISTENERS)
        s = error.status = address->kind == SBIND_FD_NAME
                               ? SBIND_AMBIGUOUS_FD_NAME
                               : SBIND_SEVERAL;
    if (reterr != NULL)
        *reterr = error;
    return s;
}

/* Socket files keep the name they were bound by, which is not the public one;
 * and of an inherited socket nobody knows more than we did. */
static bool knows_its_address(const sbind_listener *listener)
{
    return listener->kind == SBIND_UNIX_PATH ||
           listener->address.kind == SBIND_FD_NUMBER;
}

sbind_status sbind_local_address(const sbind_listener *listener,
                                 sbind_address *ret, sbind_error *reterr)
{
    sbind_address own;
    sbind_status s;
    if (knows_its_address(listener)) {
        *ret = listener->address;
        return SBIND_OK;
    }
    s = sbind__socket_address(listener->fd, &own, reterr);
    if (s != SBIND_OK)
        return s;
    if (listener->kind == SBIND_TCP_ANY) {
        uint16_t port = own.port;
        own = listener->address;
        own.port = port;
    }
    *ret = own;
    return SBIND_OK;
}

sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (listener->fd < 0)
        return s;
    if (listener->directory_fd >= 0)
        s = sbind__remove_path(listener, reterr);
    sbind__close_taken(listener->fd);
    sbind__close_fd(listener->directory_fd);
    sbind__close_fd(listener->lock_fd);
    listener->fd = listener->directory_fd = listener->lock_fd = -1;
    return s;
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
    if (blocking == SBIND_NONBLOCKING)
        flags |= SOCK_NONBLOCK;
    do
        fd = accept4(listener->fd, (struct sockaddr *)&peer, &length, flags);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return is_nobody(errno)
                   ? sbind__fail_call_as(SBIND_WOULD_BLOCK, "accept4", reterr)
                   : sbind__fail_call("accept4", reterr);
    *ret = (sbind_stream){fd, kind_of_connection(listener, &peer)};
    return SBIND_OK;
}

void sbind_close_stream(sbind_stream *stream)
{
    sbind__close_taken(stream->fd);
    stream->fd = -1;
}
