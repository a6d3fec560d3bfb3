/* win32/environment.c - on Windows no service manager passes sockets, so the
 * variables have no meaning and are left alone */
#include <sbind/activation.h>

#include "../../status/error.h"

sbind_status sbind_activation_take(unsigned flags, sbind_activation *ret,
                                   sbind_error *reterr)
{
    if ((flags & ~(SBIND_ACCEPT_MISSING_PID | SBIND_CLEAR_ENVIRONMENT)) != 0)
        return sbind__fail(SBIND_BAD_OPTION, reterr);
    *ret = (sbind_activation){SBIND_ACTIVATION_NONE, 0, {NULL, 0}, NULL};
    return SBIND_OK;
}

uint64_t sbind_own_pidfdid(void) { return 0; }
