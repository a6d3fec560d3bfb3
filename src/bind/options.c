/* options.c - the defaults of options, and which kinds they apply to */
#define _POSIX_C_SOURCE 200809L /* struct addrinfo */
#include <stddef.h>
#include <string.h>

#include "../status/error.h"
#include "answers.h"
#include "family.h"
#include "socket.h"

enum {
    /* the longest name of an interface: IFNAMSIZ less NUL */
    DEVICE_MAX = 15,
    /* the limit of keepalive_idle and keepalive_interval */
    SECONDS_MAX = 32767,
    PROBES_MAX = 127 /* the limit of keepalive_count */
};

/* Copies the defaults to the caller's structure, and writes no more octets than
 * that structure has. That structure can come from an older or newer version of
 * the library, and so be shorter or longer. */
static void set_up(void *options, size_t size, const void *defaults,
                   size_t known)
{
    memset(options, 0, size);
    memcpy(options, defaults, size < known ? size : known);
}

void sbind_listen_options_init_sized(sbind_listen_options *options, size_t size)
{
    const sbind_listen_options defaults = {
        .size = size, .mode = -1, .owner = SBIND_NO_ID, .group = SBIND_NO_ID};
    set_up(options, size, &defaults, sizeof defaults);
}

void sbind_connect_options_init_sized(sbind_connect_options *options,
                                      size_t size)
{
    const sbind_connect_options defaults = {.size = size,
                                            .unix_owner = SBIND_NO_ID};
    set_up(options, size, &defaults, sizeof defaults);
}

/* ---- Which option is for which kind of address --------------------------------
 *
 * Here and nowhere else. */

/* All kinds of address except inherited sockets. */
enum { NEW = SBIND__ANY & ~SBIND__FD };

typedef struct option {
    const char *name;
    size_t offset, size; /* of the member */
    unsigned kinds;      /* that the option is for */
    const char *hint;    /* why it is not for other kinds */
} option;

#define MEMBER(type, member)                                                   \
#member, offsetof(type, member), sizeof((type *)NULL)->member
#define LISTEN(member) MEMBER(sbind_listen_options, member)
#define CONNECT(member) MEMBER(sbind_connect_options, member)

/* The options of listening, and the kinds of address to which each applies. An
 * inherited socket has its backlog and buffers already. */
static const option listen_table[] = {
    {LISTEN(reuse_address), SBIND__TCP,
     "reuse_address (--no-reuse-address) is for tcp:// only"},
    {LISTEN(reuse_port), SBIND__TCP,
     "reuse_port (--reuse-port) is for tcp:// only"},
    {LISTEN(nodelay), SBIND__TCP, "nodelay is for tcp:// only"},
    {LISTEN(keepalive), SBIND__TCP, "keepalive is for tcp:// only"},
    {LISTEN(keepalive_idle), SBIND__TCP, "keepalive_idle is for tcp:// only"},
    {LISTEN(keepalive_interval), SBIND__TCP,
     "keepalive_interval is for tcp:// only"},
    {LISTEN(keepalive_count), SBIND__TCP, "keepalive_count is for tcp:// only"},
    {LISTEN(user_timeout), SBIND__TCP, "user_timeout is for tcp:// only"},
    {LISTEN(mptcp), SBIND__TCP, "mptcp is for tcp:// only"},
    {LISTEN(freebind), SBIND__TCP, "freebind is for tcp:// only"},
    {LISTEN(device), SBIND__TCP, "device is for tcp:// only"},
    {LISTEN(existing), SBIND__PATH,
     "existing (--replace, --refuse) is for unix://PATH only"},
    {LISTEN(mode), SBIND__PATH, "mode is for unix://PATH only"},
    {LISTEN(owner), SBIND__PATH, "owner is for unix://PATH only"},
    {LISTEN(group), SBIND__PATH, "group is for unix://PATH only"},
    {LISTEN(any_directory), SBIND__PATH,
     "any_directory (--any-directory) is for unix://PATH only"},
    {LISTEN(refuse_descriptors), SBIND__UNIX,
     "refuse_descriptors (--refuse-descriptors) is for unix:// only"},
    {LISTEN(v6only), SBIND__IPV6,
     "v6only (--dual-stack) is for an IPv6 address only"},
    {LISTEN(backlog), NEW, "an inherited socket keeps its backlog"},
    {LISTEN(in_use_timeout), NEW,
     "an inherited socket already listens, so there is nothing to wait for"},
    {LISTEN(receive_buffer), NEW, "an inherited socket keeps its buffers"},
    {LISTEN(send_buffer), NEW, "an inherited socket keeps its buffers"},
    {LISTEN(pipe_sddl), SBIND__PIPE,
     "pipe_sddl (--pipe-sddl) is for npipe:// only"},
};

