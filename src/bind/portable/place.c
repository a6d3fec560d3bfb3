/* portable/place.c - the directory of a socket file, and the file in it, with calls
 * of POSIX only
 *
 * A socket file cannot be opened, and a socket has no mode before bind. So the
 * socket is first bound in a directory of our own with mode 0700, beside its
 * public path. There the file gets its owner and mode, and no other user can
 * replace it. The file gets its public name once the socket listens. */
#define _XOPEN_SOURCE 700
#include "../posix/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../system.h"
#include "../posix/times.h"

#ifndef O_SEARCH /* a system may lack it; then the directory has to be readable */
#define O_SEARCH O_RDONLY
#endif

#define ENTRY "s" /* our socket in the directory of our own */

const char sbind__fresh_suffix[] = "-d/" ENTRY;
const char sbind__fresh_taken[] =
    "it has the hidden name .NAME.sbind-d, which a start needs for a moment; "
    "remove it";
const char sbind__lost_by_rename[] =
    "clients cannot reach renamed sockets on this file system; use another one";

static const char too_long[] =
    "use a relative path that fits in sun_path, to listen with 11 octets more";

/* ---- The directory ---------------------------------------------------------- */

/* lstat tells whether the path is a link: the errors of open differ by system. */
int sbind__open_folder(const char *path, bool follow)
{
    struct stat st;
    int fd = open(path, O_SEARCH | O_DIRECTORY | O_CLOEXEC |
                            (follow ? 0 : O_NOFOLLOW));
    int error = errno;
    if (fd < 0 && !follow && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        error = ELOOP;
    errno = error;
    return fd;
}

const char *sbind__look_at(const char *path, struct stat *ret)
{
    return lstat(path, ret) == 0 ? NULL : "lstat";
}

/* ---- Files in it ------------------------------------------------------------ */

/* A later file may get the same inode, but not the same time. Nobody writes to a
 * socket file, so its time of change is the time when it was made. */
sbind__identity sbind__identity_of(const struct stat *st)
{
    const uint64_t prime = 1099511628211U;
    uint64_t inode = (uint64_t)st->st_ino;
    inode = inode * prime ^ (uint64_t)st->st_mtim.tv_sec;
    inode = inode * prime ^ (uint64_t)st->st_mtim.tv_nsec;
    return (sbind__identity){(uint64_t)st->st_dev, inode};
}

sbind_status sbind__pin(const sbind__place *place, const char *name,
                        sbind__pinned *ret, sbind_error *reterr)
{
    const sbind__entry e = sbind__entry_of(place, name);
    ret->fd = -1;
    ret->is_there =
        fstatat(e.directory_fd, e.name, &ret->st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!ret->is_there)
        return errno == ENOENT || errno == ENOTDIR
                   ? SBIND_OK
                   : sbind__fail_call("fstatat", reterr);
    ret->identity = sbind__identity_of(&ret->st);
    return SBIND_OK;
}

bool sbind__is_still_named(const sbind__place *place, const char *name,
                           const sbind__pinned *file)
{
    return sbind__is_named(place, name, &file->identity);
}

sbind_status sbind__look_again(const sbind__place *place, const char *name,
                               sbind__pinned *file, sbind_error *reterr)
{
    const sbind__identity before = file->identity;
    sbind_status s = sbind__pin(place, name, file, reterr);
    if (s != SBIND_OK ||
        (file->is_there && sbind__is_same(&file->identity, &before)))
        return s;
    errno = ESTALE;
    return sbind__fail_call("fstatat", reterr);
}

sbind_status sbind__change_owner(const sbind__place *place, const char *name,
                                 const sbind__pinned *file, uid_t owner,
                                 gid_t group, sbind_error *reterr)
{
    const sbind__entry e = sbind__entry_of(place, name);
    (void)file;
    return fchownat(e.directory_fd, e.name, owner, group,
                    AT_SYMLINK_NOFOLLOW) == 0
               ? SBIND_OK
               : sbind__fail_call("fchownat", reterr);
}

/* fchmodat follows links, and some systems lack the flag that prevents it. In the
 * directory of our own, other users cannot replace the file by a link. */
sbind_status sbind__change_mode(const sbind__place *place, const char *name,
                                const sbind__pinned *file, mode_t mode,
                                sbind_error *reterr)
{
    const sbind__entry e = sbind__entry_of(place, name);
    sbind__pinned now = *file;
    sbind_status s = sbind__look_again(place, name, &now, reterr);
    if (s == SBIND_OK && fchmodat(e.directory_fd, e.name, mode, 0) != 0)
        s = sbind__fail_call("fchmodat", reterr);
    return s;
}

/* ---- The directory of our own -------------------------------------------------- */

static void name_own(const sbind__place *place, char ret[SBIND__ENTRY_MAX])
{
    const size_t length = strlen(place->fresh) - strlen("/" ENTRY);
    memcpy(ret, place->fresh, length);
    ret[length] = '\0';
}

static void close_own(sbind__place *place)
{
    sbind__close_fd(place->fresh_fd);
    place->fresh_fd = -1;
}

/* Only this user can use the directory then. Returns the call that failed, or NULL. */
static const char *make_private(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return "fstat";
    if (st.st_uid != geteuid()) {
        errno = EEXIST;
        return "mkdirat";
    }
    return (st.st_mode & 07777) == S_IRWXU || fchmod(fd, S_IRWXU) == 0
               ? NULL
               : "fchmod";
}

static const char *open_own(sbind__place *place)
{
    char name[SBIND__ENTRY_MAX];
    name_own(place, name);
    if (mkdirat(place->directory_fd, name, S_IRWXU) != 0 && errno != EEXIST)
        return "mkdirat";
    place->is_untidy = true;
    place->fresh_fd = openat(place->directory_fd, name,
                             O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (place->fresh_fd < 0) {
        errno = errno == ENOTDIR || errno == ELOOP ? EEXIST : errno;
        return "openat";
    }
    const char *failed = make_private(place->fresh_fd);
    if (failed != NULL)
        close_own(place);
    return failed;
}

/* A directory of our own that is not empty stays. The next start clears it up. */
void sbind__tidy_place(sbind__place *place)
{
    char name[SBIND__ENTRY_MAX];
    if (!place->is_untidy && !place->has_leftovers)
        return;
    close_own(place);
    name_own(place, name);
    if (unlinkat(place->directory_fd, name, AT_REMOVEDIR) != 0 &&
        errno != ENOENT && errno != ENOTDIR)
        place->keeps_lock = true;
}

/* ---- Sockets ------------------------------------------------------------------ */

/* Other users cannot enter the directory of our own: the socket needs no mode yet. */
sbind_status sbind__set_first_mode(int fd, mode_t mode, sbind_error *reterr)
{
    (void)fd, (void)mode, (void)reterr;
    return SBIND_OK;
}

bool sbind__is_bindable(const sbind__place *place)
{
    (void)place;
    return false;
}

sbind_status sbind__bind_in(sbind__place *place, int fd, const char *entry,
                            sbind_error *reterr)
{
    sbind__unix_name name;
    if (!sbind__plain_name(place, place->base, &name) ||
        !sbind__plain_name(place, entry, &name))
        return sbind__fail_hint(SBIND_PATH_TOO_LONG, too_long, reterr);
    const char *failed = place->fresh_fd < 0 ? open_own(place) : NULL;
    if (failed == NULL &&
        bind(fd, (const struct sockaddr *)&name.sa, name.length) != 0)
        failed = "bind";
    if (failed == NULL)
        return SBIND_OK;
    return errno == EEXIST
               ? sbind__fail_call_as(SBIND_ADDRESS_IN_USE, failed, reterr)
               : sbind__fail_call(failed, reterr);
}

sbind_status sbind__connect_in(const sbind__place *place, int fd,
                               const sbind__pinned *file, const char *name,
                               int *ret_errno, sbind_error *reterr)
{
    sbind__unix_name to;
    (void)file;
    if (!sbind__plain_name(place, name, &to))
        return sbind__fail_hint(SBIND_PATH_TOO_LONG, too_long, reterr);
    *ret_errno = connect(fd, (const struct sockaddr *)&to.sa, to.length) == 0
                     ? 0
                     : errno;
    return SBIND_OK;
}

sbind_status sbind__reach(const char *path, sbind__unix_name *ret, int *ret_pin,
                          sbind_error *reterr)
{
    (void)path, (void)ret;
    *ret_pin = -1;
    return sbind__fail_hint(SBIND_PATH_TOO_LONG, too_long, reterr);
}

sbind_status sbind__not_reached(int pin, sbind_status s, sbind_error *reterr)
{
    (void)pin, (void)reterr;
    return s;
}
