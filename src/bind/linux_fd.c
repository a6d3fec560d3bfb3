/* linux_fd.c - descriptors that were inherited (SPEC.md 5.10)
 *
 * Three steps, so that a refusal changes nothing: verify every descriptor, take
 * all or none, then change the flags of all. */
#define _GNU_SOURCE /* SO_PROTOCOL */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "../status/error.h"
#include "family.h"
#include "system.h"
#include "taken.h"

#define MPTCP 262 /* IPPROTO_MPTCP: TCP to those who use the socket */

typedef enum role { LISTENING, CONNECTED } role;

/* ---- Which descriptors an address means ------------------------------------ */

typedef struct passed {
    uint32_t count;
    sbind_env_value names; /* text NULL: none were given */
} passed;

static sbind_status get_passed(const sbind_activation *given, passed *ret,
                               sbind_error *reterr)
{
    sbind_activation own;
    if (given == NULL) {
        sbind_status s = sbind_activation_take(0, &own, reterr);
        if (s != SBIND_OK)
            return s;
        given = &own;
    }
    if (given->outcome == SBIND_ACTIVATION_OTHER_PROCESS)
        return sbind__fail_hint(SBIND_NOT_ACTIVATED,
                                "LISTEN_PID names another process", reterr);
    if (given->outcome != SBIND_ACTIVATION_PASSED)
        return sbind__fail(SBIND_NOT_ACTIVATED, reterr);
    ret->count = given->count;
    ret->names = given->names;
    return SBIND_OK;
}

static bool has_name(const sbind_env_value *name, const sbind_address *a)
{
    return name->length == a->name_length &&
           memcmp(name->text, a->name, name->length) == 0;
}

/* Goes through the descriptors that an address means. A plain value: a copy
 * goes through them again. */
typedef struct search {
    const sbind_address *address;
    int64_t next, end; /* descriptors not looked at yet: next .. end - 1 */
    sbind_env_value names;
} search;

static bool find_next(search *s, int *ret)
{
    while (s->next < s->end) {
        sbind_env_value name;
        int fd = (int)s->next++;
        if (s->address->kind == SBIND_FD_NAME &&
            !(sbind_activation_next_name(&s->names, &name) &&
              has_name(&name, s->address)))
            continue;
        *ret = fd;
        return true;
    }
    return false;
}

static sbind_status begin_search(const sbind_address *a,
                                 const sbind_activation *activation,
                                 search *ret, sbind_error *reterr)
{
    passed p = {0, {NULL, 0}};
    sbind_status s = SBIND_OK;
    if (a->kind == SBIND_FD_NUMBER) {
        *ret = (search){a, a->fd, (int64_t)a->fd + 1, {NULL, 0}};
        return SBIND_OK;
    }
    s = get_passed(activation, &p, reterr);
    if (s == SBIND_OK)
        *ret = (search){a, SBIND_LISTEN_FDS_START,
                        SBIND_LISTEN_FDS_START + (int64_t)p.count, p.names};
    return s;
}

/* ---- Verifying ------------------------------------------------------------- */

/* Puts the descriptor it is about into an error. */
static sbind_status name_fd(sbind_status status, int fd, sbind_error *reterr)
{
    if (reterr != NULL)
        reterr->fds[0] = fd;
    return status;
}

static sbind_status fail_fd(sbind_status status, int fd, sbind_error *reterr)
{
    return name_fd(sbind__fail(status, reterr), fd, reterr);
}

/* A question to a descriptor; the first tells whether it is an open socket. */
static sbind_status ask(int fd, int name, const char *call, int *ret,
                        sbind_error *reterr)
{
    socklen_t length = sizeof *ret;
    sbind_status s;
    if (getsockopt(fd, SOL_SOCKET, name, ret, &length) == 0)
        return SBIND_OK;
    s = errno == EBADF      ? SBIND_FD_CLOSED
        : errno == ENOTSOCK ? SBIND_FD_NOT_SOCKET
                            : SBIND_SYSTEM;
    return name_fd(sbind__fail_call_as(s, call, reterr), fd, reterr);
}

/* What a socket is. */
typedef struct nature {
    int type, domain, protocol, listening;
} nature;

