/* macos/delivery.c - whether the peer has taken what was sent to it
 *
 * The send buffer of TCP keeps what the peer's system has not acknowledged. A unix
 * socket hands everything to the peer's socket at once, whether or not the peer reads
 * it. */
#include "../posix/delivery.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

enum { PAUSE = 10 }; /* milliseconds between two looks */

int delivery_error(int fd)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        return errno;
    return error == EPIPE ? ECONNRESET : error;
}

static bool is_over(int fd)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &length) != 0;
}

/* Returns 0 if the peer has taken everything, and EAGAIN if the peer can still
 * do so. Otherwise returns the error that prevents this. */
static int result_so_far(int fd, const char **ret_call)
{
    const bool over = is_over(fd);
    int count = 0, error;
    socklen_t length = sizeof count;
    *ret_call = "getsockopt SO_NWRITE";
    if (getsockopt(fd, SOL_SOCKET, SO_NWRITE, &count, &length) != 0)
        return errno;
    *ret_call = "copying";
    error = delivery_error(fd);
    if (error != 0 || count == 0)
        return error;
    return over ? ECONNRESET : EAGAIN;
}

/* Looks again and again, because macOS has no event for an empty buffer. */
int delivery_await(const sbind_stream *stream, const char **ret_call)
{
    int error;
    while ((error = result_so_far(stream->fd, ret_call)) == EAGAIN)
        poll(NULL, 0, PAUSE);
    return error;
}
