/* win32/fd.c - fd:// on Windows, where no process passes sockets by number
 * (SPEC.md 5.10) */
#include "../family.h"
#include "../../status/error.h"

static sbind_status refuse_fd(sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_UNSUPPORTED,
                            "fd:// is for service managers of Unix; use "
                            "tcp:// or npipe:// here",
                            reterr);
}

sbind_status sbind__listen_fd(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr)
{
    (void)address, (void)options, (void)ret, (void)cap, (void)ret_count;
    return refuse_fd(reterr);
}

sbind_status sbind__connect_fd(const sbind_address *address,
                               const sbind_connect_options *options,
                               sbind_stream *ret, sbind_error *reterr)
{
    (void)address, (void)options, (void)ret;
    return refuse_fd(reterr);
}
