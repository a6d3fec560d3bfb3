/* listen_open.c - opens the sockets of sbind listen: every address, or none */
#include "cli.h"

#include <string.h>

#include "explain.h"
#include "listen.h"
#include "obstacle.h"
#include "serve.h"

/* ---- Which options are for which address --------------------------------------- */

bool listen_is_inherited(sbind_kind kind) { return sbind__is(kind, SBIND__FD); }

/* Finds out which options apply to no address. *kept has the options that apply
 * to one of the addresses. An octet that is the same in *kept and in the
 * request belongs to an option that applies: its mark in rest becomes false. */
static void take_out(const request *r, const sbind_listen_options *kept,
                     bool rest[sizeof *kept])
{
    const unsigned char *all = (const unsigned char *)&r->options;
    for (size_t i = 0; i < sizeof *kept; i++)
        rest[i] = rest[i] && ((const unsigned char *)kept)[i] != all[i];
}

/* The options for one of the addresses: those that apply to its kind. An option
 * that applies to none of the addresses stays too, so that the library refuses
 * it. */
static sbind_listen_options options_for(const request *r, sbind_kind kind)
{
    sbind_listen_options own = r->options;
    bool rest[sizeof own];
    memset(rest, true, sizeof rest);
    sbind_listen_options_keep(&own, kind);
    for (size_t i = 0; i < r->address_count; i++) {
        sbind_listen_options kept = r->options;
        sbind_listen_options_keep(&kept, r->addresses[i].kind);
        take_out(r, &kept, rest);
    }
    for (size_t i = 0; i < sizeof own; i++)
        if (rest[i])
            ((unsigned char *)&own)[i] =
                ((const unsigned char *)&r->options)[i];
    return own;
}

/* ---- Opening ------------------------------------------------------------------- */

/* An address that could not be opened, and why. */
typedef struct failure {
    size_t address;
    sbind_error error;
} failure;

static int report_failure(const request *r, const failure *f)
{
    int status =
        rules_report(&f->error, r->texts[f->address], &r->rules.policy);
    obstacle_say(&f->error, &r->addresses[f->address]);
    return status;
}

/* The options for one try. If an address is in use, the command itself waits,
 * and has no socket open while it waits. So in_use_timeout is one millisecond:
 * the library still refuses it for addresses to which it does not apply. */
static sbind_listen_options options_to_try(const request *r, size_t i)
{
    sbind_listen_options own = options_for(r, r->addresses[i].kind);
    if (own.in_use_timeout > 0)
        own.in_use_timeout = 1;
    return own;
}

/* Opens the one address of a command line that needs exactly one socket, for
 * one client or for standard input of a command. Checks this before anything is
 * opened. */
static sbind_status open_single(const request *r, opened *o, failure *ret)
{
    sbind_listen_options own = options_to_try(r, 0);
    sbind_status s =
        sbind_listen(&r->addresses[0], &own, o->listeners, &ret->error);
    ret->address = 0;
    if (s == SBIND_SEVERAL || s == SBIND_AMBIGUOUS_FD_NAME)
        ret->error.hint =
            r->command == NULL
                ? "name one of them, or give a command after --: it gets all "
                  "of them"
                : "name one of them, or leave --inetd out";
    o->count = s == SBIND_OK;
    return s;
}

static sbind_status open_one(const request *r, size_t i, opened *o,
                             failure *ret)
{
    sbind_listen_options own = options_to_try(r, i);
    size_t count;
    ret->address = i;
    sbind_status s =
        sbind_listen_all(&r->addresses[i], &own, o->listeners + o->count,
                         LISTENERS_MAX - o->count, &count, &ret->error);
    for (; s == SBIND_OK && count > 0; count--)
        o->address_of[o->count++] = i;
    return s;
}

void listen_close(opened *o)
{
    sbind_error error;
    for (size_t i = 0; i < o->count; i++)
        if (sbind_close(&o->listeners[i], &error) != SBIND_OK)
            cli_report(&error, "");
    o->count = 0;
}

static void say_address(const sbind_address *own, const char *text)
{
    cli_say(stderr, "sbind: listening on %s", text);
    if (own->kind == SBIND_UNIX_PATH && own->name_length > PLAIN_PATH_MAX)
        cli_say(stderr, "  its path has more than 107 octets: many clients, "
                        "curl and socat among them, cannot reach it");
}

static void say_where(const opened *o)
{
    for (size_t i = 0; i < o->count; i++) {
        sbind_address own;
        char text[SBIND_FORMAT_MAX];
        size_t length;
        if (sbind_local_address(&o->listeners[i], &own, NULL) == SBIND_OK &&
            sbind_format(&own, text, sizeof text, &length) == SBIND_OK)
            say_address(&own, text);
    }
}

static sbind_status open_all(const request *r, opened *o, failure *ret)
{
    sbind_status s = SBIND_OK;
    for (size_t i = 0; s == SBIND_OK && i < r->address_count; i++)
        s = open_one(r, i, o, ret);
    return s;
}

static bool wants_one(const request *r)
{
    return r->command == NULL || (r->serving.inetd && !r->serving.accept);
}

enum { PAUSE = 50 /* milliseconds */ };

/* Tries all addresses again while one is in use. No socket is open between two
 * tries, so no client waits in vain, and a signal leaves no file. Reports the
 * last failure before it closes the sockets, because one of them may be what is
 * in the way. */
static int open_until(const request *r, opened *o)
{
    for (int left = r->options.in_use_timeout;; left -= PAUSE) {
        failure f;
        sbind_status s =
            wants_one(r) ? open_single(r, o, &f) : open_all(r, o, &f);
        if (s == SBIND_OK)
            return DONE;
        bool again =
            (s == SBIND_ADDRESS_IN_USE || s == SBIND_PIPE_HELD) && left > 0;
        int status = again ? DONE : report_failure(r, &f);
        listen_close(o);
        if (again)
            status = serve_pause(r, left < PAUSE ? left : PAUSE);
        if (status != DONE)
            return status;
    }
}

int listen_open(const request *r, opened *ret)
{
    int status = open_until(r, ret);
    if (status == DONE && (r->verbose || r->command == NULL))
        say_where(ret);
    return status;
}
