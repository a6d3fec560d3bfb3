/* race.c - connecting to TCP, on every system: each address of a name has a turn,
 * and the first that answers is taken (SPEC.md 5.6, RFC 8305 5) */
#define _POSIX_C_SOURCE 200809L /* struct addrinfo */
#include <string.h>

#include "../parse/format.h"
#include "../status/error.h"
#include "answers.h"
#include "endpoint.h"
#include "family.h"
#include "names.h"
#include "socket.h"
#include "system.h"

#define RUNNERS_MAX SBIND__AWAIT_MAX /* connections under way at a time */

/* A connection under way. */
typedef struct runner {
    sbind_kind kind;
    char address[SBIND_ATTEMPT_TEXT_MAX];
} runner;

typedef struct race {
    const sbind_connect_options *options;
    sbind__deadline end;  /* of the whole */
    sbind__deadline next; /* when the next may start beside the others */
    sbind__turns turns;   /* those that have not started, */
    size_t waiting;       /* their number, */
    uint16_t port;        /* and their port */
    size_t count;         /* of those under way, the first to start first */
    sbind_handle fds[RUNNERS_MAX];
    bool is_ready[RUNNERS_MAX]; /* to be finished */
    runner runners[RUNNERS_MAX];
    sbind_error error; /* of all that have failed */
} race;

/* ---- One connection ------------------------------------------------------------ */

static sbind_status set_options(sbind_handle fd, const sbind_connect_options *o,
                                sbind_error *reterr)
{
    sbind_status s =
        sbind__set_tcp_options(fd, o->nodelay, o->keepalive, o->device, reterr);
    if (s == SBIND_OK)
        s = sbind__set_buffers(fd, o->receive_buffer, o->send_buffer, reterr);
    return s;
}

/* Begins to connect. */
static sbind_status begin(const sbind_address *address,
                          const sbind_connect_options *o, sbind_handle *ret_fd,
                          sbind_error *reterr)
{
    sbind__endpoint e;
    sbind_handle fd;
    sbind_status s = sbind__endpoint_of(address, true, &e, reterr);
    if (s != SBIND_OK)
        return s;
    s = sbind__new_socket(e.sa.ss_family, SBIND_NONBLOCKING, &fd, reterr);
    if (s != SBIND_OK)
        return s;
    s = set_options(fd, o, reterr);
    if (s == SBIND_OK)
        s = sbind__begin_connection(fd, (const struct sockaddr *)&e.sa,
                                    e.length, reterr);
    if (s == SBIND_OK)
        *ret_fd = fd;
    else
        sbind__close_fd(fd);
    return s;
}

/* A port nobody listens on can be the very one the system chose for the
 * client; TCP then connects the socket to itself. */
static sbind_status refuse_self(sbind_handle fd, sbind_error *reterr)
{
    struct sockaddr_storage own, peer;
    socklen_t own_length = sizeof own, peer_length = sizeof peer;
    if (getsockname((sbind__socket)fd, (struct sockaddr *)&own, &own_length) !=
        0)
        return sbind__fail_call("getsockname", reterr);
    if (getpeername((sbind__socket)fd, (struct sockaddr *)&peer,
                    &peer_length) != 0)
        return sbind__fail_call("getpeername", reterr);
    if (own_length == peer_length &&
        memcmp(&own, &peer, (size_t)own_length) == 0)
        return sbind__fail(SBIND_SELF_CONNECTED, reterr);
    return SBIND_OK;
}

static sbind_status finish(sbind_handle fd, const sbind_connect_options *o,
                           sbind_error *reterr)
{
    sbind_status s = sbind__finish_connection(fd, reterr);
    if (s == SBIND_OK)
        s = refuse_self(fd, reterr);
    if (s == SBIND_OK && o->blocking != SBIND_NONBLOCKING)
        s = sbind__set_blocking(fd, SBIND_BLOCKING, NULL, reterr);
    return s;
}

/* ---- The start ------------------------------------------------------------------- */

static void begin_race(race *r, const sbind_connect_options *o)
{
    memset(r, 0, sizeof *r);
    r->options = o;
    r->end = sbind__deadline_in(o->timeout);
    sbind__fail(SBIND_NOT_RESOLVED, &r->error); /* unless there is an answer */
}

static void leave(race *r, size_t i)
{
    size_t after = --r->count - i;
    memmove(&r->fds[i], &r->fds[i + 1], after * sizeof *r->fds);
    memmove(&r->is_ready[i], &r->is_ready[i + 1], after * sizeof *r->is_ready);
    memmove(&r->runners[i], &r->runners[i + 1], after * sizeof *r->runners);
}

