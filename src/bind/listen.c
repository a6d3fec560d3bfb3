/* listen.c - from an address to listeners, and back */
#include <sbind/listen.h>

#include <string.h>

#include "../policy/policy.h"
#include "../status/error.h"
#include "deadline.h"
#include "family.h"
#include "hints.h"

static sbind_status listen_family(const sbind_address *address,
                                  const sbind_listen_options *options,
                                  sbind_listener *ret, size_t cap,
                                  size_t *ret_count, sbind_error *reterr)
{
    if (sbind__is(address->kind, SBIND__TCP))
        return sbind__listen_tcp(address, options, ret, cap, ret_count, reterr);
    if (sbind__is(address->kind, SBIND__FD))
        return sbind__listen_fd(address, options, ret, cap, ret_count, reterr);
    if (cap == 0)
        return sbind__fail(SBIND_TOO_MANY_LISTENERS, reterr);
    sbind_status s = sbind__is(address->kind, SBIND__UNIX)
                         ? sbind__listen_unix(address, options, ret, reterr)
                         : sbind__listen_pipe(address, options, ret, reterr);
    if (s == SBIND_OK)
        *ret_count = 1;
    return s;
}

enum { PAUSE = 50 /* milliseconds */ };

static bool is_in_use(sbind_status s)
{
    return s == SBIND_ADDRESS_IN_USE || s == SBIND_PIPE_HELD;
}

/* Listens, and tries again while the address is in use. After a server has
 * ended, its address can stay in use for a while. */
static sbind_status listen_until(const sbind_address *address,
                                 const sbind_listen_options *options,
                                 sbind_listener *ret, size_t cap,
                                 size_t *ret_count, sbind_error *reterr)
{
    const sbind__deadline deadline =
        sbind__deadline_in(options->in_use_timeout);
    for (;;) {
        sbind_status s =
            listen_family(address, options, ret, cap, ret_count, reterr);
        if (!is_in_use(s) || options->in_use_timeout == 0)
            return s;
        const int64_t left = sbind__time_left(&deadline);
        if (left == 0)
            return s;
        sbind__pause(left < PAUSE ? left : PAUSE);
    }
}

/* Prepares listeners on which sbind_accept will wait: those of a program that
 * asks for SBIND_BLOCKING. A launcher does not ask for it, because it passes
 * the sockets on. */
static void prepare_waiting(sbind_blocking blocking, sbind_listener *listeners,
                            size_t count)
{
    for (size_t i = 0; blocking == SBIND_BLOCKING && i < count; i++) {
        listeners[i].waits = true;
        sbind__know_socket(&listeners[i]);
    }
}

sbind_status sbind_listen_all(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr)
{
    sbind_listen_options o;
    /* even if the call succeeds, this can have the errors of earlier
     * attempts */
    sbind_error error;
    sbind_status s = sbind__apply_default(
        address, options == NULL ? NULL : options->tcp_default, &address,
        &error);
    if (s == SBIND_OK)
        s = sbind__listen_options(options, address->kind, &o, &error);
    if (s == SBIND_OK)
        s = sbind__ask_policy(o.policy, address, SBIND__OPENING, &error);
    if (s == SBIND_OK)
        s = listen_until(address, &o, ret, cap, ret_count, &error);
    if (s == SBIND_OK) {
        SBIND__ENSURE(*ret_count > 0 && *ret_count <= cap);
        prepare_waiting(o.blocking, ret, *ret_count);
        return s;
    }
    if (reterr != NULL)
        *reterr = error;
    return sbind__advise(s, address->kind, SBIND__TO_LISTEN, reterr);
}

sbind_status sbind_listen(const sbind_address *address,
                          const sbind_listen_options *options,
                          sbind_listener *ret, sbind_error *reterr)
{
    sbind_listener one;
    sbind_error error;
    size_t count;
    sbind_status s =
        sbind_listen_all(address, options, &one, 1, &count, &error);
    if (s == SBIND_OK) {
        *ret = one;
        return s;
    }
    if (s == SBIND_TOO_MANY_LISTENERS)
        s = error.status = address->kind == SBIND_FD_NAME
                               ? SBIND_AMBIGUOUS_FD_NAME
                               : SBIND_SEVERAL;
    if (reterr != NULL)
        *reterr = error;
    return s;
}

sbind_status sbind_listen_text(const char *text, size_t len,
                               const sbind_listen_options *options,
                               sbind_listener *ret, size_t cap,
                               size_t *ret_count, sbind_error *reterr)
{
    sbind_address address;
    sbind_status s = sbind_parse(text, len, &address, reterr);
    if (s != SBIND_OK)
        return s;
    return sbind_listen_all(&address, options, ret, cap, ret_count, reterr);
}

void sbind__new_listener(sbind_listener *listener, sbind_handle fd,
                         const sbind_address *address, sbind_blocking blocking)
{
    memset(listener, 0, sizeof *listener);
    listener->fd = fd;
    listener->directory_fd = -1;
    listener->file_fd = -1;
    listener->released = -1;
    listener->kind = address->kind;
    listener->nonblocking = blocking == SBIND_NONBLOCKING;
    listener->address = *address;
}

sbind_status sbind__refuse_empty(sbind_error *reterr)
{
    return sbind__fail_hint(
        SBIND_FD_CLOSED,
        "the listener is empty: it was never opened, or it was closed", reterr);
}

sbind_handle sbind_release(sbind_listener *listener)
{
    if (listener->kind == 0 || listener->kind == SBIND_NPIPE)
        return -1;
    sbind_handle fd = sbind__take_handle(listener);
    if (fd >= 0)
        listener->released = fd;
    return fd;
}

sbind_handle sbind_release_stream(sbind_stream *stream)
{
    sbind_handle fd = stream->kind == 0 ? -1 : stream->fd;
    stream->fd = -1;
    return fd;
}

/* Whether the address in the listener is the best one. The system reports the
 * name by which a socket file was bound, and this name can differ from the
 * public name. A pipe has only one name. If the address of an inherited socket
 * is its number, the system has no better one. */
static bool knows_its_address(const sbind_listener *listener)
{
    return listener->kind == SBIND_UNIX_PATH || listener->kind == SBIND_NPIPE ||
           listener->address.kind == SBIND_FD_NUMBER;
}

sbind_status sbind_local_address(const sbind_listener *listener,
                                 sbind_address *ret, sbind_error *reterr)
{
    sbind_address own;
    if (listener->kind == 0)
        return sbind__refuse_empty(reterr);
    if (knows_its_address(listener)) {
        *ret = listener->address;
        return SBIND_OK;
    }
    sbind_status s = sbind__socket_address(listener->fd, &own, reterr);
    if (s != SBIND_OK)
        return sbind__advise(s, listener->kind, SBIND__TO_LISTEN, reterr);
    if (listener->kind == SBIND_TCP_ANY) {
        uint16_t port = own.port;
        own = listener->address;
        own.port = port;
    }
    *ret = own;
    return SBIND_OK;
}

sbind_status sbind_format_local(const sbind_listener *listener, char *buf,
                                size_t cap, size_t *ret_len)
{
    sbind_address own;
    sbind_status s = sbind_local_address(listener, &own, NULL);
    return s == SBIND_OK ? sbind_format(&own, buf, cap, ret_len) : s;
}
