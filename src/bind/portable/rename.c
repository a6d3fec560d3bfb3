/* portable/rename.c - POSIX has no rename that refuses to overwrite a file, so
 * renameat2 fails with ENOSYS. The callers then move the file in another
 * way. */
#include "../posix/rename.h"

#include <errno.h>

int sbind__renameat2(int from_directory, const char *from, int to_directory,
                     const char *to, unsigned flags)
{
    (void)from_directory, (void)from, (void)to_directory, (void)to, (void)flags;
    errno = ENOSYS;
    return -1;
}
