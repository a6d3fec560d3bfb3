/* error.c - sets an error, for all rooms of the library */
#include "error.h"

#include <string.h>

sbind_status sbind__fail(sbind_status status, sbind_error *reterr)
{
    return sbind__fail_at(status, SBIND_NO_OFFSET, NULL, reterr);
}

sbind_status sbind__fail_hint(sbind_status status, const char *hint,
                              sbind_error *reterr)
{
    return sbind__fail_at(status, SBIND_NO_OFFSET, hint, reterr);
}

sbind_status sbind__fail_option(sbind_status status, const char *option,
                                const char *hint, sbind_error *reterr)
{
    sbind__fail_at(status, SBIND_NO_OFFSET, hint, reterr);
    if (reterr != NULL)
        reterr->option = option;
    return status;
}

sbind_status sbind__fail_at(sbind_status status, size_t offset,
                            const char *hint, sbind_error *reterr)
{
    if (reterr != NULL) {
        memset(reterr, 0, offsetof(sbind_error, attempts));
        reterr->status = status;
        reterr->offset = offset;
        reterr->hint = hint;
        reterr->fds[0] = reterr->fds[1] = -1;
    }
    return status;
}

void sbind__add_attempt(const char address[SBIND_ATTEMPT_TEXT_MAX],
                        const sbind_error *error, sbind_error *all)
{
    if (all->attempt_count < SBIND_ATTEMPTS_MAX) {
        sbind_attempt *a = &all->attempts[all->attempt_count];
        memcpy(a->address, address, sizeof a->address);
        a->status = error->status;
        a->os_error = error->os_error;
        a->os_name = error->os_name;
        a->call = error->call;
        a->hint = error->hint;
    }
    all->attempt_count++;
    all->status = error->status;
    all->os_error = error->os_error;
    all->os_name = error->os_name;
    all->call = error->call;
    all->hint = error->hint;
}
