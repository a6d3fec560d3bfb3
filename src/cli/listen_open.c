/* listen_open.c - the sockets of sbind listen: every address, or nothing */
#include "cli.h"

#include <string.h>

#include "listen.h"
#include "obstacle.h"

/* ---- Which options are for which address --------------------------------------- */

static bool is_tcp(sbind_kind kind)
{
    return strcmp(sbind_scheme(kind), "tcp") == 0;
}

static bool is_path(sbind_kind kind) { return kind == SBIND_UNIX_PATH; }

static bool is_pipe(sbind_kind kind) { return kind == SBIND_NPIPE; }

static bool is_dual(sbind_kind kind)
{
    return kind == SBIND_TCP_IPV6 || kind == SBIND_TCP_ANY;
}

bool listen_is_inherited(sbind_kind kind)
{
    return strcmp(sbind_scheme(kind), "fd") == 0;
}

static bool is_new(sbind_kind kind) { return !listen_is_inherited(kind); }

static void drop_tcp(sbind_listen_options *o)
{
    o->reuse_address = o->reuse_port = SBIND_UNSET;
    o->nodelay = o->keepalive = o->freebind = SBIND_UNSET;
    o->device = NULL;
}

static void drop_dual(sbind_listen_options *o) { o->v6only = SBIND_UNSET; }

static void drop_path(sbind_listen_options *o)
{
    o->existing = SBIND_RECLAIM;
    o->mode = -1;
    o->owner = o->group = SBIND_NO_ID;
    o->any_directory = false;
}

static void drop_pipe(sbind_listen_options *o) { o->pipe_sddl = NULL; }

static void drop_new(sbind_listen_options *o)
{
    o->backlog = o->receive_buffer = o->send_buffer = 0;
}

static const struct {
    bool (*applies)(sbind_kind kind);
    void (*drop)(sbind_listen_options *o);
} groups[] = {{is_tcp, drop_tcp},
              {is_path, drop_path},
              {is_dual, drop_dual},
              {is_new, drop_new},
              {is_pipe, drop_pipe}};

/* Of several addresses each takes the options that apply to it. What applies
 * to none of them stays, for the library to refuse. */
static sbind_listen_options options_for(const request *r, sbind_kind kind)
{
    sbind_listen_options o = r->options;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!groups[i].applies(kind) && listen_any(r, groups[i].applies))
            groups[i].drop(&o);
    return o;
}

/* ---- Opening ------------------------------------------------------------------- */

static int report_failure(const request *r, size_t i, const sbind_error *error)
{
    int status = cli_report(error, r->texts[i]);
    obstacle_say(error, &r->addresses[i]);
    return status;
}

/* For one client. Whether the address means one socket is known before anything
 * is opened. */
static int open_single(const request *r, opened *o)
{
    sbind_listen_options own = options_for(r, r->addresses[0].kind);
    sbind_error error;
    sbind_status s = sbind_listen(&r->addresses[0], &own, o->listeners, &error);
    if (s == SBIND_SEVERAL || s == SBIND_AMBIGUOUS_FD_NAME)
        error.hint = "name one of them, or give a command after --: it gets "
                     "all of them";
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

int listen_open(const request *r, opened *o)
{
    int status = r->command == NULL ? open_single(r, o) : open_all(r, o);
    if (status == DONE && (r->verbose || r->command == NULL))
        say_where(o);
    return status;
}
