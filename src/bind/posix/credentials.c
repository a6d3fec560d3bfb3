/* posix/credentials.c - whether the server runs as the wanted user */
#include "credentials.h"

#include <sbind/peer.h>

#include "../../status/error.h"

sbind_status sbind__check_unix_owner(int fd, uint32_t owner,
                                     sbind_error *reterr)
{
    sbind__credentials server = {SBIND_NO_ID, SBIND_NO_ID, SBIND_NO_PID};
    sbind_status s = sbind__credentials_of(fd, &server, reterr);
    if (s != SBIND_OK)
        return s;
    if (server.uid == SBIND_NO_ID)
        return sbind__fail_hint(SBIND_WRONG_SERVER, sbind__unknown_user,
                                reterr);
    return server.uid == owner ? SBIND_OK
                               : sbind__fail(SBIND_WRONG_SERVER, reterr);
}
