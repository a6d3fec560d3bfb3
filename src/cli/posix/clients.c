/* posix/clients.c - a process for each connection */
#define _POSIX_C_SOURCE 200809L
#include "clients.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cli.h"
#include "../launch.h"
#include "children.h"
#include "remote.h"
#include "variables.h"

/* Milliseconds between two attempts when something, such as memory, has run out. */
enum { SHORTEST_PAUSE = 5, LONGEST_PAUSE = 1000 };

/* A connection, its client, and its listener. */
typedef struct guest {
    sbind_stream stream;
    sbind_peer peer;
    size_t listener;
} guest;

typedef struct server {
    const request *request;
    opened *opened;
    signals *signals;
    children children;
    guest held;   /* accepted, but no process could be made for it yet */
    bool is_full; /* something ran out, such as memory: pause, then go on */
    int pause;    /* milliseconds; 0: all is well */
    int status;   /* not DONE: a listener has failed */
} server;

/* ---- Waiting ----------------------------------------------------------------- */

static size_t fill_events(const opened *o, const signals *s, struct pollfd *ret)
{
    ret[0] = (struct pollfd){.fd = s->fd, .events = POLLIN};
    for (size_t i = 0; i < o->count; i++)
        ret[1 + i] =
            (struct pollfd){.fd = o->listeners[i].fd, .events = POLLIN};
    return 1 + o->count;
}

static int wait_for(struct pollfd *events, size_t count, int milliseconds)
{
    int n;
    do
        n = poll(events, (nfds_t)count, milliseconds);
    while (n < 0 && errno == EINTR);
    return n < 0 ? cli_failed("poll") : DONE;
}

int clients_await(const opened *o, signals *s)
{
    struct pollfd events[1 + LISTENERS_MAX];
    int status = wait_for(events, fill_events(o, s, events), -1);
    signals_read(s);
    return status;
}

/* ---- What has run out -------------------------------------------------------- */

static void begin_pause(server *s)
{
    s->is_full = true;
    s->pause = s->pause == 0 ? SHORTEST_PAUSE : 2 * s->pause;
    if (s->pause > LONGEST_PAUSE)
        s->pause = LONGEST_PAUSE;
}

/* Reports only the first failure of a row, however long the row lasts. */
static void report_exhausted(server *s, const char *call)
{
    if (s->pause == 0)
        cli_failed(call);
    begin_pause(s);
}

/* ---- A process for a connection ----------------------------------------------- */

static const char *name_of(const request *r, const opened *o, size_t listener)
{
    if (r->serving.inetd)
        return NULL;
    if (r->name_count == 0)
        return "connection";
    return r->names[r->name_count > 1 ? o->address_of[listener] : 0];
}

/* Runs in the child, and becomes the command. */
static int serve(const server *s, const guest *g)
{
    const request *r = s->request;
    const char *name = name_of(r, s->opened, g->listener);
    sbind_listener connection = {.fd = g->stream.fd, .kind = g->stream.kind};
    const launch l = {.command = r->command,
                      .listeners = &connection,
                      .count = 1,
                      .names = name != NULL ? &name : NULL,
                      .passed = &r->passed,
                      .who = &r->who,
                      .no_new_privs = r->no_new_privs,
                      .close_fds = r->close_fds,
                      .inetd = r->serving.inetd};
    int status = variables_set_peer(&g->peer);
    signals_give_back(s->signals);
    return status == DONE ? launch_child(&l) : status;
}

static pid_t start_process(const server *s, const guest *g)
{
    const pid_t pid = fork();
    if (pid == 0)
        _exit(serve(s, g));
    return pid;
}

/* Returns false if the connection is kept for later. */
static bool start_guest(server *s, guest *g)
{
    client who;
    client_of(&g->peer, &who);
    if (!children_reserve(&s->children)) {
        report_exhausted(s, "realloc");
        return false;
    }
    pid_t pid = start_process(s, g);
    if (pid < 0) {
        report_exhausted(s, "fork");
        return false;
    }
    children_add(&s->children, pid, &who);
    sbind_close_stream(&g->stream);
    s->pause = 0;
    return true;
}

/* ---- Limits ------------------------------------------------------------------ */

static size_t most(const request *r)
{
    const int given = r->serving.max_connections;
    return (size_t)(given > 0 ? given : CONNECTIONS_DEFAULT);
}

/* Says where a closed connection came from, and which limit its client has
 * reached. */
static void say_closed(const guest *g, size_t count, bool is_tcp)
{
    char from[REMOTE_MAX] = "an unknown user, who";
    size_t n;
    if (is_tcp) {
        remote_address(&g->peer, from);
        n = strlen(from);
        snprintf(from + n, sizeof from - n, ", which");
    } else if (g->peer.uid != SBIND_NO_ID) {
        snprintf(from, sizeof from, "user %lu, who",
                 (unsigned long)g->peer.uid);
    }
    cli_say(stderr, "sbind: closed a connection from %s has %zu (%s)", from,
            count,
            is_tcp ? "--max-connections-per-address"
                   : "--max-connections-per-user");
}

