/* win32/tcp.c - listening on and connecting to TCP */
#include <string.h>

#include "../../parse/format.h"
#include "../../status/error.h"
#include "../deadline.h"
#include "endpoint.h"

#define PORT_TRIES 16 /* for one port that all addresses of a name have free */

static sbind_status set_switch(SOCKET s, int level, int name, sbind_switch on,
                               const char *call, sbind_error *reterr)
{
    if (on == SBIND_UNSET)
        return SBIND_OK;
    return sbind__set_winsock_option(s, level, name, on == SBIND_ON, call,
                                     reterr);
}

static sbind_status not_here(const char *hint, sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_OPTION_NOT_APPLICABLE, hint, reterr);
}

static sbind_status check_device(const char *device, sbind_error *reterr)
{
    return device == NULL ? SBIND_OK
                          : not_here("Windows does not have the option device; "
                                     "leave it out",
                                     reterr);
}

/* ---- Attempts ------------------------------------------------------------------- */

/* Adds to *all which address failed, and why. */
static void note_attempt(const sbind_address *attempt, const sbind_error *error,
                         sbind_error *all)
{
    char text[SBIND_ATTEMPT_TEXT_MAX] = "";
    size_t length;
    sbind__format_valid(attempt, text, sizeof text, &length);
    sbind__add_attempt(text, error, all);
}

/* Says which address an error is about. */
static void blame(const sbind_address *address, const sbind_error *error,
                  sbind_error *reterr)
{
    *reterr = *error;
    note_attempt(address, error, reterr);
}

/* ---- Listening ------------------------------------------------------------------ */

/* SO_REUSEADDR of Windows is no SO_REUSEADDR: it lets anybody take the port. */
static sbind_status check_listen_options(const sbind_listen_options *o,
                                         sbind_error *reterr)
{
    if (o->reuse_address == SBIND_ON || o->reuse_port == SBIND_ON)
        return not_here(
            "on Windows reuse_address and reuse_port would let others "
            "take the port; leave them out",
            reterr);
    if (o->freebind != SBIND_UNSET)
        return not_here(
            "Windows does not have the option freebind; leave it out", reterr);
    return check_device(o->device, reterr);
}

static sbind_status set_listen_options(SOCKET s, const sbind_address *a,
                                       const sbind_listen_options *o,
                                       sbind_error *reterr)
{
    bool only = a->kind != SBIND_TCP_ANY && o->v6only != SBIND_OFF;
    sbind_status status =
        set_switch(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, SBIND_ON,
                   "setsockopt SO_EXCLUSIVEADDRUSE", reterr);
    if (status == SBIND_OK && a->kind != SBIND_TCP_IPV4)
        status = sbind__set_winsock_option(s, IPPROTO_IPV6, IPV6_V6ONLY, only,
                                           "setsockopt IPV6_V6ONLY", reterr);
    if (status == SBIND_OK)
        status = set_switch(s, IPPROTO_TCP, TCP_NODELAY, o->nodelay,
                            "setsockopt TCP_NODELAY", reterr);
    if (status == SBIND_OK)
        status = set_switch(s, SOL_SOCKET, SO_KEEPALIVE, o->keepalive,
                            "setsockopt SO_KEEPALIVE", reterr);
    if (status == SBIND_OK)
        status = sbind__set_winsock_buffers(s, o->receive_buffer,
                                            o->send_buffer, reterr);
    if (status == SBIND_OK)
        status = sbind__set_winsock_blocking(s, o->blocking, reterr);
    return status;
}

static sbind_status bind_and_listen(SOCKET s, const sbind__win32_endpoint *e,
                                    int backlog, sbind_error *reterr)
{
    if (bind(s, (const struct sockaddr *)&e->sa, e->length) != 0)
        return sbind__fail_win32("bind", reterr);
    if (listen(s, backlog) != 0)
        return sbind__fail_win32("listen", reterr);
    return SBIND_OK;
}

static sbind_status listen_at(const sbind_address *address,
                              const sbind_listen_options *o,
                              sbind_listener *ret, sbind_error *reterr)
{
    sbind__win32_endpoint e;
    SOCKET s;
    sbind_status status = sbind__win32_endpoint_of(address, false, &e, reterr);
    if (status == SBIND_OK)
        status = sbind__new_winsock(e.sa.ss_family, &s, reterr);
    if (status != SBIND_OK)
        return status;
    status = set_listen_options(s, address, o, reterr);
    if (status == SBIND_OK)
        status = bind_and_listen(s, &e, o->backlog, reterr);
    if (status != SBIND_OK) {
        sbind__close_socket(s);
        return status;
    }
    sbind__new_listener(ret, (sbind_handle)s, address);
    ret->nonblocking = o->blocking == SBIND_NONBLOCKING;
    return status;
}