/* One that has failed is out, and the next starts at once. */
static void lose(race *r, size_t i, const sbind_error *error)
{
    sbind__add_attempt(r->runners[i].address, error, &r->error);
    sbind__close_fd(r->fds[i]);
    leave(r, i);
    r->next = sbind__deadline_in(0);
}

static void time_out(race *r, size_t i)
{
    sbind_error late;
    sbind__fail(SBIND_TIMED_OUT, &late);
    lose(r, i, &late);
}

/* The delay that was asked for, but not so long that not all would have a turn
 * before the end. */
static sbind__deadline next_start(const race *r)
{
    int64_t delay = r->options->attempt_delay;
    int64_t left = sbind__time_left(&r->end);
    int64_t share = left / ((int64_t)r->waiting + 1);
    if (left >= 0 && share < delay)
        delay =
            share < SBIND_ATTEMPT_DELAY_MIN ? SBIND_ATTEMPT_DELAY_MIN : share;
    return sbind__deadline_in(delay);
}

static void start(race *r, const sbind_address *address)
{
    runner one = {address->kind, ""};
    sbind_error error;
    size_t length;
    sbind_handle fd;
    sbind__format_valid(address, one.address, sizeof one.address, &length);
    if (begin(address, r->options, &fd, &error) != SBIND_OK) {
        sbind__add_attempt(one.address, &error, &r->error);
        return;
    }
    if (r->count == RUNNERS_MAX)
        time_out(r, 0);
    r->fds[r->count] = fd;
    r->is_ready[r->count] = false;
    r->runners[r->count++] = one;
    r->next = next_start(r);
}

static void start_answer(race *r, const struct addrinfo *answer)
{
    sbind_address address;
    r->waiting--;
    if (sbind__answer(answer, r->port, &address, NULL) == SBIND_OK)
        start(r, &address);
}

/* Those whose time has come; at once if nothing is under way. */
static void start_due(race *r)
{
    while (r->waiting > 0 && (r->count == 0 || sbind__time_left(&r->next) == 0))
        start_answer(r, sbind__next_answer(&r->turns));
}

/* ---- The finish ------------------------------------------------------------------- */

/* Waits until something happens, the next may start, or the end has come. */
static void await(race *r)
{
    sbind__deadline until =
        r->waiting > 0 ? sbind__sooner(r->next, r->end) : r->end;
    sbind_error error;
    if (sbind__await(r->fds, r->is_ready, r->count, &until, &error) != SBIND_OK)
        lose(r, 0, &error);
}

/* Those that are ready: true, and *ret, if one won. */
static bool finish_ready(race *r, sbind_stream *ret)
{
    size_t i = 0;
    while (i < r->count) {
        sbind_error error;
        if (!r->is_ready[i]) {
            i++;
        } else if (finish(r->fds[i], r->options, &error) == SBIND_OK) {
            *ret = (sbind_stream){r->fds[i], r->runners[i].kind};
            leave(r, i);
            return true;
        } else {
            lose(r, i, &error);
        }
    }
    return false;
}

/* Until one has connected: true; or all have failed, or the end has come. */
static bool run(race *r, sbind_stream *ret)
{
    for (;;) {
        start_due(r);
        if (r->count == 0)
            return false;
        await(r);
        if (finish_ready(r, ret))
            return true;
        if (sbind__time_left(&r->end) == 0)
            return false;
    }
}

static sbind_status decide(race *r, sbind_stream *ret, sbind_error *reterr)
{
    bool won = run(r, ret);
    while (r->count > 0 && !won)
        time_out(r, 0);
    while (r->count > 0)
        sbind__close_fd(r->fds[--r->count]);
    if (won)
        return SBIND_OK;
    *reterr = r->error;
    return r->error.status;
}

/* ---- What is to be connected to ------------------------------------------------------ */

static sbind_status connect_name(const sbind_address *name,
                                 const sbind_connect_options *o,
                                 sbind_stream *ret, sbind_error *reterr)
{
    struct addrinfo *list;
    race r;
    sbind_status s = sbind__resolve(name, &list, reterr);
    if (s != SBIND_OK)
        return s;
    begin_race(&r, o);
    r.turns = sbind__take_turns(list);
    r.waiting = sbind__count_answers(list);
    r.port = name->port;
    s = decide(&r, ret, reterr);
    freeaddrinfo(list);
    return s;
}

sbind_status sbind__connect_tcp(const sbind_address *address,
                                const sbind_connect_options *options,
                                sbind_stream *ret, sbind_error *reterr)
{
    race r;
    sbind_status s = sbind__check_tcp_connecting(options, reterr);
    if (s != SBIND_OK)
        return s;
    if (address->kind == SBIND_TCP_NAME)
        return connect_name(address, options, ret, reterr);
    begin_race(&r, options);
    start(&r, address);
    return decide(&r, ret, reterr);
}
