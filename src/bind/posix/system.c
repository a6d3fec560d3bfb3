/* posix/system.c - errors of the system, and closing descriptors */
#include "../system.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../errno_name.h"

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

sbind_status sbind__fail_call_as(sbind_status status, const char *call,
                                 sbind_error *reterr)
{
    int error = errno;
    sbind__fail(status, reterr);
    if (reterr != NULL) {
        reterr->call = call;
        reterr->os_error = error;
        reterr->os_name = sbind__errno_name(error);
    }
    return status;
}

sbind_status sbind__fail_call(const char *call, sbind_error *reterr)
{
    return sbind__fail_call_as(status_of(errno), call, reterr);
}

sbind_status sbind__fail_code(const char *call, int code, sbind_error *reterr)
{
    errno = code;
    return sbind__fail_call(call, reterr);
}

void sbind__close_fd(int fd)
{
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
}
