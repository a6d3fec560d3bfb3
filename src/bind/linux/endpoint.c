/* linux/endpoint.c - TCP addresses as the system takes them: what may be used,
 * and zones (SPEC.md 5.4, 5.5, 5.7) */
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "../../status/error.h"
#include "../family.h"
#include "../system.h"
#include "../../policy/usable.h"

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

/* The call needs a socket for a while. When glibc gets none it says ENOENT and
 * hides why. */
static sbind_status no_zone(const char *call, sbind_error *reterr)
{
    int fd;
    if (errno == ENODEV || errno == ENXIO)
        return sbind__fail(SBIND_NO_SUCH_ZONE, reterr);
    if (errno != ENOENT)
        return sbind__fail_call(call, reterr);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return sbind__fail_call("socket", reterr);
    sbind__close_fd(fd);
    errno = ENOENT;
    return sbind__fail_call(call, reterr);
}

/* A zone of digits only is an index (SPEC.md 3.1.5), and 0 is none. */
static sbind_status index_of_zone(const sbind_address *a, unsigned *ret,
                                  sbind_error *reterr)
{
    uint32_t index;
    char name[IF_NAMESIZE];
    if (!sbind__zone_is_index(a, &index)) {
        *ret = if_nametoindex(a->zone);
        return *ret != 0 ? SBIND_OK : no_zone("if_nametoindex", reterr);
    }
    *ret = index;
    if (index == 0)
        return sbind__fail(SBIND_NO_SUCH_ZONE, reterr);
    return if_indextoname(index, name) != NULL
               ? SBIND_OK
               : no_zone("if_indextoname", reterr);
}

static sbind_status look_up_zone(const sbind_address *a, unsigned *ret,
                                 sbind_error *reterr)
{
    sbind_status s;
    if (a->zone_length == 0)
        return SBIND_OK;
    s = index_of_zone(a, ret, reterr);
    if (s != SBIND_OK)
        return s;
    if (sbind__is_loopback_ipv6(a->ip) && *ret != LOOPBACK_INDEX)
        return unusable("the zone of ::1 can only be lo; leave it out", reterr);
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
