/* race.c - connects to TCP, on every system. The addresses of a name are tried
 * in turn, and the first one that answers is used (SPEC.md 5.6, RFC 8305 5) */
#define _POSIX_C_SOURCE 200809L /* struct addrinfo */
#include <string.h>

#include "../parse/format.h"
#include "../policy/policy.h"
#include "../status/error.h"
#include "answers.h"
#include "endpoint.h"
#include "family.h"
#include "names.h"
#include "socket.h"
#include "system.h"

typedef sbind_connecting race;

/* ---- One connection ------------------------------------------------------------ */

static sbind_status set_options(sbind_handle fd, const sbind_connect_options *o,
                                sbind_error *reterr)
{
    const sbind__tcp_options tcp = SBIND__TCP_OPTIONS(o);
    sbind_status s = sbind__set_tcp_options(fd, &tcp, reterr);
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
    sbind_status s =
        sbind__ask_policy(o->policy, address, SBIND__OPENED, reterr);
    if (s == SBIND_OK)
        s = sbind__endpoint_of(address, true, &e, reterr);
    if (s != SBIND_OK)
        return s;
    s = sbind__new_tcp_socket(e.sa.ss_family, SBIND_NONBLOCKING, o->mptcp, &fd,
                              reterr);
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

/* Refuses a socket that is connected to itself. That can happen if no process
 * listens on the port: the system may choose that same port for the client. */
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
    if (sbind__is_same_endpoint((const struct sockaddr *)&own,
                                (const struct sockaddr *)&peer))
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

static sbind__deadline end_of(const race *r)
{
    return (sbind__deadline){r->end};
}
static sbind__deadline next_of(const race *r)
{
    return (sbind__deadline){r->next};
}

static void leave(race *r, size_t i)
{
    size_t after = --r->count - i;
    memmove(&r->fds[i], &r->fds[i + 1], after * sizeof *r->fds);
    memmove(&r->is_ready[i], &r->is_ready[i + 1], after * sizeof *r->is_ready);
    memmove(&r->kinds[i], &r->kinds[i + 1], after * sizeof *r->kinds);
    memmove(&r->texts[i], &r->texts[i + 1], after * sizeof *r->texts);
}

/* Ends a failed attempt. The next attempt starts at once. */
static void lose(race *r, size_t i, const sbind_error *error)
{
    sbind__add_attempt(r->texts[i], error, &r->error);
    sbind__close_fd(r->fds[i]);
    leave(r, i);
    r->next = sbind__deadline_in(0).at;
}

static void time_out(race *r, size_t i)
{
    sbind_error late;
    sbind__fail(SBIND_TIMED_OUT, &late);
    lose(r, i, &late);
}

/* The delay between two attempts: attempt_delay, or less if otherwise some
 * address would have no turn before the deadline. */
static sbind__deadline next_start(const race *r)
{
    sbind__deadline end = end_of(r);
    int64_t delay = r->options.attempt_delay;
    int64_t left = sbind__time_left(&end);
    int64_t share = left / ((int64_t)r->waiting + 1);
    if (left >= 0 && share < delay)
        delay =
            share < SBIND_ATTEMPT_DELAY_MIN ? SBIND_ATTEMPT_DELAY_MIN : share;
    return sbind__deadline_in(delay);
}

static void write_text(const sbind_address *address,
                       char text[SBIND_ATTEMPT_TEXT_MAX])
{
    size_t length;
    text[0] = '\0';
    sbind__format_valid(address, text, SBIND_ATTEMPT_TEXT_MAX, &length);
}

static void start(race *r, const sbind_address *address)
{
    char text[SBIND_ATTEMPT_TEXT_MAX];
    sbind_error error;
    sbind_handle fd;
    write_text(address, text);
    if (begin(address, &r->options, &fd, &error) != SBIND_OK) {
        sbind__add_attempt(text, &error, &r->error);
        return;
    }
    if (r->count == SBIND_WAITS_MAX)
        time_out(r, 0);
    r->fds[r->count] = fd;
    r->is_ready[r->count] = false;
    r->kinds[r->count] = address->kind;
    memcpy(r->texts[r->count++], text, sizeof text);
    r->next = next_start(r).at;
}

static const struct addrinfo *answers_of(const race *r)
{
    return r->options.answers != NULL ? r->options.answers : r->answers;
}

static const struct addrinfo *next_answer(race *r)
{
    sbind__turns turns = {
        answers_of(r), {r->next_answers[0], r->next_answers[1]}, r->turn};
    const struct addrinfo *answer = sbind__next_answer(&turns);
    r->next_answers[0] = turns.next[0];
    r->next_answers[1] = turns.next[1];
    r->turn = turns.turn;
    return answer;
}

static void start_answer(race *r, const struct addrinfo *answer)
{
    sbind_address address;
    r->waiting--;
    if (sbind__answer(answer, r->address.port, &address, NULL) == SBIND_OK)
        start(r, &address);
}

/* Starts every attempt that is due. If no attempt is under way, starts one at
 * once. */
static void start_due(race *r)
{
    for (;;) {
        sbind__deadline next = next_of(r);
        if (r->waiting == 0 || (r->count > 0 && sbind__time_left(&next) != 0))
            break;
        start_answer(r, next_answer(r));
    }
}

/* Uses the answers that the program gave in its options. If it gave none, asks
 * the resolver. */
static sbind_status find_answers(race *r, sbind_error *reterr)
{
    struct addrinfo *list = NULL;
    sbind_status s = SBIND_OK;
    if (r->options.answers == NULL)
        s = sbind__resolve(&r->address, &list, reterr);
    if (s != SBIND_OK)
        return s;
    r->answers = list;
    sbind__turns turns = sbind__take_turns(answers_of(r));
    r->next_answers[0] = turns.next[0];
    r->next_answers[1] = turns.next[1];
    r->waiting = sbind__count_answers(turns.list);
    return s;
}

/* Starts the attempts. The time limit counts from the moment when the resolver
 * has answered. */
sbind_status sbind__start_race(const sbind_address *address,
                               sbind_connecting *c, sbind_error *reterr)
{
    const sbind__tcp_options tcp = SBIND__TCP_OPTIONS(&c->options);
    sbind_status s = sbind__check_tcp(&tcp, reterr);
    c->kind = address->kind;
    c->address = *address;
    sbind__fail(SBIND_NOT_RESOLVED, &c->error); /* unless there is an answer */
    if (s == SBIND_OK && address->kind == SBIND_TCP_NAME)
        s = find_answers(c, reterr);
    if (s != SBIND_OK)
        return s;
    c->end = sbind__deadline_in(c->options.timeout).at;
    if (address->kind == SBIND_TCP_NAME)
        start_due(c);
    else
        start(c, address);
    return s;
}

/* ---- The finish ------------------------------------------------------------------- */

/* How long to wait if nothing happens: until the next attempt is due, or until
 * the deadline. */
static sbind__deadline next_event(const race *r)
{
    return r->waiting > 0 ? sbind__sooner(next_of(r), end_of(r)) : end_of(r);
}

static void await(race *r, const sbind__deadline *until)
{
    sbind_error error;
    if (sbind__await(r->fds, r->is_ready, r->count, until, &error) != SBIND_OK)
        lose(r, 0, &error);
}

/* Looks at the attempts that are ready. If one of them has connected, returns
 * true and sets *ret. */
static bool finish_ready(race *r, sbind_stream *ret)
{
    size_t i = 0;
    while (i < r->count) {
        sbind_error error;
        if (!r->is_ready[i]) {
            i++;
        } else if (finish(r->fds[i], &r->options, &error) == SBIND_OK) {
            *ret = (sbind_stream){r->fds[i], r->kinds[i]};
            leave(r, i);
            return true;
        } else {
            lose(r, i, &error);
        }
    }
    return false;
}

void sbind__end_race(sbind_connecting *c)
{
    while (c->count > 0)
        sbind__close_fd(c->fds[--c->count]);
    if (c->answers != NULL)
        freeaddrinfo(c->answers);
    c->answers = NULL;
    c->kind = (sbind_kind)0;
}

static sbind_status give_up(race *r, sbind_error *reterr)
{
    while (r->count > 0)
        time_out(r, 0);
    sbind__end_race(r);
    *reterr = r->error;
    return r->error.status;
}

/* Waits until an attempt is ready, or until this moment has come. */
static sbind_status advance(race *r, const sbind__deadline *until,
                            sbind_stream *ret, sbind_error *reterr)
{
    sbind__deadline end = end_of(r);
    if (r->count > 0)
        await(r, until);
    if (finish_ready(r, ret)) {
        sbind__end_race(r);
        return SBIND_OK;
    }
    if (sbind__time_left(&end) == 0)
        return give_up(r, reterr);
    start_due(r);
    return r->count > 0 ? SBIND_WOULD_BLOCK : give_up(r, reterr);
}

/* ---- In steps, or at once ------------------------------------------------------------ */

size_t sbind__race_waits(const sbind_connecting *c, sbind_wait *ret, size_t cap,
                         int64_t *ret_milliseconds)
{
    sbind__deadline until = next_event(c);
    for (size_t i = 0; i < c->count && i < cap; i++)
        ret[i] = (sbind_wait){c->fds[i], false, true};
    *ret_milliseconds = c->count > 0 ? sbind__time_left(&until) : 0;
    return c->count;
}

sbind_status sbind__race_step(sbind_connecting *c, sbind_stream *ret,
                              sbind_error *reterr)
{
    sbind__deadline now = sbind__deadline_in(0);
    sbind_status s = advance(c, &now, ret, reterr);
    return s == SBIND_WOULD_BLOCK ? sbind__fail(s, reterr) : s;
}

sbind_status sbind__connect_name(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr)
{
    race r = SBIND_CONNECTING_INIT;
    r.options = *options;
    sbind_status s = sbind__start_race(address, &r, reterr);
    if (s != SBIND_OK)
        return s;
    do {
        sbind__deadline until = next_event(&r);
        s = advance(&r, &until, ret, reterr);
    } while (s == SBIND_WOULD_BLOCK);
    return s;
}

/* ---- One address, at once ------------------------------------------------------------ */

/* Begins and finishes one connection. "error" is only set on failure. */
static sbind_status connect_until(const sbind_address *address,
                                  const sbind_connect_options *o,
                                  sbind_stream *ret, sbind_error *error)
{
    const sbind__deadline end = sbind__deadline_in(o->timeout);
    bool is_ready = false;
    sbind_handle fd;
    sbind_status s = begin(address, o, &fd, error);
    if (s != SBIND_OK)
        return s;
    s = sbind__await(&fd, &is_ready, 1, &end, error);
    if (s == SBIND_OK)
        s = is_ready ? finish(fd, o, error)
                     : sbind__fail(SBIND_TIMED_OUT, error);
    if (s == SBIND_OK)
        *ret = (sbind_stream){fd, address->kind};
    else
        sbind__close_fd(fd);
    return s;
}

/* The error has the address as its only attempt. */
static sbind_status connect_single(const sbind_address *address,
                                   const sbind_connect_options *options,
                                   sbind_stream *ret, sbind_error *reterr)
{
    char text[SBIND_ATTEMPT_TEXT_MAX];
    sbind_error error;
    sbind_status s = connect_until(address, options, ret, &error);
    if (s == SBIND_OK)
        return s;
    write_text(address, text);
    sbind__fail(s, reterr);
    sbind__add_attempt(text, &error, reterr);
    return s;
}

sbind_status sbind__connect_tcp(const sbind_address *address,
                                const sbind_connect_options *options,
                                sbind_stream *ret, sbind_error *reterr)
{
    const sbind__tcp_options tcp = SBIND__TCP_OPTIONS(options);
    sbind_status s = sbind__check_tcp(&tcp, reterr);
    return s == SBIND_OK ? connect_single(address, options, ret, reterr) : s;
}
