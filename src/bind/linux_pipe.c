/* linux_pipe.c - named pipes are Windows' (SPEC.md 5.11) */
#include "family.h"
#include "system.h"

sbind_status sbind__refuse_pipe(sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_UNSUPPORTED,
                            "named pipes exist on Windows; use unix:// here",
                            reterr);
}
