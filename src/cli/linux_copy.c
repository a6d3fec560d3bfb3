/* linux_copy.c - standard input to a socket and the socket to standard output */
#define _GNU_SOURCE
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536 };

/* One direction: what has been read and not been written yet. */
typedef struct flow {
    int from, to;
    char *buffer;
    size_t begin, end;
    bool ended;    /* nothing more comes from "from" */
    bool finished; /* and all of it has been written, or cannot be */
    bool lost;     /* the other side went away before it had all */
} flow;

static bool would_wait(int error) { return error == EAGAIN || error == EINTR; }

static bool has_data(const flow *f) { return f->begin < f->end; }

static bool is_gone(int error) { return error == EPIPE || error == ECONNRESET; }

/* One read or write. Sending never waits: the peer may be sending as well, and
 * would wait for us to read. */
static bool pull(flow *f)
{
    ssize_t n = read(f->from, f->buffer, BUFFER);
    if (n > 0) {
        f->begin = 0;
        f->end = (size_t)n;
    } else if (n == 0 || is_gone(errno)) {
        f->ended = true;
        f->lost = n < 0;
    } else {
        return would_wait(errno);
    }
    return true;
}

static ssize_t write_some(const flow *f, bool to_socket)
{
    const char *from = f->buffer + f->begin;
    size_t n = f->end - f->begin;
    return to_socket ? send(f->to, from, n, MSG_NOSIGNAL | MSG_DONTWAIT)
                     : write(f->to, from, n);
}

/* Nobody is left to read it. */
static void abandon(flow *f)
{
    f->lost = f->lost || has_data(f);
    f->begin = f->end;
    f->ended = true;
}

static bool push(flow *f, bool to_socket)
{
    ssize_t n = write_some(f, to_socket);
    if (n >= 0) {
        f->begin += (size_t)n;
        return true;
    }
    if (to_socket && is_gone(errno)) {
        abandon(f);
        return true;
    }
    return would_wait(errno);
}

/* The end of one direction is passed on; the other goes on. */
static void finish(flow *f, bool to_socket)
{
    if (f->finished || !f->ended || has_data(f))
        return;
    f->finished = true;
    if (to_socket)
        shutdown(f->to, SHUT_WR);
}

static void want(const flow *f, struct pollfd *from, struct pollfd *to)
{
    if (f->finished)
        return;
    if (has_data(f))
        to->events |= POLLOUT;
    else
        from->events |= POLLIN;
}

/* The peer is wholly gone: what we would send reaches nobody. */
static void notice_hangup(flow *f, short revents)
{
    if ((revents & (POLLHUP | POLLERR)) != 0 && !f->finished)
        abandon(f);
}

static bool step(flow *out, flow *in, int socket_fd)
{
    struct pollfd p[3] = {
        {STDIN_FILENO, 0, 0}, {socket_fd, 0, 0}, {STDOUT_FILENO, 0, 0}};
    bool ok = true;
    want(out, &p[0], &p[1]);
    want(in, &p[1], &p[2]);
    /* what nobody waits for is left out, since poll tells of hang-ups unasked;
       of the peer's we want to know as long as there may be something to send */
    for (int i = 0; i < 3; i++)
        if (p[i].events == 0 && (i != 1 || out->finished))
            p[i].fd = -1;
    if (poll(p, 3, -1) < 0)
        return errno == EINTR;
    if (!out->finished && p[0].revents != 0 && !has_data(out))
        ok = pull(out);
    if (ok && !out->finished && has_data(out) && (p[1].revents & POLLOUT) != 0)
        ok = push(out, true);
    if (ok && !in->finished && !has_data(in) &&
        (p[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        ok = pull(in);
    if (ok && !in->finished && has_data(in) && p[2].revents != 0)
        ok = push(in, false);
    notice_hangup(out, p[1].revents);
    finish(out, true);
    finish(in, false);
    return ok;
}

int copy_both_ways(const sbind_stream *stream)
{
    const int socket_fd = stream->fd;
    static char buffers[2][BUFFER];
    flow out = {STDIN_FILENO, socket_fd, buffers[0], 0, 0, false, false, false};
    flow in = {socket_fd, STDOUT_FILENO, buffers[1], 0, 0, false, false, false};
    while (!out.finished || !in.finished)
        if (!step(&out, &in, socket_fd))
            return cli_failed("copying");
    if (!out.lost && !in.lost)
        return DONE;
    errno = ECONNRESET;
    return cli_failed("copying");
}
