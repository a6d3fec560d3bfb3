/* posix/environment.c - the activation of this process: sbind_activation_read
 * with the real environment. No other file reads these variables. */
#define _POSIX_C_SOURCE 200809L
#include <sbind/activation.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../variable.h"

static const char *const variables[] = {"LISTEN_PID", "LISTEN_PIDFDID",
                                        "LISTEN_FDS", "LISTEN_FDNAMES"};

static sbind_env_value value_of(const char *variable)
{
    const char *text = sbind__getenv(variable);
    return (sbind_env_value){text, text == NULL ? 0 : strlen(text)};
}

/* How many descriptors can have been passed: the soft RLIMIT_NOFILE, less the
 * descriptors below the first passed descriptor. */
static uint32_t descriptor_limit(void)
{
    struct rlimit limit;
    const rlim_t most = INT32_MAX;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > most)
        limit.rlim_cur = most;
    if (limit.rlim_cur <= SBIND_LISTEN_FDS_START)
        return 0;
    return (uint32_t)(limit.rlim_cur - SBIND_LISTEN_FDS_START);
}

sbind_status sbind_activation_take(unsigned flags, sbind_activation *ret,
                                   sbind_error *reterr)
{
    sbind_activation_input in;

    if ((flags & ~(SBIND_ACCEPT_MISSING_PID | SBIND_CLEAR_ENVIRONMENT)) != 0)
        return sbind__fail(SBIND_BAD_OPTION, reterr);
    in.pid = value_of(variables[0]);
    in.pidfdid = value_of(variables[1]);
    in.fds = value_of(variables[2]);
    in.fdnames = value_of(variables[3]);
    in.self_pid = (int32_t)getpid();
    in.self_pidfdid = in.pidfdid.text == NULL ? 0 : sbind_own_pidfdid();
    in.fd_limit = descriptor_limit();
    in.accept_missing_pid = (flags & SBIND_ACCEPT_MISSING_PID) != 0;
    sbind_status status = sbind_activation_read(&in, ret, reterr);
    if (status == SBIND_OK && (flags & SBIND_CLEAR_ENVIRONMENT) != 0)
        for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
            unsetenv(variables[i]);
    return status;
}