static const option connect_table[] = {
    {CONNECT(attempt_delay), SBIND__TCP,
     "attempt_delay (--attempt-delay) is for tcp:// only"},
    {CONNECT(nodelay), SBIND__TCP, "nodelay is for tcp:// only"},
    {CONNECT(keepalive), SBIND__TCP, "keepalive is for tcp:// only"},
    {CONNECT(keepalive_idle), SBIND__TCP, "keepalive_idle is for tcp:// only"},
    {CONNECT(keepalive_interval), SBIND__TCP,
     "keepalive_interval is for tcp:// only"},
    {CONNECT(keepalive_count), SBIND__TCP,
     "keepalive_count is for tcp:// only"},
    {CONNECT(user_timeout), SBIND__TCP, "user_timeout is for tcp:// only"},
    {CONNECT(mptcp), SBIND__TCP, "mptcp is for tcp:// only"},
    {CONNECT(device), SBIND__TCP, "device is for tcp:// only"},
    /* The option is the pointer. NOLINTNEXTLINE(bugprone-sizeof-expression) */
    {CONNECT(answers), SBIND__NAME, "answers is for a host name only"},
    {CONNECT(timeout), NEW,
     "an inherited socket is connected already: it has no timeout"},
    {CONNECT(receive_buffer), NEW, "an inherited socket keeps its buffers"},
    {CONNECT(send_buffer), NEW, "an inherited socket keeps its buffers"},
    {CONNECT(receive_buffer), SBIND__TCP | SBIND__UNIX | SBIND__FD,
     "the server of a pipe sets its buffers, not the client"},
    {CONNECT(send_buffer), SBIND__TCP | SBIND__UNIX | SBIND__FD,
     "the server of a pipe sets its buffers, not the client"},
    {CONNECT(refuse_descriptors), SBIND__UNIX,
     "refuse_descriptors (--refuse-descriptors) is for unix:// only"},
    {CONNECT(unix_owner), SBIND__UNIX,
     "unix_owner (--unix-owner) is for unix:// only"},
    {CONNECT(pipe_owner), SBIND__PIPE,
     "pipe_owner (--pipe-owner) is for npipe:// only"},
    {CONNECT(pipe_server), SBIND__PIPE,
     "pipe_server (--pipe-server) is for npipe:// only"},
    {CONNECT(pipe_anonymous), SBIND__PIPE,
     "pipe_anonymous (--pipe-anonymous) is for npipe:// only"},
    {CONNECT(pipe_remote), SBIND__PIPE,
     "pipe_remote (--pipe-remote) is for npipe:// only"},
};

/* What is judged: the options of a program, their defaults, and the table that
 * says which option applies to which kind. */
typedef struct judged {
    const option *table;
    size_t rows;
    unsigned char *options;
    const unsigned char *defaults;
    size_t size; /* of the options */
    sbind_kind kind;
} judged;

#define ROWS(table) (table), sizeof(table) / sizeof *(table)

/* Finds the first option that is set but does not apply to this kind of
 * address. NULL if all options that are set apply. */
static const option *first_misplaced(const judged *j, size_t from)
{
    for (size_t i = from; i < j->rows; i++) {
        const option *o = &j->table[i];
        if (!sbind__is(j->kind, o->kinds) && o->offset + o->size <= j->size &&
            memcmp(j->options + o->offset, j->defaults + o->offset, o->size) !=
                0)
            return o;
    }
    return NULL;
}

static void keep(const judged *j)
{
    const option *o = first_misplaced(j, 0);
    for (; o != NULL; o = first_misplaced(j, (size_t)(o - j->table)))
        memcpy(j->options + o->offset, j->defaults + o->offset, o->size);
}

