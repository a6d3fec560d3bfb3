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
#include "usable.h"

#define LOOPBACK_INDEX 1 /* of "lo", in every network namespace of Linux */

static sbind_status unusable(const char *hint, sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS, hint, reterr);
}

/* ---- IPv4 ------------------------------------------------------------------ */

static void fill_ipv4(sbind__endpoint *e, const uint8_t ip[4], uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    memcpy(&in.sin_addr, ip, 4);
    memset(e, 0, sizeof *e);
    memcpy(&e->sa, &in, sizeof in);
    e->length = sizeof in;
}

/* ---- IPv6 ------------------------------------------------------------------ */

/* A zone of digits only is an index (SPEC.md 3.1.5). 0: there is none. */
static unsigned index_of_zone(const sbind_address *a)
{
    uint32_t index;
    char name[IF_NAMESIZE];
    if (!sbind__zone_is_index(a, &index))
        return if_nametoindex(a->zone);
    return index != 0 && if_indextoname(index, name) != NULL ? index : 0;
}

static sbind_status look_up_zone(const sbind_address *a, unsigned *ret,
                                 sbind_error *reterr)
{
    if (a->zone_length == 0)
        return SBIND_OK;
    *ret = index_of_zone(a);
    if (*ret == 0)
        return sbind__fail(SBIND_NO_SUCH_ZONE, reterr);
    if (sbind__is_loopback_ipv6(a->ip) && *ret != LOOPBACK_INDEX)
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

static sbind_status endpoint_of_ipv6(const sbind_address *a, sbind__endpoint *e,
                                     sbind_error *reterr)
{
    unsigned scope = 0;
    sbind_status s = look_up_zone(a, &scope, reterr);
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
    const char *fault = sbind__fault_of(address, to_connect);
    sbind__endpoint e;
    sbind_status s = SBIND_OK;

    if (fault != NULL)
        return unusable(fault, reterr);
    if (address->kind == SBIND_TCP_ANY) {
        fill_ipv6(&e, in6addr_any.s6_addr, 0, address->port);
    } else if (address->kind == SBIND_TCP_IPV6) {
        s = endpoint_of_ipv6(address, &e, reterr);
    } else {
        fill_ipv4(&e, address->ip, address->port);
    }
    if (s == SBIND_OK) {
        e.kind = address->kind;
        *ret = e;
    }
    return s;
}
