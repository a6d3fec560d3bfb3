/* family.c - the families of addresses */
#include "family.h"

#include <stddef.h>

bool sbind__is(sbind_kind kind, unsigned kinds)
{
    return (unsigned)kind <= SBIND_NPIPE && (kinds >> kind & 1U) != 0;
}

const char *sbind_scheme(sbind_kind kind)
{
    return sbind__is(kind, SBIND__TCP)    ? "tcp"
           : sbind__is(kind, SBIND__UNIX) ? "unix"
           : sbind__is(kind, SBIND__FD)   ? "fd"
           : sbind__is(kind, SBIND__PIPE) ? "npipe"
                                          : NULL;
}