static judged judge_listening(sbind_listen_options *options, sbind_kind kind,
                              sbind_listen_options *defaults)
{
    sbind_listen_options_init(defaults);
    return (judged){ROWS(listen_table), (unsigned char *)options,
                    (const unsigned char *)defaults, options->size, kind};
}

static judged judge_connecting(sbind_connect_options *options, sbind_kind kind,
                               sbind_connect_options *defaults)
{
    sbind_connect_options_init(defaults);
    return (judged){ROWS(connect_table), (unsigned char *)options,
                    (const unsigned char *)defaults, options->size, kind};
}

/* Whether the program asks for "*" without IPv4. "*" means both IPv6 and IPv4,
 * so that is an error. */
static bool is_half_a_star(const sbind_listen_options *options, sbind_kind kind)
{
    return kind == SBIND_TCP_ANY && options->v6only == SBIND_ON;
}

void sbind_listen_options_keep(sbind_listen_options *options, sbind_kind kind)
{
    sbind_listen_options defaults;
    const judged j = judge_listening(options, kind, &defaults);
    keep(&j);
    if (offsetof(sbind_listen_options, v6only) + sizeof options->v6only <=
            options->size &&
        is_half_a_star(options, kind))
        options->v6only = SBIND_UNSET;
}

void sbind_connect_options_keep(sbind_connect_options *options, sbind_kind kind)
{
    sbind_connect_options defaults;
    const judged j = judge_connecting(options, kind, &defaults);
    keep(&j);
}

/* ---- Which value an option may have -------------------------------------------- */

static sbind_status fail_misplaced(const option *o, sbind_error *reterr)
{
    return sbind__fail_option(SBIND_OPTION_NOT_APPLICABLE, o->name, o->hint,
                              reterr);
}

static bool is_switch(sbind_switch s) { return (unsigned)s <= SBIND_OFF; }

/* 0 is the system's choice. */
static bool is_up_to(int value, int max) { return value >= 0 && value <= max; }

/* Checks the name of an interface, because the system does not: the system
 * takes an empty name for "no interface", and cuts off a long name. */
static sbind_status check_device(const char *device, sbind_error *reterr)
{
    size_t n = device == NULL ? 1 : strlen(device);
    if (n > 0 && n <= DEVICE_MAX)
        return SBIND_OK;
    return sbind__fail_option(
        SBIND_BAD_OPTION, "device",
        "device: an interface has a name of 1 to 15 octets", reterr);
}

static sbind_status check_answers(const struct addrinfo *answers,
                                  sbind_error *reterr)
{
    if (sbind__are_usable(answers))
        return SBIND_OK;
    return sbind__fail_option(
        SBIND_BAD_OPTION, "answers",
        "answers: each has to be a whole IPv4 or IPv6 socket address", reterr);
}

static bool is_blocking(sbind_blocking b)
{
    return (unsigned)b <= SBIND_AS_INHERITED;
}

/* A possible mistake in an option: which option, whether it is made, and the
 * hint for the error. */
typedef struct mistake {
    const char *option; /* NULL: all options */
    bool is_made;
    const char *hint;
} mistake;

/* Reports the first check that fails. */
static sbind_status refuse_first(const mistake *mistakes, size_t n,
                                 sbind_error *reterr)
{
    for (size_t i = 0; i < n; i++)
        if (mistakes[i].is_made)
            return sbind__fail_option(SBIND_BAD_OPTION, mistakes[i].option,
                                      mistakes[i].hint, reterr);
    return SBIND_OK;
}

/* Whether the structure was set up. It was not, if all its members except the
 * size are zero. With such options, root would make a socket file with mode
 * 0000, which no other user could use. */
static bool is_set_up(const sbind_listen_options *o)
{
    return o->mode != 0 || o->owner != 0 || o->group != 0;
}

static bool has_probes(const sbind__tcp_options *o)
{
    return o->idle != 0 || o->interval != 0 || o->count != 0;
}

/* Checks the options that listening and connecting share. The limits are those
 * of Linux. */
