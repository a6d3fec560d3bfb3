/* win32/endpoint.c - TCP addresses as Winsock takes them: zones, names (SPEC.md
 * 5.4 to 5.7) */
#include "endpoint.h"

#include <iphlpapi.h>
#include <string.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../../policy/usable.h"

static sbind_status unusable(const char *hint, sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS, hint, reterr);
}

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

/* The zone of ::1 says nothing that ::1 does not. */
static sbind_status look_up_zone(const sbind_address *a, ULONG *ret,
                                 sbind_error *reterr)
{
    *ret = 0;
    if (a->zone_length == 0)
        return SBIND_OK;
    if (sbind__is_loopback_ipv6(a->ip))
        return unusable("on Windows ::1 has no zone; leave it out", reterr);
    *ret = index_of_zone(a);
    return *ret != 0 ? SBIND_OK : sbind__fail(SBIND_NO_SUCH_ZONE, reterr);
}

/* ---- From our addresses to the system's ------------------------------------------- */

static void fill_ipv4(sbind__win32_endpoint *e, const sbind_address *a)
{
    struct sockaddr_in *in = (struct sockaddr_in *)&e->sa;
    in->sin_family = AF_INET;
    in->sin_port = htons(a->port);
    memcpy(&in->sin_addr, a->ip, 4);
    e->length = sizeof *in;
}

static void fill_ipv6(sbind__win32_endpoint *e, const sbind_address *a,
                      ULONG scope)
{
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&e->sa;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(a->port);
    in6->sin6_scope_id = scope;
    memcpy(&in6->sin6_addr, a->ip, 16);
    e->length = sizeof *in6;
}

sbind_status sbind__win32_endpoint_of(const sbind_address *address,
                                      bool to_connect,
                                      sbind__win32_endpoint *ret,
                                      sbind_error *reterr)
{
    const char *fault = sbind__fault_of(address, to_connect);
    ULONG scope = 0;
    sbind_status s = SBIND_OK;
    if (fault != NULL)
        return unusable(fault, reterr);
    if (address->kind == SBIND_TCP_IPV6)
        s = look_up_zone(address, &scope, reterr);
    if (s != SBIND_OK)
        return s;
    memset(ret, 0, sizeof *ret);
    if (address->kind == SBIND_TCP_IPV4)
        fill_ipv4(ret, address);
    else
        fill_ipv6(ret, address, scope); /* "*" has an IP of zeros */
    return s;
}

/* ---- From the system's addresses to ours ------------------------------------------ */

static void set_zone(sbind_address *a, ULONG index)
{
    sbind__writer number = {a->zone, sizeof a->zone, 0, false};
    sbind__put_decimal(&number, index);
    sbind__put_end(&number);
    a->zone_length = (uint8_t)number.length;
}

sbind_status sbind__win32_address(const struct sockaddr *sa, sbind_address *ret,
                                  sbind_error *reterr)
{
    const struct sockaddr_in *in = (const void *)sa;
    const struct sockaddr_in6 *in6 = (const void *)sa;
    memset(ret, 0, sizeof *ret);
    if (sa->sa_family == AF_INET) {
        ret->kind = SBIND_TCP_IPV4;
        ret->port = ntohs(in->sin_port);
        memcpy(ret->ip, &in->sin_addr, 4);
        return SBIND_OK;
    }
    if (sa->sa_family != AF_INET6)
        return sbind__fail(SBIND_FD_FAMILY, reterr);
    ret->kind = SBIND_TCP_IPV6;
    ret->port = ntohs(in6->sin6_port);
    memcpy(ret->ip, &in6->sin6_addr, 16);
    if (in6->sin6_scope_id != 0)
        set_zone(ret, in6->sin6_scope_id);
    return SBIND_OK;
}

/* ---- Host names -------------------------------------------------------------------- */

sbind_status sbind__win32_resolve(const sbind_address *name,
                                  struct addrinfo **ret_list,
                                  sbind_error *reterr)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_protocol = IPPROTO_TCP};
    int code;
    sbind_status s = sbind__start_winsock(reterr);
    if (s != SBIND_OK)
        return s;
    code = getaddrinfo(name->host, NULL, &wanted, ret_list);
    if (code == 0)
        return SBIND_OK;
    SetLastError((DWORD)code);
    return sbind__fail_win32_as(SBIND_NOT_RESOLVED, "getaddrinfo", reterr);
}
