/* macos/manager.c - asks launchd for the sockets of a name. launchd hands them out
 * once in the life of a process, and does not tell which names there are. */
#include "../posix/manager.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../status/error.h"
#include "../system.h"
#include "launchd.h"

/* The name that stands for fd:// and for fd:// with an asterisk. Apple's examples
 * use this name. */
#define USUAL_NAME "Listeners"

static sbind_status status_of(int error)
{
    return error == ENOENT     ? SBIND_NO_SUCH_FD_NAME
           : error == ESRCH    ? SBIND_NOT_ACTIVATED
           : error == EALREADY ? SBIND_FD_TAKEN
                               : SBIND_SYSTEM;
}

static sbind_status fail_launchd(int error, sbind_error *reterr)
{
    errno = error;
    return sbind__fail_call_as(status_of(error), "launch_activate_socket",
                               reterr);
}

/* Keeps all descriptors, or closes all if there are too many. */
static sbind_status keep_all(const int *fds, size_t count, sbind__handed *ret,
                             sbind_error *reterr)
{
    if (count <= SBIND__HANDED_MAX) {
        memcpy(ret->fds, fds, count * sizeof *fds);
        ret->count = count;
        return SBIND_OK;
    }
    for (size_t i = 0; i < count; i++)
        sbind__close_fd(fds[i]);
    return sbind__fail_hint(SBIND_TOO_MANY_FDS,
                            "launchd has more than 256 sockets of this name",
                            reterr);
}

sbind_status sbind__ask_manager(const sbind_address *address,
                                sbind__handed *ret, sbind_error *reterr)
{
    int *fds = NULL;
    size_t count = 0;
    const char *name =
        address->kind == SBIND_FD_NAME ? address->name : USUAL_NAME;
    int error = launch_activate_socket(name, &fds, &count);
    if (error != 0)
        return fail_launchd(error, reterr);
    sbind_status s = keep_all(fds, count, ret, reterr);
    free(fds);
    return s;
}