/* Whether the client has reached its limit. The connection is then closed. It
 * cannot wait in the queue, because the next connection there may be that of
 * another client. */
static bool is_one_too_many(const server *s, const guest *g)
{
    const serving *limits = &s->request->serving;
    const bool is_tcp = remote_is_tcp(&g->peer);
    const int limit = is_tcp ? limits->max_per_address : limits->max_per_user;
    client who;
    if (limit == 0)
        return false;
    client_of(&g->peer, &who);
    size_t count = children_of(&s->children, &who);
    if (count < (size_t)limit)
        return false;
    if (s->request->verbose)
        say_closed(g, count, is_tcp);
    return true;
}

/* ---- Accepting --------------------------------------------------------------- */

/* Whether the client is still there, so that a process is worth starting. TCP
 * reports a client that has already gone. */
static bool is_known(guest *g)
{
    sbind_error error;
    sbind_status s = sbind_peer_of(&g->stream, &g->peer, &error);
    if (s != SBIND_OK && s != SBIND_PEER_GONE)
        cli_report(&error, "");
    return s == SBIND_OK;
}

static void admit(server *s, guest *g)
{
    if (!is_known(g) || is_one_too_many(s, g))
        sbind_close_stream(&g->stream);
    else if (!start_guest(s, g))
        s->held = *g;
}

/* Reacts to a failed accept as sbind/listen.h recommends for loops. */
static void heed(server *s, const sbind_error *error, size_t i)
{
    const char *text = s->request->texts[s->opened->address_of[i]];
    const sbind_status what = error->status;
    if (what == SBIND_WOULD_BLOCK || what == SBIND_INTERRUPTED)
        return;
    if (what != SBIND_EXHAUSTED) {
        s->status = cli_report(error, text);
        return;
    }
    if (s->pause == 0)
        cli_report(error, text);
    begin_pause(s);
}

static void accept_from(server *s, size_t i)
{
    guest g = {.listener = i};
    sbind_error error;
    if (sbind_accept(&s->opened->listeners[i], s->request->serving.blocking,
                     &g.stream, &error) == SBIND_OK)
        admit(s, &g);
    else
        heed(s, &error, i);
}

/* Whether one more connection may be accepted. The others wait in the queue of
 * their socket. While a connection is kept for later, no other is accepted. */
static bool has_room(const server *s)
{
    return !s->is_full && s->status == DONE &&
           s->children.count < most(s->request);
}

static void accept_all(server *s, const struct pollfd *listeners)
{
    for (size_t i = 0; i < s->opened->count && has_room(s); i++)
        if (listeners[i].revents != 0)
            accept_from(s, i);
}

/* ---- Serving ------------------------------------------------------------------ */

static bool is_holding(const server *s) { return s->held.stream.kind != 0; }

static void start_held(server *s)
{
    if (start_guest(s, &s->held))
        s->held = (guest){.listener = 0};
}

static void reap(server *s)
{
    signals_read(s->signals);
    children_reap(&s->children);
}

/* Waits until something happens, and handles it. */
static void turn(server *s)
{
    struct pollfd events[1 + LISTENERS_MAX];
    size_t count = fill_events(s->opened, s->signals, events);
    bool listens = has_room(s);
    int milliseconds = s->is_full ? s->pause : -1;
    s->status = wait_for(events, listens ? count : 1, milliseconds);
    if (s->status != DONE)
        return;
    s->is_full = false;
    reap(s);
    if (s->signals->end != 0)
        return;
    if (is_holding(s))
        start_held(s);
    else if (listens)
        accept_all(s, events + 1);
}

/* Waits until every process that serves a client has ended, or until a second signal
 * comes. */
static void serve_to_the_end(server *s)
{
    struct pollfd event = {.fd = s->signals->fd, .events = POLLIN};
    const int first = s->signals->end;
    s->signals->end = 0;
    while (s->children.count > 0 && s->signals->end == 0 &&
           wait_for(&event, 1, -1) == DONE)
        reap(s);
    if (s->signals->end == 0)
        s->signals->end = first;
}

int clients_serve(const request *r, opened *o, signals *taken)
{
    static server s;
    s = (server){.request = r, .opened = o, .signals = taken};
    launch_drop_passed(&r->passed);
    s.status = launch_clear_places(o->listeners, o->count);
    reap(&s); /* a process that has already ended sends no further signal */
    while (s.status == DONE && taken->end == 0)
        turn(&s);
    sbind_close_stream(&s.held.stream);
    listen_close(o);
    serve_to_the_end(&s);
    free(s.children.list);
    return s.status;
}