static bool lacks_ipv6(sbind_status s, const sbind_error *e)
{
    return s != SBIND_OK &&
           (e->os_error == WSAEAFNOSUPPORT || e->os_error == WSAEADDRNOTAVAIL);
}

/* "*" is IPv4 alone where there is no IPv6. */
static sbind_status listen_one(const sbind_address *address,
                               const sbind_listen_options *o,
                               sbind_listener *ret, sbind_error *reterr)
{
    sbind_error error;
    sbind_status s = listen_at(address, o, ret, &error);
    if (address->kind == SBIND_TCP_ANY && lacks_ipv6(s, &error)) {
        sbind_address ipv4 = {.kind = SBIND_TCP_IPV4, .port = address->port};
        s = listen_at(&ipv4, o, ret, &error);
        ret->kind = s == SBIND_OK ? SBIND_TCP_ANY : ret->kind;
        ret->address = s == SBIND_OK ? *address : ret->address;
    }
    if (s != SBIND_OK)
        blame(address, &error, reterr);
    return s;
}

/* ---- Names ------------------------------------------------------------------------ */

/* Whether the answer is one that came before; resolvers repeat themselves. */
static bool seen(const struct addrinfo *list, const struct addrinfo *answer)
{
    for (; list != answer; list = list->ai_next)
        if (list->ai_addrlen == answer->ai_addrlen &&
            memcmp(list->ai_addr, answer->ai_addr, list->ai_addrlen) == 0)
            return true;
    return false;
}

static size_t count_answers(const struct addrinfo *list)
{
    size_t n = 0;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        n += !seen(list, a);
    return n;
}

static void close_all(sbind_listener *listeners, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sbind__close_socket((SOCKET)listeners[i].fd);
}

static sbind_status own_port(const sbind_listener *listener, uint16_t *ret,
                             sbind_error *reterr)
{
    sbind_address own;
    sbind_status s = sbind__socket_address(listener->fd, &own, reterr);
    if (s == SBIND_OK)
        *ret = own.port;
    return s;
}

/* Every answer with this port, or none. Port 0 becomes that of the first. */
static sbind_status listen_answers(const struct addrinfo *list, uint16_t port,
                                   const sbind_listen_options *o,
                                   sbind_listener *ret, sbind_error *reterr)
{
    size_t n = 0;
    sbind_status s = SBIND_OK;
    for (const struct addrinfo *a = list; a != NULL && s == SBIND_OK;
         a = a->ai_next) {
        sbind_address address;
        if (seen(list, a))
            continue;
        s = sbind__win32_address(a->ai_addr, &address, reterr);
        if (s != SBIND_OK)
            break;
        address.port = port;
        s = listen_one(&address, o, &ret[n], reterr);
        if (s == SBIND_OK && n++ == 0 && port == 0)
            s = own_port(&ret[0], &port, reterr);
    }
    if (s != SBIND_OK)
        close_all(ret, n);
    return s;
}

/* SPEC.md 5.6 and 5.7. The port the system chooses for the first address may
 * be taken on the next; then another is tried. */
static sbind_status listen_name(const sbind_address *name,
                                const sbind_listen_options *o,
                                sbind_listener *ret, size_t cap,
                                size_t *ret_count, sbind_error *reterr)
{
    struct addrinfo *list;
    sbind_error error;
    size_t count;
    int tries = name->port == 0 ? PORT_TRIES : 1;
    sbind_status s = sbind__win32_resolve(name, &list, reterr);
    if (s != SBIND_OK)
        return s;
    count = count_answers(list);
    if (count > cap) {
        freeaddrinfo(list);
        return sbind__fail(SBIND_TOO_MANY_LISTENERS, reterr);
    }
    do
        s = listen_answers(list, name->port, o, ret, &error);
    while (s == SBIND_ADDRESS_IN_USE && --tries > 0);
    freeaddrinfo(list);
    if (s == SBIND_OK)
        *ret_count = count;
    else
        *reterr = error;
    return s;
}

sbind_status sbind__listen_tcp(const sbind_address *address,
                               const sbind_listen_options *options,
                               sbind_listener *ret, size_t cap,
                               size_t *ret_count, sbind_error *reterr)
{
    sbind_status s = check_listen_options(options, reterr);
    if (s != SBIND_OK)
        return s;
    if (address->kind == SBIND_TCP_NAME)
        return listen_name(address, options, ret, cap, ret_count, reterr);
    if (cap == 0)
        return sbind__fail(SBIND_TOO_MANY_LISTENERS, reterr);
    s = listen_one(address, options, ret, reterr);
    if (s == SBIND_OK)
        *ret_count = 1;
    return s;
}

/* ---- Connecting --------------------------------------------------------------------- */

