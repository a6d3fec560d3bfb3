/* portable/peer.c - no descriptor of the process at the other end, because POSIX has
 * no descriptors of processes */
#include "../../status/error.h"
#include "../family.h"

sbind_status sbind__ask_peer_pidfd(const sbind_stream *stream,
                                   sbind_handle *ret, sbind_error *reterr)
{
    (void)stream, (void)ret;
    return sbind__fail(SBIND_NO_PEER_PIDFD, reterr);
}
