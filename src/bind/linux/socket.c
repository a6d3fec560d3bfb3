/* linux/socket.c - the options of stream sockets that only Linux has, or that Linux
 * sets in its own way */
#define _GNU_SOURCE /* IP_FREEBIND */
#include <errno.h>
#include <string.h>

#include "../../status/error.h"
#include "../socket.h"
#include "../system.h"
#include "../posix/stream.h"

/* The headers may be older than the kernel. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif
#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif
#ifndef TCP_USER_TIMEOUT
#define TCP_USER_TIMEOUT 18
#endif

const char sbind__absent_address[] =
    "no interface, or none of that zone, has this address (yet); see: ip "
    "address, or use freebind";

/* ---- Multipath TCP ----------------------------------------------------------- */

/* Whether the error says that the kernel lacks Multipath TCP: the kernel was
 * built without Multipath TCP, is too old for it, or has it switched off
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
        return sbind__new_stream(family, blocking, 0, ret_fd, reterr);
    sbind_status s =
        sbind__new_stream(family, blocking, IPPROTO_MPTCP, ret_fd, &error);
    if (s == SBIND_OK)
        return s;
    if (lacks_mptcp(error.os_error))
        return sbind__new_stream(family, blocking, 0, ret_fd, reterr);
    *reterr = error;
    return s;
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

/* Connections inherit this option from their listener. On older kernels, which
 * lack the option, nothing happens. */
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

/* Linux has every option, so these checks refuse nothing. */
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
