/* tcp.c - listening on TCP, on every system (race.c connects) */
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

/* tries to find a port that is free on all addresses of a name */
#define PORT_TRIES 16
#define ANSWERS_MAX 256 /* a name with more addresses than this is refused */

/* ---- Listening on one address ------------------------------------------------ */

/* Sets or clears IPV6_V6ONLY in every case (SPEC.md 5.4), because its default
 * differs from system to system. */
static sbind_status set_v6only(sbind_handle fd, const sbind__endpoint *e,
                               const sbind_listen_options *o,
                               sbind_error *reterr)
{
    bool only = e->kind != SBIND_TCP_ANY && o->v6only != SBIND_OFF;
    if (e->sa.ss_family != AF_INET6)
        return SBIND_OK;
    return sbind__set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, only,
                             "setsockopt IPV6_V6ONLY", reterr);
}

static sbind_status set_listen_options(sbind_handle fd,
                                       const sbind__endpoint *e,
                                       const sbind_listen_options *o,
                                       sbind_error *reterr)
{
    const sbind__tcp_options tcp = SBIND__TCP_OPTIONS(o);
    sbind_status s = set_v6only(fd, e, o, reterr);
    if (s == SBIND_OK)
        s = sbind__set_port_options(fd, e->sa.ss_family, o, reterr);
    if (s == SBIND_OK)
        s = sbind__set_tcp_options(fd, &tcp, reterr);
    if (s == SBIND_OK)
        s = sbind__set_buffers(fd, o->receive_buffer, o->send_buffer, reterr);
    return s;
}

static sbind_status take_port(sbind_handle fd, const sbind__endpoint *e,
                              int backlog, sbind_error *reterr)
{
    sbind_status s =
        sbind__bind_and_listen(fd, (const struct sockaddr *)&e->sa, e->length,
                               SBIND__TCP_BACKLOG(backlog), reterr);
    if (s != SBIND_OK && reterr->os_error == SBIND__PORT_TAKEN)
        s = reterr->status = SBIND_ADDRESS_IN_USE;
    return s;
}

static sbind_status listen_at(const sbind__endpoint *e,
                              const sbind_listen_options *o,
                              sbind_handle *ret_fd, sbind_error *reterr)
{
    sbind_handle fd = -1;
    sbind_status s = sbind__new_tcp_socket(e->sa.ss_family, o->blocking,
                                           o->mptcp, &fd, reterr);
    if (s != SBIND_OK)
        return s;
    s = set_listen_options(fd, e, o, reterr);
    if (s == SBIND_OK)
        s = take_port(fd, e, o->backlog, reterr);
    if (s == SBIND_OK)
        *ret_fd = fd;
    else
        sbind__close_fd(fd);
    return s;
}

/* Whether the kernel has no IPv6, or no interface has the address. */
static bool lacks_address(sbind_status s, const sbind_error *e)
{
    return s != SBIND_OK && (e->os_error == SBIND__NO_FAMILY ||
                             e->os_error == SBIND__NO_ADDRESS);
}

/* Says which address an error is about. */
static void blame(const sbind_address *address, const sbind_error *error,
                  sbind_error *ret)
{
    char text[SBIND_ATTEMPT_TEXT_MAX] = "";
    size_t length;
    sbind__format_valid(address, text, sizeof text, &length);
    *ret = *error;
    sbind__add_attempt(text, error, ret);
}

static sbind_status listen_one(const sbind_address *address,
                               const sbind_listen_options *o,
                               sbind_handle *ret_fd, sbind_error *reterr)
{
    sbind__endpoint e;
    sbind_error error;
    sbind_handle fd;
    sbind_status s =
        sbind__ask_policy(o->policy, address, SBIND__OPENED, &error);
    if (s == SBIND_OK)
        s = sbind__endpoint_of(address, false, &e, &error);
    if (s == SBIND_OK)
        s = listen_at(&e, o, &fd, &error);
    if (address->kind == SBIND_TCP_ANY && lacks_address(s, &error)) {
        e = sbind__any_ipv4(address->port);
        s = listen_at(&e, o, &fd, &error);
    }
    if (s == SBIND_OK)
        *ret_fd = fd;
    else
        blame(address, &error, reterr);
    return s;
}

/* ---- Listening on a name --------------------------------------------------- */

static void close_all(const sbind_handle *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sbind__close_fd(fds[i]);
}

/* The hint when an address of a host name cannot be listened on (SPEC.md 5.6).
 * /etc/hosts often gives "localhost" the address ::1 on machines without
 * IPv6. */
