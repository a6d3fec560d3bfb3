/* linux/place.c - the directory of a socket file, and the file in it. A
 * descriptor with O_PATH refers to the file, although a socket file cannot be
 * opened. While the descriptor is open, no other file gets the same inode. */
#define _GNU_SOURCE /* O_PATH, syscall */
#include "../posix/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../system.h"
#include "alias.h"

#ifndef SYS_fchmodat2 /* Linux 6.6; an older C library lacks it */
#define SYS_fchmodat2 452
#endif

const char sbind__fresh_suffix[] = "-new";
const char sbind__fresh_taken[] =
    "it has the hidden name .NAME.sbind-new, which a start needs for a moment; "
    "remove it";
const char sbind__lost_by_rename[] =
    "clients cannot reach a socket that was renamed on this file system; do "
    "without replace, or use a path of at most 107 octets";

/* ---- The directory ---------------------------------------------------------- */

int sbind__open_folder(const char *path, bool follow)
{
    return open(path,
                O_PATH | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
}

const char *sbind__look_at(const char *path, struct stat *ret)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return "open";
    const char *failed = fstat(fd, ret) == 0 ? NULL : "fstat";
    sbind__close_fd(fd);
    return failed;
}

/* ---- Files in it ------------------------------------------------------------ */

sbind__identity sbind__identity_of(const struct stat *st)
{
    return (sbind__identity){(uint64_t)st->st_dev, (uint64_t)st->st_ino};
}