static sbind_status ask_all(int fd, nature *ret, sbind_error *reterr)
{
    sbind_status s = ask(fd, SO_TYPE, "getsockopt SO_TYPE", &ret->type, reterr);
    if (s == SBIND_OK)
        s = ask(fd, SO_DOMAIN, "getsockopt SO_DOMAIN", &ret->domain, reterr);
    if (s == SBIND_OK)
        s = ask(fd, SO_PROTOCOL, "getsockopt SO_PROTOCOL", &ret->protocol,
                reterr);
    if (s == SBIND_OK)
        s = ask(fd, SO_ACCEPTCONN, "getsockopt SO_ACCEPTCONN", &ret->listening,
                reterr);
    return s;
}

static bool is_known(int domain, int protocol)
{
    if (domain == AF_UNIX)
        return true;
    return (domain == AF_INET || domain == AF_INET6) &&
           (protocol == IPPROTO_TCP || protocol == MPTCP);
}

static sbind_status check_connected(int fd, sbind_error *reterr)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &length) == 0)
        return SBIND_OK;
    return errno == ENOTCONN ? fail_fd(SBIND_FD_NOT_CONNECTED, fd, reterr)
                             : sbind__fail_call("getpeername", reterr);
}

static sbind_status verify(int fd, role wanted, sbind_error *reterr)
{
    nature n;
    sbind_status s;
    if (fd > SBIND_ADOPT_MAX) /* linux_taken.c has no room for it */
        return fail_fd(SBIND_FD_TOO_HIGH, fd, reterr);
    s = ask_all(fd, &n, reterr);
    if (s != SBIND_OK)
        return s;
    if (n.type != SOCK_STREAM)
        return fail_fd(SBIND_FD_NOT_STREAM, fd, reterr);
    if (!is_known(n.domain, n.protocol))
        return fail_fd(SBIND_FD_FAMILY, fd, reterr);
    if (wanted == LISTENING)
        return n.listening == 1 ? s
                                : fail_fd(SBIND_FD_NOT_LISTENING, fd, reterr);
    return n.listening == 1 ? fail_fd(SBIND_FD_NOT_CONNECTED, fd, reterr)
                            : check_connected(fd, reterr);
}

/* ---- What it is ------------------------------------------------------------ */

static bool is_dual_stack(int fd, const sbind_address *own)
{
    int only = 1;
    socklen_t length = sizeof only;
    return own->kind == SBIND_TCP_IPV6 &&
           memcmp(own->ip, &in6addr_any, 16) == 0 &&
           getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length) == 0 &&
           only == 0;
}

static sbind_kind kind_of_family(int fd)
{
    int domain = AF_UNIX;
    ask(fd, SO_DOMAIN, "", &domain, NULL);
    return domain == AF_INET    ? SBIND_TCP_IPV4
           : domain == AF_INET6 ? SBIND_TCP_IPV6
                                : SBIND_UNIX_PATH;
}

static void number_address(int fd, sbind_address *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->kind = SBIND_FD_NUMBER;
    ret->fd = fd;
}

static bool begins_with(const sbind_address *own, const char *prefix)
{
    return strncmp(own->name, prefix, strlen(prefix)) == 0;
}

/* A path through /proc/self means something to the process that bound it, and
 * nothing to anybody else. */
static bool is_private(const sbind_address *own)
{
    return own->kind == SBIND_UNIX_PATH &&
           (begins_with(own, "/proc/self/") ||
            begins_with(own, "/proc/thread-self/"));
}

/* A socket whose own address no text has, or none that others could use, keeps
 * its number as address. */
static void describe(int fd, sbind_listener *ret)
{
    sbind_address own;
    if (sbind__socket_address(fd, &own, NULL) == SBIND_OK &&
        !is_private(&own)) {
        if (is_dual_stack(fd, &own))
            own.kind = SBIND_TCP_ANY;
        sbind__new_listener(ret, fd, &own);
    } else {
        number_address(fd, &own);
        sbind__new_listener(ret, fd, &own);
        ret->kind = kind_of_family(fd);
    }
    ret->inherited = true;
}

/* ---- Handing out ----------------------------------------------------------- */

static sbind_status close_on_exec(search all, sbind_error *reterr)
{
    int fd = -1;
    while (find_next(&all, &fd))
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
            return sbind__fail_call("fcntl F_SETFD", reterr);
    return SBIND_OK;
}

/* Of all or of none: on the way back from a failure each gets back the flags it
 * had, which whoever passed it shares. Close-on-exec, which nobody shares, comes
 * last. As deep as there are descriptors, of which the caller has room for as
 * many listeners. */
