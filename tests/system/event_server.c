/* event_server.c - libevent's web server on the sockets of sbind_listen_all
 *
 *     event_server ADDRESS... */
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <sbind/sbind.h>

enum { MAX = 16 };
static sbind_listener listeners[MAX];
static size_t count;

static void answer(struct evhttp_request *request, void *context)
{
    static const char page[] = "Hello from libevent\n";
    (void)context;
    evbuffer_add(evhttp_request_get_output_buffer(request), page,
                 sizeof page - 1);
    evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

static void stop(evutil_socket_t number, short what, void *base)
{
    (void)number, (void)what;
    event_base_loopbreak(base);
}

static void say_where(const sbind_listener *listener)
{
    sbind_address own;
    char text[SBIND_FORMAT_MAX];
    size_t length;
    if (sbind_local_address(listener, &own, NULL) == SBIND_OK &&
        sbind_format(&own, text, sizeof text, &length) == SBIND_OK)
        printf("listening on %s\n", text);
}

/* libevent's server closes the descriptor on which it accepts, so the server
 * gets a copy. */
static int listen_on(const char *text, struct evhttp *server)
{
    sbind_address address;
    sbind_error error;
    size_t more;
    if (sbind_parse(text, strlen(text), &address, &error) != SBIND_OK ||
        sbind_listen_all(&address, NULL, listeners + count, MAX - count, &more,
                         &error) != SBIND_OK)
        return fprintf(stderr, "%s\n", sbind_status_text(error.status)), 1;
    for (; more > 0; more--, count++) {
        int own = fcntl(listeners[count].fd, F_DUPFD_CLOEXEC, 0);
        if (evhttp_accept_socket(server, own) != 0)
            return 1;
        say_where(&listeners[count]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct event_base *base = event_base_new();
    struct evhttp *server = evhttp_new(base);
    struct event *term = evsignal_new(base, SIGTERM, stop, base);
    int status = event_add(term, NULL);
    evhttp_set_gencb(server, answer, NULL);
    for (int i = 1; status == 0 && i < argc; i++)
        status = listen_on(argv[i], server);
    fflush(stdout);
    if (status == 0)
        event_base_dispatch(base);
    evhttp_free(server);
    for (size_t i = 0; i < count; i++)
        sbind_close(&listeners[i], NULL);
    event_free(term);
    event_base_free(base);
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
