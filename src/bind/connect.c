/* connect.c - from an address to a connection */
#include <sbind/connect.h>

#include "../status/error.h"
#include "family.h"
#include "hints.h"

static sbind_status connect_family(const sbind_address *address,
                                   const sbind_connect_options *options,
                                   sbind_stream *ret, sbind_error *reterr)
{
    switch (address->kind) {
    case SBIND_TCP_DEFAULT:
    case SBIND_TCP_IPV4:
    case SBIND_TCP_IPV6:
    case SBIND_TCP_NAME:
    case SBIND_TCP_ANY:
        return sbind__connect_tcp(address, options, ret, reterr);
    case SBIND_UNIX_PATH:
    case SBIND_UNIX_ABSTRACT:
        return sbind__connect_unix(address, options, ret, reterr);
    case SBIND_FD_SINGLE:
    case SBIND_FD_ALL:
    case SBIND_FD_NUMBER:
    case SBIND_FD_NAME:
        return sbind__connect_fd(address, options, ret, reterr);
    case SBIND_NPIPE:
        break;
    }
    return sbind__connect_pipe(address, options, ret, reterr);
}

sbind_status sbind_connect(const sbind_address *address,
                           const sbind_connect_options *options,
                           sbind_stream *ret, sbind_error *reterr)
{
    sbind_connect_options o;
    sbind_error error;
    sbind_status s = sbind__apply_default(
        address, options == NULL ? NULL : options->tcp_default, &address,
        &error);
    if (s == SBIND_OK)
        s = sbind__connect_options(options, address->kind, &o, &error);
    if (s == SBIND_OK)
        s = connect_family(address, &o, ret, &error);
    if (s == SBIND_OK)
        return s;
    if (reterr != NULL)
        *reterr = error;
    return sbind__advise(s, address->kind, SBIND__TO_CONNECT, reterr);
}