// NOLINTNEXTLINE(misc-no-recursion)
static sbind_status set_flags(search rest, const search *all,
                              sbind_blocking blocking, sbind_error *reterr)
{
    int fd = -1, before = -1;
    sbind_status s;
    if (!find_next(&rest, &fd))
        return close_on_exec(*all, reterr);
    s = sbind__set_blocking(fd, blocking, &before, reterr);
    if (s == SBIND_OK) {
        s = set_flags(rest, all, blocking, reterr);
        if (s != SBIND_OK && before >= 0)
            fcntl(fd, F_SETFL, before);
    }
    return s;
}

static sbind_status fail_fds(sbind_status status, const int fds[2],
                             sbind_error *reterr)
{
    sbind__fail(status, reterr);
    if (reterr != NULL)
        memcpy(reterr->fds, fds, sizeof reterr->fds);
    return status;
}

/* Verifies all that the address means and counts them. */
static sbind_status verify_all(search in, role wanted, size_t *ret_count,
                               int first[2], sbind_error *reterr)
{
    int fd;
    bool named = in.names.text != NULL;
    size_t n = 0;
    while (find_next(&in, &fd)) {
        sbind_status s = verify(fd, wanted, reterr);
        if (s != SBIND_OK)
            return s;
        if (n < 2)
            first[n] = fd;
        n++;
    }
    if (n == 0)
        return sbind__fail_hint(SBIND_NO_SUCH_FD_NAME,
                                named ? NULL : "LISTEN_FDNAMES is not set",
                                reterr);
    if (in.address->kind == SBIND_FD_SINGLE && n > 1)
        return fail_fds(SBIND_NOT_ONE_FD, first, reterr);
    *ret_count = n;
    return SBIND_OK;
}

static void untake(search all, size_t n)
{
    int fd;
    while (n-- > 0 && find_next(&all, &fd))
        sbind__untake(fd);
}

/* In ascending order: of several threads that want some of the same, the one
 * that gets the last of these gets all. */
static sbind_status take_all(search all, sbind_error *reterr)
{
    search in = all;
    size_t n = 0;
    int fd;
    while (find_next(&in, &fd)) {
        sbind_status s = sbind__take(fd, reterr);
        if (s != SBIND_OK) {
            untake(all, n);
            return name_fd(s, fd, reterr);
        }
        n++;
    }
    return SBIND_OK;
}

/* Verifies, takes and changes all, or leaves them as they were; more than "cap"
 * are this error. */
static sbind_status claim(search all, role wanted, sbind_blocking blocking,
                          size_t cap, sbind_status above_cap, size_t *ret_count,
                          sbind_error *reterr)
{
    int first[2] = {-1, -1};
    sbind_status s = verify_all(all, wanted, ret_count, first, reterr);
    if (s == SBIND_OK && *ret_count > cap)
        s = fail_fds(above_cap, first, reterr);
    if (s == SBIND_OK)
        s = take_all(all, reterr);
    if (s != SBIND_OK)
        return s;
    s = set_flags(all, &all, blocking, reterr);
    if (s != SBIND_OK)
        untake(all, *ret_count);
    return s;
}

sbind_status sbind__listen_fd(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr)
{
    search all;
    size_t count = 0;
    int fd = -1;
    sbind_status s = begin_search(address, options->activation, &all, reterr);
    if (s == SBIND_OK)
        s = claim(all, LISTENING, options->blocking, cap,
                  SBIND_TOO_MANY_LISTENERS, &count, reterr);
    if (s != SBIND_OK)
        return s;
    while (find_next(&all, &fd))
        describe(fd, ret++);
    *ret_count = count;
    return s;
}

sbind_status sbind__connect_fd(const sbind_address *address,
                               const sbind_connect_options *options,
                               sbind_stream *ret, sbind_error *reterr)
{
    search all;
    size_t count = 0;
    int fd = -1;
    sbind_listener own;
    sbind_status s;
    if (address->kind == SBIND_FD_ALL)
        return sbind__fail(SBIND_SEVERAL, reterr);
    s = begin_search(address, options->activation, &all, reterr);
    if (s == SBIND_OK)
        s = claim(all, CONNECTED, options->blocking, 1, SBIND_AMBIGUOUS_FD_NAME,
                  &count, reterr);
    if (s != SBIND_OK)
        return s;
    find_next(&all, &fd);
    describe(fd, &own);
    *ret = (sbind_stream){fd, own.kind};
    return s;
}
