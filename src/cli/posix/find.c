/* posix/find.c - whether a command exists. The launcher checks it at the start, so
 * that it does not fail only when the first client comes. */
#define _POSIX_C_SOURCE 200809L
#include "find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../cli.h"
#include "../launch.h"

#define SYSTEM_PATH "/bin:/usr/bin" /* like execvpe */

enum { FILE_MAX = 4096 };

/* 0, or the errno that exec would fail with. */
static int look_at(const char *file)
{
    struct stat st;
    if (stat(file, &st) != 0)
        return errno;
    if (!S_ISREG(st.st_mode))
        return EACCES;
    return faccessat(AT_FDCWD, file, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

/* An empty directory in a path means the current directory. */
static int look_in(const char *directory, size_t length, const char *name)
{
    char file[FILE_MAX];
    int n = snprintf(file, sizeof file, "%.*s%s%s", (int)length, directory,
                     length > 0 ? "/" : "", name);
    return (size_t)n >= sizeof file ? ENAMETOOLONG : look_at(file);
}

/* Searches the directories of the path. If it finds only files that may not be
 * executed, the error says so. */
static int look_along(const char *path, const char *name)
{
    int error = ENOENT;
    for (;;) {
        size_t length = strcspn(path, ":");
        int found = look_in(path, length, name);
        if (found == 0)
            return 0;
        if (found == EACCES)
            error = EACCES;
        if (path[length] == '\0')
            return error;
        path += length + 1;
    }
}

int find_command(const char *name, const char *path)
{
    if (*name == '\0')
        errno = ENOENT;
    else if (strchr(name, '/') != NULL)
        errno = look_at(name);
    else
        errno = look_along(path != NULL ? path : SYSTEM_PATH, name);
    if (errno == 0)
        return DONE;
    return launch_failed(name);
}
