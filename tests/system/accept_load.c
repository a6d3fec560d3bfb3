/* accept_load.c - many clients at once. Each client sends its number, and ends
 * its own direction. Then the client expects the number back, and after the
 * number the end of the stream.
 *
 * accept_load tcp PORT CLIENTS AT_ONCE, or accept_load unix PATH CLIENTS AT_ONCE.
 * Prints how many clients were served, and how many were not. Clients of TCP come
 * from 250 addresses, so that no address runs out of ports. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TEXT = 16, SECONDS = 60 };

typedef struct client {
    int fd;
    bool has_sent;
    char sent[TEXT], got[TEXT];
    size_t length;
} client;

static struct sockaddr_storage server;
static socklen_t server_length;
static int watch;
static long served, lost;

static void fail(const char *call)
{
    perror(call);
    exit(1);
}

static void find_server(const char *kind, const char *where)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&server;
    struct sockaddr_un *un = (struct sockaddr_un *)&server;
    if (strcmp(kind, "tcp") == 0) {
        in->sin_family = AF_INET;
        in->sin_port = htons((unsigned short)atoi(where));
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        server_length = sizeof *in;
    } else {
        un->sun_family = AF_UNIX;
        strncpy(un->sun_path, where, sizeof un->sun_path - 1);
        server_length = sizeof *un;
    }
}

static void choose_own_address(int fd, long number)
{
    const int on = 1;
    struct sockaddr_in own = {.sin_family = AF_INET};
    if (server.ss_family != AF_INET)
        return;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (unsigned)number % 250);
    setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) != 0)
        fail("bind");
}

static void begin(client *c, long number)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    *c = (client){.fd = socket(server.ss_family, SOCK_STREAM, 0)};
    if (c->fd < 0)
        fail("socket");
    snprintf(c->sent, sizeof c->sent, "%ld\n", number);
    choose_own_address(c->fd, number);
    if (connect(c->fd, (struct sockaddr *)&server, server_length) != 0)
        fail("connect");
    if (epoll_ctl(watch, EPOLL_CTL_ADD, c->fd, &event) != 0)
        fail("epoll_ctl");
}

static void send_number(client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    size_t length = strlen(c->sent);
    c->has_sent = true;
    if (send(c->fd, c->sent, length, MSG_NOSIGNAL) != (ssize_t)length)
        return; /* what comes back will not be it */
    shutdown(c->fd, SHUT_WR);
    epoll_ctl(watch, EPOLL_CTL_MOD, c->fd, &event);
}

/* True: it is over. */
static bool receive(client *c)
{
    ssize_t n = read(c->fd, c->got + c->length, TEXT - 1 - c->length);
    if (n > 0) {
        c->length += (size_t)n;
        return false;
    }
    if (n == 0 && strcmp(c->got, c->sent) == 0)
        served++;
    else
        lost++;
    close(c->fd);
    return true;
}

static bool go_on(client *c, unsigned events)
{
    if (!c->has_sent && (events & EPOLLOUT) != 0)
        send_number(c);
    return (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && receive(c);
}

int main(int argc, char **argv)
{
    struct epoll_event events[64];
    long clients, at_once, begun = 0;
    client *all;
    if (argc != 5)
        return 2;
    find_server(argv[1], argv[2]);
    clients = atol(argv[3]);
    at_once = atol(argv[4]);
    all = calloc((size_t)at_once, sizeof *all);
    watch = epoll_create1(EPOLL_CLOEXEC);
    if (all == NULL || watch < 0)
        fail("epoll_create1");
    for (; begun < at_once && begun < clients; begun++)
        begin(&all[begun], begun);
    while (served + lost < clients) {
        int n = epoll_wait(watch, events, 64, SECONDS * 1000);
        if (n == 0)
            break;
        for (int i = 0; i < n; i++) {
            client *c = events[i].data.ptr;
            if (go_on(c, events[i].events) && begun < clients)
                begin(c, begun++);
        }
    }
    printf("%ld served, %ld lost\n", served, clients - served);
    return 0;
}
