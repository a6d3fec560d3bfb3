/* endpoint.c - turns TCP addresses into socket addresses, and says which ones
 * can be used (SPEC.md 5.4, 5.5, 5.7) */
#define _POSIX_C_SOURCE 200809L
#include "endpoint.h"

#include <string.h>

#include "../policy/usable.h"
#include "../status/error.h"
#include "names.h"

static const uint8_t any[16]; /* the IP of "*", of either family */

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

static void fill_ipv6(sbind__endpoint *e, const uint8_t ip[16], uint32_t scope,
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
    uint32_t scope = 0;
    sbind_status s = SBIND_OK;
    if (a->zone_length > 0)
        s = sbind__look_up_zone(a, &scope, reterr);
    if (s == SBIND_OK)
        fill_ipv6(e, a->ip, scope, a->port);
    return s;
}

/* ---- Any of them ----------------------------------------------------------- */

sbind__endpoint sbind__any_ipv4(uint16_t port)
{
    sbind__endpoint e;
    fill_ipv4(&e, any, port);
    e.kind = SBIND_TCP_ANY;
    return e;
}

sbind_status sbind__endpoint_of(const sbind_address *address, bool to_connect,
                                sbind__endpoint *ret, sbind_error *reterr)
{
    const char *fault = sbind__fault_of(address, to_connect);
    if (fault != NULL)
        return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS, fault, reterr);
    return sbind__convert(address, ret, reterr);
}

sbind_status sbind__convert(const sbind_address *address, sbind__endpoint *ret,
                            sbind_error *reterr)
{
    sbind__endpoint e;
    sbind_status s = SBIND_OK;
    if (address->kind == SBIND_TCP_ANY) {
        fill_ipv6(&e, any, 0, address->port);
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
