/* linux/rename.c - renameat2 as a system call, because a C library may lack it */
#define _GNU_SOURCE /* syscall */
#include "../posix/rename.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_renameat2
int sbind__renameat2(int from_directory, const char *from, int to_directory,
                     const char *to, unsigned flags)
{
    return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to,
                        flags);
}
#else
int sbind__renameat2(int from_directory, const char *from, int to_directory,
                     const char *to, unsigned flags)
{
    (void)from_directory, (void)from, (void)to_directory, (void)to, (void)flags;
    errno = ENOSYS;
    return -1;
}
#endif
