/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * poll_client.c - connects to several addresses at the same time, in one loop with
 * poll(2), and says which ones answered
 *
 *     poll_client tcp://localhost:80 unix:///run/app.sock
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sbind/sbind.h>

#include "report.h"

enum { CLIENTS_MAX = 8, POLLS_MAX = CLIENTS_MAX * SBIND_WAITS_MAX };

typedef struct client {
    const char *text;
    sbind_connecting connecting;
    bool is_done, has_failed;
} client;

static void fail(client *c, const sbind_error *error)
{
    refuse("poll_client", error, c->text);
    c->is_done = c->has_failed = true;
}

static void start(client *c)
{
    sbind_address address;
    sbind_error error;
    if (sbind_parse(c->text, strlen(c->text), &address, &error) != SBIND_OK ||
        sbind_connect_start(&address, NULL, &c->connecting, &error) != SBIND_OK)
        fail(c, &error);
}

static void step(client *c)
{
    sbind_stream stream;
    sbind_error error;
    sbind_status s = sbind_connect_step(&c->connecting, &stream, &error);
    if (s == SBIND_WOULD_BLOCK)
        return;
    if (s != SBIND_OK) {
        fail(c, &error);
        return;
    }
    printf("%s answers\n", c->text);
    sbind_close_stream(&stream);
    c->is_done = true;
}

/* Adds the descriptors for which this client waits. Returns how many there
 * are. */
static size_t add_waits(const client *c, struct pollfd *polls, int *timeout)
{
    sbind_wait waits[SBIND_WAITS_MAX];
    int64_t time;
    size_t n =
        sbind_connect_waits(&c->connecting, waits, SBIND_WAITS_MAX, &time);
    for (size_t i = 0; i < n; i++)
        polls[i] = (struct pollfd){.fd = waits[i].fd, .events = POLLOUT};
    if (time >= 0 && (*timeout < 0 || time < *timeout))
        *timeout = (int)time;
    return n;
}

int main(int argc, char **argv)
{
    static client clients[CLIENTS_MAX];
    static struct pollfd polls[POLLS_MAX];
    size_t count = argc > CLIENTS_MAX ? CLIENTS_MAX : (size_t)argc - 1;
    bool has_failed = false, is_waiting = true;
    for (size_t i = 0; i < count; i++) {
        clients[i].text = argv[i + 1];
        start(&clients[i]);
    }
    while (is_waiting) {
        size_t n = 0;
        int timeout = -1;
        is_waiting = false;
        for (size_t i = 0; i < count; i++) {
            if (clients[i].is_done)
                continue;
            is_waiting = true;
            n += add_waits(&clients[i], polls + n, &timeout);
        }
        if (is_waiting && poll(polls, n, timeout) >= 0)
            for (size_t i = 0; i < count; i++)
                if (!clients[i].is_done)
                    step(&clients[i]);
    }
    for (size_t i = 0; i < count; i++)
        has_failed |= clients[i].has_failed;
    return has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
