/* sockaddr.c - addresses of the system as values, and back */
#define _POSIX_C_SOURCE 200809L
#include <sbind/listen.h>

#include <string.h>

#include "../status/error.h"
#include "endpoint.h"
#include "family.h"

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

static bool is_unix(sbind_kind kind)
{
    return kind == SBIND_UNIX_PATH || kind == SBIND_UNIX_ABSTRACT;
}

/* The kinds that are one socket address. */
static bool is_one(sbind_kind kind)
{
    return kind == SBIND_TCP_IPV4 || kind == SBIND_TCP_IPV6 || is_unix(kind);
}

sbind_status sbind_to_sockaddr(const sbind_address *address,
                               struct sockaddr *ret, size_t cap,
                               size_t *ret_length, sbind_error *reterr)
{
    sbind__endpoint e;
    sbind_status s;
    if (!sbind_valid(address))
        return sbind__fail(SBIND_INVALID_ADDRESS, reterr);
    if (!is_one(address->kind))
        return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS,
                                "only an IP address, a path and an abstract "
                                "name are one socket address each",
                                reterr);
    s = is_unix(address->kind) ? sbind__to_unix(address, &e, reterr)
                               : sbind__convert(address, &e, reterr);
    if (s != SBIND_OK)
        return s;
    if ((size_t)e.length > cap)
        return sbind__fail(SBIND_BUFFER_TOO_SMALL, reterr);
    memcpy(ret, &e.sa, (size_t)e.length);
    *ret_length = (size_t)e.length;
    return s;
}
