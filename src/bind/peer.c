/* peer.c - which process and user is at the other end of a connection */
#include <sbind/peer.h>

#include <string.h>

#include "../policy/usable.h"
#include "../status/error.h"
#include "family.h"
#include "hints.h"

static sbind_status refuse_empty_stream(sbind_error *reterr)
{
    return sbind__fail_hint(
        SBIND_FD_CLOSED,
        "the stream is empty: it was never opened, or it was closed", reterr);
}

/* Adds the hint for the stream's kind. The hints for connecting fit, because
 * neither end of a stream listens. */
static sbind_status tell_failure(const sbind_stream *stream, sbind_status s,
                                 const sbind_error *error, sbind_error *reterr)
{
    if (s == SBIND_OK)
        return s;
    if (reterr != NULL)
        *reterr = *error;
    return sbind__advise(s, stream->kind, SBIND__TO_CONNECT, reterr);
}

/* Sets everything to "unknown", until the system says more. */
static void set_unknown(sbind_peer *peer)
{
    memset(peer, 0, sizeof *peer);
    peer->uid = peer->gid = peer->session = SBIND_NO_ID;
    peer->pid = SBIND_NO_PID;
}

sbind_status sbind_peer_of(const sbind_stream *stream, sbind_peer *ret,
                           sbind_error *reterr)
{
    sbind_peer peer;
    sbind_error error;
    if (sbind__is_empty(stream->kind, stream->fd))
        return refuse_empty_stream(reterr);
    set_unknown(&peer);
    sbind_status s = sbind__ask_peer(stream, &peer, &error);
    if (s == SBIND_OK) {
        peer.address = sbind__unmapped(&peer.address);
        *ret = peer;
    }
    return tell_failure(stream, s, &error, reterr);
}

bool sbind_peer_is(const sbind_peer *peer, const uint32_t *uids, size_t count)
{
    if (peer->uid == SBIND_NO_ID || sbind__is(peer->address.kind, SBIND__TCP))
        return false;
    for (size_t i = 0; i < count; i++)
        if (uids[i] == peer->uid)
            return true;
    return false;
}

sbind_status sbind_peer_pidfd(const sbind_stream *stream, sbind_handle *ret,
                              sbind_error *reterr)
{
    sbind_error error;
    if (sbind__is_empty(stream->kind, stream->fd))
        return refuse_empty_stream(reterr);
    sbind_status s = sbind__ask_peer_pidfd(stream, ret, &error);
    return tell_failure(stream, s, &error, reterr);
}
