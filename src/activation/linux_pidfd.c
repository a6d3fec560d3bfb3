/* linux_pidfd.c - the id of the own pidfd (pidfs, Linux 6.9) */
#define _GNU_SOURCE /* syscall */
#include "environment.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PIDFS_MAGIC                                                            \
    0x50494446 /* linux/magic.h; before pidfs all pidfds had
                                  one inode, which tells nothing */

uint64_t sbind__own_pidfdid(void)
{
    struct stat st;
    struct statfs fs;
    uint64_t id = 0;
    int saved = errno;
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0U); /* close-on-exec */
    if (fd >= 0) {
        if (fstatfs(fd, &fs) == 0 && fs.f_type == PIDFS_MAGIC &&
            fstat(fd, &st) == 0)
            id = (uint64_t)st.st_ino;
        close(fd);
    }
    errno = saved;
    return id;
}
