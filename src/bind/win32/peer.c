/* win32/peer.c - which process and user is at the other end of a connection, on
 * Windows
 *
 * Windows gives the id of the client's process as the client noted it in the
 * pipe, so the id may be false. OpenProcess with that id could open another
 * process. Only impersonation tells who the user is. */
#include "token.h"

#include <string.h>

#include "../../status/error.h"
#include "../system.h"

/* ---- Sockets --------------------------------------------------------------------- */

/* Windows says nothing about a unix socket's peer. */
static sbind_status ask_socket(SOCKET s, sbind_peer *ret, sbind_error *reterr)
{
    struct sockaddr_storage sa;
    int length = sizeof sa;
    memset(&sa, 0, sizeof sa);
    if (getpeername(s, (struct sockaddr *)&sa, &length) != 0)
        return GetLastError() == WSAENOTCONN
                   ? sbind__fail_call_as(SBIND_PEER_GONE, "getpeername", reterr)
                   : sbind__fail_call("getpeername", reterr);
    if (sa.ss_family == AF_UNIX)
        return SBIND_OK;
    sbind_status status = sbind__from_sockaddr((const struct sockaddr *)&sa,
                                               (size_t)length, &ret->address);
    return status == SBIND_OK ? status : sbind__fail(status, reterr);
}

/* ---- Pipes ------------------------------------------------------------------------- */

static int32_t known_process(ULONG process)
{
    return process > 0 && process <= INT32_MAX ? (int32_t)process
                                               : SBIND_NO_PID;
}

/* A client of another machine has neither. */
static void ask_client_process(HANDLE pipe, sbind_peer *ret)
{
    ULONG process, session;
    if (GetNamedPipeClientProcessId(pipe, &process))
        ret->pid = known_process(process);
    if (GetNamedPipeClientSessionId(pipe, &session))
        ret->session = session;
}

static void ask_server_process(HANDLE pipe, sbind_peer *ret)
{
    ULONG process, session;
    if (GetNamedPipeServerProcessId(pipe, &process))
        ret->pid = known_process(process);
    if (GetNamedPipeServerSessionId(pipe, &session))
        ret->session = session;
}

/* The client's token, or NULL if the client does not show it. Until
 * RevertToSelf, the system takes this thread for the client. Meanwhile the
 * thread only opens its own token. */
static sbind_status client_token(HANDLE pipe, HANDLE *ret, sbind_error *reterr)
{
    HANDLE token = NULL;
    *ret = NULL;
    /* If the thread impersonates another user already,
     * ImpersonateNamedPipeClient would end that. */
    if (sbind__check_thread(NULL) != SBIND_OK ||
        !ImpersonateNamedPipeClient(pipe))
        return SBIND_OK;
    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
        token = NULL;
    if (!RevertToSelf()) {
        sbind_status s = sbind__fail_call("RevertToSelf", reterr);
        sbind__close_handle(token);
        return s;
    }
    *ret = token;
    return SBIND_OK;
}

static sbind_status ask_client(HANDLE pipe, sbind_peer *ret,
                               sbind_error *reterr)
{
    HANDLE token;
    sbind_status s = client_token(pipe, &token, reterr);
    ask_client_process(pipe, ret);
    if (s == SBIND_OK && token != NULL)
        s = sbind__sid_of_token(token, ret->sid, reterr);
    sbind__close_handle(token);
    return s;
}

static sbind_status ask_pipe(HANDLE pipe, sbind_peer *ret, sbind_error *reterr)
{
    DWORD flags;
    if (!GetNamedPipeInfo(pipe, &flags, NULL, NULL, NULL))
        return sbind__fail_call("GetNamedPipeInfo", reterr);
    if (flags & PIPE_SERVER_END)
        return ask_client(pipe, ret, reterr);
    ask_server_process(pipe, ret);
    return sbind__sid_of_owner(pipe, ret->sid, reterr);
}

sbind_status sbind__ask_peer(const sbind_stream *stream, sbind_peer *ret,
                             sbind_error *reterr)
{
    return stream->kind == SBIND_NPIPE
               ? ask_pipe((HANDLE)stream->fd, ret, reterr)
               : ask_socket((SOCKET)stream->fd, ret, reterr);
}

sbind_status sbind__ask_peer_pidfd(const sbind_stream *stream,
                                   sbind_handle *ret, sbind_error *reterr)
{
    (void)stream, (void)ret;
    return sbind__fail(SBIND_NO_PEER_PIDFD, reterr);
}
