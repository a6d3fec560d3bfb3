/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * echo_server.c - sends back what it gets, on any service binding of Linux and
 * of Windows, to one client after the other
 *
 *     echo_server npipe://echo
 *     echo_server unix:///run/echo.sock 10     (ends after ten clients)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sbind/sbind.h>

#include "report.h"
#include "transfer.h"

static void say_where(const sbind_listener *listener)
{
    sbind_address own;
    char text[SBIND_FORMAT_MAX];
    size_t length;
    if (sbind_local_address(listener, &own, NULL) == SBIND_OK &&
        sbind_format(&own, text, sizeof text, &length) == SBIND_OK)
        printf("listening on %s\n", text);
    fflush(stdout);
}

static void echo(sbind_stream *stream)
{
    char octets[4096];
    size_t n;
    while ((n = transfer_read(stream, octets, sizeof octets)) > 0)
        if (!transfer_write(stream, octets, n))
            break;
    sbind_close_stream(stream);
}

int main(int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : "tcp://127.0.0.1:7007";
    long clients = argc > 2 ? strtol(argv[2], NULL, 10) : -1;
    sbind_address address;
    sbind_listen_options options;
    sbind_listener listener;
    sbind_stream stream;
    sbind_error error;
    sbind_status s;

    sbind_listen_options_init(&options);
    options.blocking = SBIND_BLOCKING;
    if (sbind_parse(text, strlen(text), &address, &error) != SBIND_OK ||
        sbind_listen(&address, &options, &listener, &error) != SBIND_OK)
        return refuse("echo_server", &error, text);
    say_where(&listener);
    while (clients != 0) {
        s = sbind_accept(&listener, SBIND_BLOCKING, &stream, &error);
        if (s == SBIND_WOULD_BLOCK || s == SBIND_INTERRUPTED)
            continue; /* the client has disconnected, or a signal came */
        if (s != SBIND_OK)
            return refuse("echo_server", &error, text);
        echo(&stream);
        clients -= clients > 0;
    }
    sbind_close(&listener, NULL);
    return EXIT_SUCCESS;
}
