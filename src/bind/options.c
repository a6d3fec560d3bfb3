/* options.c - the defaults of options, and which kinds they apply to */
#include <stddef.h>
#include <string.h>

#include "../status/error.h"
#include "family.h"

enum { DEVICE_MAX = 15 }; /* octets of an interface's name, IFNAMSIZ less NUL */

/* Of the caller's structure, as many octets as it has; "defaults" may be shorter
 * or longer. */
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

static bool is_unix(sbind_kind kind)
{
    return kind == SBIND_UNIX_PATH || kind == SBIND_UNIX_ABSTRACT;
}

static bool is_pipe(sbind_kind kind) { return kind == SBIND_NPIPE; }

static bool is_switch(sbind_switch s) { return (unsigned)s <= SBIND_OFF; }

/* The system takes an empty name for none, and cuts a long one off. */
static sbind_status check_device(const char *device, sbind_error *reterr)
{
    size_t n = device == NULL ? 1 : strlen(device);
    if (n > 0 && n <= DEVICE_MAX)
        return SBIND_OK;
    return sbind__fail_hint(SBIND_BAD_OPTION,
                            "device: an interface has a name of 1 to 15 octets",
                            reterr);
}

static bool is_blocking(sbind_blocking b)
{
    return (unsigned)b <= SBIND_AS_INHERITED;
}

/* Something that may be wrong with an option, and the hint that names it. */
typedef struct mistake {
    bool is_made;
    const char *hint;
} mistake;

/* The hint of the first that is made; NULL if none is. */
static const char *first_made(const mistake *mistakes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (mistakes[i].is_made)
            return mistakes[i].hint;
    return NULL;
}

/* A structure that is zero but for its size was not set up: it would make a file
 * of root's with which nobody can do anything. */
static bool is_set_up(const sbind_listen_options *o)
{
    return o->mode != 0 || o->owner != 0 || o->group != 0;
}

#define FIRST_MADE(mistakes)                                                   \
    first_made(mistakes, sizeof(mistakes) / sizeof *(mistakes))

static const char *unsound_listen_option(const sbind_listen_options *o)
{
    const mistake mistakes[] = {
        {!is_set_up(o), "set up the options with the _init function first"},
        {!is_blocking(o->blocking), "blocking has no such value"},
        {o->backlog < 0, "backlog is 1 or more, or 0 for the default"},
        {(unsigned)o->existing > SBIND_REPLACE, "existing has no such value"},
        {o->mode < -1 || o->mode > 0777,
         "mode is 0 to 0777, or -1 for the default"},
        {o->receive_buffer < 0,
         "receive_buffer is 1 or more, or 0 for the default"},
        {o->send_buffer < 0, "send_buffer is 1 or more, or 0 for the default"},
        {!is_switch(o->reuse_address), "reuse_address has no such value"},
        {!is_switch(o->reuse_port), "reuse_port has no such value"},
        {!is_switch(o->v6only), "v6only has no such value"},
        {!is_switch(o->nodelay), "nodelay has no such value"},
        {!is_switch(o->keepalive), "keepalive has no such value"},
        {!is_switch(o->freebind), "freebind has no such value"},
    };
    return FIRST_MADE(mistakes);
}

/* ::1 and a host that is one IPv6 address can be asked to take IPv4 as well or
 * not; "*" does by definition, the others cannot. */
static bool v6only_applies(sbind_kind kind, sbind_switch v6only)
{
    return v6only == SBIND_UNSET || kind == SBIND_TCP_IPV6 ||
           (kind == SBIND_TCP_ANY && v6only == SBIND_OFF);
}

