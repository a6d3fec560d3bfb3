/* listen_open.c - the sockets of sbind listen: every address, or nothing */
#include "cli.h"

#include <string.h>

#include "listen.h"
#include "obstacle.h"

/* ---- Which options are for which address --------------------------------------- */

bool listen_is_inherited(sbind_kind kind) { return sbind__is(kind, SBIND__FD); }

/* Takes out of *rest what *kept has: their octets are alike there. */
static void take_out(const request *r, const sbind_listen_options *kept,
                     bool rest[sizeof *kept])
{
    const unsigned char *all = (const unsigned char *)&r->options;
    for (size_t i = 0; i < sizeof *kept; i++)
        rest[i] = rest[i] && ((const unsigned char *)kept)[i] != all[i];
}

/* Of several addresses each takes the options that apply to it. What applies
 * to none of them stays, for the library to refuse. */
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

static int report_failure(const request *r, size_t i, const sbind_error *error)
{
    int status = rules_report(error, r->texts[i], &r->rules.policy);
    obstacle_say(error, &r->addresses[i]);
    return status;
}

/* For one client, or as standard input of a command. Whether the address means one socket is known before anything
 * is opened. */
static int open_single(const request *r, opened *o)
{
    sbind_listen_options own = options_for(r, r->addresses[0].kind);
    sbind_error error;
    sbind_status s = sbind_listen(&r->addresses[0], &own, o->listeners, &error);
    if (s == SBIND_SEVERAL || s == SBIND_AMBIGUOUS_FD_NAME)
        error.hint = r->command == NULL
                         ? "name one of them, or give a command after --: it "
                           "gets all of them"
                         : "name one of them, or leave --inetd out";
    if (s != SBIND_OK)
        return report_failure(r, 0, &error);
    o->count = 1;
    return DONE;
}

static int open_one(const request *r, size_t i, opened *o)
{
    sbind_listen_options own = options_for(r, r->addresses[i].kind);
    sbind_error error;
    size_t count;
    if (sbind_listen_all(&r->addresses[i], &own, o->listeners + o->count,
                         LISTENERS_MAX - o->count, &count, &error) != SBIND_OK)
        return report_failure(r, i, &error);
    for (; count > 0; count--)
        o->address_of[o->count++] = i;
    return DONE;
}

void listen_close(opened *o)
{
    sbind_error error;
    for (size_t i = 0; i < o->count; i++)
        if (sbind_close(&o->listeners[i], &error) != SBIND_OK)
            cli_report(&error, "");
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

static int open_all(const request *r, opened *o)
{
    for (size_t i = 0; i < r->address_count; i++) {
        int status = open_one(r, i, o);
        if (status != DONE) {
            listen_close(o);
            return status;
        }
    }
    return DONE;
}

static bool wants_one(const request *r)
{
    return r->command == NULL || (r->serving.inetd && !r->serving.accept);
}

int listen_open(const request *r, opened *o)
{
    int status = wants_one(r) ? open_single(r, o) : open_all(r, o);
    if (status == DONE && (r->verbose || r->command == NULL))
        say_where(o);
    return status;
}
