/* connect.c - from an address to a connection, at once or in steps */
#include <sbind/connect.h>

#include <string.h>

#include "../policy/policy.h"
#include "../status/error.h"
#include "deadline.h"
#include "family.h"
#include "hints.h"

#define RETRY_DELAY 10 /* milliseconds between two attempts at a busy server */

static sbind_status connect_family(const sbind_address *address,
                                   const sbind_connect_options *options,
                                   sbind_stream *ret, sbind_error *reterr)
{
    if (address->kind == SBIND_TCP_NAME)
        return sbind__connect_name(address, options, ret, reterr);
    if (sbind__is(address->kind, SBIND__TCP))
        return sbind__connect_tcp(address, options, ret, reterr);
    if (sbind__is(address->kind, SBIND__UNIX))
        return sbind__connect_unix(address, options, ret, reterr);
    return sbind__is(address->kind, SBIND__FD)
               ? sbind__connect_fd(address, options, ret, reterr)
               : sbind__connect_pipe(address, options, ret, reterr);
}

static sbind_status failed(sbind_status s, const sbind_error *error,
                           sbind_kind kind, sbind_error *reterr)
{
    if (reterr != NULL)
        *reterr = *error;
    return sbind__advise(s, kind, SBIND__TO_CONNECT, reterr);
}

static sbind_status prepare(const sbind_address **address,
                            const sbind_connect_options *options,
                            sbind_connect_options *ret, sbind_error *reterr)
{
    sbind_status s = sbind__apply_default(
        *address, options == NULL ? NULL : options->tcp_default, address,
        reterr);
    if (s == SBIND_OK)
        s = sbind__connect_options(options, (*address)->kind, ret, reterr);
    return s == SBIND_OK ? sbind__ask_policy(ret->policy, *address,
                                             SBIND__OPENING, reterr)
                         : s;
}

sbind_status sbind_connect(const sbind_address *address,
                           const sbind_connect_options *options,
                           sbind_stream *ret, sbind_error *reterr)
{
    sbind_connect_options o;
    sbind_error error;
    sbind_status s = prepare(&address, options, &o, &error);
    if (s == SBIND_OK)
        s = connect_family(address, &o, ret, &error);
    return s == SBIND_OK ? s : failed(s, &error, address->kind, reterr);
}

/* ---- In steps ---------------------------------------------------------------- */

/* Tries once, without waiting. No event says when a busy server is free again,
 * so the caller tries again after a pause. */
static sbind_status try_once(sbind_connecting *c, sbind_stream *ret,
                             sbind_error *reterr)
{
    sbind_connect_options once = c->options;
    once.timeout = 0;
    return connect_family(&c->address, &once, ret, reterr);
}

static sbind_status start_other(const sbind_address *address,
                                sbind_connecting *c, sbind_error *reterr)
{
    c->kind = address->kind;
    c->address = *address;
    c->stream.fd = -1;
    c->end = sbind__deadline_in(c->options.timeout).at;
    sbind_status s = try_once(c, &c->stream, reterr);
    return s == SBIND_WOULD_BLOCK ? SBIND_OK : s;
}

sbind_status sbind_connect_start(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_connecting *ret, sbind_error *reterr)
{
    sbind_connecting c = SBIND_CONNECTING_INIT;
    sbind_error error;
    sbind_status s = prepare(&address, options, &c.options, &error);
    if (s == SBIND_OK)
        s = sbind__is(address->kind, SBIND__TCP)
                ? sbind__start_race(address, &c, &error)
                : start_other(address, &c, &error);
    if (s != SBIND_OK)
        return failed(s, &error, address->kind, reterr);
    *ret = c;
    return s;
}

size_t sbind_connect_waits(const sbind_connecting *connecting, sbind_wait *ret,
                           size_t cap, int64_t *ret_milliseconds)
{
    sbind__deadline end = {connecting->end}, retry;
    *ret_milliseconds = 0;
    if (connecting->kind == 0 || connecting->stream.kind != 0)
        return 0;
    if (sbind__is(connecting->kind, SBIND__TCP))
        return sbind__race_waits(connecting, ret, cap, ret_milliseconds);
    retry = sbind__sooner(end, sbind__deadline_in(RETRY_DELAY));
    *ret_milliseconds = sbind__time_left(&retry);
    return 0;
}

static sbind_status step_other(sbind_connecting *c, sbind_stream *ret,
                               sbind_error *reterr)
{
    sbind__deadline end = {c->end};
    sbind_status s = SBIND_OK;
    if (c->stream.kind != 0)
        *ret = c->stream;
    else
        s = try_once(c, ret, reterr);
    if (s == SBIND_WOULD_BLOCK && sbind__time_left(&end) == 0)
        s = sbind__fail(SBIND_TIMED_OUT, reterr);
    if (s != SBIND_WOULD_BLOCK)
        c->kind = (sbind_kind)0;
    return s;
}

sbind_status sbind_connect_step(sbind_connecting *connecting, sbind_stream *ret,
                                sbind_error *reterr)
{
    const sbind_kind kind = connecting->kind;
    sbind_error error;
    if (kind == 0)
        return sbind__fail_hint(SBIND_FD_CLOSED,
                                "no connection is being made: start one first",
                                reterr);
    sbind_status s = sbind__is(kind, SBIND__TCP)
                         ? sbind__race_step(connecting, ret, &error)
                         : step_other(connecting, ret, &error);
    return s == SBIND_OK ? s : failed(s, &error, kind, reterr);
}

void sbind_connect_cancel(sbind_connecting *connecting)
{
    if (connecting->kind == 0)
        return;
    if (connecting->stream.kind != 0)
        sbind_close_stream(&connecting->stream);
    sbind__end_race(connecting);
}
