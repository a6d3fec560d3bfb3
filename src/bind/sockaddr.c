/* sockaddr.c - converts socket addresses of the system to values, and back */
#define _POSIX_C_SOURCE 200809L
#include <sbind/listen.h>

#include <stddef.h>
#include <string.h>

#include "../status/error.h"
#include "endpoint.h"
#include "family.h"

/* ---- From the system's addresses to ours ----------------------------------- */

static void from_ipv4(const struct sockaddr_in *in, sbind_address *a)
{
    a->kind = SBIND_TCP_IPV4;
    a->port = ntohs(in->sin_port);
    memcpy(a->ip, &in->sin_addr, 4);
}

static void from_ipv6(const struct sockaddr_in6 *in6, sbind_address *a)
{
    a->kind = SBIND_TCP_IPV6;
    a->port = ntohs(in6->sin6_port);
    memcpy(a->ip, &in6->sin6_addr, 16);
    if (in6->sin6_scope_id != 0)
        sbind__name_zone(a, (uint32_t)in6->sin6_scope_id);
}

/* The least length of a socket address of this family. An address that is cut
 * off is refused, and so is one without a family. */
static size_t least_length(int family)
{
    return family == AF_INET    ? sizeof(struct sockaddr_in)
           : family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                : offsetof(struct sockaddr, sa_data);
}

sbind_status sbind__from_sockaddr(const struct sockaddr *sa, size_t length,
                                  sbind_address *ret)
{
    sbind_address a;
    struct sockaddr_storage copy;
    sbind_status s = SBIND_OK;
    memset(&a, 0, sizeof a);
    memset(&copy, 0, sizeof copy);
    memcpy(&copy, sa, length < sizeof copy ? length : sizeof copy);
    if (length < least_length(copy.ss_family))
        return SBIND_INVALID_ADDRESS;
    if (copy.ss_family == AF_INET)
        from_ipv4((const void *)&copy, &a);
    else if (copy.ss_family == AF_INET6)
        from_ipv6((const void *)&copy, &a);
    else if (copy.ss_family == AF_UNIX)
        s = sbind__from_unix(&copy, length, &a);
    else
        return SBIND_FD_FAMILY;
    if (s == SBIND_OK)
        *ret = a;
    return s;
}

sbind_status sbind_from_sockaddr(const struct sockaddr *sa, size_t length,
                                 sbind_address *ret, sbind_error *reterr)
{
    sbind_status s = sbind__from_sockaddr(sa, length, ret);
    if (s != SBIND_INVALID_ADDRESS)
        return s == SBIND_OK ? s : sbind__fail(s, reterr);
    return sbind__fail_hint(s,
                            "the socket address is cut off, or no text has the "
                            "name of this socket",
                            reterr);
}

/* ---- Comparing ------------------------------------------------------------- */

bool sbind__is_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
    const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
    const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
    if (a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
    return a->sa_family == AF_INET6 && a6->sin6_scope_id == b6->sin6_scope_id &&
           memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0;
}

bool sbind__is_same_endpoint(const struct sockaddr *a, const struct sockaddr *b)
{
    const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
    const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
    return sbind__is_same_host(a, b) &&
           (a->sa_family == AF_INET ? a4->sin_port == b4->sin_port
                                    : a6->sin6_port == b6->sin6_port);
}

/* ---- From our addresses to the system's ------------------------------------ */

/* Whether an address of this kind stands for exactly one socket address. */
static bool is_one(sbind_kind kind)
{
    return kind != SBIND_TCP_ANY && sbind__is(kind, SBIND__IP | SBIND__UNIX);
}

sbind_status sbind_to_sockaddr(const sbind_address *address,
                               struct sockaddr *ret, size_t cap,
                               size_t *ret_length, sbind_error *reterr)
{
    sbind__endpoint e;
    if (!sbind_valid(address))
        return sbind__fail(SBIND_INVALID_ADDRESS, reterr);
    if (!is_one(address->kind))
        return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS,
                                "only an IP address, a path and an abstract "
                                "name are one socket address each",
                                reterr);
    sbind_status s = sbind__is(address->kind, SBIND__UNIX)
                         ? sbind__to_unix(address, &e, reterr)
                         : sbind__convert(address, &e, reterr);
    if (s != SBIND_OK)
        return s;
    if ((size_t)e.length > cap)
        return sbind__fail(SBIND_BUFFER_TOO_SMALL, reterr);
    memcpy(ret, &e.sa, (size_t)e.length);
    *ret_length = (size_t)e.length;
    return s;
}