static const char *misplaced_tcp_option(const sbind_listen_options *o)
{
    const mistake mistakes[] = {
        {o->reuse_address != SBIND_UNSET,
         "reuse_address (--no-reuse-address) is for tcp:// only"},
        {o->reuse_port != SBIND_UNSET,
         "reuse_port (--reuse-port) is for tcp:// only"},
        {o->nodelay != SBIND_UNSET, "nodelay is for tcp:// only"},
        {o->keepalive != SBIND_UNSET, "keepalive is for tcp:// only"},
        {o->freebind != SBIND_UNSET, "freebind is for tcp:// only"},
        {o->device != NULL, "device is for tcp:// only"},
    };
    return FIRST_MADE(mistakes);
}

static const char *misplaced_path_option(const sbind_listen_options *o)
{
    const mistake mistakes[] = {
        {o->existing != SBIND_RECLAIM,
         "existing (--replace, --refuse) is for unix://PATH only"},
        {o->mode != -1, "mode is for unix://PATH only"},
        {o->owner != SBIND_NO_ID, "owner is for unix://PATH only"},
        {o->group != SBIND_NO_ID, "group is for unix://PATH only"},
        {o->any_directory,
         "any_directory (--any-directory) is for unix://PATH only"},
    };
    return FIRST_MADE(mistakes);
}

/* An inherited socket has its backlog and buffers already. */
static const char *misplaced_new_option(const sbind_listen_options *o)
{
    const mistake mistakes[] = {
        {o->backlog != 0, "an inherited socket keeps its backlog"},
        {o->receive_buffer != 0 || o->send_buffer != 0,
         "an inherited socket keeps its buffers"},
    };
    return FIRST_MADE(mistakes);
}

static const char *misplaced_listen_option(const sbind_listen_options *o,
                                           sbind_kind kind)
{
    const char *hint = NULL;
    if (!sbind__is_tcp(kind))
        hint = misplaced_tcp_option(o);
    if (hint == NULL && kind != SBIND_UNIX_PATH)
        hint = misplaced_path_option(o);
    if (hint == NULL && !v6only_applies(kind, o->v6only))
        hint = "v6only (--dual-stack) is for an IPv6 address only";
    if (hint == NULL && !sbind__is_tcp(kind) && !is_unix(kind) &&
        !is_pipe(kind))
        hint = misplaced_new_option(o);
    if (hint == NULL && o->pipe_sddl != NULL && !is_pipe(kind))
        hint = "pipe_sddl (--pipe-sddl) is for npipe:// only";
    return hint;
}

sbind_status sbind__listen_options(const sbind_listen_options *options,
                                   sbind_kind kind, sbind_listen_options *ret,
                                   sbind_error *reterr)
{
    const char *unsound, *misplaced;
    sbind_listen_options_init(ret);
    if (options != NULL) {
        if (options->size != sizeof *options)
            return sbind__fail(SBIND_BAD_OPTION, reterr);
        memcpy(ret, options, options->size);
    }
    unsound = unsound_listen_option(ret);
    if (unsound != NULL)
        return sbind__fail_hint(SBIND_BAD_OPTION, unsound, reterr);
    misplaced = misplaced_listen_option(ret, kind);
    if (misplaced != NULL)
        return sbind__fail_hint(SBIND_OPTION_NOT_APPLICABLE, misplaced, reterr);
    if (ret->backlog == 0)
        ret->backlog =
            is_pipe(kind) ? SBIND_PIPE_BACKLOG_DEFAULT : SBIND_BACKLOG_DEFAULT;
    if (ret->mode == -1)
        ret->mode = SBIND_MODE_DEFAULT;
    return check_device(ret->device, reterr);
}

