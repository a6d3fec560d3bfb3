/* answers_probe.c - connects to the host name ADDRESS. The IP addresses of this
 * name follow on the command line, as if the program's own resolver had found
 * them. Waits like an event loop. Prints what the server says, or the error. */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sbind/sbind.h>

enum { MOST = 16 };

static void read_ip(const char *text, struct addrinfo *answer,
                    struct sockaddr_storage *place)
{
    struct sockaddr_in *in = (void *)place;
    struct sockaddr_in6 *in6 = (void *)place;
    int six = inet_pton(AF_INET, text, &in->sin_addr) != 1;
    if (six)
        inet_pton(AF_INET6, text, &in6->sin6_addr);
    place->ss_family = six ? AF_INET6 : AF_INET;
    answer->ai_addr = (struct sockaddr *)place;
    answer->ai_addrlen = six ? sizeof *in6 : sizeof *in;
}

static void wait_for(const sbind_connecting *c)
{
    sbind_wait waits[SBIND_WAITS_MAX];
    struct pollfd polls[SBIND_WAITS_MAX];
    int64_t time;
    size_t n = sbind_connect_waits(c, waits, SBIND_WAITS_MAX, &time);
    for (size_t i = 0; i < n; i++)
        polls[i] = (struct pollfd){.fd = waits[i].fd, .events = POLLOUT};
    poll(polls, n, (int)time);
}

static sbind_status connect_to(const sbind_address *a,
                               const struct addrinfo *answers,
                               sbind_stream *ret, sbind_error *reterr)
{
    sbind_connecting c;
    sbind_connect_options o;
    sbind_status s;
    sbind_connect_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    o.answers = answers;
    s = sbind_connect_start(a, &o, &c, reterr);
    if (s == SBIND_OK)
        s = SBIND_WOULD_BLOCK;
    while (s == SBIND_WOULD_BLOCK) {
        wait_for(&c);
        s = sbind_connect_step(&c, ret, reterr);
    }
    return s;
}

int main(int argc, char **argv)
{
    struct addrinfo answers[MOST] = {0};
    struct sockaddr_storage places[MOST] = {0};
    sbind_address a;
    sbind_stream stream;
    sbind_error error;
    sbind_status s;
    char text[SBIND_REPORT_MAX];
    size_t length;
    int count = argc - 2;
    if (count < 0 || count > MOST)
        return 2;
    for (int i = 0; i < count; i++) {
        read_ip(argv[i + 2], &answers[i], &places[i]);
        answers[i].ai_next = i + 1 < count ? &answers[i + 1] : NULL;
    }
    s = sbind_parse(argv[1], strlen(argv[1]), &a, &error);
    if (s == SBIND_OK)
        s = connect_to(&a, count > 0 ? answers : NULL, &stream, &error);
    if (s != SBIND_OK) {
        sbind_report_line(&error, argv[1], strlen(argv[1]), text, sizeof text,
                          &length);
        printf("%s\n", text);
        return 1;
    }
    for (ssize_t n; (n = read((int)stream.fd, text, sizeof text)) > 0;)
        fwrite(text, 1, (size_t)n, stdout);
    sbind_close_stream(&stream);
    return 0;
}
