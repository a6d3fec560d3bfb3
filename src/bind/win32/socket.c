/* win32/socket.c - what sockets of every family need */
#include "win32.h"

#include <limits.h>

#include "../../status/error.h"
#include "../deadline.h"

/* ---- Winsock ------------------------------------------------------------------- */

static BOOL CALLBACK start(PINIT_ONCE once, void *context, void **result)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);
    (void)once, (void)context, (void)result;
    SetLastError((DWORD)error);
    return error == 0;
}

/* Once in a process, and never ended: sockets outlive the calls that make
 * them. What fails is tried again the next time. */
sbind_status sbind__start_winsock(sbind_error *reterr)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    if (!InitOnceExecuteOnce(&once, start, NULL, NULL))
        return sbind__fail_win32("WSAStartup", reterr);
    return SBIND_OK;
}

/* ---- Sockets ------------------------------------------------------------------- */

sbind_status sbind__new_winsock(int family, SOCKET *ret, sbind_error *reterr)
{
    SOCKET s;
    sbind_status status = sbind__start_winsock(reterr);
    if (status != SBIND_OK)
        return status;
    s = WSASocketW(family, SOCK_STREAM, 0, NULL, 0,
                   WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (s == INVALID_SOCKET)
        return sbind__fail_win32("WSASocketW", reterr);
    *ret = s;
    return SBIND_OK;
}

sbind_status sbind__set_winsock_option(SOCKET s, int level, int name, int value,
                                       const char *call, sbind_error *reterr)
{
    if (setsockopt(s, level, name, (const char *)&value, sizeof value) != 0)
        return sbind__fail_win32(call, reterr);
    return SBIND_OK;
}

sbind_status sbind__set_winsock_buffers(SOCKET s, int receive, int send,
                                        sbind_error *reterr)
{
    sbind_status status = SBIND_OK;
    if (receive > 0)
        status = sbind__set_winsock_option(s, SOL_SOCKET, SO_RCVBUF, receive,
                                           "setsockopt SO_RCVBUF", reterr);
    if (status == SBIND_OK && send > 0)
        status = sbind__set_winsock_option(s, SOL_SOCKET, SO_SNDBUF, send,
                                           "setsockopt SO_SNDBUF", reterr);
    return status;
}

sbind_status sbind__set_winsock_blocking(SOCKET s, sbind_blocking blocking,
                                         sbind_error *reterr)
{
    u_long nonblocking = blocking == SBIND_NONBLOCKING;
    if (ioctlsocket(s, (long)FIONBIO, &nonblocking) != 0)
        return sbind__fail_win32("ioctlsocket FIONBIO", reterr);
    return SBIND_OK;
}

/* ---- Connecting ---------------------------------------------------------------- */

/* Until the socket is writable, or has failed; select tells of both, WSAPoll
 * did not before Windows 10 2004. At most a day at a time. */
// what FD_SET hides is no complexity of ours
// NOLINTNEXTLINE(readability-function-cognitive-complexity)
static sbind_status await_connected(SOCKET s, const sbind__deadline *deadline,
                                    sbind_error *reterr)
{
    const int64_t most = 86400000;
    for (;;) {
        int64_t left = sbind__time_left(deadline);
        int64_t wait = left < 0 || left > most ? most : left;
        struct timeval time = {(long)(wait / 1000), (long)(wait % 1000 * 1000)};
        fd_set writable, failed;
        int n;
        FD_ZERO(&writable);
        FD_ZERO(&failed);
        FD_SET(s, &writable);
        FD_SET(s, &failed);
        n = select(0, NULL, &writable, &failed, &time);
        if (n > 0)
            return SBIND_OK;
        if (n < 0)
            return sbind__fail_win32("select", reterr);
        if (sbind__time_left(deadline) == 0)
            return sbind__fail(SBIND_TIMED_OUT, reterr);
    }
}

sbind_status sbind__connect_winsock(SOCKET s, const struct sockaddr *sa,
                                    int length, const sbind__deadline *deadline,
                                    sbind_error *reterr)
{
    int error = 0, size = sizeof error;
    sbind_status status;
    if (connect(s, sa, length) == 0)
        return SBIND_OK;
    if (WSAGetLastError() != WSAEWOULDBLOCK)
        return sbind__fail_win32("connect", reterr);
    status = await_connected(s, deadline, reterr);
    if (status != SBIND_OK)
        return status;
    if (getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&error, &size) != 0)
        return sbind__fail_win32("getsockopt SO_ERROR", reterr);
    return error == 0 ? SBIND_OK
                      : sbind__fail_code("connect", (DWORD)error, reterr);
}
