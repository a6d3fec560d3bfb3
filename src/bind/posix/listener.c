/* posix/listener.c - what is done with a listener: accept and close */
#define _GNU_SOURCE /* ENONET */
#include <sbind/listen.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../family.h"
#include "../hints.h"
#include "../system.h"
#include "fresh.h"
#include "nature.h"
#include "owner.h"
#include "taken.h"

/* ---- Its descriptor --------------------------------------------------------- */

sbind_handle sbind__handle_of(const sbind_listener *listener)
{
    return __atomic_load_n(&listener->fd, __ATOMIC_SEQ_CST);
}

sbind_handle sbind__take_handle(sbind_listener *listener)
{
    return __atomic_exchange_n(&listener->fd, -1, __ATOMIC_SEQ_CST);
}

/* ---- Which socket it is ------------------------------------------------------ */

/* Notes which socket the listener has, and which process owns it. For TCP the
 * system does not say which process called listen, so the process notes its own
 * id. If the socket cannot be identified, sbind_accept waits on the descriptor
 * without checking it. */
void sbind__know_socket(sbind_listener *listener)
{
    const char *unused;
    sbind__identify(listener->fd, &listener->socket, &unused);
    if (listener->inherited)
        return;
    listener->creator = (int32_t)getpid();
    if (sbind__is(listener->kind, SBIND__TCP))
        listener->creator_id = sbind_own_pidfdid();
}

typedef enum identity { UNKNOWN, SAME, ANOTHER } identity;

/* Whether the descriptor is still the listener's socket. */
static identity identify_socket(const sbind_listener *listener, int fd)
{
    const char *unused;
    uint64_t found = 0;
    if (listener->socket == 0 || !sbind__identify(fd, &found, &unused))
        return UNKNOWN;
    return found == listener->socket ? SAME : ANOTHER;
}

/* ---- Closing ----------------------------------------------------------------- */

/* Closes the listener's socket, but not another socket that has got its number.
 * shutdown(2) ends the wait of every thread and every process, so only the
 * owner calls it, and only on a socket that the owner has made. */
static void close_socket(const sbind_listener *listener, int fd, bool is_owner)
{
    const identity found = fd < 0 ? ANOTHER : identify_socket(listener, fd);
    if (found == ANOTHER)
        return;
    if (found == SAME && is_owner)
        shutdown(fd, SHUT_RDWR);
    sbind__close_taken(fd);
}

/* Removes the socket file. To do this it takes the lock, which needs a free
 * descriptor. If this process has none left, it closes the socket first. */
static sbind_status remove_file(const sbind_listener *listener, int *fd,
                                sbind_error *reterr)
{
    sbind_error error;
    sbind_status s = sbind__remove_path(listener, &error);
    if (s == SBIND_SYSTEM &&
        (error.os_error == EMFILE || error.os_error == ENFILE)) {
        close_socket(listener, *fd, true);
        *fd = -1;
        s = sbind__remove_path(listener, &error);
    }
    if (s != SBIND_OK && reterr != NULL)
        *reterr = error;
    return s;
}

/* Whether any process may close the listener in the same way, so that its owner
 * need not be found out. */
static bool is_anybodys(const sbind_listener *listener)
{
    return listener->directory_fd < 0 &&
           (listener->inherited || !listener->waits);
}

/* fd is the listener's descriptor, or -1 if that was released. */
static sbind_status stop(const sbind_listener *listener, int fd,
                         sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    bool is_owner =
        !is_anybodys(listener) &&
        sbind__is_owner(listener, fd >= 0 ? fd : listener->released);
    if (listener->directory_fd >= 0 && is_owner)
        s = remove_file(listener, &fd, reterr);
    close_socket(listener, fd, is_owner);
    return s;
}

sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr)
{
    if (listener->kind == 0)
        return SBIND_OK;
    int fd = sbind__take_handle(listener);
    if (fd < 0 && listener->directory_fd < 0)
        return SBIND_OK;
    sbind_status s = stop(listener, fd, reterr);
    sbind__close_fd(listener->directory_fd);
    sbind__close_fd(listener->file_fd);
    listener->directory_fd = listener->file_fd = -1;
    return s == SBIND_OK
               ? s
               : sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
}

