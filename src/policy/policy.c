/* policy.c - which addresses a program is ready to open; pure */
#include "policy.h"

#include <string.h>

#include "../parse/family.h"
#include "../status/error.h"
#include "path.h"
#include "usable.h"

#define ALL_SCHEMES                                                            \
    (SBIND_ALLOW_TCP | SBIND_ALLOW_UNIX | SBIND_ALLOW_FD | SBIND_ALLOW_NPIPE)

/* Copies a policy to the caller's structure, and writes no more octets than
 * that structure has. */
static void set_up(sbind_policy *policy, size_t size, const sbind_policy *from)
{
    memset(policy, 0, size);
    memcpy(policy, from, size < sizeof *from ? size : sizeof *from);
}

void sbind_policy_init_sized(sbind_policy *policy, size_t size)
{
    const sbind_policy all = {.size = size, .schemes = ALL_SCHEMES};
    set_up(policy, size, &all);
}

void sbind_policy_init_strict_sized(sbind_policy *policy, size_t size)
{
    const sbind_policy strict = {.size = size,
                                 .schemes = ALL_SCHEMES,
                                 .absolute_path = true,
                                 .no_abstract = true,
                                 .numeric = true,
                                 .local_pipe = true,
                                 .no_wildcard = true,
                                 .passed_only = true,
                                 .no_mptcp = true};
    set_up(policy, size, &strict);
}

/* The objection of a rule to an address: none, or a status and a hint. */
typedef struct objection {
    sbind_status status; /* SBIND_OK: none */
    const char *hint;
} objection;

static const objection none = {SBIND_OK, NULL};

static bool is_loopback(const sbind_address *a)
{
    static const uint8_t loopback[16] = {0, 0, 0, 0, 0, 0, 0, 0,
                                         0, 0, 0, 0, 0, 0, 0, 1};
    return (a->kind == SBIND_TCP_IPV4 && a->ip[0] == 127) ||
           (a->kind == SBIND_TCP_IPV6 && memcmp(a->ip, loopback, 16) == 0);
}

/* Refuses an address that means every address of this machine. Also refuses an
 * address that can turn out to mean every address. Some /etc/hosts files and
 * name servers answer 0.0.0.0. */
static objection check_wildcard(const sbind_address *a)
{
    static const uint8_t any[16] = {0};
    size_t length = a->kind == SBIND_TCP_IPV4 ? 4 : 16;
    if (a->kind == SBIND_TCP_ANY)
        return (objection){SBIND_WILDCARD, NULL};
    if (a->kind == SBIND_TCP_DEFAULT)
        return (objection){
            SBIND_WILDCARD,
            "tcp:// may mean any address; write a host and a port"};
    if (a->kind == SBIND_TCP_NAME)
        return (objection){
            SBIND_WILDCARD,
            "a host name may mean any address; write the IP address"};
    if (memcmp(a->ip, any, length) == 0)
        return (objection){SBIND_WILDCARD, NULL};
    return none;
}

static objection check_tcp(const sbind_policy *p, const sbind_address *a,
                           sbind__stage stage)
{
    const bool is_name = a->kind == SBIND_TCP_NAME;
    const bool is_judged_later = is_name && stage == SBIND__OPENING;
    if ((p->schemes & SBIND_ALLOW_TCP) == 0)
        return (objection){SBIND_SCHEME_NOT_ALLOWED, NULL};
    if (p->numeric && is_name)
        return (objection){SBIND_NOT_NUMERIC, NULL};
    if (p->loopback && !is_judged_later && !is_loopback(a))
        return (objection){SBIND_NOT_LOOPBACK, NULL};
    if (p->portable && a->kind == SBIND_TCP_IPV6 && a->zone_length > 0)
        return (objection){SBIND_NOT_PORTABLE,
                           "a zone is the name of an interface of one machine; "
                           "leave it out"};
    if (p->no_wildcard && !is_judged_later)
        return check_wildcard(a);
    return none;
}

