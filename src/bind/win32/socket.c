/* win32/socket.c - what stream sockets need on Windows */
#include "../socket.h"

#include "../../status/error.h"
#include "../system.h"
#include "win32.h"

#include <mstcpip.h>

#if SBIND__AWAIT_MAX > FD_SETSIZE
#error an fd_set does not have room for all that are waited for
#endif

/* ---- Winsock ------------------------------------------------------------------- */

static BOOL CALLBACK start_winsock(PINIT_ONCE once, void *context,
                                   void **result)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);
    (void)once, (void)context, (void)result;
    SetLastError((DWORD)error);
    return error == 0;
}

/* Starts Winsock once in a process, and never ends it, because sockets outlive
 * the calls that make them. If starting fails, the next call tries again. */
sbind_status sbind__start_winsock(sbind_error *reterr)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    if (!InitOnceExecuteOnce(&once, start_winsock, NULL, NULL))
        return sbind__fail_call("WSAStartup", reterr);
    return SBIND_OK;
}

/* ---- Sockets ------------------------------------------------------------------- */

sbind_status sbind__new_socket(int family, sbind_blocking blocking,
                               sbind_handle *ret, sbind_error *reterr)
{
    sbind_status status = sbind__start_winsock(reterr);
    if (status != SBIND_OK)
        return status;
    SOCKET s = WSASocketW(family, SOCK_STREAM, 0, NULL, 0,
                          WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (s == INVALID_SOCKET)
        return sbind__fail_call("WSASocketW", reterr);
    if (blocking == SBIND_NONBLOCKING)
        status = sbind__set_blocking((sbind_handle)s, blocking, NULL, reterr);
    if (status == SBIND_OK)
        *ret = (sbind_handle)s;
    else
        sbind__close_fd((sbind_handle)s);
    return status;
}

/* Leaves *ret_before as it is: sockets of Windows are not inherited, so the
 * caller has nothing to restore. */
sbind_status sbind__set_blocking(sbind_handle fd, sbind_blocking blocking,
                                 int *ret_before, sbind_error *reterr)
{
    u_long nonblocking = blocking == SBIND_NONBLOCKING;
    (void)ret_before;
    if (ioctlsocket((SOCKET)fd, (long)FIONBIO, &nonblocking) != 0)
        return sbind__fail_call("ioctlsocket FIONBIO", reterr);
    return SBIND_OK;
}

/* ---- Options of TCP ------------------------------------------------------------ */

static sbind_status not_here(const char *option, const char *hint,
                             sbind_error *reterr)
{
    return sbind__fail_option(SBIND_OPTION_NOT_APPLICABLE, option, hint,
                              reterr);
}

sbind_status sbind__check_tcp(const sbind__tcp_options *o, sbind_error *reterr)
{
    if (o->device != NULL)
        return not_here("device",
                        "Windows does not have the option device; leave it out",
                        reterr);
    if (o->user_timeout != 0)
        return not_here("user_timeout",
                        "Windows does not have the option user_timeout; leave "
                        "it out",
                        reterr);
    if (o->mptcp == SBIND_ON)
        return not_here("mptcp",
                        "Windows does not have Multipath TCP; leave mptcp out",
                        reterr);
    return SBIND_OK;
}

/* Refuses options that Windows lacks, and reuse_address: SO_REUSEADDR of
 * Windows lets any other process take the port. */
sbind_status sbind__check_port(const sbind_listen_options *o,
                               sbind_error *reterr)
{
    if (o->reuse_address == SBIND_ON || o->reuse_port == SBIND_ON)
        return not_here(
            o->reuse_address == SBIND_ON ? "reuse_address" : "reuse_port",
            "on Windows reuse_address and reuse_port would let others "
            "take the port; leave them out",
            reterr);
    if (o->freebind != SBIND_UNSET)
        return not_here(
            "freebind",
            "Windows does not have the option freebind; leave it out", reterr);
    return SBIND_OK;
}

sbind_status sbind__new_tcp_socket(int family, sbind_blocking blocking,
                                   sbind_switch mptcp, sbind_handle *ret,
                                   sbind_error *reterr)
{
    (void)mptcp; /* sbind__check_tcp has refused it */
    return sbind__new_socket(family, blocking, ret, reterr);
}

sbind_status sbind__set_unix_options(sbind_handle fd, int receive, int send,
                                     sbind_switch refuse, sbind_error *reterr)
{
    if (refuse == SBIND_ON)
        return not_here("refuse_descriptors",
                        "sockets of Windows carry no descriptors; leave "
                        "refuse_descriptors out",
                        reterr);
    return sbind__set_buffers(fd, receive, send, reterr);
}

/* sbind__check_tcp has refused them all. */
sbind_status sbind__set_own_tcp_options(sbind_handle fd,
                                        const sbind__tcp_options *o,
                                        sbind_error *reterr)
{
    (void)fd, (void)o, (void)reterr;
    return SBIND_OK;
}

sbind_status sbind__set_port_options(sbind_handle fd, int family,
                                     const sbind_listen_options *o,
                                     sbind_error *reterr)
{
    (void)family, (void)o;
    return sbind__set_option(fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1,
                             "setsockopt SO_EXCLUSIVEADDRUSE", reterr);
}

/* ---- Connecting ---------------------------------------------------------------- */

static bool is_loopback(const struct sockaddr *sa)
{
    const struct sockaddr_in *in = (const void *)sa;
    const struct sockaddr_in6 *in6 = (const void *)sa;
    if (sa->sa_family == AF_INET)
        return in->sin_addr.S_un.S_un_b.s_b1 == 127;
    return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* Turns off repeated attempts for addresses of this machine. Windows tries a
 * closed port three times, which takes two seconds, but on the same machine no
 * packet is lost. Windows before 10 does not have this option. */
static void ask_once(sbind_handle fd)
{
    TCP_INITIAL_RTO_PARAMETERS once = {
        .Rtt = TCP_INITIAL_RTO_UNSPECIFIED_RTT,
        .MaxSynRetransmissions = TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS};
    DWORD unused;
    WSAIoctl((SOCKET)fd, SIO_TCP_INITIAL_RTO, &once, sizeof once, NULL, 0,
             &unused, NULL, NULL);
}

sbind_status sbind__begin_connection(sbind_handle fd, const struct sockaddr *sa,
                                     socklen_t length, sbind_error *reterr)
{
    if (is_loopback(sa))
        ask_once(fd);
    if (connect((SOCKET)fd, sa, length) == 0 ||
        WSAGetLastError() == WSAEWOULDBLOCK)
        return SBIND_OK;
    return sbind__fail_call("connect", reterr);
}

static struct timeval time_to_wait(const sbind__deadline *deadline)
{
    const int64_t a_day = 86400000;
    int64_t left = sbind__time_left(deadline);
    if (left < 0 || left > a_day)
        left = a_day;
    return (struct timeval){(long)(left / 1000), (long)(left % 1000 * 1000)};
}

/* Waits for sockets. select is used because WSAPoll did not report failed
 * connections before Windows 10 2004. An fd_set has room for all sockets that
 * are waited for. */
sbind_status sbind__await(const sbind_handle *fds, bool *ret_ready, size_t n,
                          const sbind__deadline *deadline, sbind_error *reterr)
{
    fd_set writable, failed;
    int ready;
    do {
        struct timeval time = time_to_wait(deadline);
        writable.fd_count = (u_int)n;
        for (size_t i = 0; i < n; i++)
            writable.fd_array[i] = (SOCKET)fds[i];
        failed = writable;
        ready = select(0, NULL, &writable, &failed, &time);
    } while (ready == 0 && sbind__time_left(deadline) != 0);
    if (ready < 0)
        return sbind__fail_call("select", reterr);
    for (size_t i = 0; i < n; i++)
        ret_ready[i] = FD_ISSET((SOCKET)fds[i], &writable) ||
                       FD_ISSET((SOCKET)fds[i], &failed);
    return SBIND_OK;
}