static void hint_at_all_or_none(sbind_error *e)
{
    e->hint = e->attempts[0].hint =
        "every address of a name is listened on, or none; use one of its "
        "addresses, or the host *";
}

static sbind_status own_port(sbind_handle fd, uint16_t *ret,
                             sbind_error *reterr)
{
    sbind_address own;
    sbind_status s = sbind__socket_address(fd, &own, reterr);
    if (s == SBIND_OK)
        *ret = own.port;
    return s;
}

/* Listens on every answer with this port, or on none. If the port is 0, the
 * system chooses a port for the first answer, and the other answers get the
 * same port. */
static sbind_status listen_answers(const struct addrinfo *list, uint16_t port,
                                   const sbind_listen_options *o,
                                   sbind_handle *ret_fds, sbind_error *reterr)
{
    size_t n = 0;
    sbind_status s = SBIND_OK;
    for (const struct addrinfo *a = list; a != NULL && s == SBIND_OK;
         a = a->ai_next) {
        sbind_address address;
        if (sbind__is_repeated(list, a))
            continue;
        s = sbind__answer(a, port, &address, reterr);
        if (s == SBIND_OK)
            s = listen_one(&address, o, &ret_fds[n], reterr);
        if (lacks_address(s, reterr))
            hint_at_all_or_none(reterr);
        if (s == SBIND_OK && n++ == 0 && port == 0)
            s = own_port(ret_fds[0], &port, reterr);
    }
    if (s != SBIND_OK)
        close_all(ret_fds, n);
    return s;
}

/* Copies the listeners to *ret only once all of them listen, so that a failure
 * leaves *ret untouched. */
static void hand_out(const struct addrinfo *list, uint16_t port,
                     const sbind_handle *fds, sbind_blocking blocking,
                     sbind_listener *ret)
{
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        sbind_address address;
        if (!sbind__is_repeated(list, a) &&
            sbind__answer(a, port, &address, NULL) == SBIND_OK)
            // every answer counted has its socket
            // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage)
            sbind__new_listener(ret++, *fds++, &address, blocking);
    }
}

/* Listens on all addresses of a name (SPEC.md 5.6 and 5.7). If the port is 0,
 * the system chooses one for the first address. If that port is in use on
 * another address, tries another port. */
static sbind_status listen_name(const sbind_address *name,
                                const sbind_listen_options *o,
                                sbind_listener *ret, size_t cap,
                                size_t *ret_count, sbind_error *reterr)
{
    struct addrinfo *list;
    sbind_handle fds[ANSWERS_MAX];
    int tries = name->port == 0 ? PORT_TRIES : 1;
    sbind_status s = sbind__resolve(name, &list, reterr);
    if (s != SBIND_OK)
        return s;
    size_t count = sbind__count_answers(list);
    if (count > cap || count > ANSWERS_MAX) {
        freeaddrinfo(list);
        return sbind__fail(SBIND_TOO_MANY_LISTENERS, reterr);
    }
    do
        s = listen_answers(list, name->port, o, fds, reterr);
    while (s == SBIND_ADDRESS_IN_USE && --tries > 0);
    if (s == SBIND_OK) {
        hand_out(list, name->port, fds, o->blocking, ret);
        *ret_count = count;
    }
    freeaddrinfo(list);
    return s;
}

static sbind_status listen_single(const sbind_address *address,
                                  const sbind_listen_options *options,
                                  sbind_listener *ret, size_t cap,
                                  size_t *ret_count, sbind_error *reterr)
{
    sbind_handle fd;
    if (cap == 0)
        return sbind__fail(SBIND_TOO_MANY_LISTENERS, reterr);
    sbind_status s = listen_one(address, options, &fd, reterr);
    if (s == SBIND_OK) {
        sbind__new_listener(ret, fd, address, options->blocking);
        *ret_count = 1;
    }
    return s;
}

sbind_status sbind__listen_tcp(const sbind_address *address,
                               const sbind_listen_options *options,
                               sbind_listener *ret, size_t cap,
                               size_t *ret_count, sbind_error *reterr)
{
    const sbind__tcp_options tcp = SBIND__TCP_OPTIONS(options);
    sbind_status s = sbind__check_tcp(&tcp, reterr);
    if (s == SBIND_OK)
        s = sbind__check_port(options, reterr);
    if (s == SBIND_OK)
        s = address->kind == SBIND_TCP_NAME
                ? listen_name(address, options, ret, cap, ret_count, reterr)
                : listen_single(address, options, ret, cap, ret_count, reterr);
    return s;
}