/* Whether a path that begins with a slash leads where it says, apart from
 * links. No component may be empty or consist of dots and spaces: some systems
 * skip such a component, or go up a directory. No backslash may occur: on
 * Windows it is a slash. */
static bool is_plain(const char *path, size_t n)
{
    for (size_t i = 0; i < n;) {
        bool has_name = false;
        for (i++; i < n && path[i] != '/'; i++) {
            if (path[i] == '\\')
                return false;
            has_name = has_name || (path[i] != '.' && path[i] != ' ');
        }
        if (!has_name)
            return false;
    }
    return true;
}

/* The length of a directory's path without a slash at its end. It is 0 for the
 * root. The path is not empty. */
static size_t length_of_directory(const char *path)
{
    size_t n = strlen(path);
    return path[n - 1] == '/' ? n - 1 : n;
}

static bool is_directory(const char *path)
{
    return sbind__fault_of_path(path, strlen(path)) == NULL &&
           path[sbind__drive_length] == '/' &&
           is_plain(path + sbind__drive_length,
                    length_of_directory(path) - sbind__drive_length);
}

static objection check_within(const char *within, const sbind_address *a)
{
    size_t n = length_of_directory(within);
    if (a->kind == SBIND_UNIX_ABSTRACT)
        return (objection){SBIND_NOT_WITHIN,
                           "an abstract name is in no directory; use a path"};
    if (a->name_length > n && memcmp(a->name, within, n) == 0 &&
        a->name[n] == '/' &&
        sbind__fault_of_path(a->name, a->name_length) == NULL &&
        is_plain(a->name + sbind__drive_length,
                 a->name_length - sbind__drive_length))
        return none;
    return (objection){SBIND_NOT_WITHIN, NULL};
}

static objection check_name(const sbind_policy *p, const sbind_address *a)
{
    bool abstract = a->kind == SBIND_UNIX_ABSTRACT;
    if (p->no_abstract && abstract)
        return (objection){SBIND_ABSTRACT_NOT_ALLOWED, NULL};
    const char *fault = p->absolute_path && !abstract
                            ? sbind__fault_of_path(a->name, a->name_length)
                            : NULL;
    if (fault != NULL)
        return (objection){SBIND_RELATIVE_PATH, fault};
    return p->within != NULL ? check_within(p->within, a) : none;
}

static objection check_unix(const sbind_policy *p, const sbind_address *a)
{
    bool abstract = a->kind == SBIND_UNIX_ABSTRACT;
    if ((p->schemes & SBIND_ALLOW_UNIX) == 0)
        return (objection){SBIND_SCHEME_NOT_ALLOWED, NULL};
    objection o = check_name(p, a);
    if (o.status != SBIND_OK)
        return o;
    if (p->portable && abstract)
        return (objection){SBIND_NOT_PORTABLE,
                           "only Linux has abstract sockets; use a path"};
    if (p->portable && a->name_length > SBIND_PORTABLE_PATH_MAX)
        return (objection){
            SBIND_NOT_PORTABLE,
            "use a path of at most 103 octets, which fits everywhere"};
    return none;
}

static bool was_passed(const sbind_activation *passed, int32_t fd)
{
    return passed != NULL && passed->outcome == SBIND_ACTIVATION_PASSED &&
           fd >= SBIND_LISTEN_FDS_START &&
           fd - SBIND_LISTEN_FDS_START < (int64_t)passed->count;
}

static objection check_fd(const sbind_policy *p, const sbind_address *a)
{
    if ((p->schemes & SBIND_ALLOW_FD) == 0)
        return (objection){SBIND_SCHEME_NOT_ALLOWED, NULL};
    if (p->passed_only && a->kind == SBIND_FD_NUMBER &&
        !was_passed(p->passed, a->fd))
        return (objection){SBIND_FD_NOT_PASSED, NULL};
    if (p->portable)
        return (objection){SBIND_NOT_PORTABLE,
                           "Windows has no passed descriptors; use tcp://"};
    return none;
}