static sbind_status check_connect_options(const sbind_connect_options *o,
                                          sbind_error *reterr)
{
    if (o->attempt_delay != SBIND_ATTEMPT_DELAY_DEFAULT)
        return not_here("on Windows addresses are tried one after the other; "
                        "leave attempt_delay out",
                        reterr);
    return check_device(o->device, reterr);
}

static sbind_status set_connect_options(SOCKET s,
                                        const sbind_connect_options *o,
                                        sbind_error *reterr)
{
    sbind_status status = set_switch(s, IPPROTO_TCP, TCP_NODELAY, o->nodelay,
                                     "setsockopt TCP_NODELAY", reterr);
    if (status == SBIND_OK)
        status = set_switch(s, SOL_SOCKET, SO_KEEPALIVE, o->keepalive,
                            "setsockopt SO_KEEPALIVE", reterr);
    if (status == SBIND_OK)
        status = sbind__set_winsock_buffers(s, o->receive_buffer,
                                            o->send_buffer, reterr);
    if (status == SBIND_OK)
        status = sbind__set_winsock_blocking(s, SBIND_NONBLOCKING, reterr);
    return status;
}

/* A port nobody listens on can be the very one the system chose for the
 * client; TCP then connects the socket to itself. */
static sbind_status refuse_self(SOCKET s, sbind_error *reterr)
{
    struct sockaddr_storage own, peer;
    int own_length = sizeof own, peer_length = sizeof peer;
    if (getsockname(s, (struct sockaddr *)&own, &own_length) != 0)
        return sbind__fail_win32("getsockname", reterr);
    if (getpeername(s, (struct sockaddr *)&peer, &peer_length) != 0)
        return sbind__fail_win32("getpeername", reterr);
    if (own_length == peer_length &&
        memcmp(&own, &peer, (size_t)own_length) == 0)
        return sbind__fail(SBIND_SELF_CONNECTED, reterr);
    return SBIND_OK;
}

static sbind_status connect_one(const sbind_address *address,
                                const sbind_connect_options *o,
                                const sbind__deadline *deadline,
                                sbind_stream *ret, sbind_error *reterr)
{
    sbind__win32_endpoint e;
    SOCKET s;
    sbind_status status = sbind__win32_endpoint_of(address, true, &e, reterr);
    if (status == SBIND_OK)
        status = sbind__new_winsock(e.sa.ss_family, &s, reterr);
    if (status != SBIND_OK)
        return status;
    status = set_connect_options(s, o, reterr);
    if (status == SBIND_OK)
        status = sbind__connect_winsock(s, (const struct sockaddr *)&e.sa,
                                        e.length, deadline, reterr);
    if (status == SBIND_OK)
        status = refuse_self(s, reterr);
    if (status == SBIND_OK && o->blocking != SBIND_NONBLOCKING)
        status = sbind__set_winsock_blocking(s, SBIND_BLOCKING, reterr);
    if (status == SBIND_OK)
        *ret = (sbind_stream){(sbind_handle)s, address->kind};
    else
        sbind__close_socket(s);
    return status;
}

/* In the order of the resolver, one after the other, each with its share of the
 * time left (SPEC.md 5.6). */
static sbind_status connect_name(const sbind_address *name,
                                 const sbind_connect_options *o,
                                 sbind_stream *ret, sbind_error *reterr)
{
    struct addrinfo *list;
    sbind__deadline whole;
    sbind_error error, all;
    size_t left;
    sbind_status s = sbind__win32_resolve(name, &list, reterr);
    if (s != SBIND_OK)
        return s;
    whole = sbind__deadline_in(o->timeout);
    left = count_answers(list);
    s = sbind__fail(SBIND_NOT_RESOLVED, &all);
    for (const struct addrinfo *a = list; a != NULL && s != SBIND_OK;
         a = a->ai_next) {
        sbind_address address;
        sbind__deadline share;
        if (seen(list, a))
            continue;
        share = sbind__deadline_share(&whole, left--);
        s = sbind__win32_address(a->ai_addr, &address, &error);
        if (s != SBIND_OK)
            continue;
        address.port = name->port;
        s = connect_one(&address, o, &share, ret, &error);
        if (s != SBIND_OK)
            note_attempt(&address, &error, &all);
    }
    freeaddrinfo(list);
    if (s != SBIND_OK)
        *reterr = all;
    return s;
}

sbind_status sbind__connect_tcp(const sbind_address *address,
                                const sbind_connect_options *options,
                                sbind_stream *ret, sbind_error *reterr)
{
    sbind__deadline deadline;
    sbind_error error;
    sbind_status s = check_connect_options(options, reterr);
    if (s != SBIND_OK)
        return s;
    if (address->kind == SBIND_TCP_NAME)
        return connect_name(address, options, ret, reterr);
    deadline = sbind__deadline_in(options->timeout);
    s = connect_one(address, options, &deadline, ret, &error);
    if (s != SBIND_OK)
        blame(address, &error, reterr);
    return s;
}
