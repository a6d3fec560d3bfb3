/* hints.c - finds the hint for an error in the table of this system */
#include "hints.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "../status/ensure.h"

static bool fits_where(unsigned where, sbind_kind kind, sbind__use use)
{
    const unsigned uses = SBIND__LISTENING | SBIND__CONNECTING;
    unsigned wanted =
        use == SBIND__TO_LISTEN ? SBIND__LISTENING : SBIND__CONNECTING;
    return sbind__is(kind, where) &&
           ((where & uses) == 0 || (where & wanted) != 0);
}

static bool fits_call(const char *wanted, const char *call)
{
    return wanted == NULL || (call != NULL && strcmp(wanted, call) == 0);
}

static const char *find_hint(sbind_status status, const char *call,
                             int os_error, sbind_kind kind, sbind__use use)
{
    const sbind__advice *a = sbind__advices;
    while (a->hint != NULL &&
           !(a->status == status && fits_call(a->call, call) &&
             (a->os_error == 0 || a->os_error == os_error) &&
             fits_where(a->where, kind, use)))
        a++;
    return a->hint;
}

sbind_status sbind__advise(sbind_status status, sbind_kind kind, sbind__use use,
                           sbind_error *reterr)
{
    if (reterr == NULL)
        return status;
    SBIND__ENSURE(status != SBIND_OK && reterr->status == status);
    if (reterr->hint == NULL)
        reterr->hint =
            find_hint(status, reterr->call, reterr->os_error, kind, use);
    for (size_t i = 0; i < reterr->attempt_count && i < SBIND_ATTEMPTS_MAX;
         i++) {
        sbind_attempt *a = &reterr->attempts[i];
        if (a->hint == NULL)
            a->hint = find_hint(a->status, a->call, a->os_error, kind, use);
    }
    return status;
}