sbind_status sbind__pin(const sbind__place *place, const char *name,
                        sbind__pinned *ret, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    ret->fd =
        openat(place->directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    ret->is_there = ret->fd >= 0;
    if (ret->fd < 0)
        return errno == ENOENT ? s : sbind__fail_call("openat", reterr);
    s = sbind__look_again(place, name, ret, reterr);
    if (s != SBIND_OK)
        sbind__unpin(ret);
    return s;
}

sbind_status sbind__look_again(const sbind__place *place, const char *name,
                               sbind__pinned *file, sbind_error *reterr)
{
    (void)place, (void)name;
    if (fstat(file->fd, &file->st) != 0)
        return sbind__fail_call("fstat", reterr);
    file->identity = sbind__identity_of(&file->st);
    return SBIND_OK;
}

/* A FUSE file system may give the inode to another file although our descriptor
 * is open. In that case the file system reports that our file has no name any
 * more. */
bool sbind__is_still_named(const sbind__place *place, const char *name,
                           const sbind__pinned *file)
{
    struct stat st;
    if (!sbind__is_named(place, name, &file->identity) ||
        fstatat(file->fd, "", &st, AT_EMPTY_PATH) != 0)
        return false;
    errno = 0;
    return st.st_nlink > 0;
}

sbind_status sbind__change_owner(const sbind__place *place, const char *name,
                                 const sbind__pinned *file, uid_t owner,
                                 gid_t group, sbind_error *reterr)
{
    (void)place, (void)name;
    if (fchownat(file->fd, "", owner, group, AT_EMPTY_PATH) == 0)
        return SBIND_OK;
    return sbind__fail_call("fchownat", reterr);
}

sbind_status sbind__change_mode(const sbind__place *place, const char *name,
                                const sbind__pinned *file, mode_t mode,
                                sbind_error *reterr)
{
    char alias[SBIND__ALIAS_MAX];
    (void)place, (void)name;
    sbind__alias_of_fd(file->fd, "", alias);
    if (chmod(alias, mode) == 0)
        return SBIND_OK;
    if (errno != ENOENT)
        return sbind__fail_call("chmod", reterr);
    if (syscall(SYS_fchmodat2, file->fd, "", mode, AT_EMPTY_PATH) == 0)
        return SBIND_OK;
    sbind_status s = sbind__fail_call("fchmodat2", reterr);
    reterr->hint = "this mode needs /proc, or Linux 6.6";
    return s;
}

/* ---- Sockets in it ----------------------------------------------------------- */

/* Sets the mode of the socket before bind gives it a file. bind can only take away
 * permissions from this mode, because of the umask. */
sbind_status sbind__set_first_mode(int fd, mode_t mode, sbind_error *reterr)
{
    return fchmod(fd, mode) == 0 ? SBIND_OK
                                 : sbind__fail_call("fchmod", reterr);
}

/* Whether bind can use the path itself, or an alias of the directory with the name
 * of the file. */
bool sbind__is_bindable(const sbind__place *place)
{
    return strlen(place->path) < sizeof(struct sockaddr_un) -
                                     offsetof(struct sockaddr_un, sun_path) ||
           strlen(place->base) < SBIND__ENTRY_MAX;
}

static sbind_status bind_as(int fd, const sbind__unix_name *name,
                            sbind_error *reterr)
{
    return bind(fd, (const struct sockaddr *)&name->sa, name->length) == 0
               ? SBIND_OK
               : sbind__fail_call("bind", reterr);
}

/* Binds by an alias of the directory, because the path does not fit in sun_path.
 * The system then reports the alias as the address of the socket. */
static sbind_status bind_by_alias(const sbind__place *place, int fd,
                                  const char *entry, sbind_error *reterr)
{
    char alias[SBIND__ALIAS_MAX];
    sbind__unix_name name;
    sbind__alias_of_fd(place->directory_fd, entry, alias);
    sbind__unix_path_name(alias, strlen(alias), &name);
    sbind_status s = bind_as(fd, &name, reterr);
    return s == SBIND_OK || errno != ENOENT ||
                   sbind__has_proc(place->directory_fd)
               ? s
               : sbind__fail_hint(SBIND_PATH_TOO_LONG, SBIND__NEEDS_PROC,
                                  reterr);
}

sbind_status sbind__bind_in(sbind__place *place, int fd, const char *entry,
                            sbind_error *reterr)
{
    sbind__unix_name name;
    return sbind__plain_name(place, entry, &name)
               ? bind_as(fd, &name, reterr)
               : bind_by_alias(place, fd, entry, reterr);
}

static int error_of_connect(int fd, const sbind__unix_name *name)
{
    return connect(fd, (const struct sockaddr *)&name->sa, name->length) == 0
               ? 0
               : errno;
}

sbind_status sbind__connect_in(const sbind__place *place, int fd,
                               const sbind__pinned *file, const char *name,
                               int *ret_errno, sbind_error *reterr)
{
    char alias[SBIND__ALIAS_MAX];
    sbind__unix_name to;
    sbind__alias_of_fd(file->fd, "", alias);
    sbind__unix_path_name(alias, strlen(alias), &to);
    *ret_errno = error_of_connect(fd, &to);
    if (*ret_errno != ENOENT || sbind__has_proc(file->fd))
        return SBIND_OK;
    if (!sbind__plain_name(place, name, &to))
        return sbind__fail_hint(SBIND_PATH_TOO_LONG, SBIND__NEEDS_PROC, reterr);
    *ret_errno = error_of_connect(fd, &to);
    return SBIND_OK;
}

void sbind__tidy_place(sbind__place *place) { (void)place; }

/* ---- Sockets anywhere ---------------------------------------------------------- */

sbind_status sbind__reach(const char *path, sbind__unix_name *ret, int *ret_pin,
                          sbind_error *reterr)
{
    char alias[SBIND__ALIAS_MAX];
    *ret_pin = open(path, O_PATH | O_CLOEXEC);
    if (*ret_pin < 0)
        return sbind__fail_call("open", reterr);
    sbind__alias_of_fd(*ret_pin, "", alias);
    sbind__unix_path_name(alias, strlen(alias), ret);
    return SBIND_OK;
}

sbind_status sbind__not_reached(int pin, sbind_status s, sbind_error *reterr)
{
    if (s != SBIND_SYSTEM || pin < 0 || sbind__has_proc(pin))
        return s;
    return sbind__fail_hint(SBIND_PATH_TOO_LONG, SBIND__NEEDS_PROC, reterr);
}
