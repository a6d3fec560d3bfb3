/* posix/fd.c - descriptors that were inherited (SPEC.md 5.10)
 *
 * Adopting takes three steps, so that a refusal changes nothing: find the
 * candidates among the descriptors that the address means, adopt all of them or
 * none, then change the flags of all. Other descriptors stay as they came. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "../../policy/policy.h"
#include "../../status/error.h"
#include "../family.h"
#include "../socket.h"
#include "../system.h"
#include "manager.h"
#include "nature.h"
#include "taken.h"

typedef enum role { LISTENING, CONNECTED } role;

/* ---- Which descriptors an address means ------------------------------------ */

typedef struct passed {
    uint32_t count;
    sbind_env_value names; /* text NULL: none were given */
    bool is_silent;        /* the environment says nothing */
} passed;

/* The error says which variable names another process. The hint tells the
 * author of the wrapper, which started this program, what to do. */
static sbind_status fail_other_process(const sbind_activation *given,
                                       sbind_error *reterr)
{
    const char *decided_by = given->decided_by;
    bool is_pidfdid =
        decided_by != NULL && strcmp(decided_by, "LISTEN_PIDFDID") == 0;
    return sbind__fail_hint(
        SBIND_NOT_ACTIVATED,
        is_pidfdid ? "LISTEN_PIDFDID names another process; a wrapper that "
                     "sets LISTEN_PID has to set or unset LISTEN_PIDFDID too"
                   : "LISTEN_PID names another process; a wrapper has to set "
                     "it for this one, and to set or unset LISTEN_PIDFDID",
        reterr);
}

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
        return fail_other_process(given, reterr);
    ret->is_silent = given->outcome == SBIND_ACTIVATION_NONE;
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

/* Goes through the descriptors that an address means. This is a plain value, so
 * a copy can go through them again. */
typedef struct search {
    const sbind_address *address;
    int64_t next, end; /* the next descriptor to look at, and the end */
    sbind_env_value names;
    const sbind__handed *handed; /* if not NULL, search only these */
    const sbind_policy *policy;
} search;

/* Finds the next descriptor that the address means. If there are fewer names
 * than descriptors, the rest have no name. */
static bool find_next(search *s, int *ret)
{
    bool by_name = s->handed == NULL && s->address->kind == SBIND_FD_NAME;
    sbind_env_value name;
    while (s->next < s->end &&
           (!by_name || sbind_activation_next_name(&s->names, &name))) {
        const int64_t i = s->next++;
        const int fd = s->handed != NULL ? s->handed->fds[i] : (int)i;
        if (!by_name || has_name(&name, s->address)) {
            *ret = fd;
            return true;
        }
    }
    return false;
}

static sbind_status ask_manager(const sbind_address *a,
                                const sbind_policy *policy,
                                sbind__handed *handed, search *ret,
                                sbind_error *reterr)
{
    sbind_status s = sbind__ask_manager(a, handed, reterr);
    if (s == SBIND_OK)
        *ret = (search){.address = a,
                        .end = (int64_t)handed->count,
                        .handed = handed,
                        .policy = policy};
    return s;
}

/* "handed" gets what a service manager hands out. If "handed" is NULL, no
 * service manager is asked. */
static sbind_status begin_search(const sbind_address *a,
                                 const sbind_activation *activation,
                                 const sbind_policy *policy,
                                 sbind__handed *handed, search *ret,
                                 sbind_error *reterr)
{
    passed p = {.count = 0};
    *ret = (search){.address = a, .policy = policy};
    if (a->kind == SBIND_FD_NUMBER) {
        ret->next = a->fd;
        ret->end = (int64_t)a->fd + 1;
        return SBIND_OK;
    }
    sbind_status s = get_passed(activation, &p, reterr);
    if (p.is_silent && handed != NULL)
        return ask_manager(a, policy, handed, ret, reterr);
    ret->next = SBIND_LISTEN_FDS_START;
    ret->end = SBIND_LISTEN_FDS_START + (int64_t)p.count;
    ret->names = p.names;
    return s;
}

/* ---- Verifying ------------------------------------------------------------- */

/* Puts the descriptor into the error. */
static sbind_status name_fd(sbind_status status, int fd, sbind_error *reterr)
{
    reterr->fds[0] = fd;
    return status;
}

