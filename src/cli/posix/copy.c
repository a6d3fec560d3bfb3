/* posix/copy.c - copies standard input to a socket, and the socket to standard output
 *
 * cli.h says what DONE promises. */
#define _GNU_SOURCE /* MSG_DONTWAIT */
#include "../cli.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../bind/net.h"
#include "delivery.h"

enum { BUFFER = 65536 };

/* One direction: what has been read and not been written yet. */
typedef struct flow {
    int from, to;
    char *buffer;
    size_t begin, end;
    bool ended;    /* nothing more comes from "from" */
    bool finished; /* nothing more will be written to "to" */
    int error;     /* if the other side has perhaps not got everything, the
                      reason; else 0 */
} flow;

static bool would_wait(int error) { return error == EAGAIN || error == EINTR; }

static bool has_data(const flow *f) { return f->begin < f->end; }

/* Keeps the first error, because later errors may only follow from it. */
static void fail_flow(flow *f, int error)
{
    if (f->error == 0)
        f->error = error;
}

static bool is_gone(int error) { return error == EPIPE || error == ECONNRESET; }

/* Reads or writes once. Sending never waits. Otherwise two peers that both send
 * could wait for each other to read. */
static bool pull(flow *f)
{
    ssize_t n = read(f->from, f->buffer, BUFFER);
    if (n > 0) {
        f->begin = 0;
        f->end = (size_t)n;
    } else if (n == 0 || is_gone(errno)) {
        f->ended = true;
        fail_flow(f, n < 0 ? ECONNRESET : 0);
    } else {
        return would_wait(errno);
    }
    return true;
}

static ssize_t write_some(const flow *f, bool to_socket)
{
    const char *from = f->buffer + f->begin;
    size_t n = f->end - f->begin;
    return to_socket ? send(f->to, from, n, SBIND__NO_SIGNAL | MSG_DONTWAIT)
                     : write(f->to, from, n);
}

/* The other side does not read any more. */
static void abandon(flow *f)
{
    if (has_data(f))
        fail_flow(f, ECONNRESET);
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

/* Passes on the end of one direction. The other direction goes on. */
static void finish_flow(flow *f, bool to_socket)
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

static bool is_readable(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, 0) > 0;
}

/* Reacts to a peer that has gone. Before it gives up, it reads the input that has
 * already come: this input was for the peer, and so it is lost. Without this read,
 * a race would decide whether the loss is reported. */
static bool notice_hangup(flow *out, short revents)
{
    bool ok = true;
    if ((revents & (POLLHUP | POLLERR)) == 0 || out->finished)
        return ok;
    if ((revents & POLLERR) != 0)
        fail_flow(out, delivery_error(out->to));
    if (!has_data(out) && !out->ended && is_readable(out->from))
        ok = pull(out);
    abandon(out);
    return ok;
}

static bool step(flow *out, flow *in, int socket_fd)
{
    struct pollfd p[3] = {
        {STDIN_FILENO, 0, 0}, {socket_fd, 0, 0}, {STDOUT_FILENO, 0, 0}};
    bool ok = true;
    want(out, &p[0], &p[1]);
    want(in, &p[1], &p[2]);
    /* poll always reports a hang-up, so leave out the files that no direction waits
     * for. The peer's hang-up matters as long as there may be input to send. */
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
    ok = ok && notice_hangup(out, p[1].revents);
    finish_flow(out, true);
    finish_flow(in, false);
    return ok;
}

/* Returns DONE. If not everything may have been copied, says why, and returns
 * another status. */
static int finish_copying(const flow *out, const flow *in,
                          const sbind_stream *stream)
{
    const char *call = "copying";
    int error = out->error != 0 ? out->error : in->error;
    if (error == 0)
        error = delivery_await(stream, &call);
    if (error == 0)
        return DONE;
    errno = error;
    cli_failed(call);
    cli_say(stderr, "  hint: what was sent or received may be incomplete");
    return SYSTEM;
}

int copy_both_ways(const sbind_stream *stream)
{
    const int socket_fd = stream->fd;
    static char buffers[2][BUFFER];
    flow out = {STDIN_FILENO, socket_fd, buffers[0], 0, 0, false, false, 0};
    flow in = {socket_fd, STDOUT_FILENO, buffers[1], 0, 0, false, false, 0};
    sbind__never_signal(socket_fd);
    while (!out.finished || !in.finished)
        if (!step(&out, &in, socket_fd))
            return cli_failed("copying");
    return finish_copying(&out, &in, stream);
}
