/* win32/names.c - looks up zones (SPEC.md 5.5) and host names (5.6) */
#include "../names.h"

#include <iphlpapi.h>

#include "../../policy/usable.h"
#include "../../status/error.h"
#include "../system.h"
#include "win32.h"

/* ---- Zones ---------------------------------------------------------------------- */

/* 0: there is none. */
static NET_IFINDEX index_of_zone(const sbind_address *a)
{
    uint32_t index;
    char name[IF_NAMESIZE];
    if (!sbind__zone_is_index(a, &index))
        return if_nametoindex(a->zone);
    return index != 0 && if_indextoname(index, name) != NULL ? index : 0;
}

/* Looks up the zone. ::1 must not have a zone, because a machine has only one
 * ::1. */
sbind_status sbind__look_up_zone(const sbind_address *address, uint32_t *ret,
                                 sbind_error *reterr)
{
    if (sbind__is_loopback_ipv6(address->ip))
        return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS,
                                "on Windows ::1 has no zone; leave it out",
                                reterr);
    *ret = index_of_zone(address);
    return *ret != 0 ? SBIND_OK : sbind__fail(SBIND_NO_SUCH_ZONE, reterr);
}

/* ---- Host names -------------------------------------------------------------------- */

sbind_status sbind__resolve(const sbind_address *name,
                            struct addrinfo **ret_list, sbind_error *reterr)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_protocol = IPPROTO_TCP};
    sbind_status s = sbind__start_winsock(reterr);
    if (s != SBIND_OK)
        return s;
    int code = getaddrinfo(name->host, NULL, &wanted, ret_list);
    if (code == 0)
        return SBIND_OK;
    SetLastError((DWORD)code);
    return sbind__fail_call_as(SBIND_NOT_RESOLVED, "getaddrinfo", reterr);
}
