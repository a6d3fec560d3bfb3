/* place.h - the directory of a socket file, and the names used in it
 * (SPEC.md 5.8)
 *
 * Everything happens relative to a descriptor of the directory, so that no
 * other process can lead us elsewhere by renaming a directory above it.
 */
#ifndef SBIND_BIND_POSIX_PLACE_H
#define SBIND_BIND_POSIX_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <sbind/listen.h>

#include "unix_name.h"

/* Hidden names beside the socket X. Each is made from X alone, so that the next
 * start finds what a killed one has left: .X.sbind, .X.sbind-new and
 * .X.sbind-old. When X has more than 64 octets, a hash stands for it. */
typedef struct sbind__place {
    const char *path; /* of the socket, as it was given */
    const char *base; /* its last component, X; part of path */
    char lock[SBIND__ENTRY_MAX];
    char fresh[SBIND__ENTRY_MAX]; /* our socket, before it takes a live one's
                                     name */
    char aside[SBIND__ENTRY_MAX]; /* a stale socket, before it is removed */
    int directory_fd;
    uid_t directory_owner;
    uint32_t owner; /* that the options give socket files to, or SBIND_NO_ID */
    int lock_fd;
    bool
        has_leftovers; /* the lock was there: a process that was killed has left
                           it, or one has just made it and is second now */
    bool has_note;     /* the former; see sbind__note_file */
    bool keeps_lock;   /* it stays, for the next start to clear up */
    /* when the lock was made or renewed, by the clock of the file system */
    struct timespec locked;
    bool shares_names; /* the hidden names are those of other sockets as well */
} sbind__place;

/* A file that stays the same while "fd" is open, whatever becomes of its name:
 * its inode is not used again. fd is -1 when there was no such file. */
typedef struct sbind__pinned {
    int fd;
    struct stat st;
} sbind__pinned;

/* ---- The directory (posix/place.c) ----------------------------------------- */

/* Fills in the names; no descriptor is open yet. */
void sbind__name_place(const char *path, sbind__place *ret);

/* Opens the directory. SBIND_UNSAFE_DIRECTORY when other users could replace
 * files in it, or decide which one it is, and "any" is false. The caller closes directory_fd, even after a
 * failure. */
sbind_status sbind__open_directory(sbind__place *place, bool any,
                                   sbind_error *reterr);

/* ---- Files in it (posix/place.c) ------------------------------------------- */

bool sbind__same_file(const struct stat *a, const struct stat *b);

/* Whether this name is one of exactly that file. False when it cannot be
 * looked at: errno says why, 0 for another file. */
bool sbind__is_named(const sbind__place *place, const char *name,
                     const struct stat *st);

/* The same for a pinned file. Where a file system gives its inode to another
 * file although we have it open (FUSE), it says that ours is gone. */
bool sbind__is_still_named(const sbind__place *place, const char *name,
                           const sbind__pinned *file);

/* Opens the file itself: neither what it links to nor its contents. The caller
 * closes ret->fd. */
sbind_status sbind__pin(const sbind__place *place, const char *name,
                        sbind__pinned *ret, sbind_error *reterr);

/* Whether a process has the socket of this file open: *ret_errno is EPROTOTYPE
 * or 0 then, and ECONNREFUSED when no process has. Any other error leaves it
 * open. The process that listens does not notice. "name" is one of the file's
 * names, for systems without /proc. */
sbind_status sbind__probe(const sbind__place *place, const sbind__pinned *file,
                          const char *name, int *ret_errno,
                          sbind_error *reterr);

/* Whether this is a socket file of ours: this user's or the owner's that the
 * options name, or one that a killed start has noted in the lock. */
bool sbind__is_ours(const sbind__place *place, const struct stat *st);

/* The name of a file in the directory for bind and connect, by the path that was
 * given. SBIND_PATH_TOO_LONG, with the hint that /proc would help. */
sbind_status sbind__plain_name(const sbind__place *place, const char *entry,
                               sbind__unix_name *ret, sbind_error *reterr);

/* Whether errno says that the kernel or the file system does not know a flag of
 * renameat2. */
bool sbind__lacks_renameat2(int error);

/* Gives a file another name, and overwrites no file. NULL, or the call that
 * failed; its errno is EEXIST when the new name is taken. */
const char *sbind__move(const sbind__place *place, const char *from,
                        const char *to);

/* The same to "aside", from where a leftover goes first. */
const char *sbind__move_to_aside(sbind__place *place, const char *from);

/* The error of a file that could not be moved there. */
sbind_status sbind__cannot_move(const char *call, sbind_error *reterr);

/* Moves the pinned file, which is stale, from the public name to "aside", and
 * sets *ret_moved unless it has gone meanwhile. Any other file that has taken the
 * name stays there: SBIND_ADDRESS_IN_USE. */
sbind_status sbind__move_aside(sbind__place *place, const sbind__pinned *stale,
                               bool *ret_moved, sbind_error *reterr);

/* ---- The lock (posix/lock.c) ------------------------------------------------
 *
 * A process holds it while it starts or closes, and not while it listens.
 * SBIND_ADDRESS_IN_USE when another process holds it for a second. */
sbind_status sbind__lock_place(sbind__place *place, sbind_error *reterr);

/* Removes a stale socket of ours that a killed start has left under a hidden
 * name. A live socket or a stranger's file was on its way, and goes back to the
 * public name unless that is taken. The place is locked. */
void sbind__clear_leftover(sbind__place *place, const char *name);

/* Removes the lock file and closes it. Does nothing when it is not locked. */
void sbind__unlock_place(sbind__place *place);

/* The same, but a file that another process has put in the place of the lock
 * stays. */
void sbind__drop_lock(sbind__place *place);

/* The same at the end of a start that failed: a note of an earlier start that was
 * killed stays as well. */
void sbind__undo_lock(sbind__place *place);

/* Notes in the lock which socket file is about to get another owner, so that
 * the next start knows it, should this one be killed. */
sbind_status sbind__note_file(sbind__place *place, const struct stat *st,
                              sbind_error *reterr);

/* Whether the file was there, as it is, before the lock was made. Our socket
 * never is. */
bool sbind__is_older(const sbind__place *place, const struct stat *st);

/* Whether a start that was killed has noted this file. */
bool sbind__is_noted(const sbind__place *place, const struct stat *st);

#endif
