/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * libevent_client.c - fetches a page, connecting in the event loop of libevent
 *
 *     libevent_client tcp://localhost:8080
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include <sbind/sbind.h>

#include "report.h"

typedef struct client {
    struct event_base *base;
    struct event *events[SBIND_WAITS_MAX + 1]; /* the last is the timer */
    size_t count;
    sbind_connecting connecting;
    const char *text;
    int status;
} client;

/* ---- The page ---------------------------------------------------------------- */

static void print(struct bufferevent *b, void *context)
{
    char buffer[4096];
    size_t n;
    (void)context;
    while ((n = bufferevent_read(b, buffer, sizeof buffer)) > 0)
        fwrite(buffer, 1, n, stdout);
}

static void finish(struct bufferevent *b, short what, void *context)
{
    client *c = context;
    c->status = what & BEV_EVENT_EOF ? EXIT_SUCCESS : EXIT_FAILURE;
    bufferevent_free(b);
    event_base_loopbreak(c->base);
}

/* With BEV_OPT_CLOSE_ON_FREE, libevent closes the descriptor, so it is
 * released. */
static void fetch(client *c, const sbind_stream *stream)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n"
                                  "Connection: close\r\n\r\n";
    struct bufferevent *b =
        bufferevent_socket_new(c->base, stream->fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(b, print, NULL, finish, c);
    bufferevent_enable(b, EV_READ | EV_WRITE);
    bufferevent_write(b, request, sizeof request - 1);
}

/* ---- Connecting -------------------------------------------------------------- */

static void step(evutil_socket_t fd, short what, void *context);

/* libevent has to forget the descriptors before a step, because a step may
 * close them. */
static void forget(client *c)
{
    while (c->count > 0)
        event_free(c->events[--c->count]);
}

static void wait_for_step(client *c)
{
    sbind_wait waits[SBIND_WAITS_MAX];
    int64_t time;
    size_t n =
        sbind_connect_waits(&c->connecting, waits, SBIND_WAITS_MAX, &time);
    for (size_t i = 0; i < n; i++) {
        c->events[c->count] =
            event_new(c->base, waits[i].fd, EV_WRITE, step, c);
        event_add(c->events[c->count++], NULL);
    }
    if (time >= 0) {
        struct timeval after = {time / 1000, time % 1000 * 1000};
        c->events[c->count] = evtimer_new(c->base, step, c);
        evtimer_add(c->events[c->count++], &after);
    }
}

static void step(evutil_socket_t fd, short what, void *context)
{
    client *c = context;
    sbind_stream stream;
    sbind_error error;
    sbind_status s;
    (void)fd, (void)what;
    forget(c);
    s = sbind_connect_step(&c->connecting, &stream, &error);
    if (s == SBIND_WOULD_BLOCK) {
        wait_for_step(c);
    } else if (s == SBIND_OK) {
        fetch(c, &stream);
    } else {
        c->status = refuse("libevent_client", &error, c->text);
        event_base_loopbreak(c->base);
    }
}

int main(int argc, char **argv)
{
    static client c;
    sbind_address address;
    sbind_error error;
    c.text = argc > 1 ? argv[1] : "tcp://127.0.0.1:8080";
    c.status = EXIT_FAILURE;
    if (sbind_parse(c.text, strlen(c.text), &address, &error) != SBIND_OK ||
        sbind_connect_start(&address, NULL, &c.connecting, &error) != SBIND_OK)
        return refuse("libevent_client", &error, c.text);
    c.base = event_base_new();
    wait_for_step(&c);
    event_base_dispatch(c.base);
    event_base_free(c.base);
    return c.status;
}