static objection check_pipe(const sbind_policy *p, const sbind_address *a)
{
    if ((p->schemes & SBIND_ALLOW_NPIPE) == 0)
        return (objection){SBIND_SCHEME_NOT_ALLOWED, NULL};
    if (p->local_pipe && strcmp(a->host, ".") != 0)
        return (objection){SBIND_REMOTE_PIPE, NULL};
    if (p->portable)
        return (objection){
            SBIND_NOT_PORTABLE,
            "only Windows has named pipes; use tcp:// or unix://"};
    return none;
}

/* Refuses a unix socket that listens under a name which no text expresses:
 * nothing is known about such a name. */
static objection check_unknown(const sbind_policy *p)
{
    static const char hint[] = "the socket has a name that no address has, so "
                               "that it cannot be judged";
    if (p->within != NULL)
        return (objection){SBIND_NOT_WITHIN, hint};
    if (p->no_abstract)
        return (objection){SBIND_ABSTRACT_NOT_ALLOWED, hint};
    return p->absolute_path ? (objection){SBIND_RELATIVE_PATH, hint} : none;
}

/* The rules about the address that a socket has, whichever way the program
 * wrote the address. */
static objection check_ip(const sbind_policy *p, const sbind_address *a)
{
    if (p->loopback && !is_loopback(a))
        return (objection){SBIND_NOT_LOOPBACK, NULL};
    return p->no_wildcard ? check_wildcard(a) : none;
}

/* Judges the address of an open socket. A dual-stack socket shows an IPv4
 * address as an IPv6 address. The other end of a unix connection usually has no
 * name, and kind 0. */
static objection check_opened(const sbind_policy *p, const sbind_address *a)
{
    const sbind_address ipv4 = sbind__unmapped(a);
    if (sbind__is(a->kind, SBIND__TCP))
        return check_ip(p, &ipv4);
    if (sbind__is(a->kind, SBIND__UNIX))
        return check_name(p, a);
    return a->kind == SBIND_FD_NUMBER ? check_unknown(p) : none;
}

static objection check_address(const sbind_policy *p, const sbind_address *a,
                               sbind__stage stage)
{
    if (stage == SBIND__OPENED)
        return check_opened(p, a);
    if (sbind__is(a->kind, SBIND__TCP))
        return check_tcp(p, a, stage);
    if (sbind__is(a->kind, SBIND__UNIX))
        return check_unix(p, a);
    return sbind__is(a->kind, SBIND__FD) ? check_fd(p, a) : check_pipe(p, a);
}

static sbind_status check_policy(const sbind_policy *policy,
                                 sbind_error *reterr)
{
    if (policy->size != sizeof *policy || (policy->schemes & ~ALL_SCHEMES) != 0)
        return sbind__fail(SBIND_BAD_OPTION, reterr);
    if (policy->within != NULL && !is_directory(policy->within))
        return sbind__fail_hint(SBIND_BAD_OPTION,
                                "within is an absolute path without //, . or "
                                ".. in it",
                                reterr);
    return SBIND_OK;
}

sbind_status sbind__ask_policy(const sbind_policy *policy,
                               const sbind_address *address, sbind__stage stage,
                               sbind_error *reterr)
{
    if (policy == NULL)
        return SBIND_OK;
    sbind_status s = check_policy(policy, reterr);
    if (s != SBIND_OK)
        return s;
    objection o = check_address(policy, address, stage);
    return o.status == SBIND_OK ? SBIND_OK
                                : sbind__fail_hint(o.status, o.hint, reterr);
}

sbind_status sbind_policy_check(const sbind_policy *policy,
                                const sbind_address *address,
                                sbind_error *reterr)
{
    sbind_status s = check_policy(policy, reterr);
    if (s != SBIND_OK)
        return s;
    if (!sbind_valid(address))
        return sbind__fail(SBIND_INVALID_ADDRESS, reterr);
    return sbind__ask_policy(policy, address, SBIND__WRITTEN, reterr);
}