/* ---- Accepting --------------------------------------------------------------- */

#ifndef ENONET /* Linux has it */
#define ENONET (-1)
#endif

/* Whether accept(2) failed because the connection is gone already. Another
 * connection may be waiting, so sbind_accept tries again. */
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

static sbind_status status_of(int error)
{
    switch (error) {
    case EINTR:
        return SBIND_INTERRUPTED;
    case EBADF:    /* closed by its number, */
    case ENOTSOCK: /* which is another file's by now, */
    case EINVAL:   /* or shut down */
        return SBIND_CLOSED;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return SBIND_EXHAUSTED;
    default:
        return is_nobody(error) ? SBIND_WOULD_BLOCK : SBIND_SYSTEM;
    }
}

static sbind_status fail_accept(const char *call, sbind_error *reterr)
{
    return sbind__fail_call_as(status_of(errno), call, reterr);
}

/* The kind of a connection: IPv4 or IPv6 by the client's address, otherwise the
 * kind of its listener. */
static sbind_kind kind_of_connection(const sbind_listener *listener,
                                     const struct sockaddr_storage *peer)
{
    if (peer->ss_family == AF_INET)
        return SBIND_TCP_IPV4;
    return peer->ss_family == AF_INET6 ? SBIND_TCP_IPV6 : listener->kind;
}

static sbind_status accept_from(const sbind_listener *listener, int fd,
                                sbind_blocking blocking, sbind_stream *ret,
                                sbind_error *reterr)
{
    const char *call;
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof peer;
    fd = sbind__fresh_connection(fd, (struct sockaddr *)&peer, &length,
                                 blocking == SBIND_NONBLOCKING, &call);
    if (fd < 0)
        return fail_accept(call, reterr);
    *ret = (sbind_stream){fd, kind_of_connection(listener, &peer)};
    return SBIND_OK;
}

/* Waits with a copy of the descriptor. Between our look at listener->fd and our
 * wait, another thread may close the listener, and a third thread may open a
 * socket that gets the same number. The copy cannot change, so we check that it
 * is the listener's socket, and then wait with it. */
static sbind_status wait_and_accept(const sbind_listener *listener, int fd,
                                    sbind_blocking blocking, sbind_stream *ret,
                                    sbind_error *reterr)
{
    const int number = fd;
    sbind_error error; /* why accepting with the copy failed */
    fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return fail_accept("fcntl F_DUPFD_CLOEXEC", reterr);
    sbind_status s = identify_socket(listener, fd) == ANOTHER
                         ? sbind__fail(SBIND_CLOSED, &error)
                         : accept_from(listener, fd, blocking, ret, &error);
    sbind__close_fd(fd);
    /* The copy may have taken the last free descriptor, which the accepted
     * connection needs: try again without a copy. */
    if (s == SBIND_EXHAUSTED && identify_socket(listener, number) != ANOTHER)
        return accept_from(listener, number, blocking, ret, reterr);
    if (s != SBIND_OK && reterr != NULL)
        *reterr = error;
    return s;
}

sbind_status sbind_accept(const sbind_listener *listener,
                          sbind_blocking blocking, sbind_stream *ret,
                          sbind_error *reterr)
{
    const int fd = sbind__handle_of(listener);
    if (sbind__is_empty(listener->kind, fd))
        return sbind__refuse_empty(reterr);
    sbind_status s = listener->waits
                         ? wait_and_accept(listener, fd, blocking, ret, reterr)
                         : accept_from(listener, fd, blocking, ret, reterr);
    return s == SBIND_OK
               ? s
               : sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
}

void sbind_close_stream(sbind_stream *stream)
{
    if (sbind__is_empty(stream->kind, stream->fd))
        return;
    sbind__close_taken(stream->fd);
    stream->fd = -1;
}
