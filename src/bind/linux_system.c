/* linux_system.c - errors of the system, and descriptors on the way out */
#define _GNU_SOURCE /* strerrorname_np */
#include "system.h"

#include <errno.h>
#include <stddef.h>
#include <string.h> /* strerrorname_np */
#include <unistd.h>

#include "../status/error.h"

static sbind_status status_of(int error)
{
    switch (error) {
    case EADDRINUSE:
        return SBIND_ADDRESS_IN_USE;
    case ENAMETOOLONG:
        return SBIND_PATH_TOO_LONG;
    case ETIMEDOUT:
        return SBIND_TIMED_OUT;
    case EAFNOSUPPORT:
        return SBIND_UNSUPPORTED;
    default:
        return SBIND_SYSTEM;
    }
}

static const char *hint_of(const char *call, int error)
{
    switch (error) {
    case EADDRNOTAVAIL:
        return strcmp(call, "connect") == 0
                   ? "no interface, or none of that zone, has an address and a "
                     "free port to connect from"
                   : "no interface, or none of that zone, has this address "
                     "(yet); see ip address, or use freebind";
    case EAFNOSUPPORT:
        return "the kernel has not this family; see: ip address";
    case ENETUNREACH:
    case EHOSTUNREACH:
        return "there is no way to this address; see: ip route";
    case ECONNRESET:
        return "who listens there hung up at once";
    case EACCES:
        return "this user may not; ports below 1024 need CAP_NET_BIND_SERVICE, "
               "files and directories the right owner and mode";
    case EPERM:
        return "this needs a privilege that the process has not";
    case ENOENT:
        return "there is no such file or directory";
    case ECONNREFUSED:
        return "nobody listens there";
    case EMFILE:
    case ENFILE:
        return "too many descriptors are open";
    case ENODEV:
        return "there is no such interface";
    case ENOTDIR:
        return "a part of the path is not a directory";
    case ELOOP:
        return "there is a symbolic link where none is followed";
    case ENAMETOOLONG:
        return "a part of a path has at most 255 octets, a path 4095";
    case EROFS:
        return "the file system is mounted read-only";
    case ENOSPC:
    case EDQUOT:
        return "the file system, or this user's share of it, is full";
    case ENOMEM:
    case ENOBUFS:
        return "the system has no memory left for it; try again later";
    default:
        return NULL;
    }
}

sbind_status sbind__fail_call_as(sbind_status status, const char *call,
                                 sbind_error *reterr)
{
    int error = errno;
    sbind__fail(status, reterr);
    if (reterr != NULL) {
        reterr->call = call;
        reterr->os_error = error;
        reterr->os_name = strerrorname_np(error);
        if (sbind_status_hint(status)[0] == '\0')
            reterr->hint = hint_of(call, error);
    }
    return status;
}

sbind_status sbind__fail_call(const char *call, sbind_error *reterr)
{
    return sbind__fail_call_as(status_of(errno), call, reterr);
}

sbind_status sbind__fail_hint(sbind_status status, const char *hint,
                              sbind_error *reterr)
{
    return sbind__fail_at(status, SBIND_NO_OFFSET, hint, reterr);
}

void sbind__close_fd(int fd)
{
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
}