static sbind_status check_tcp(const sbind__tcp_options *o, sbind_error *reterr)
{
    const mistake mistakes[] = {
        {"nodelay", !is_switch(o->nodelay), "nodelay has no such value"},
        {"keepalive", !is_switch(o->keepalive), "keepalive has no such value"},
        {"keepalive", has_probes(o) && o->keepalive == SBIND_OFF,
         "keepalive is off: leave out keepalive_idle, keepalive_interval and "
         "keepalive_count"},
        {"keepalive_idle", !is_up_to(o->idle, SECONDS_MAX),
         "keepalive_idle is 1 to 32767, or 0 for the system's choice"},
        {"keepalive_interval", !is_up_to(o->interval, SECONDS_MAX),
         "keepalive_interval is 1 to 32767, or 0 for the system's choice"},
        {"keepalive_count", !is_up_to(o->count, PROBES_MAX),
         "keepalive_count is 1 to 127, or 0 for the system's choice"},
        {"user_timeout", o->user_timeout < 0,
         "user_timeout is 1 or more, or 0 for the system's choice"},
        {"mptcp", !is_switch(o->mptcp), "mptcp has no such value"},
    };
    return refuse_first(ROWS(mistakes), reterr);
}

static sbind_status check_listening(const sbind_listen_options *o,
                                    sbind_error *reterr)
{
    const mistake mistakes[] = {
        {NULL, !is_set_up(o),
         "set up the options with the _init function first"},
        {"blocking", !is_blocking(o->blocking), "blocking has no such value"},
        {"backlog", o->backlog < 0,
         "backlog is 1 or more, or 0 for the default"},
        {"in_use_timeout", o->in_use_timeout < 0,
         "in_use_timeout is 0 or more milliseconds"},
        {"existing", (unsigned)o->existing > SBIND_REPLACE,
         "existing has no such value"},
        {"mode", o->mode < -1 || o->mode > 0777,
         "mode is 0 to 0777, or -1 for the default"},
        {"receive_buffer", o->receive_buffer < 0,
         "receive_buffer is 1 or more, or 0 for the default"},
        {"send_buffer", o->send_buffer < 0,
         "send_buffer is 1 or more, or 0 for the default"},
        {"reuse_address", !is_switch(o->reuse_address),
         "reuse_address has no such value"},
        {"reuse_port", !is_switch(o->reuse_port),
         "reuse_port has no such value"},
        {"v6only", !is_switch(o->v6only), "v6only has no such value"},
        {"refuse_descriptors", !is_switch(o->refuse_descriptors),
         "refuse_descriptors has no such value"},
        {"freebind", !is_switch(o->freebind), "freebind has no such value"},
    };
    return refuse_first(ROWS(mistakes), reterr);
}

static sbind_status check_kind_to_listen(sbind_listen_options *o,
                                         sbind_kind kind, sbind_error *reterr)
{
    sbind_listen_options defaults;
    const judged j = judge_listening(o, kind, &defaults);
    const option *misplaced = first_misplaced(&j, 0);
    if (misplaced != NULL)
        return fail_misplaced(misplaced, reterr);
    if (is_half_a_star(o, kind))
        return sbind__fail_option(
            SBIND_OPTION_NOT_APPLICABLE, "v6only",
            "v6only (--dual-stack) is for an IPv6 address only", reterr);
    return SBIND_OK;
}

/* Copies the options of the program, unless one of them is wrong. */
static sbind_status take_to_listen(const sbind_listen_options *options,
                                   sbind_kind kind, sbind_listen_options *ret,
                                   sbind_error *reterr)
{
    if (options->size != sizeof *options)
        return sbind__fail(SBIND_BAD_OPTION, reterr);
    memcpy(ret, options, options->size);
    const sbind__tcp_options tcp = SBIND__TCP_OPTIONS(ret);
    sbind_status s = check_listening(ret, reterr);
    if (s == SBIND_OK)
        s = check_tcp(&tcp, reterr);
    if (s == SBIND_OK)
        s = check_kind_to_listen(ret, kind, reterr);
    if (s == SBIND_OK)
        s = check_device(ret->device, reterr);
    if (s == SBIND_OK && has_probes(&tcp))
        ret->keepalive = SBIND_ON;
    return s;
}

