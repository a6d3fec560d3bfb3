/* linux/socket.c - what stream sockets need in the way of Linux */
#define _GNU_SOURCE /* IP_FREEBIND */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../family.h"
#include "../socket.h"
#include "../system.h"
#include "../posix/fresh.h"

/* Of headers older than the kernel. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif
#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif
#ifndef TCP_USER_TIMEOUT
#define TCP_USER_TIMEOUT 18
#endif

static sbind_status new_socket(int family, sbind_blocking blocking,
                               int protocol, int *ret_fd, sbind_error *reterr)
{
    const char *call;
    int fd = sbind__fresh_socket(family, SOCK_STREAM, protocol,
                                 blocking == SBIND_NONBLOCKING, &call);
    if (fd < 0)
        return sbind__fail_call(call, reterr);
    *ret_fd = fd;
    return SBIND_OK;
}

sbind_status sbind__new_socket(int family, sbind_blocking blocking, int *ret_fd,
                               sbind_error *reterr)
{
    return new_socket(family, blocking, 0, ret_fd, reterr);
}

/* The kernel was built without it, is too old for it, or has it switched off
 * (net.mptcp.enabled). */
static bool lacks_mptcp(int error)
{
    return error == EPROTONOSUPPORT || error == EINVAL || error == ENOPROTOOPT;
}

sbind_status sbind__new_tcp_socket(int family, sbind_blocking blocking,
                                   sbind_switch mptcp, int *ret_fd,
                                   sbind_error *reterr)
{
    sbind_error error;
    if (mptcp != SBIND_ON)
        return new_socket(family, blocking, 0, ret_fd, reterr);
    sbind_status s =
        new_socket(family, blocking, IPPROTO_MPTCP, ret_fd, &error);
    if (s == SBIND_OK)
        return s;
    if (lacks_mptcp(error.os_error))
        return new_socket(family, blocking, 0, ret_fd, reterr);
    *reterr = error;
    return s;
}

sbind_status sbind__set_blocking(int fd, sbind_blocking blocking,
                                 int *ret_before, sbind_error *reterr)
{
    int flags, wanted;
    if (blocking == SBIND_AS_INHERITED)
        return SBIND_OK;
    flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return sbind__fail_call("fcntl F_GETFL", reterr);
    wanted =
        blocking == SBIND_BLOCKING ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (wanted == flags)
        return SBIND_OK;
    if (fcntl(fd, F_SETFL, wanted) != 0)
        return sbind__fail_call("fcntl F_SETFL", reterr);
    if (ret_before != NULL)
        *ret_before = flags;
    return SBIND_OK;
}

/* ---- Options ---------------------------------------------------------------- */

static sbind_status set_freebind(int fd, int family, sbind_switch s,
                                 sbind_error *reterr)
{
    if (family == AF_INET6)
        return sbind__set_switch(fd, IPPROTO_IPV6, IPV6_FREEBIND, s,
                                 "setsockopt IPV6_FREEBIND", reterr);
    return sbind__set_switch(fd, IPPROTO_IP, IP_FREEBIND, s,
                             "setsockopt IP_FREEBIND", reterr);
}

sbind_status sbind__set_port_options(int fd, int family,
                                     const sbind_listen_options *o,
                                     sbind_error *reterr)
{
    sbind_switch reuse = o->reuse_address == SBIND_OFF ? SBIND_UNSET : SBIND_ON;
    sbind_status s = sbind__set_switch(fd, SOL_SOCKET, SO_REUSEADDR, reuse,
                                       "setsockopt SO_REUSEADDR", reterr);
    if (s == SBIND_OK)
        s = sbind__set_switch(fd, SOL_SOCKET, SO_REUSEPORT, o->reuse_port,
                              "setsockopt SO_REUSEPORT", reterr);
    if (s == SBIND_OK)
        s = set_freebind(fd, family, o->freebind, reterr);
    return s;
}

static sbind_status set_device(int fd, const char *device, sbind_error *reterr)
{
    if (device == NULL)
        return SBIND_OK;
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device,
                   (socklen_t)strlen(device)) != 0)
        return sbind__fail_call("setsockopt SO_BINDTODEVICE", reterr);
    return SBIND_OK;
}

sbind_status sbind__set_own_tcp_options(int fd, const sbind__tcp_options *o,
                                        sbind_error *reterr)
{
    sbind_status s = set_device(fd, o->device, reterr);
    if (s == SBIND_OK && o->user_timeout != 0)
        s = sbind__set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
                              o->user_timeout, "setsockopt TCP_USER_TIMEOUT",
                              reterr);
    return s;
}

/* Connections get it from their listener. Older kernels do not have it. */
static sbind_status refuse_descriptors(int fd, sbind_error *reterr)
{
    const int no = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &no, sizeof no) == 0 ||
        errno == ENOPROTOOPT)
        return SBIND_OK;
    return sbind__fail_call("setsockopt SO_PASSRIGHTS", reterr);
}

sbind_status sbind__set_unix_options(int fd, int receive, int send,
                                     sbind_switch refuse, sbind_error *reterr)
{
    sbind_status s = sbind__set_buffers(fd, receive, send, reterr);
    return s == SBIND_OK && refuse == SBIND_ON ? refuse_descriptors(fd, reterr)
                                               : s;
}

/* Linux has all of them. */
sbind_status sbind__check_tcp(const sbind__tcp_options *o, sbind_error *reterr)
{
    (void)o, (void)reterr;
    return SBIND_OK;
}

sbind_status sbind__check_port(const sbind_listen_options *o,
                               sbind_error *reterr)
{
    (void)o, (void)reterr;
    return SBIND_OK;
}

/* ---- Connecting -------------------------------------------------------------- */

sbind_status sbind__begin_connection(int fd, const struct sockaddr *sa,
                                     socklen_t length, sbind_error *reterr)
{
    if (connect(fd, sa, length) == 0 || errno == EINPROGRESS || errno == EINTR)
        return SBIND_OK;
    return sbind__fail_call("connect", reterr);
}

/* poll(2), without an end by signals: how many are ready; -1 and errno. */
static int poll_until(struct pollfd *polls, size_t n,
                      const sbind__deadline *deadline)
{
    for (;;) {
        int64_t left = sbind__time_left(deadline);
        int ready = poll(polls, n, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return ready;
        if (ready == 0 && sbind__time_left(deadline) == 0)
            return 0;
    }
}

sbind_status sbind__await(const int *fds, bool *ret_ready, size_t n,
                          const sbind__deadline *deadline, sbind_error *reterr)
{
    struct pollfd polls[SBIND__AWAIT_MAX];
    for (size_t i = 0; i < n; i++)
        polls[i] = (struct pollfd){.fd = fds[i], .events = POLLOUT};
    if (poll_until(polls, n, deadline) < 0)
        return sbind__fail_call("poll", reterr);
    for (size_t i = 0; i < n; i++)
        ret_ready[i] = polls[i].revents != 0;
    return SBIND_OK;
}

sbind_status sbind__socket_address(int fd, sbind_address *ret,
                                   sbind_error *reterr)
{
    struct sockaddr_storage sa;
    socklen_t length = sizeof sa;
    memset(&sa, 0, sizeof sa);
    if (getsockname(fd, (struct sockaddr *)&sa, &length) != 0)
        return sbind__fail_call("getsockname", reterr);
    sbind_status s =
        sbind__from_sockaddr((const struct sockaddr *)&sa, length, ret);
    return s == SBIND_OK ? s : sbind__fail(s, reterr);
}
