/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * echo_client.c - sends a text to an echo server and prints what comes back
 *
 *     echo_client npipe://echo "who is there?"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sbind/sbind.h>

#include "report.h"
#include "transfer.h"

/* Reads as many octets as were sent. */
static int exchange(const sbind_stream *stream, const char *words)
{
    size_t left = strlen(words), n;
    char octets[4096];
    if (!transfer_write(stream, words, left))
        return EXIT_FAILURE;
    for (; left > 0; left -= n) {
        size_t room = left < sizeof octets ? left : sizeof octets;
        n = transfer_read(stream, octets, room);
        if (n == 0)
            return EXIT_FAILURE;
        fwrite(octets, 1, n, stdout);
    }
    putchar('\n');
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : "tcp://127.0.0.1:7007";
    sbind_address address;
    sbind_connect_options options;
    sbind_stream stream;
    sbind_error error;
    int status;

    sbind_connect_options_init(&options);
    options.blocking = SBIND_BLOCKING;
    if (sbind_parse(text, strlen(text), &address, &error) != SBIND_OK ||
        sbind_connect(&address, &options, &stream, &error) != SBIND_OK)
        return refuse("echo_client", &error, text);
    status = exchange(&stream, argc > 2 ? argv[2] : "hello");
    sbind_close_stream(&stream);
    return status;
}
