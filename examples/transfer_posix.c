/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * transfer_posix.c - reading and writing a socket
 */
#include "transfer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

size_t transfer_read(const sbind_stream *stream, char *octets, size_t room)
{
    ssize_t n;
    do
        n = read(stream->fd, octets, room);
    while (n < 0 && errno == EINTR);
    return n > 0 ? (size_t)n : 0;
}

bool transfer_write(const sbind_stream *stream, const char *octets,
                    size_t count)
{
    while (count > 0) {
        ssize_t n = send(stream->fd, octets, count, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        octets += n > 0 ? n : 0;
        count -= n > 0 ? (size_t)n : 0;
    }
    return true;
}