static sbind_status fail_fd(sbind_status status, int fd, sbind_error *reterr)
{
    return name_fd(sbind__fail(status, reterr), fd, reterr);
}

sbind_status sbind__fail_question(int fd, const char *call, sbind_error *reterr)
{
    sbind_status s = errno == EBADF      ? SBIND_FD_CLOSED
                     : errno == ENOTSOCK ? SBIND_FD_NOT_SOCKET
                                         : SBIND_SYSTEM;
    return name_fd(sbind__fail_call_as(s, call, reterr), fd, reterr);
}

static bool is_known(const sbind__nature *n)
{
    if (n->domain == AF_UNIX)
        return true;
    return (n->domain == AF_INET || n->domain == AF_INET6) && n->is_tcp;
}

static bool has_peer(int fd)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &length) == 0;
}

/* The error for a socket in the wrong role: a listener in place of a
 * connection, or the other way round. The hint is about the configuration of
 * the service manager, because the mistake is there rather than in its code. */
static sbind_status fail_role(sbind_status status, const char *hint, int fd,
                              sbind_error *reterr)
{
    return name_fd(sbind__fail_hint(status, hint, reterr), fd, reterr);
}

static sbind_status check_listening(int fd, const sbind__nature *n,
                                    sbind_error *reterr)
{
    if (n->is_listening)
        return SBIND_OK;
    return fail_role(SBIND_FD_NOT_LISTENING,
                     has_peer(fd) ? "it is a connection, as Accept=yes passes "
                                    "them; use Accept=no, or connect to fd://"
                                  : NULL,
                     fd, reterr);
}

static sbind_status check_connected(int fd, const sbind__nature *n,
                                    sbind_error *reterr)
{
    if (n->is_listening)
        return fail_role(SBIND_FD_NOT_CONNECTED,
                         "it is listening, as Accept=no passes them; use "
                         "Accept=yes, or listen on fd://",
                         fd, reterr);
    if (has_peer(fd))
        return SBIND_OK;
    return errno == ENOTCONN
               ? fail_fd(SBIND_FD_NOT_CONNECTED, fd, reterr)
               : name_fd(sbind__fail_call("getpeername", reterr), fd, reterr);
}

static sbind_status verify_role(int fd, role wanted, sbind_error *reterr)
{
    sbind__nature n;
    /* the table in taken.c, and the sets of this file, have no higher numbers */
    if (fd > SBIND_ADOPT_MAX)
        return fail_fd(SBIND_FD_TOO_HIGH, fd, reterr);
    sbind_status s = sbind__ask_nature(fd, &n, reterr);
    if (s != SBIND_OK)
        return s;
    if (n.type != SOCK_STREAM)
        return fail_fd(SBIND_FD_NOT_STREAM, fd, reterr);
    if (!is_known(&n))
        return fail_fd(SBIND_FD_FAMILY, fd, reterr);
    return wanted == LISTENING ? check_listening(fd, &n, reterr)
                               : check_connected(fd, &n, reterr);
}

/* ---- The candidates --------------------------------------------------------- */

/* A set of descriptors up to SBIND_ADOPT_MAX, with one bit for each. */
typedef struct set {
    uint64_t words[(SBIND_ADOPT_MAX + 1) / 64];
} set;

static void add_to_set(set *s, int fd)
{
    s->words[fd / 64] |= UINT64_C(1) << (fd % 64);
}

static bool has(const set *s, int fd)
{
    return (s->words[fd / 64] >> (fd % 64) & 1) != 0;
}

/* The descriptors that are adopted, and the flags that have been changed already.
 * With these sets everything can be undone, for any number of descriptors and
 * without allocating memory. */
typedef struct claim {
    set candidates;
    set toggled;     /* their O_NONBLOCK was the other way round */
    set inheritable; /* they were not close-on-exec */
    size_t count;
    int first[2]; /* the first two candidates, for errors; or -1 */
    int end;      /* above the last */
} claim;

static void add_candidate(claim *c, int fd)
{
    add_to_set(&c->candidates, fd);
    if (c->count < 2)
        c->first[c->count] = fd;
    c->count++;
    c->end = fd < c->end ? c->end : fd + 1;
}

/* Goes to the next candidate. *fd is -1 before the first. */
static bool next_candidate(const claim *c, int *fd)
{
    do
        ++*fd;
    while (*fd < c->end && !has(&c->candidates, *fd));
    return *fd < c->end;
}

