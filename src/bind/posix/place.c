/* posix/place.c - the directory of a socket file, and the names used in it
 * (SPEC.md 5.8) */
#define _XOPEN_SOURCE 700 /* S_ISVTX */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../system.h"
#include "fresh.h"
#include "rename.h"

#define READABLE_MAX 64 /* octets of a last component in a hidden name */

/* ---- Names ------------------------------------------------------------------ */

/* The hash is FNV-1a. It is easy to find two names with the same hash. Sockets
 * with such names share a lock, so two of them cannot start at the same
 * time. */
static uint64_t hash_of(const char *base)
{
    uint64_t hash = 14695981039346656037U;
    for (; *base != '\0'; base++)
        hash = (hash ^ (unsigned char)*base) * 1099511628211U;
    return hash;
}

/* Makes a hidden name. The longest one fits in sun_path behind an alias of the
 * directory. */
static void name_hidden(const char *base, const char *suffix,
                        char ret[SBIND__ENTRY_MAX])
{
    static const char digits[] = "0123456789abcdef";
    sbind__writer to = {ret, SBIND__ENTRY_MAX, 0, false};
    if (strlen(base) <= READABLE_MAX) {
        sbind__put_text(&to, ".");
        sbind__put_text(&to, base);
        sbind__put_text(&to, ".sbind");
    } else {
        uint64_t hash = hash_of(base);
        sbind__put_text(&to, ".sbind-");
        for (int shift = 60; shift >= 0; shift -= 4)
            sbind__put(&to, &digits[hash >> shift & 15], 1);
    }
    sbind__put_text(&to, suffix);
    sbind__put_end(&to);
}

void sbind__name_place(const char *path, sbind__place *ret)
{
    const char *slash = strrchr(path, '/');
    memset(ret, 0, sizeof *ret);
    ret->path = path;
    ret->base = slash == NULL ? path : slash + 1;
    ret->owner = SBIND_NO_ID;
    ret->directory_fd = ret->fresh_fd = ret->lock_fd = -1;
    ret->shares_names = strlen(ret->base) > READABLE_MAX;
    name_hidden(ret->base, "", ret->lock);
    name_hidden(ret->base, sbind__fresh_suffix, ret->fresh);
    name_hidden(ret->base, "-old", ret->aside);
}

/* ---- The directory ---------------------------------------------------------- */

/* What is wrong with the directory, or NULL. A user who can rename files in the
 * directory can put another file in the place of our socket, and we could not
 * prevent it. */
