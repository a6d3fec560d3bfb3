/* linux/leave.c - what the command must not get from the process that launches
 * it: terminal, session keyring, descriptors */
#define _GNU_SOURCE /* syscall */
#include "leave.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../cli.h"
#include "../number.h"

/* Linux 5.9 and 5.11; the headers may not know them yet. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* ---- Terminal -------------------------------------------------------------- */

static int open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* Whether opening /dev/tty failed because there is no controlling terminal, or
 * because a container lacks the device. */
static bool means_none(int error)
{
    return error == ENXIO || error == ENOENT || error == ENODEV ||
           error == EACCES || error == EPERM;
}

/* Does nothing to a descriptor that is not the controlling terminal. */
static bool detach(int fd)
{
    return ioctl(fd, TIOCNOTTY) == 0 || errno == ENOTTY;
}

static bool detach_all(void)
{
    int fd = open_terminal();
    bool ok = fd < 0 || detach(fd);
    if (fd >= 0)
        close(fd);
    for (fd = STDIN_FILENO; ok && fd <= STDERR_FILENO; fd++)
        ok = detach(fd); /* a container without /dev/tty */
    return ok;
}

int leave_terminal(void)
{
    if (getsid(0) == getpid())
        return DONE;
    if (!detach_all())
        return cli_failed("ioctl TIOCNOTTY");
    int fd = open_terminal();
    if (fd < 0)
        return means_none(errno) ? DONE : cli_failed("open /dev/tty");
    close(fd);
    return cli_without_effect("ioctl TIOCNOTTY");
}

/* ---- Session keyring ------------------------------------------------------- */

static long own_keyring(void)
{
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING,
                   0);
}

int leave_keyring(void)
{
    long joined = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    if (joined < 0 && (errno == ENOSYS || errno == EPERM))
        return DONE;
    if (joined < 0)
        return cli_failed("keyctl");
    if (joined == 0 || own_keyring() != joined)
        return cli_without_effect("keyctl");
    return DONE;
}

/* ---- Descriptors ----------------------------------------------------------- */

/* False if the directory cannot be read to its end. readdir reports a failure
 * by errno only. */
static bool leave_each(DIR *directory, int first)
{
    const struct dirent *entry;
    int fd;
    errno = 0;
    while ((entry = readdir(directory)) != NULL)
        if (number_read(entry->d_name, first, INT32_MAX, &fd))
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    return errno == 0;
}

/* Linux before 5.11 has no such close_range. */
static int leave_listed(int first)
{
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL)
        return cli_failed("opendir /proc/self/fd");
    bool ok = leave_each(directory, first);
    closedir(directory);
    return ok ? DONE : cli_failed("readdir /proc/self/fd");
}

int leave_descriptors(int first)
{
    if (syscall(SYS_close_range, (unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) ==
        0)
        return DONE;
    return leave_listed(first);
}
