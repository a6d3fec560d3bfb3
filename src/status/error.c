/* error.c - how every room begins an error */
#include "error.h"

#include <string.h>

sbind_status sbind__fail(sbind_status status, sbind_error *reterr)
{
    return sbind__fail_at(status, SBIND_NO_OFFSET, NULL, reterr);
}

sbind_status sbind__fail_at(sbind_status status, size_t offset,
                            const char *hint, sbind_error *reterr)
{
    if (reterr != NULL) {
        memset(reterr, 0, sizeof *reterr);
        reterr->status = status;
        reterr->offset = offset;
        reterr->hint = hint;
        reterr->fds[0] = reterr->fds[1] = -1;
    }
    return status;
}