/* Whether this status of verify_role means that the descriptor is not a
 * candidate. The statuses are in the order of the checks: the later the check
 * that failed, the higher the status. Any other status is an error about a
 * possible candidate. */
static bool is_no_candidate(sbind_status s)
{
    return s >= SBIND_FD_CLOSED && s <= SBIND_FD_NOT_CONNECTED;
}

static sbind_status give_error(const sbind_error *from, sbind_error *reterr)
{
    *reterr = *from;
    return from->status;
}

/* Finds the candidates. If there is none, the error is about the descriptor
 * that passed the most checks. */
static sbind_status find_candidates(search in, role wanted, claim *ret,
                                    sbind_error *reterr)
{
    sbind_error error, nearest;
    int fd;
    memset(ret, 0, sizeof *ret);
    ret->first[0] = ret->first[1] = -1;
    sbind__fail_hint(SBIND_NO_SUCH_FD_NAME,
                     in.names.text == NULL ? "LISTEN_FDNAMES is not set" : NULL,
                     &nearest);
    while (find_next(&in, &fd)) {
        sbind_status s = verify_role(fd, wanted, &error);
        if (s == SBIND_OK)
            add_candidate(ret, fd);
        else if (!is_no_candidate(s))
            return give_error(&error, reterr);
        else if (s > nearest.status)
            nearest = error;
    }
    return ret->count > 0 ? SBIND_OK : give_error(&nearest, reterr);
}

static sbind_status fail_first(sbind_status status, const claim *c,
                               sbind_error *reterr)
{
    sbind__fail(status, reterr);
    memcpy(reterr->fds, c->first, sizeof reterr->fds);
    return status;
}

/* ---- Handing out ------------------------------------------------------------ */

/* Releases the candidates before "end". */
static void untake(const claim *c, int end)
{
    for (int fd = -1; next_candidate(c, &fd) && fd < end;)
        sbind__untake(fd);
}

/* Adopts all candidates or none, in ascending order. If several threads want
 * some of the same descriptors, the thread that gets the last one gets all. */
static sbind_status take_all(const claim *c, sbind_error *reterr)
{
    for (int fd = -1; next_candidate(c, &fd);) {
        sbind_status s = sbind__take(fd, reterr);
        if (s != SBIND_OK) {
            untake(c, fd);
            return name_fd(s, fd, reterr);
        }
    }
    return SBIND_OK;
}

static sbind_status set_close_on_exec(claim *c, int fd, sbind_error *reterr)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0)
        return sbind__fail_call("fcntl F_GETFD", reterr);
    if ((flags & FD_CLOEXEC) != 0)
        return SBIND_OK;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return sbind__fail_call("fcntl F_SETFD", reterr);
    add_to_set(&c->inheritable, fd);
    return SBIND_OK;
}

static sbind_status set_flags(claim *c, int fd, sbind_blocking blocking,
                              sbind_error *reterr)
{
    int before = -1;
    sbind_status s = sbind__set_blocking(fd, blocking, &before, reterr);
    if (before >= 0)
        add_to_set(&c->toggled, fd);
    if (s == SBIND_OK)
        s = set_close_on_exec(c, fd, reterr);
    return s == SBIND_OK ? s : name_fd(s, fd, reterr);
}

/* Puts the flags back after a failure. In the open file, which the passing
 * process shares, only O_NONBLOCK is changed back: that process may have
 * changed other flags meanwhile. */
static void put_back(const claim *c)
{
    for (int fd = -1; next_candidate(c, &fd);) {
        int flags = has(&c->toggled, fd) ? fcntl(fd, F_GETFL) : -1;
        if (flags >= 0)
            fcntl(fd, F_SETFL, flags ^ O_NONBLOCK);
        if (has(&c->inheritable, fd))
            fcntl(fd, F_SETFD, 0);
    }
}

/* Sets the flags of all candidates, or of none. */
static sbind_status set_all_flags(claim *c, sbind_blocking blocking,
                                  sbind_error *reterr)
{
    for (int fd = -1; next_candidate(c, &fd);) {
        sbind_status s = set_flags(c, fd, blocking, reterr);
        if (s != SBIND_OK) {
            put_back(c);
            return s;
        }
    }
    return SBIND_OK;
}

/* The address of a listening socket, or of the other end of a connection. Some
 * sockets have no address that a text expresses. */
