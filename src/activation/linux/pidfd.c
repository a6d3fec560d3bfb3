/* linux/pidfd.c - the id of this process's pidfd (pidfs, Linux 6.9) */
#define _GNU_SOURCE /* syscall */
#include <sbind/activation.h>

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A number of linux/magic.h. Before pidfs all pidfds had the same inode, so the
 * inode did not identify a process. */
#define PIDFS_MAGIC 0x50494446

#ifndef SYS_pidfd_open /* Linux 5.3; the headers may not know it yet */
#define SYS_pidfd_open 434
#endif

uint64_t sbind_own_pidfdid(void)
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
