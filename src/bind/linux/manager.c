/* linux/manager.c - service managers on Linux pass sockets when they start the
 * process. A process cannot ask for sockets later. */
#include "../posix/manager.h"

#include "../../status/error.h"

sbind_status sbind__ask_manager(const sbind_address *address,
                                sbind__handed *ret, sbind_error *reterr)
{
    (void)address, (void)ret;
    return sbind__fail(SBIND_NOT_ACTIVATED, reterr);
}
