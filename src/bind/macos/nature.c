/* macos/nature.c - what a descriptor is. This file asks proc_pidfdinfo, because
 * getsockopt(2) on macOS reports neither the family nor SO_ACCEPTCONN. */
#include "../posix/nature.h"

#include <errno.h>
#include <libproc.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* getsockopt is called first, because its error tells a closed descriptor from one
 * that is not a socket. */
static const char *ask(int fd, struct socket_fdinfo *ret)
{
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0)
        return "getsockopt SO_TYPE";
    if (proc_pidfdinfo(getpid(), fd, PROC_PIDFDSOCKETINFO, ret, sizeof *ret) ==
        (int)sizeof *ret)
        return NULL;
    return "proc_pidfdinfo";
}

sbind_status sbind__ask_nature(int fd, sbind__nature *ret, sbind_error *reterr)
{
    struct socket_fdinfo info;
    const char *failed = ask(fd, &info);
    if (failed != NULL)
        return sbind__fail_question(fd, failed, reterr);
    *ret = (sbind__nature){.type = info.psi.soi_type,
                           .domain = info.psi.soi_family,
                           .is_tcp = info.psi.soi_protocol == IPPROTO_TCP,
                           .is_listening =
                               (info.psi.soi_options & SO_ACCEPTCONN) != 0};
    return SBIND_OK;
}

int sbind__domain_of(int fd)
{
    struct socket_fdinfo info;
    return ask(fd, &info) == NULL ? info.psi.soi_family : AF_UNSPEC;
}

/* macOS does not report whether a socket is one of Multipath TCP. */
sbind_status sbind__ask_mptcp(int fd, bool *ret, sbind_error *reterr)
{
    (void)fd, (void)reterr;
    *ret = false;
    return SBIND_OK;
}

/* Mixes two numbers of the kernel: its handles of the socket and of the
 * protocol's data. For a later socket the kernel may use one of these numbers
 * again, but hardly both. */
bool sbind__identify(int fd, uint64_t *ret, const char **ret_call)
{
    struct socket_fdinfo info;
    *ret_call = ask(fd, &info);
    if (*ret_call != NULL)
        return false;
    *ret = (info.psi.soi_so * 1099511628211U ^ info.psi.soi_pcb) | 1;
    return true;
}
