/* linux/delivery.c - whether the peer has taken what was sent to it
 *
 * send(2) succeeds once the octets are in our system. A peer that has closed
 * the connection answers them with a reset, a round trip later. */
#define _GNU_SOURCE
#include "../posix/delivery.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../parse/family.h"

int delivery_error(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        return errno;
    return error == EPIPE ? ECONNRESET : error;
}

/* Whether something is still under way. For TCP the count is in octets, and the end
 * of sending counts as one. For a unix socket the count is in octets of memory. At
 * the moment when the kernel wakes us it is one too high (sock_wfree in Linux). */
static bool is_under_way(const sbind_stream *s, int count)
{
    bool is_unix = sbind__is(s->kind, SBIND__UNIX);
    return count > (is_unix ? 1 : 0);
}

/* TCP forgets the address of the peer once the connection is over. */
static bool is_over(int fd)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &length) != 0;
}

/* Returns 0 if the peer has taken everything, and EAGAIN if the peer can still
 * do so. Otherwise returns the error that prevents this.
 *
 * The order of the checks matters. If the connection is over when the first check
 * is made, the later checks see its final state. The kernel sets the error of a
 * unix socket before it discards what the peer has not read. After a reset the
 * error may be missing, because another process with the same socket has read
 * it. */
static int result_so_far(const sbind_stream *s, const char **ret_call)
{
    bool over = is_over(s->fd);
    int count, error;
    *ret_call = "ioctl SIOCOUTQ";
    if (ioctl(s->fd, SIOCOUTQ, &count) != 0)
        return errno;
    *ret_call = "copying";
    error = delivery_error(s->fd);
    if (error != 0 || !is_under_way(s, count))
        return error;
    return over ? ECONNRESET : EAGAIN;
}

static int wait_for_result(const sbind_stream *s, int watch,
                           const char **ret_call)
{
    int error;
    while ((error = result_so_far(s, ret_call)) == EAGAIN) {
        struct epoll_event event;
        if (epoll_wait(watch, &event, 1, -1) < 0 && errno != EINTR) {
            *ret_call = "epoll_wait";
            return errno;
        }
    }
    return error;
}

int delivery_await(const sbind_stream *stream, const char **ret_call)
{
    /* The event is edge-triggered. Otherwise epoll would never wait, because a
       connection whose two directions have ended is always ready. */
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
    int error, watch = epoll_create1(EPOLL_CLOEXEC);
    *ret_call = "epoll_create1";
    if (watch < 0)
        return errno;
    *ret_call = "epoll_ctl";
    error = epoll_ctl(watch, EPOLL_CTL_ADD, stream->fd, &event) != 0
                ? errno
                : wait_for_result(stream, watch, ret_call);
    close(watch);
    return error;
}
