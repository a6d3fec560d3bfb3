/* linux/nature.c - what a descriptor is, asked by getsockopt(2) */
#define _GNU_SOURCE /* SO_PROTOCOL */
#include "../posix/nature.h"

#include <sys/stat.h>

#include "../net.h"

static sbind_status ask_number(int fd, int name, const char *call, int *ret,
                               sbind_error *reterr)
{
    socklen_t length = sizeof *ret;
    return getsockopt(fd, SOL_SOCKET, name, ret, &length) == 0
               ? SBIND_OK
               : sbind__fail_question(fd, call, reterr);
}

sbind_status sbind__ask_nature(int fd, sbind__nature *ret, sbind_error *reterr)
{
    int protocol = 0, listening = 0;
    sbind_status s =
        ask_number(fd, SO_TYPE, "getsockopt SO_TYPE", &ret->type, reterr);
    if (s == SBIND_OK)
        s = ask_number(fd, SO_DOMAIN, "getsockopt SO_DOMAIN", &ret->domain,
                       reterr);
    if (s == SBIND_OK)
        s = ask_number(fd, SO_PROTOCOL, "getsockopt SO_PROTOCOL", &protocol,
                       reterr);
    if (s == SBIND_OK)
        s = ask_number(fd, SO_ACCEPTCONN, "getsockopt SO_ACCEPTCONN",
                       &listening, reterr);
    ret->is_tcp = protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
    ret->is_listening = listening == 1;
    return s;
}

int sbind__domain_of(int fd)
{
    int domain = AF_UNSPEC;
    socklen_t length = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0
               ? domain
               : AF_UNSPEC;
}

sbind_status sbind__ask_mptcp(int fd, bool *ret, sbind_error *reterr)
{
    int protocol = 0;
    sbind_status s = ask_number(fd, SO_PROTOCOL, "getsockopt SO_PROTOCOL",
                                &protocol, reterr);
    *ret = protocol == IPPROTO_MPTCP;
    return s;
}

/* The inode alone identifies a socket. st_dev is the same for all sockets,
 * because they belong to one file system (sockfs). The inodes of sockfs fit in
 * an unsigned long, so on a 32-bit system st_ino is complete as well. */
bool sbind__identify(int fd, uint64_t *ret, const char **ret_call)
{
    struct stat st;
    *ret_call = "fstat";
    if (fstat(fd, &st) != 0)
        return false;
    *ret = (uint64_t)st.st_ino;
    return true;
}
