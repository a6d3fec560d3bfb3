/* posix/leave.c - what the command must not get from the process that launches it:
 * terminal, descriptors */
#define _GNU_SOURCE /* TIOCNOTTY */
#include "leave.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../cli.h"
#include "../number.h"

/* ---- Terminal -------------------------------------------------------------- */

static int open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* Whether the error says that there is no controlling terminal. A container may also
 * lack the device /dev/tty. */
static bool means_none(int error)
{
    return error == ENXIO || error == ENOENT || error == ENODEV ||
           error == EACCES || error == EPERM;
}

/* Gives up the controlling terminal, if fd refers to it. */
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
        ok = detach(fd); /* a container may lack /dev/tty */
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

/* ---- Descriptors ----------------------------------------------------------- */

/* Sets close-on-exec for each descriptor that the directory lists. Returns false if
 * the directory cannot be read to its end, which readdir reports only by errno. */
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

static int cannot(const char *call, const char *folder)
{
    char text[64];
    int error = errno;
    snprintf(text, sizeof text, "%s %s", call, folder);
    errno = error;
    return cli_failed(text);
}

int leave_listed(const char *folder, int first)
{
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return cannot("opendir", folder);
    bool ok = leave_each(directory, first);
    int error = errno;
    closedir(directory);
    errno = error;
    return ok ? DONE : cannot("readdir", folder);
}
