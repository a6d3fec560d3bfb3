/* linux/here_path.c - what is at the path of a unix socket, and whether a
 * socket can be made there */
#define _GNU_SOURCE
#include "here.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../bind/errno_name.h"
#include "../explain.h"

/* ---- The directory ---------------------------------------------------------------- */

static void name_directory(const char *path, char ret[SBIND_NAME_MAX + 2])
{
    const char *slash = strrchr(path, '/');
    size_t n = slash == NULL ? 1 : (size_t)(slash - path);
    n = n == 0 ? 1 : n;
    memcpy(ret, slash == NULL ? "." : path, n);
    ret[n] = '\0';
}

static bool is_ours(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

/* Whether listening would accept the directory (SPEC.md 5.8.3). No other user may
 * be able to replace files in it, or to redirect a link to it. */
static bool is_safe(const char *path, const struct stat *directory)
{
    struct stat link;
    if (lstat(path, &link) != 0 || !is_ours(&link))
        return false;
    return is_ours(directory) &&
           ((directory->st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
            (directory->st_mode & S_ISVTX) != 0);
}

/* Returns NULL if a socket file can be made in the directory. Otherwise says why
 * not, and returns the word for the reason, such as "forbidden". */
static const char *fault_of_directory(const char *path)
{
    char directory[SBIND_NAME_MAX + 2];
    struct stat st;
    name_directory(path, directory);
    if (stat(directory, &st) != 0) {
        explain_here("the directory: %s", sbind__errno_name(errno));
        return "no-directory";
    }
    if (faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) != 0) {
        explain_here("this user cannot make files in the directory: %s",
                     sbind__errno_name(errno));
        return "forbidden";
    }
    if (is_safe(directory, &st))
        return NULL;
    explain_here(
        "other users can replace files in the directory; it is refused "
        "without --any-directory");
    return "unsafe-directory";
}

/* ---- The file ----------------------------------------------------------------------- */

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISLNK(mode)  ? "a symbolic link"
           : S_ISREG(mode)  ? "a regular file"
           : S_ISFIFO(mode) ? "a FIFO"
                            : "a device";
}

/* Finds out whether a process in another network namespace has the socket,
 * because the kernel does not list such a socket. So this function connects a
 * datagram socket, as listening does. A listener does not notice that. Returns
 * 0, or the errno of connect. */
static int ask_socket(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int error, fd;
    size_t n = strlen(path);
    if (n >= sizeof name.sun_path)
        return ENAMETOOLONG;
    memcpy(name.sun_path, path, n);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    error = connect(fd, (const struct sockaddr *)&name, sizeof name) == 0
                ? 0
                : errno;
    close(fd);
    return error;
}

static const char *judge_stale(const char *path, const struct stat *st)
{
    if (st->st_uid != geteuid()) {
        explain_here("a socket of user %u that no process has",
                     (unsigned)st->st_uid);
        return "occupied";
    }
    explain_here("a socket that no process has; the next one takes its place");
    const char *fault = fault_of_directory(path);
    return fault == NULL ? "stale" : fault;
}

static const char *look_at_socket(const sbind_address *a, const struct stat *st)
{
    holders h;
    holders_find_unix(a, &h);
    const char *word = here_holders(&h);
    if (word != NULL)
        return word;
    int answer = ask_socket(a->name);
    if (answer == ECONNREFUSED)
        return judge_stale(a->name, st);
    if (answer == 0 || answer == EPROTOTYPE) {
        explain_here("a socket of a process that cannot be seen from here, of "
                     "another network namespace");
        return "bound";
    }
    explain_here("a socket; whether a process has it is not known: %s",
                 sbind__errno_name(answer));
    return "unknown";
}

const char *here_path(const sbind_address *a)
{
    struct stat st;
    if (lstat(a->name, &st) == 0 && S_ISSOCK(st.st_mode))
        return look_at_socket(a, &st);
    if (lstat(a->name, &st) == 0) {
        explain_here("%s of user %u has the path", kind_of(st.st_mode),
                     (unsigned)st.st_uid);
        return "occupied";
    }
    int error = errno;
    if (error != ENOENT) {
        explain_here("the path: %s", sbind__errno_name(error));
        return error == EACCES ? "forbidden" : "no-directory";
    }
    const char *fault = fault_of_directory(a->name);
    if (fault != NULL)
        return fault;
    explain_here("nothing is at the path");
    return "free";
}
