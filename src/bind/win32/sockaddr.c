/* win32/sockaddr.c - addresses as Winsock has them, and as values */
#include "win32.h"

#include <afunix.h>
#include <string.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../endpoint.h"

/* ---- From the system's addresses to ours ----------------------------------- */

static void set_zone(sbind_address *a, ULONG index)
{
    sbind__writer number = {a->zone, sizeof a->zone, 0, false};
    sbind__put_decimal(&number, index);
    sbind__put_end(&number);
    a->zone_length = (uint8_t)number.length;
}

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
        set_zone(a, in6->sin6_scope_id);
}

/* There are no abstract names: an empty path is that of a socket without one. */
static sbind_status from_unix(const struct sockaddr_un *un, sbind_address *a)
{
    const char *end = memchr(un->sun_path, '\0', sizeof un->sun_path);
    size_t n = end == NULL ? sizeof un->sun_path : (size_t)(end - un->sun_path);
    a->kind = SBIND_UNIX_PATH;
    memcpy(a->name, un->sun_path, n);
    a->name_length = (uint16_t)n;
    return sbind_valid(a) ? SBIND_OK : SBIND_INVALID_ADDRESS;
}

static size_t least_length(short family)
{
    return family == AF_INET    ? sizeof(struct sockaddr_in)
           : family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                : sizeof family;
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
        s = from_unix((const void *)&copy, &a);
    else
        return SBIND_FD_FAMILY;
    if (s == SBIND_OK)
        *ret = a;
    return s;
}

/* ---- From our addresses to the system's ------------------------------------ */

sbind_status sbind__to_unix(const sbind_address *a, sbind__endpoint *ret,
                            sbind_error *reterr)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (a->kind == SBIND_UNIX_ABSTRACT)
        return sbind__fail(SBIND_UNSUPPORTED, reterr);
    if (a->name_length >= sizeof un.sun_path)
        return sbind__fail(SBIND_PATH_TOO_LONG, reterr);
    memcpy(un.sun_path, a->name, a->name_length);
    memset(ret, 0, sizeof *ret);
    memcpy(&ret->sa, &un, sizeof un);
    ret->length = sizeof un;
    return SBIND_OK;
}
