/* macos/rename.c - renameat2, which macOS calls renameatx_np(2) */
#include "../posix/rename.h"

#include <errno.h>
#include <stdio.h>

static unsigned own_flags(unsigned flags)
{
    return ((flags & SBIND__NOREPLACE) != 0 ? RENAME_EXCL : 0) |
           ((flags & SBIND__EXCHANGE) != 0 ? RENAME_SWAP : 0);
}

/* If the file system does not support a flag, the error is ENOTSUP. */
int sbind__renameat2(int from_directory, const char *from, int to_directory,
                     const char *to, unsigned flags)
{
    int result =
        renameatx_np(from_directory, from, to_directory, to, own_flags(flags));
    if (result != 0 && errno == ENOTSUP)
        errno = ENOSYS;
    return result;
}
