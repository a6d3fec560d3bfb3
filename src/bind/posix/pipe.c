/* posix/pipe.c - named pipes are Windows' (SPEC.md 5.11) */
#include "../family.h"
#include "../../status/error.h"

static sbind_status refuse_pipe(sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_UNSUPPORTED,
                            "only Windows has named pipes; use unix:// here",
                            reterr);
}

sbind_status sbind__listen_pipe(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr)
{
    (void)address, (void)options, (void)ret;
    return refuse_pipe(reterr);
}

sbind_status sbind__connect_pipe(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr)
{
    (void)address, (void)options, (void)ret;
    return refuse_pipe(reterr);
}
