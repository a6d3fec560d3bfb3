/* posix/names.c - what the system looks up: zones (SPEC.md 5.5) and host names
 * (5.6) */
#define _GNU_SOURCE /* EAI_NODATA */
#include "../names.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "../../policy/usable.h"
#include "../../status/error.h"
#include "../system.h"
#include "fresh.h"

/* If a system lacks one of these codes, getaddrinfo never returns it. The code is then
 * defined as 0, which is not an error. */
#ifndef EAI_ADDRFAMILY
#define EAI_ADDRFAMILY 0
#endif
#ifndef EAI_NODATA
#define EAI_NODATA 0
#endif

/* the index of "lo" in every network namespace of Linux */
#define LOOPBACK_INDEX 1

/* ---- Zones ------------------------------------------------------------------- */

/* if_nametoindex needs a socket for a moment. If it gets none, glibc sets
 * ENOENT and hides the reason. */
static sbind_status no_zone(const char *call, sbind_error *reterr)
{
    if (errno == ENODEV || errno == ENXIO)
        return sbind__fail(SBIND_NO_SUCH_ZONE, reterr);
    if (errno != ENOENT)
        return sbind__fail_call(call, reterr);
    const char *failed;
    int fd = sbind__fresh_socket(AF_UNIX, SOCK_DGRAM, 0, false, &failed);
    if (fd < 0)
        return sbind__fail_call(failed, reterr);
    sbind__close_fd(fd);
    errno = ENOENT;
    return sbind__fail_call(call, reterr);
}

/* A zone of digits only is an index (SPEC.md 3.1.5). No interface has the index
 * 0. */
static sbind_status index_of_zone(const sbind_address *a, uint32_t *ret,
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

sbind_status sbind__look_up_zone(const sbind_address *address, uint32_t *ret,
                                 sbind_error *reterr)
{
    sbind_status s = index_of_zone(address, ret, reterr);
    if (s != SBIND_OK)
        return s;
    if (sbind__is_loopback_ipv6(address->ip) && *ret != LOOPBACK_INDEX)
        return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS,
                                "the zone of ::1 can only be lo; leave it out",
                                reterr);
    return SBIND_OK;
}

/* ---- Host names -------------------------------------------------------------- */

/* The errors of getaddrinfo for a host name, and what a person can do about
 * them. getaddrinfo has other errors, too, but for arguments that we do not
 * pass. */
static const struct {
    int code;
    const char *name;
    const char *hint;
} gai_errors[] = {
    {EAI_ADDRFAMILY, "EAI_ADDRFAMILY",
     "the name exists, but has no IPv4 or IPv6 address"},
    {EAI_AGAIN, "EAI_AGAIN",
     "/etc/hosts does not have the name, and no name server answers; see: "
     "/etc/resolv.conf"},
    {EAI_FAIL, "EAI_FAIL",
     "the name server reports a failure of its own; see: /etc/resolv.conf"},
    {EAI_MEMORY, "EAI_MEMORY",
     "the system has no memory left for this; try again later"},
    {EAI_NODATA, "EAI_NODATA",
     "the name exists, but has no IPv4 or IPv6 address"},
    {EAI_NONAME, "EAI_NONAME",
     "neither /etc/hosts nor a name server has this name; is it spelt right?"},
};

/* The hint for "localhost" does not mention name servers: they must not be
 * asked for that name (RFC 6761 6.3). */
static const char *hint_for(int code, const char *host, const char *hint)
{
    if ((code == EAI_AGAIN || code == EAI_NONAME) &&
        strcmp(host, "localhost") == 0)
        return "/etc/hosts does not have localhost; add it, or write the IP "
               "address";
    return hint;
}

static sbind_status fail_gai(int code, const char *host, sbind_error *reterr)
{
    sbind__fail(SBIND_NOT_RESOLVED, reterr);
    reterr->call = "getaddrinfo";
    reterr->os_error = code;
    for (size_t i = 0; i < sizeof gai_errors / sizeof *gai_errors; i++)
        if (gai_errors[i].code == code) {
            reterr->os_name = gai_errors[i].name;
            reterr->hint = hint_for(code, host, gai_errors[i].hint);
        }
    return SBIND_NOT_RESOLVED;
}

sbind_status sbind__resolve(const sbind_address *name,
                            struct addrinfo **ret_list, sbind_error *reterr)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_protocol = IPPROTO_TCP};
    int code = getaddrinfo(name->host, NULL, &wanted, ret_list);
    if (code == 0)
        return SBIND_OK;
    if (code == EAI_SYSTEM)
        return sbind__fail_call("getaddrinfo", reterr);
    return fail_gai(code, name->host, reterr);
}
