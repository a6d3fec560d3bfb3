/* portable/credentials.c - which user and process the other end of a unix socket is.
 * POSIX has no call that tells it, so both are unknown. */
#include "../posix/credentials.h"

#include <sbind/peer.h>

const char sbind__unknown_user[] =
    "this system does not tell which user the server is";

sbind_status sbind__credentials_of(int fd, sbind__credentials *ret,
                                   sbind_error *reterr)
{
    (void)fd, (void)reterr;
    *ret = (sbind__credentials){SBIND_NO_ID, SBIND_NO_ID, SBIND_NO_PID};
    return SBIND_OK;
}
