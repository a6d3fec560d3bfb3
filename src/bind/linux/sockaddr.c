/* linux/sockaddr.c - addresses as the system has them, and as values */
#define _GNU_SOURCE /* strnlen */
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../endpoint.h"
#include "../family.h"

/* ---- From the system's addresses to ours ----------------------------------- */

static bool is_zone_octet(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

/* An interface name can be a zone when the grammar has it; Linux allows
 * others, whose index is written then. */
static bool is_zone(const char *name)
{
    size_t n = strlen(name), i = 0;
    while (i < n && is_zone_octet(name[i]))
        i++;
    return n > 0 && i == n && n <= SBIND_ZONE_MAX &&
           strspn(name, "0123456789") < n && strncmp(name, "25", 2) != 0;
}

static void set_zone(sbind_address *a, unsigned index)
{
    char name[IF_NAMESIZE];
    if (if_indextoname(index, name) == NULL || !is_zone(name)) {
        sbind__writer number = {name, sizeof name, 0, false};
        sbind__put_decimal(&number, index);
        sbind__put_end(&number);
    }
    a->zone_length = (uint8_t)strlen(name);
    memcpy(a->zone, name, strlen(name) + 1);
}

static void from_ipv6(const struct sockaddr_in6 *in6, sbind_address *a)
{
    a->kind = SBIND_TCP_IPV6;
    a->port = ntohs(in6->sin6_port);
    memcpy(a->ip, &in6->sin6_addr, 16);
    if (in6->sin6_scope_id != 0)
        set_zone(a, in6->sin6_scope_id);
}

static void from_ipv4(const struct sockaddr_in *in, sbind_address *a)
{
    a->kind = SBIND_TCP_IPV4;
    a->port = ntohs(in->sin_port);
    memcpy(a->ip, &in->sin_addr, 4);
}

/* unix(7): a name that begins with NUL is abstract, and its length counts; a
 * path may fill sun_path to the last octet, without a NUL, and the system counts
 * the NUL all the same. */
static sbind_status from_unix(const struct sockaddr_un *un, size_t length,
                              sbind_address *a)
{
    const size_t begin = offsetof(struct sockaddr_un, sun_path);
    size_t n = length > begin ? length - begin : 0;
    const char *octets = un->sun_path;
    if (n == 0 || length > sizeof *un + (octets[0] != '\0'))
        return SBIND_INVALID_ADDRESS;
    a->kind = octets[0] == '\0' ? SBIND_UNIX_ABSTRACT : SBIND_UNIX_PATH;
    if (a->kind == SBIND_UNIX_ABSTRACT) {
        octets++;
        n--;
    } else {
        n = strnlen(octets, n < sizeof un->sun_path ? n : sizeof un->sun_path);
    }
    memcpy(a->name, octets, n);
    a->name_length = (uint16_t)n;
    return sbind_valid(a) ? SBIND_OK : SBIND_INVALID_ADDRESS;
}

/* Whole, or not at all: 0 is no length of a family. */
static size_t least_length(sa_family_t family)
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
    switch (copy.ss_family) {
    case AF_INET:
        from_ipv4((const struct sockaddr_in *)(const void *)&copy, &a);
        break;
    case AF_INET6:
        from_ipv6((const struct sockaddr_in6 *)(const void *)&copy, &a);
        break;
    case AF_UNIX:
        s = from_unix((const struct sockaddr_un *)(const void *)&copy, length,
                      &a);
        break;
    default:
        return SBIND_FD_FAMILY;
    }
    if (s == SBIND_OK)
        *ret = a;
    return s;
}

/* ---- From our addresses to the system's ------------------------------------ */

/* A path has a NUL after it, an abstract name one before it. */
sbind_status sbind__to_unix(const sbind_address *a, sbind__endpoint *ret,
                            sbind_error *reterr)
{
    const size_t begin = offsetof(struct sockaddr_un, sun_path);
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (a->name_length >= sizeof un.sun_path)
        return sbind__fail(SBIND_PATH_TOO_LONG, reterr);
    memcpy(un.sun_path + (a->kind == SBIND_UNIX_ABSTRACT), a->name,
           a->name_length);
    memset(ret, 0, sizeof *ret);
    memcpy(&ret->sa, &un, sizeof un);
    ret->length = (socklen_t)(begin + 1 + a->name_length);
    return SBIND_OK;
}