/* The defaults are not checked: they are right for every kind of address. */
sbind_status sbind__listen_options(const sbind_listen_options *options,
                                   sbind_kind kind, sbind_listen_options *ret,
                                   sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (options == NULL)
        sbind_listen_options_init(ret);
    else
        s = take_to_listen(options, kind, ret, reterr);
    if (s != SBIND_OK)
        return s;
    if (ret->backlog == 0)
        ret->backlog = kind == SBIND_NPIPE ? SBIND_PIPE_BACKLOG_DEFAULT
                                           : SBIND_BACKLOG_DEFAULT;
    if (ret->mode == -1)
        ret->mode = SBIND_MODE_DEFAULT;
    return SBIND_OK;
}

static sbind_status check_connecting(const sbind_connect_options *o,
                                     sbind_error *reterr)
{
    const mistake mistakes[] = {
        {"blocking", !is_blocking(o->blocking), "blocking has no such value"},
        {"timeout", o->timeout < -1,
         "timeout is 1 or more, -1 for no limit, or 0 for the default"},
        {"receive_buffer", o->receive_buffer < 0,
         "receive_buffer is 1 or more, or 0 for the default"},
        {"send_buffer", o->send_buffer < 0,
         "send_buffer is 1 or more, or 0 for the default"},
        {"refuse_descriptors", !is_switch(o->refuse_descriptors),
         "refuse_descriptors has no such value"},
        {"attempt_delay",
         o->attempt_delay != 0 && o->attempt_delay < SBIND_ATTEMPT_DELAY_MIN,
         "attempt_delay is 10 or more, or 0 for the default"},
        {"pipe_anonymous", !is_switch(o->pipe_anonymous),
         "pipe_anonymous has no such value"},
        {"pipe_remote", !is_switch(o->pipe_remote),
         "pipe_remote has no such value"},
    };
    return refuse_first(ROWS(mistakes), reterr);
}

static sbind_status check_kind_to_connect(sbind_connect_options *o,
                                          sbind_kind kind, sbind_error *reterr)
{
    sbind_connect_options defaults;
    const judged j = judge_connecting(o, kind, &defaults);
    const option *misplaced = first_misplaced(&j, 0);
    return misplaced == NULL ? SBIND_OK : fail_misplaced(misplaced, reterr);
}

static sbind_status take_to_connect(const sbind_connect_options *options,
                                    sbind_kind kind, sbind_connect_options *ret,
                                    sbind_error *reterr)
{
    if (options->size != sizeof *options)
        return sbind__fail(SBIND_BAD_OPTION, reterr);
    memcpy(ret, options, options->size);
    const sbind__tcp_options tcp = SBIND__TCP_OPTIONS(ret);
    sbind_status s = check_connecting(ret, reterr);
    if (s == SBIND_OK)
        s = check_tcp(&tcp, reterr);
    if (s == SBIND_OK)
        s = check_kind_to_connect(ret, kind, reterr);
    if (s == SBIND_OK)
        s = check_device(ret->device, reterr);
    if (s == SBIND_OK)
        s = check_answers(ret->answers, reterr);
    if (s == SBIND_OK && has_probes(&tcp))
        ret->keepalive = SBIND_ON;
    return s;
}

sbind_status sbind__connect_options(const sbind_connect_options *options,
                                    sbind_kind kind, sbind_connect_options *ret,
                                    sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (options == NULL)
        sbind_connect_options_init(ret);
    else
        s = take_to_connect(options, kind, ret, reterr);
    if (s != SBIND_OK)
        return s;
    if (ret->timeout == 0)
        ret->timeout = SBIND_CONNECT_TIMEOUT_DEFAULT;
    if (ret->attempt_delay == 0)
        ret->attempt_delay = SBIND_ATTEMPT_DELAY_DEFAULT;
    return SBIND_OK;
}

sbind_status sbind__apply_default(const sbind_address *address,
                                  const sbind_address *tcp_default,
                                  const sbind_address **ret,
                                  sbind_error *reterr)
{
    if (address->kind == SBIND_TCP_DEFAULT) {
        if (tcp_default == NULL || tcp_default->kind == SBIND_TCP_DEFAULT)
            return sbind__fail(SBIND_NO_DEFAULT, reterr);
        address = tcp_default;
    }
    if (!sbind_valid(address))
        return sbind__fail(SBIND_INVALID_ADDRESS, reterr);
    *ret = address;
    return SBIND_OK;
}
