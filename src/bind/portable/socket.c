/* portable/socket.c - the options of stream sockets that every system has */
#define _GNU_SOURCE /* SO_REUSEPORT */
#include "../socket.h"

#include "../../status/error.h"
#include "../posix/stream.h"

const char sbind__absent_address[] =
    "no interface, or none of that zone, has this address (yet); see: ifconfig";

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
                        "this system does not have the option device; leave it "
                        "out",
                        reterr);
    if (o->user_timeout != 0)
        return not_here("user_timeout",
                        "this system does not have the option user_timeout; "
                        "leave it out",
                        reterr);
    return SBIND_OK;
}

sbind_status sbind__check_port(const sbind_listen_options *o,
                               sbind_error *reterr)
{
    if (o->freebind != SBIND_UNSET)
        return not_here("freebind",
                        "this system does not have the option freebind; leave "
                        "it out",
                        reterr);
    return SBIND_OK;
}

/* Makes a socket of plain TCP even if Multipath TCP is wanted. Linux does the same
 * if its kernel has Multipath TCP switched off. */
sbind_status sbind__new_tcp_socket(int family, sbind_blocking blocking,
                                   sbind_switch mptcp, int *ret_fd,
                                   sbind_error *reterr)
{
    (void)mptcp;
    return sbind__new_stream(family, blocking, 0, ret_fd, reterr);
}

sbind_status sbind__set_port_options(int fd, int family,
                                     const sbind_listen_options *o,
                                     sbind_error *reterr)
{
    sbind_switch reuse = o->reuse_address == SBIND_OFF ? SBIND_UNSET : SBIND_ON;
    sbind_status s = sbind__set_switch(fd, SOL_SOCKET, SO_REUSEADDR, reuse,
                                       "setsockopt SO_REUSEADDR", reterr);
    (void)family;
    if (s == SBIND_OK)
        s = sbind__set_switch(fd, SOL_SOCKET, SO_REUSEPORT, o->reuse_port,
                              "setsockopt SO_REUSEPORT", reterr);
    return s;
}

/* There is nothing to set: sbind__check_tcp has refused all of these options. */
sbind_status sbind__set_own_tcp_options(int fd, const sbind__tcp_options *o,
                                        sbind_error *reterr)
{
    (void)fd, (void)o, (void)reterr;
    return SBIND_OK;
}

/* POSIX has no option that refuses descriptors, so refuse_descriptors does
 * nothing. */
sbind_status sbind__set_unix_options(int fd, int receive, int send,
                                     sbind_switch refuse, sbind_error *reterr)
{
    (void)refuse;
    return sbind__set_buffers(fd, receive, send, reterr);
}
