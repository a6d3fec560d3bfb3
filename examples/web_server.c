/* SPDX-License-Identifier: MIT OR Apache-2.0
 * web_server.c - a web server on any address
 *
 *     web_server -H tcp://127.0.0.1:8080 -H unix:///run/app.sock
 *
 * Without -H and HOST it listens on tcp://, which means 127.0.0.1:8080 here.
 */
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sbind/sbind.h>

#include "report.h"

enum { MAX = 16 };
static sbind_listener listeners[MAX];
static struct MHD_Daemon *daemons[MAX];
static size_t count;
static sbind_policy policy; /* strict with -s */

static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *data,
                              size_t *size, void **state)
{
    static char page[] = "Hello from sbind\n";
    struct MHD_Response *response;
    enum MHD_Result result;
    (void)context, (void)url, (void)version, (void)data, (void)size;
    if (*state == NULL) { /* the first call has the headers only */
        *state = page;
        return MHD_YES;
    }
    response = MHD_create_response_from_buffer(sizeof page - 1, page,
                                               MHD_RESPMEM_PERSISTENT);
    result = MHD_queue_response(
        connection,
        strcmp(method, "GET") == 0 ? MHD_HTTP_OK : MHD_HTTP_METHOD_NOT_ALLOWED,
        response);
    MHD_destroy_response(response);
    return result;
}

/* Listens on every address of the text, unless the policy refuses one. */
static int listen_on(const char *text)
{
    sbind_address meaning_of_tcp;
    sbind_listen_options options;
    sbind_error error;
    size_t more;
    sbind_parse("tcp://127.0.0.1:8080", 20, &meaning_of_tcp, NULL);
    sbind_listen_options_init(&options);
    options.tcp_default = &meaning_of_tcp;
    options.policy = &policy;
    if (sbind_listen_text(text, strlen(text), &options, listeners + count,
                          MAX - count, &more, &error) != SBIND_OK)
        return refuse("web_server", &error, text);
    count += more;
    return EXIT_SUCCESS;
}

static int serve(size_t i)
{
    char text[SBIND_FORMAT_MAX];
    size_t length;
    daemons[i] = MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, NULL,
        MHD_OPTION_LISTEN_SOCKET, listeners[i].fd, MHD_OPTION_END);
    if (daemons[i] == NULL) {
        fputs("web_server: libmicrohttpd does not start\n", stderr);
        return EXIT_FAILURE;
    }
    if (sbind_format_local(&listeners[i], text, sizeof text, &length) ==
        SBIND_OK)
        printf("listening on %s\n", text);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *host = getenv("HOST");
    int c, got, given = 0, status = EXIT_SUCCESS;
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL); /* the server's threads inherit it */
    sbind_policy_init(&policy);
    for (; status == 0 && (c = getopt(argc, argv, "sH:")) != -1;
         given |= c == 'H')
        if (c == 's')
            sbind_policy_init_strict(&policy);
        else
            status = c == 'H' ? listen_on(optarg) : 2;
    if (status == 0 && optind < argc) {
        fputs("usage: web_server [-s] [-H ADDRESS]...\n", stderr);
        status = 2;
    }
    if (status == 0 && !given)
        status = listen_on(host != NULL ? host : "tcp://");
    for (size_t i = 0; status == 0 && i < count; i++)
        status = serve(i);
    fflush(stdout);
    if (status == 0)
        sbind_notify(SBIND_NOTIFY_READY, NULL, 0, NULL);
    if (status == 0)
        sigwait(&stop, &got);
    for (size_t i = 0; i < count; i++) {
        if (daemons[i] != NULL) {
            MHD_quiesce_daemon(daemons[i]); /* otherwise it closes our socket */
            MHD_stop_daemon(daemons[i]);
        }
        sbind_close(&listeners[i], NULL);
    }
    return status;
}
