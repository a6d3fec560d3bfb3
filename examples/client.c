/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * client.c - fetches a page from a web server on any service binding
 *
 *     client unix:///run/app.sock
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sbind/sbind.h>

#include "report.h"

static int fetch(int fd)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n"
                                  "Connection: close\r\n\r\n";
    char buffer[4096];
    ssize_t n;
    if (write(fd, request, sizeof request - 1) != (ssize_t)sizeof request - 1)
        return EXIT_FAILURE;
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    return n == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const char *text = argc > 1 ? argv[1] : "tcp://127.0.0.1:8080";
    sbind_address address;
    sbind_connect_options options;
    sbind_stream stream;
    sbind_error error;
    int status;

    sbind_connect_options_init(&options);
    options.blocking = SBIND_BLOCKING;
    if (sbind_parse(text, strlen(text), &address, &error) != SBIND_OK ||
        sbind_connect(&address, &options, &stream, &error) != SBIND_OK)
        return refuse("client", &error, text);
    status = fetch(stream.fd);
    sbind_close_stream(&stream);
    return status;
}
