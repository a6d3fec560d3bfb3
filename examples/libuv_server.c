/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * libuv_server.c - sends back what it receives, in the event loop of libuv
 *
 *     libuv_server tcp://localhost:0
 *     libuv_server unix:///run/echo.sock
 *
 * libuv closes the descriptors of its handles, so sbind_release hands each
 * descriptor to libuv. The listener keeps the socket file, and sbind_close
 * removes the file.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include <sbind/sbind.h>

#include "report.h"

enum { LISTENERS_MAX = 16 };

/* A listening socket or a connection, of TCP or of unix. The loop treats each
 * of them as a stream. */
typedef union handle {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
} handle;

/* ---- Connections ------------------------------------------------------------- */

static void free_data(uv_handle_t *h) { free(h->data); }

/* A handle of a connection has itself as its data. Other handles have no
 * data. */
static void close_handle(uv_handle_t *h, void *unused)
{
    (void)unused;
    if (!uv_is_closing(h))
        uv_close(h, free_data);
}

static void hang_up(uv_stream_t *s) { close_handle((uv_handle_t *)s, NULL); }

static void give_room(uv_handle_t *h, size_t wanted, uv_buf_t *ret)
{
    (void)h;
    *ret = uv_buf_init(malloc(wanted), (unsigned)wanted);
}

/* The octets lie behind the request. */
typedef struct reply {
    uv_write_t request;
    char octets[];
} reply;

static void finish(uv_write_t *request, int status)
{
    if (status < 0)
        hang_up(request->handle);
    free(request);
}

static void send_back(uv_stream_t *s, ssize_t n, const uv_buf_t *received)
{
    reply *r = n > 0 ? malloc(sizeof *r + (size_t)n) : NULL;
    if (r != NULL) {
        uv_buf_t all = uv_buf_init(r->octets, (unsigned)n);
        memcpy(r->octets, received->base, (size_t)n);
        if (uv_write(&r->request, s, &all, 1, finish) != 0)
            free(r);
    } else if (n != 0) {
        hang_up(s);
    }
    free(received->base);
}

static int new_handle(uv_loop_t *loop, uv_handle_type type, handle *ret)
{
    return type == UV_TCP ? uv_tcp_init(loop, &ret->tcp)
                          : uv_pipe_init(loop, &ret->pipe, 0);
}

static void take_client(uv_stream_t *listener, int status)
{
    handle *h = status == 0 ? malloc(sizeof *h) : NULL;
    if (h == NULL)
        return;
    new_handle(listener->loop, uv_handle_get_type((uv_handle_t *)listener), h);
    h->stream.data = h;
    if (uv_accept(listener, &h->stream) != 0 ||
        uv_read_start(&h->stream, give_room, send_back) != 0)
        hang_up(&h->stream);
}

/* ---- Listening --------------------------------------------------------------- */

static int adopt(uv_loop_t *loop, sbind_listener *l, handle *ret)
{
    const bool is_unix =
        l->kind == SBIND_UNIX_PATH || l->kind == SBIND_UNIX_ABSTRACT;
    int error = new_handle(loop, is_unix ? UV_NAMED_PIPE : UV_TCP, ret);
    if (error == 0)
        error = is_unix ? uv_pipe_open(&ret->pipe, sbind_release(l))
                        : uv_tcp_open(&ret->tcp, sbind_release(l));
    if (error == 0)
        error = uv_listen(&ret->stream, SBIND_BACKLOG_DEFAULT, take_client);
    return error;
}

static void say_where(const sbind_listener *l)
{
    char text[SBIND_FORMAT_MAX];
    size_t length;
    if (sbind_format_local(l, text, sizeof text, &length) == SBIND_OK)
        printf("listening on %s\n", text);
    fflush(stdout);
}

/* The loop ends when all its handles are closed. */
static void stop(uv_signal_t *s, int number)
{
    (void)number;
    uv_walk(s->loop, close_handle, NULL);
}

int main(int argc, char **argv)
{
    static sbind_listener listeners[LISTENERS_MAX];
    static handle handles[LISTENERS_MAX];
    const char *text = argc > 1 ? argv[1] : "tcp://127.0.0.1:0";
    static uv_signal_t signals[2];
    uv_loop_t *loop = uv_default_loop();
    sbind_error error;
    size_t count;
    int failed = 0;
    if (sbind_listen_text(text, strlen(text), NULL, listeners, LISTENERS_MAX,
                          &count, &error) != SBIND_OK)
        return refuse("libuv_server", &error, text);
    for (size_t i = 0; i < count && failed == 0; i++) {
        say_where(&listeners[i]);
        failed = adopt(loop, &listeners[i], &handles[i]);
    }
    for (int i = 0; i < 2 && failed == 0; i++) {
        uv_signal_init(loop, &signals[i]);
        failed = uv_signal_start(&signals[i], stop, i == 0 ? SIGTERM : SIGINT);
    }
    if (failed == 0)
        uv_run(loop, UV_RUN_DEFAULT);
    else
        fprintf(stderr, "libuv_server: %s\n", uv_strerror(failed));
    for (size_t i = 0; i < count; i++)
        if (sbind_close(&listeners[i], &error) != SBIND_OK)
            failed = refuse("libuv_server", &error, text);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
