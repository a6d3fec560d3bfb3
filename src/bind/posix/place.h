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
 * start finds what a killed one has left: .X.sbind, .X.sbind-old and, on Linux,
 * .X.sbind-new. When X has more than 64 octets, a hash stands for it. */
typedef struct sbind__place {
    const char *path; /* of the socket, as it was given */
    const char *base; /* its last component, X; part of path */
    char lock[SBIND__ENTRY_MAX];
    char fresh[SBIND__ENTRY_MAX]; /* our socket, before it takes a live one's
                                     name */
    char aside[SBIND__ENTRY_MAX]; /* a stale socket, before it is removed */
    int directory_fd;
    int fresh_fd; /* of the directory that "fresh" is in, if it is another one,
                      or -1 */
    bool is_untidy; /* that directory has been made, or was there */
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

/* What tells a file from every other one. */
typedef struct sbind__identity {
    uint64_t device, inode;
} sbind__identity;

/* A file, and what it was when it was looked at. */
typedef struct sbind__pinned {
    bool is_there; /* false: there was no such file */
    int fd;        /* of the file itself, or -1: keeps its inode from being used
                      again */
    struct stat st;
    sbind__identity identity;
} sbind__pinned;

#define SBIND__NOT_PINNED ((sbind__pinned){.fd = -1})

/* ---- The seam: each system has a place.c -------------------------------------- */

/* What "fresh" ends with, and the hint for a start that finds it taken. */
extern const char sbind__fresh_suffix[], sbind__fresh_taken[];

/* Opens a directory to look up names in, -1 and errno; a symbolic link in its place
 * only if "follow" says so. */
int sbind__open_folder(const char *path, bool follow);

/* As lstat(2). NULL, or the call that failed. */
const char *sbind__look_at(const char *path, struct stat *ret);

sbind__identity sbind__identity_of(const struct stat *st);

/* Pins the file itself: neither what it links to nor its contents. */
sbind_status sbind__pin(const sbind__place *place, const char *name,
                        sbind__pinned *ret, sbind_error *reterr);

/* Looks at a pinned file again, which has that name. */
sbind_status sbind__look_again(const sbind__place *place, const char *name,
                               sbind__pinned *file, sbind_error *reterr);

/* Whether the name is one of the pinned file. False when it cannot be looked at:
 * errno says why, 0 for another file. */
bool sbind__is_still_named(const sbind__place *place, const char *name,
                           const sbind__pinned *file);

/* Change the pinned file, which has that name, and never a file that a link of
 * that name leads to. */
sbind_status sbind__change_owner(const sbind__place *place, const char *name,
                                 const sbind__pinned *file, uid_t owner,
                                 gid_t group, sbind_error *reterr);
sbind_status sbind__change_mode(const sbind__place *place, const char *name,
                                const sbind__pinned *file, mode_t mode,
                                sbind_error *reterr);

/* Gives a socket that is not bound the mode that its file will have at most. */
sbind_status sbind__set_first_mode(int fd, mode_t mode, sbind_error *reterr);

/* Whether bind takes the public name. If not, a socket is bound under the hidden
 * one, and gets the public name when it listens. */
bool sbind__is_bindable(const sbind__place *place);

/* As bind(2), to a name in the directory: the public one, or "fresh". */
sbind_status sbind__bind_in(sbind__place *place, int fd, const char *entry,
                            sbind_error *reterr);

/* Removes what binding has needed besides. The place is locked, and the socket has
 * its name, or has gone. */
void sbind__tidy_place(sbind__place *place);

/* As connect(2), to the pinned file, which has that name: *ret_errno is 0 or says
 * why not. */
sbind_status sbind__connect_in(const sbind__place *place, int fd,
                               const sbind__pinned *file, const char *name,
                               int *ret_errno, sbind_error *reterr);

/* A name to connect by for a path that is longer than sun_path. *ret_pin, or -1,
 * is to be closed when that is done. After a failure of it, sbind__not_reached
 * says what is wrong. */
sbind_status sbind__reach(const char *path, sbind__unix_name *ret, int *ret_pin,
                          sbind_error *reterr);
sbind_status sbind__not_reached(int pin, sbind_status s, sbind_error *reterr);

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

/* A name as openat(2) and its like take it: "fresh" is looked up in the directory
 * that is held open for it. */
typedef struct sbind__entry {
    int directory_fd;
    const char *name;
} sbind__entry;

sbind__entry sbind__entry_of(const sbind__place *place, const char *name);

bool sbind__is_same(const sbind__identity *a, const sbind__identity *b);

/* Whether this name is one of exactly that file. False when it cannot be
 * looked at: errno says why, 0 for another file. */
bool sbind__is_named(const sbind__place *place, const char *name,
                     const sbind__identity *file);

/* Lets the file go: there is none then. */
void sbind__unpin(sbind__pinned *file);

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
 * given. False if it is longer than sun_path. */
bool sbind__plain_name(const sbind__place *place, const char *entry,
                       sbind__unix_name *ret);

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