static const char *unsound_connect_option(const sbind_connect_options *o)
{
    const mistake mistakes[] = {
        {!is_blocking(o->blocking), "blocking has no such value"},
        {o->timeout < -1,
         "timeout is 1 or more, -1 for no limit, or 0 for the default"},
        {o->receive_buffer < 0,
         "receive_buffer is 1 or more, or 0 for the default"},
        {o->send_buffer < 0, "send_buffer is 1 or more, or 0 for the default"},
        {!is_switch(o->nodelay), "nodelay has no such value"},
        {!is_switch(o->keepalive), "keepalive has no such value"},
        {o->attempt_delay != 0 && o->attempt_delay < SBIND_ATTEMPT_DELAY_MIN,
         "attempt_delay is 10 or more, or 0 for the default"},
        {!is_switch(o->pipe_anonymous), "pipe_anonymous has no such value"},
        {!is_switch(o->pipe_remote), "pipe_remote has no such value"},
    };
    return FIRST_MADE(mistakes);
}

static const char *misplaced_tcp_client_option(const sbind_connect_options *o)
{
    const mistake mistakes[] = {
        {o->attempt_delay != 0,
         "attempt_delay (--attempt-delay) is for tcp:// only"},
        {o->nodelay != SBIND_UNSET, "nodelay is for tcp:// only"},
        {o->keepalive != SBIND_UNSET, "keepalive is for tcp:// only"},
        {o->device != NULL, "device is for tcp:// only"},
    };
    return FIRST_MADE(mistakes);
}

static const char *misplaced_pipe_option(const sbind_connect_options *o)
{
    const mistake mistakes[] = {
        {o->pipe_owner != NULL,
         "pipe_owner (--pipe-owner) is for npipe:// only"},
        {o->pipe_server != 0,
         "pipe_server (--pipe-server) is for npipe:// only"},
        {o->pipe_anonymous != SBIND_UNSET,
         "pipe_anonymous (--pipe-anonymous) is for npipe:// only"},
        {o->pipe_remote != SBIND_UNSET,
         "pipe_remote (--pipe-remote) is for npipe:// only"},
    };
    return FIRST_MADE(mistakes);
}

static const char *misplaced_connect_option(const sbind_connect_options *o,
                                            sbind_kind kind)
{
    const bool has_buffers = o->receive_buffer != 0 || o->send_buffer != 0;
    const bool is_inherited =
        !sbind__is_tcp(kind) && !is_unix(kind) && !is_pipe(kind);
    const char *hint = NULL;
    if (!sbind__is_tcp(kind))
        hint = misplaced_tcp_client_option(o);
    if (hint == NULL && is_inherited && o->timeout != 0)
        hint = "an inherited socket is connected already: it has no timeout";
    if (hint == NULL && is_inherited && has_buffers)
        hint = "an inherited socket keeps its buffers";
    if (hint == NULL && is_pipe(kind) && has_buffers)
        hint = "the server of a pipe sets its buffers, not the client";
    if (hint == NULL && !is_unix(kind) && o->unix_owner != SBIND_NO_ID)
        hint = "unix_owner (--unix-owner) is for unix:// only";
    if (hint == NULL && !is_pipe(kind))
        hint = misplaced_pipe_option(o);
    return hint;
}

sbind_status sbind__connect_options(const sbind_connect_options *options,
                                    sbind_kind kind, sbind_connect_options *ret,
                                    sbind_error *reterr)
{
    const char *unsound, *misplaced;
    sbind_connect_options_init(ret);
    if (options != NULL) {
        if (options->size != sizeof *options)
            return sbind__fail(SBIND_BAD_OPTION, reterr);
        memcpy(ret, options, options->size);
    }
    unsound = unsound_connect_option(ret);
    if (unsound != NULL)
        return sbind__fail_hint(SBIND_BAD_OPTION, unsound, reterr);
    misplaced = misplaced_connect_option(ret, kind);
    if (misplaced != NULL)
        return sbind__fail_hint(SBIND_OPTION_NOT_APPLICABLE, misplaced, reterr);
    if (ret->timeout == 0)
        ret->timeout = SBIND_CONNECT_TIMEOUT_DEFAULT;
    if (ret->attempt_delay == 0)
        ret->attempt_delay = SBIND_ATTEMPT_DELAY_DEFAULT;
    return check_device(ret->device, reterr);
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
