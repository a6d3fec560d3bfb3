/* linux_endpoint.c - TCP addresses as the system takes them: what may be used,
 * and zones (SPEC.md 5.4, 5.5, 5.7) */
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "../status/error.h"
#include "family.h"
#include "system.h"

#define LOOPBACK_INDEX 1 /* of "lo", in every network namespace of Linux */

static sbind_status unusable(const char *hint, sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS, hint, reterr);
}

/* ---- IPv4 ------------------------------------------------------------------ */

static const char *fault_of_ipv4(const uint8_t ip[4], bool to_connect)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    static const uint8_t any[4] = {0, 0, 0, 0};
    if (ip[0] >= 224 && ip[0] <= 239)
        return "TCP has no multicast";
    if (memcmp(ip, broadcast, 4) == 0)
        return "TCP has no broadcast";
    if (to_connect && memcmp(ip, any, 4) == 0)
        return "0.0.0.0 can only be listened on";
    return NULL;
}

static void fill_ipv4(sbind__endpoint *e, const uint8_t ip[4], uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&in.sin_addr, ip, 4);
    memset(e, 0, sizeof *e);
    memcpy(&e->sa, &in, sizeof in);
    e->length = sizeof in;
}

/* ---- IPv6 ------------------------------------------------------------------ */

static bool is_link_local(const uint8_t ip[16])
{
    return ip[0] == 0xFE && (ip[1] & 0xC0) == 0x80;
}

static bool is_loopback_ipv6(const uint8_t ip[16])
{
    return memcmp(ip, &in6addr_loopback, 16) == 0;
}

static const char *fault_of_ipv6(const sbind_address *a, bool to_connect)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
    if (a->ip[0] == 0xFF)
        return "TCP has no multicast";
    if (memcmp(a->ip, mapped, 12) == 0)
        return "write an IPv4 address as such, not as ::ffff:0:0/96";
    if (to_connect && memcmp(a->ip, &in6addr_any, 16) == 0)
        return ":: can only be listened on";
    if (is_link_local(a->ip) && a->zone_length == 0)
        return "a link-local address needs a zone, such as [fe80::1%eth0]";
    if (!is_link_local(a->ip) && !is_loopback_ipv6(a->ip) && a->zone_length > 0)
        return "only link-local addresses have a zone";
    return NULL;
}

/* A zone of digits only is an index (SPEC.md 3.1.5). 0: there is none. */
static unsigned index_of_zone(const sbind_address *a)
{
    uint64_t index = 0;
    char name[IF_NAMESIZE];
    for (size_t i = 0; i < a->zone_length; i++) {
        if (a->zone[i] < '0' || a->zone[i] > '9')
            return if_nametoindex(a->zone);
        index = index * 10 + (uint64_t)(a->zone[i] - '0');
    }
    if (index > UINT32_MAX || if_indextoname((unsigned)index, name) == NULL)
        return 0;
    return (unsigned)index;
}

static sbind_status look_up_zone(const sbind_address *a, unsigned *ret,
                                 sbind_error *reterr)
{
    if (a->zone_length == 0)
        return SBIND_OK;
    *ret = index_of_zone(a);
    if (*ret == 0)
        return sbind__fail(SBIND_NO_SUCH_ZONE, reterr);
    if (is_loopback_ipv6(a->ip) && *ret != LOOPBACK_INDEX)
        return unusable("the zone of ::1 is the loopback interface, lo",
                        reterr);
    return SBIND_OK;
}

static void fill_ipv6(sbind__endpoint *e, const uint8_t ip[16], unsigned scope,
                      uint16_t port)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_port = htons(port),
                               .sin6_scope_id = scope};
    memcpy(&in6.sin6_addr, ip, 16);
    memset(e, 0, sizeof *e);
    memcpy(&e->sa, &in6, sizeof in6);
    e->length = sizeof in6;
}

static sbind_status endpoint_of_ipv6(const sbind_address *a, bool to_connect,
                                     sbind__endpoint *e, sbind_error *reterr)
{
    unsigned scope = 0;
    sbind_status s;
    const char *fault = fault_of_ipv6(a, to_connect);
    if (fault != NULL)
        return unusable(fault, reterr);
    s = look_up_zone(a, &scope, reterr);
    if (s == SBIND_OK)
        fill_ipv6(e, a->ip, scope, a->port);
    return s;
}

/* ---- Any of them ----------------------------------------------------------- */

sbind__endpoint sbind__any_ipv4(uint16_t port)
{
    static const uint8_t any[4] = {0, 0, 0, 0};
    sbind__endpoint e;
    fill_ipv4(&e, any, port);
    e.kind = SBIND_TCP_ANY;
    return e;
}

sbind_status sbind__endpoint_of(const sbind_address *address, bool to_connect,
                                sbind__endpoint *ret, sbind_error *reterr)
{
    const char *fault;
    sbind__endpoint e;
    sbind_status s = SBIND_OK;

    if (to_connect && address->port == 0)
        return unusable("port 0 can only be listened on", reterr);
    if (address->kind == SBIND_TCP_ANY) {
        if (to_connect)
            return unusable("* can only be listened on", reterr);
        fill_ipv6(&e, in6addr_any.s6_addr, 0, address->port);
    } else if (address->kind == SBIND_TCP_IPV6) {
        s = endpoint_of_ipv6(address, to_connect, &e, reterr);
    } else {
        fault = fault_of_ipv4(address->ip, to_connect);
        if (fault != NULL)
            return unusable(fault, reterr);
        fill_ipv4(&e, address->ip, address->port);
    }
    if (s == SBIND_OK) {
        e.kind = address->kind;
        *ret = e;
    }
    return s;
}