static sbind_status address_of(int fd, role wanted, sbind_address *ret,
                               sbind_error *reterr)
{
    const sbind_stream stream = {fd, SBIND_FD_NUMBER};
    sbind_listener listener;
    sbind_peer peer;
    sbind_status s = SBIND_OK;
    memset(&peer, 0, sizeof peer);
    if (wanted == CONNECTED) {
        s = sbind__ask_peer(&stream, &peer, reterr);
        *ret = peer.address;
    } else {
        sbind__describe_fd(fd, &listener);
        *ret = listener.address;
    }
    return s;
}

/* Checks the rules about the protocol of a socket. An address does not show the
 * protocol. */
static sbind_status ask_about_protocol(int fd, const sbind_policy *policy,
                                       sbind_error *reterr)
{
    bool is_mptcp = false;
    sbind_status s = SBIND_OK;
    if (policy->no_mptcp)
        s = sbind__ask_mptcp(fd, &is_mptcp, reterr);
    if (s != SBIND_OK || !is_mptcp)
        return s;
    return sbind__fail(SBIND_MPTCP_NOT_ALLOWED, reterr);
}

static sbind_status ask_policy(const claim *c, role wanted,
                               const sbind_policy *policy, sbind_error *reterr)
{
    for (int fd = -1; policy != NULL && next_candidate(c, &fd);) {
        sbind_address own;
        sbind_status s = address_of(fd, wanted, &own, reterr);
        if (s == SBIND_OK)
            s = sbind__ask_policy(policy, &own, SBIND__OPENED, reterr);
        if (s == SBIND_OK)
            s = ask_about_protocol(fd, policy, reterr);
        if (s != SBIND_OK)
            return name_fd(s, fd, reterr);
    }
    return SBIND_OK;
}

/* Adopts every candidate, or leaves everything as it was. If there are more
 * than "cap" candidates, fails with "above_cap". */
static sbind_status adopt(search all, role wanted, sbind_blocking blocking,
                          size_t cap, sbind_status above_cap, claim *ret,
                          sbind_error *reterr)
{
    sbind_status s = find_candidates(all, wanted, ret, reterr);
    if (s != SBIND_OK)
        return s;
    if (all.address->kind == SBIND_FD_SINGLE && ret->count > 1)
        return fail_first(SBIND_NOT_ONE_FD, ret, reterr);
    if (ret->count > cap)
        return fail_first(above_cap, ret, reterr);
    s = take_all(ret, reterr);
    if (s != SBIND_OK)
        return s;
    s = ask_policy(ret, wanted, all.policy, reterr);
    if (s == SBIND_OK)
        s = set_all_flags(ret, blocking, reterr);
    if (s != SBIND_OK)
        untake(ret, ret->end);
    return s;
}

/* Closes the sockets that the service manager has handed out for this call. */
static void close_handed(const sbind__handed *handed)
{
    for (size_t i = 0; i < handed->count; i++)
        sbind__close_fd(handed->fds[i]);
}

sbind_status sbind__listen_fd(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr)
{
    search all;
    claim c;
    sbind__handed handed;
    handed.count = 0;
    sbind_status s = begin_search(address, options->activation, options->policy,
                                  &handed, &all, reterr);
    if (s == SBIND_OK)
        s = adopt(all, LISTENING, options->blocking, cap,
                  SBIND_TOO_MANY_LISTENERS, &c, reterr);
    if (s != SBIND_OK) {
        close_handed(&handed);
        return s;
    }
    for (int fd = -1; next_candidate(&c, &fd);)
        sbind__describe_fd(fd, ret++);
    *ret_count = c.count;
    return s;
}

sbind_status sbind__connect_fd(const sbind_address *address,
                               const sbind_connect_options *options,
                               sbind_stream *ret, sbind_error *reterr)
{
    search all;
    claim c;
    sbind_listener own;
    if (address->kind == SBIND_FD_ALL)
        return sbind__fail(SBIND_SEVERAL, reterr);
    sbind_status s = begin_search(address, options->activation, options->policy,
                                  NULL, &all, reterr);
    if (s == SBIND_OK)
        s = adopt(all, CONNECTED, options->blocking, 1, SBIND_AMBIGUOUS_FD_NAME,
                  &c, reterr);
    if (s != SBIND_OK)
        return s;
    sbind__describe_fd(c.first[0], &own);
    *ret = (sbind_stream){c.first[0], own.kind};
    return s;
}