static const char *fault_of(const struct stat *directory)
{
    if (directory->st_uid != 0 && directory->st_uid != geteuid())
        return "the directory belongs to another user; any_directory "
               "(--any-directory) accepts it all the same";
    if ((directory->st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
        (directory->st_mode & S_ISVTX) != 0)
        return NULL;
    return (directory->st_mode & S_IWOTH) != 0
               ? "everybody can write to the directory: take that right away, "
                 "make it sticky (chmod +t), or accept it with any_directory "
                 "(--any-directory)"
               : "the group of the directory can write to it: take that right "
                 "away, make it sticky (chmod +t), or accept it with "
                 "any_directory (--any-directory)";
}

/* The directory's path, without slashes at its end: with a slash there, the
 * system would follow a link. */
static void name_directory(const sbind__place *place,
                           char ret[SBIND_NAME_MAX + 2])
{
    size_t length = (size_t)(place->base - place->path);
    while (length > 1 && place->path[length - 1] == '/')
        length--;
    memcpy(ret, length > 0 ? place->path : ".", length > 0 ? length : 1);
    ret[length > 0 ? length : 1] = '\0';
}

/* Opens a directory by a symbolic link. The owner of the link decides where it
 * leads. So the link must belong to this user or to root, unless "any" is true.
 * A path that is neither a directory nor a link is refused. */
static sbind_status open_link(const char *directory, bool any, int *ret_fd,
                              sbind_error *reterr)
{
    struct stat st;
    const char *failed = sbind__look_at(directory, &st);
    if (failed == NULL && !S_ISLNK(st.st_mode)) {
        errno = ENOTDIR;
        failed = "open";
    }
    if (failed != NULL)
        return sbind__fail_call(failed, reterr);
    if (st.st_uid != 0 && st.st_uid != geteuid() && !any)
        return sbind__fail_hint(SBIND_UNSAFE_DIRECTORY,
                                "the directory is a symbolic link of another "
                                "user; any_directory (--any-directory) follows "
                                "it all the same",
                                reterr);
    *ret_fd = sbind__open_folder(directory, true);
    return *ret_fd >= 0 ? SBIND_OK : sbind__fail_call("open", reterr);
}

static sbind_status open_it(const char *directory, bool any, int *ret_fd,
                            sbind_error *reterr)
{
    *ret_fd = sbind__open_folder(directory, false);
    if (*ret_fd >= 0)
        return SBIND_OK;
    return errno == ENOTDIR || errno == ELOOP
               ? open_link(directory, any, ret_fd, reterr)
               : sbind__fail_call("open", reterr);
}

sbind_status sbind__open_directory(sbind__place *place, bool any,
                                   sbind_error *reterr)
{
    char directory[SBIND_NAME_MAX + 2];
    struct stat st;
    name_directory(place, directory);
    sbind_status s = open_it(directory, any, &place->directory_fd, reterr);
    if (s != SBIND_OK)
        return s;
    if (fstat(place->directory_fd, &st) != 0)
        return sbind__fail_call("fstat", reterr);
    place->directory_owner = st.st_uid;
    const char *fault = any ? NULL : fault_of(&st);
    return fault == NULL
               ? SBIND_OK
               : sbind__fail_hint(SBIND_UNSAFE_DIRECTORY, fault, reterr);
}

/* ---- Files in it ------------------------------------------------------------ */

bool sbind__same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

sbind__entry sbind__entry_of(const sbind__place *place, const char *name)
{
    if (name != place->fresh || place->fresh_fd < 0)
        return (sbind__entry){place->directory_fd, name};
    return (sbind__entry){place->fresh_fd, strrchr(name, '/') + 1};
}

bool sbind__is_same(const sbind__identity *a, const sbind__identity *b)
{
    return a->device == b->device && a->inode == b->inode;
}

bool sbind__is_named(const sbind__place *place, const char *name,
                     const sbind__identity *file)
{
    const sbind__entry e = sbind__entry_of(place, name);
    struct stat st;
    if (fstatat(e.directory_fd, e.name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    errno = 0;
    const sbind__identity found = sbind__identity_of(&st);
    return sbind__is_same(&found, file);
}

void sbind__unpin(sbind__pinned *file)
{
    sbind__close_fd(file->fd);
    file->fd = -1;
    file->is_there = false;
}

bool sbind__plain_name(const sbind__place *place, const char *entry,
                       sbind__unix_name *ret)
{
    char path[SBIND_NAME_MAX + SBIND__ENTRY_MAX];
    sbind__writer to = {path, sizeof path, 0, false};
    sbind__put(&to, place->path, (size_t)(place->base - place->path));
    sbind__put_text(&to, entry);
    return !to.full && sbind__unix_path_name(path, to.length, ret);
}

/* Whether the mode of the file lets this user connect. If it does and connect
 * still says EACCES, a security module refused, and the error says nothing
 * about the socket. */
static bool lets_in(const struct stat *st)
{
    const uid_t user = geteuid();
    return user == 0 ||
           (st->st_mode & (st->st_uid == user ? S_IWUSR : S_IWOTH)) != 0;
}

/* Probes whether a process has the socket: we connect a datagram socket to it.
 * A bound stream socket refuses that with EPROTOTYPE, before it looks at
 * anything else. EACCES can mean that a starter was killed before it gave its
 * file the right mode: then the lock has a note of the file, and the file
 * counts as stale. */
sbind_status sbind__probe(const sbind__place *place, const sbind__pinned *file,
                          const char *name, int *ret_errno, sbind_error *reterr)
{
    const char *call;
    int fd = sbind__fresh_socket(AF_UNIX, SOCK_DGRAM, 0, false, &call);
    if (fd < 0)
        return sbind__fail_call(call, reterr);
    sbind_status s =
        sbind__connect_in(place, fd, file, name, ret_errno, reterr);
    sbind__close_fd(fd);
    if (s == SBIND_OK && *ret_errno == EACCES && !lets_in(&file->st) &&
        sbind__is_noted(place, &file->st))
        *ret_errno = ECONNREFUSED;
    return s;
}

bool sbind__is_ours(const sbind__place *place, const struct stat *st)
{
    if (st->st_uid == geteuid())
        return true;
    return (place->owner != SBIND_NO_ID && st->st_uid == place->owner) ||
           sbind__is_noted(place, st);
}

/* ---- Moving a stale socket ----------------------------------------------------- */

bool sbind__lacks_renameat2(int error)
{
    return error == ENOSYS || error == EINVAL;
}

/* Moves a file on a system whose rename overwrites files. It looks first
 * whether the new name is free. A file that takes the name between the look and
 * the rename is lost. */
static const char *move_plainly(const sbind__place *place, const char *from,
                                const char *to)
{
    const int dir = place->directory_fd;
    struct stat st;
    if (fstatat(dir, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return SBIND__RENAME;
    }
    if (errno != ENOENT)
        return "fstatat";
    const sbind__entry e = sbind__entry_of(place, from);
    return renameat(e.directory_fd, e.name, dir, to) == 0 ? NULL : "renameat";
}

const char *sbind__move(const sbind__place *place, const char *from,
                        const char *to)
{
    const sbind__entry e = sbind__entry_of(place, from);
    if (sbind__renameat2(e.directory_fd, e.name, place->directory_fd, to,
                         SBIND__NOREPLACE) == 0)
        return NULL;
    return sbind__lacks_renameat2(errno) ? move_plainly(place, from, to)
                                         : SBIND__RENAME;
}

const char *sbind__move_to_aside(sbind__place *place, const char *from)
{
    const char *failed = sbind__move(place, from, place->aside);
    if (failed == NULL || errno != EEXIST)
        return failed;
    sbind__clear_leftover(place, place->aside);
    return sbind__move(place, from, place->aside);
}

sbind_status sbind__cannot_move(const char *call, sbind_error *reterr)
{
    if (errno == EEXIST)
        return sbind__fail_hint(SBIND_PATH_OCCUPIED,
                                "it has the hidden name .NAME.sbind-old, which "
                                "a start needs for a moment; remove it",
                                reterr);
    return sbind__fail_call(call, reterr);
}

/* Looks once more at the file that was moved. If another file came to the name
 * a moment before, that file was moved instead of the stale one, and goes
 * back. */
sbind_status sbind__move_aside(sbind__place *place, const sbind__pinned *stale,
                               bool *ret_moved, sbind_error *reterr)
{
    const char *failed = sbind__move_to_aside(place, place->base);
    if (failed != NULL)
        return errno == ENOENT ? SBIND_OK : sbind__cannot_move(failed, reterr);
    *ret_moved = false; /* the file that an earlier try moved there is gone */
    if (sbind__is_still_named(place, place->aside, stale) || errno == ENOENT) {
        *ret_moved = true;
        return SBIND_OK;
    }
    sbind_status s =
        errno != 0 ? sbind__fail_call("fstatat", reterr)
                   : sbind__fail_hint(SBIND_ADDRESS_IN_USE,
                                      "another process put a file at this path "
                                      "while this one started; it was left as "
                                      "it is",
                                      reterr);
    if (sbind__move(place, place->aside, place->base) != NULL)
        place->keeps_lock = true;
    return s;
}
