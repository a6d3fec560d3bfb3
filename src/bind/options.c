/* options.c - the defaults of options, and which kinds they apply to */
#include <stddef.h>
#include <string.h>

#include "../status/error.h"
#include "family.h"
#include "system.h"

enum { DEVICE_MAX = 15 }; /* octets of an interface's name, IFNAMSIZ less NUL */

void sbind_listen_options_init_sized(sbind_listen_options *options, size_t size)
{
    memset(options, 0, size);
    options->size = size;
    options->mode = -1;
    options->owner = SBIND_NO_ID;
    options->group = SBIND_NO_ID;
}

void sbind_connect_options_init_sized(sbind_connect_options *options,
                                      size_t size)
{
    memset(options, 0, size);
    options->size = size;
}

static bool is_tcp(sbind_kind kind)
{
    return kind >= SBIND_TCP_DEFAULT && kind <= SBIND_TCP_ANY;
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
                            "the name of an interface has 1 to 15 octets",
                            reterr);
}

static bool is_blocking(sbind_blocking b)
{
    return (unsigned)b <= SBIND_AS_INHERITED;
}

static bool sound_listen_options(const sbind_listen_options *o)
{
    return is_blocking(o->blocking) && o->backlog >= 0 &&
           (unsigned)o->existing <= SBIND_REPLACE && o->mode >= -1 &&
           o->mode <= 0777 && o->receive_buffer >= 0 && o->send_buffer >= 0 &&
           is_switch(o->reuse_address) && is_switch(o->reuse_port) &&
           is_switch(o->v6only) && is_switch(o->nodelay) &&
           is_switch(o->keepalive) && is_switch(o->freebind);
}

static bool has_tcp_listen_options(const sbind_listen_options *o)
{
    return o->reuse_address != SBIND_UNSET || o->reuse_port != SBIND_UNSET ||
           o->nodelay != SBIND_UNSET || o->keepalive != SBIND_UNSET ||
           o->freebind != SBIND_UNSET || o->device != NULL;
}

static bool has_path_options(const sbind_listen_options *o)
{
    return o->existing != SBIND_RECLAIM || o->mode != -1 ||
           o->owner != SBIND_NO_ID || o->group != SBIND_NO_ID ||
           o->any_directory;
}

/* ::1 and a host that is one IPv6 address can be asked to take IPv4 as well or
 * not; "*" does by definition, the others cannot. */
static bool v6only_applies(sbind_kind kind, sbind_switch v6only)
{
    return v6only == SBIND_UNSET || kind == SBIND_TCP_IPV6 ||
           (kind == SBIND_TCP_ANY && v6only == SBIND_OFF);
}

static const char *misplaced_listen_option(const sbind_listen_options *o,
                                           sbind_kind kind)
{
    if (has_tcp_listen_options(o) && !is_tcp(kind))
        return "reuse-address, reuse-port, nodelay, keepalive, freebind and "
               "device are for tcp://";
    if (has_path_options(o) && kind != SBIND_UNIX_PATH)
        return "mode, owner, group, existing and any-directory are for "
               "unix://PATH";
    if (!v6only_applies(kind, o->v6only))
        return "v6only is for an IPv6 address";
    if ((o->receive_buffer | o->send_buffer | o->backlog) != 0 &&
        !is_tcp(kind) && !is_unix(kind) && !is_pipe(kind))
        return "backlog and buffers are for sockets made here, not inherited";
    if (o->pipe_sddl != NULL && !is_pipe(kind))
        return "pipe-sddl is for npipe://";
    return NULL;
}

sbind_status sbind__listen_options(const sbind_listen_options *options,
                                   sbind_kind kind, sbind_listen_options *ret,
                                   sbind_error *reterr)
{
    const char *misplaced;
    sbind_listen_options_init(ret);
    if (options != NULL) {
        if (options->size != sizeof *options)
            return sbind__fail(SBIND_BAD_OPTION, reterr);
        memcpy(ret, options, options->size);
    }
    if (!sound_listen_options(ret))
        return sbind__fail(SBIND_BAD_OPTION, reterr);
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

static bool sound_connect_options(const sbind_connect_options *o)
{
    return is_blocking(o->blocking) && o->timeout >= -1 &&
           o->receive_buffer >= 0 && o->send_buffer >= 0 &&
           is_switch(o->nodelay) && is_switch(o->keepalive) &&
           (o->attempt_delay == 0 ||
            o->attempt_delay >= SBIND_ATTEMPT_DELAY_MIN) &&
           is_switch(o->pipe_anonymous) && is_switch(o->pipe_remote);
}

static bool has_pipe_connect_options(const sbind_connect_options *o)
{
    return o->pipe_owner != NULL || o->pipe_server != 0 ||
           o->pipe_anonymous != SBIND_UNSET || o->pipe_remote != SBIND_UNSET;
}

static const char *misplaced_connect_option(const sbind_connect_options *o,
                                            sbind_kind kind)
{
    if ((o->nodelay != SBIND_UNSET || o->keepalive != SBIND_UNSET ||
         o->attempt_delay != 0 || o->device != NULL) &&
        !is_tcp(kind))
        return "attempt-delay, nodelay, keepalive and device are for tcp://";
    if ((o->timeout != 0 || o->receive_buffer != 0 || o->send_buffer != 0) &&
        !is_tcp(kind) && !is_unix(kind) && !is_pipe(kind))
        return "timeout and buffers are for sockets made here, not inherited";
    if (is_pipe(kind) && (o->receive_buffer != 0 || o->send_buffer != 0))
        return "the buffers of a pipe are its server's";
    if (has_pipe_connect_options(o) && !is_pipe(kind))
        return "pipe-owner, pipe-server, pipe-anonymous and pipe-remote are "
               "for npipe://";
    return NULL;
}

sbind_status sbind__connect_options(const sbind_connect_options *options,
                                    sbind_kind kind, sbind_connect_options *ret,
                                    sbind_error *reterr)
{
    const char *misplaced;
    sbind_connect_options_init(ret);
    if (options != NULL) {
        if (options->size != sizeof *options)
            return sbind__fail(SBIND_BAD_OPTION, reterr);
        memcpy(ret, options, options->size);
    }
    if (!sound_connect_options(ret))
        return sbind__fail(SBIND_BAD_OPTION, reterr);
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
