/* win32/pass.c - on Windows no program takes sockets by environment variables,
 * so passing is refused */
#include <sbind/pass.h>

#include "../../status/error.h"

sbind_status sbind_pass(const sbind_listener *const *listeners,
                        const char *const *names, size_t count,
                        sbind_passed *ret, sbind_error *reterr)
{
    (void)listeners, (void)names, (void)count, (void)ret;
    return sbind__fail_hint(SBIND_UNSUPPORTED,
                            "on Windows no sockets can be passed to a child",
                            reterr);
}

sbind_status sbind_pass_here(sbind_passed *passed, char *const envp[],
                             char ***ret_envp)
{
    (void)passed, (void)envp, (void)ret_envp;
    return SBIND_UNSUPPORTED;
}
