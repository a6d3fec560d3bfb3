/* place.h - the directory of a socket file, and the names used in it
 * (SPEC.md 5.8)
 *
 * Every call names files relative to a descriptor of the directory. So no other
 * process can lead us elsewhere by renaming a directory above it.
 */
#ifndef SBIND_BIND_POSIX_PLACE_H
#define SBIND_BIND_POSIX_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <sbind/listen.h>

#include "unix_name.h"

/* The directory of the socket X, and the hidden names beside X: .X.sbind (the
 * lock), .X.sbind-old and, on Linux, .X.sbind-new. These names are made from X
 * alone, so a starter finds the files that a killed starter has left. If X has
 * more than 64 octets, the names have a hash in place of X. */
typedef struct sbind__place {
    const char *path; /* the path of the socket, as it was given */
    const char *base; /* the last component of path, X */
    char lock[SBIND__ENTRY_MAX];
    /* our socket has this name until it takes the name of a live socket */
    char fresh[SBIND__ENTRY_MAX];
    char aside[SBIND__ENTRY_MAX]; /* a stale socket, before it is removed */
    int directory_fd;
    int fresh_fd; /* the directory of "fresh", if that has its own; else -1 */
    /* the directory of "fresh" exists, and this process has to remove it */
    bool is_untidy;
    uid_t directory_owner;
    /* the user who gets the socket file (an option), or SBIND_NO_ID */
    uint32_t owner;
    int lock_fd;
    /* The lock file was there already. Either a killed process has left it, or
     * another process has just made it and we locked it first. */
    bool has_leftovers;
    bool has_note; /* a killed process left a note; see sbind__note_file */
    /* leave the lock file, so that the next starter clears up */
    bool keeps_lock;
    /* When the lock was made or renewed, by the clock of the file system. */
    struct timespec locked;
    bool shares_names; /* other sockets can have the same hidden names */
} sbind__place;

/* Identifies a file: no two files have the same values at one time. */
typedef struct sbind__identity {
    uint64_t device, inode;
} sbind__identity;

/* A file, and its properties when it was last looked at. While fd is open, the
 * file is "pinned": no other file can get its inode. */
typedef struct sbind__pinned {
    bool is_there; /* false: there was no such file */
    int fd;        /* a descriptor of the file, or -1 if it is not pinned */
    struct stat st;
    sbind__identity identity;
} sbind__pinned;

#define SBIND__NOT_PINNED ((sbind__pinned){.fd = -1})

/* ---- The seam: each system has a place.c -------------------------------------- */

/* The end of the hidden name "fresh", and the hint for an error when that name
 * is taken. */
extern const char sbind__fresh_suffix[], sbind__fresh_taken[];

/* The hint for a file system on which no client reaches a socket that was renamed. */
extern const char sbind__lost_by_rename[];

/* Opens a directory, to look up names in it. If its path is a symbolic link,
 * fails unless "follow" is true. Returns -1 and sets errno on failure. */
int sbind__open_folder(const char *path, bool follow);

/* Like lstat(2). Returns NULL, or the name of the call that failed. */
const char *sbind__look_at(const char *path, struct stat *ret);

sbind__identity sbind__identity_of(const struct stat *st);

/* Pins the file that has this name. If it is a link, pins the link. */
sbind_status sbind__pin(const sbind__place *place, const char *name,
                        sbind__pinned *ret, sbind_error *reterr);

/* Updates file->st. The pinned file has this name. */
sbind_status sbind__look_again(const sbind__place *place, const char *name,
                               sbind__pinned *file, sbind_error *reterr);

/* Whether the pinned file still has this name. If false, errno is 0 if another
 * file has it, or says why the name could not be looked up. */
bool sbind__is_still_named(const sbind__place *place, const char *name,
                           const sbind__pinned *file);

/* Change the owner or the mode of the pinned file, which has this name. A link
 * of that name is never followed. */
sbind_status sbind__change_owner(const sbind__place *place, const char *name,
                                 const sbind__pinned *file, uid_t owner,
                                 gid_t group, sbind_error *reterr);
sbind_status sbind__change_mode(const sbind__place *place, const char *name,
                                const sbind__pinned *file, mode_t mode,
                                sbind_error *reterr);

/* Sets the mode of a socket before it is bound. Its file will have this mode at
 * most. */
sbind_status sbind__set_first_mode(int fd, mode_t mode, sbind_error *reterr);

/* Whether bind(2) can take the public name. If not, the socket is bound under
 * the hidden name, and gets the public name once it listens. */
bool sbind__is_bindable(const sbind__place *place);

/* Like bind(2), for a name in the directory: the public one, or "fresh". */
sbind_status sbind__bind_in(sbind__place *place, int fd, const char *entry,
                            sbind_error *reterr);

/* Removes the directory that holds "fresh", if there is one. The caller holds
 * the lock, and our socket has its public name or is gone. */
void sbind__tidy_place(sbind__place *place);

/* Like connect(2), to the pinned file, which has this name. *ret_errno is 0, or
 * the errno of connect. */
sbind_status sbind__connect_in(const sbind__place *place, int fd,
                               const sbind__pinned *file, const char *name,
                               int *ret_errno, sbind_error *reterr);

/* Gives a name by which to connect to a path that is longer than sun_path. The
 * caller closes *ret_pin after connecting, unless it is -1. If connecting
 * fails, sbind__not_reached gives the right error. */
sbind_status sbind__reach(const char *path, sbind__unix_name *ret, int *ret_pin,
                          sbind_error *reterr);
sbind_status sbind__not_reached(int pin, sbind_status s, sbind_error *reterr);

/* ---- The directory (posix/place.c) ----------------------------------------- */

/* Fills in the names. Opens nothing. */
void sbind__name_place(const char *path, sbind__place *ret);

/* Opens the directory. SBIND_UNSAFE_DIRECTORY if other users could replace
 * files in it, or could decide which directory the path leads to, unless "any"
 * is true. The caller closes directory_fd, even after a failure. */
sbind_status sbind__open_directory(sbind__place *place, bool any,
                                   sbind_error *reterr);

/* ---- Files in it (posix/place.c) ------------------------------------------- */

bool sbind__same_file(const struct stat *a, const struct stat *b);

/* A directory and a name in it, for openat(2) and similar calls. For "fresh" it
 * is the directory that fresh_fd holds open, if there is one. */
typedef struct sbind__entry {
    int directory_fd;
    const char *name;
} sbind__entry;

sbind__entry sbind__entry_of(const sbind__place *place, const char *name);

bool sbind__is_same(const sbind__identity *a, const sbind__identity *b);

/* Whether the file that has this name is "file". If false, errno is 0 if
 * another file has the name, or says why the name could not be looked up. */
bool sbind__is_named(const sbind__place *place, const char *name,
                     const sbind__identity *file);

/* Closes the descriptor of a pinned file. */
void sbind__unpin(sbind__pinned *file);

/* Asks whether a process has the socket of this file open. A process that has it
 * open does not notice. *ret_errno is EPROTOTYPE or 0 if a process has it open,
 * and ECONNREFUSED if no process has. Any other errno means that this is not
 * known. Systems without /proc need "name", one of the file's names. */
sbind_status sbind__probe(const sbind__place *place, const sbind__pinned *file,
                          const char *name, int *ret_errno,
                          sbind_error *reterr);

/* Whether this socket file counts as ours: it belongs to this user or to the
 * owner in the options, or the lock has a note of it. */
bool sbind__is_ours(const sbind__place *place, const struct stat *st);

/* The path of a name in the directory, for bind and connect. False if it is too
 * long for sun_path. */
bool sbind__plain_name(const sbind__place *place, const char *entry,
                       sbind__unix_name *ret);

/* Whether errno says that the kernel or the file system does not support a flag
 * of renameat2. */
bool sbind__lacks_renameat2(int error);

/* Renames a file, but never over another one. Returns NULL, or the name of the
 * call that failed. If the new name is taken, errno is EEXIST. */
const char *sbind__move(const sbind__place *place, const char *from,
                        const char *to);

/* Renames a file to "aside". Removes a leftover that has that name first. */
const char *sbind__move_to_aside(sbind__place *place, const char *from);

/* The error for a file that could not be moved to "aside". */
sbind_status sbind__cannot_move(const char *call, sbind_error *reterr);

/* Moves the stale, pinned file from the public name to "aside". *ret_moved
 * becomes true unless the file has gone meanwhile. If another file has taken
 * the public name, that file stays there: SBIND_ADDRESS_IN_USE. */
sbind_status sbind__move_aside(sbind__place *place, const sbind__pinned *stale,
                               bool *ret_moved, sbind_error *reterr);

/* ---- The lock (posix/lock.c) ------------------------------------------------
 *
 * Takes the lock. A process holds it while it starts or closes, and not while
 * it listens. SBIND_ADDRESS_IN_USE if another process holds it for a second. */
sbind_status sbind__lock_place(sbind__place *place, sbind_error *reterr);

/* Clears up the file that a killed starter may have left under a hidden name.
 * Removes a stale socket of ours. Moves any other file of this user back to the
 * public name, unless that is taken: the killed starter had only moved it away.
 * The caller holds the lock. */
void sbind__clear_leftover(sbind__place *place, const char *name);

/* Removes the lock file and closes it. Does nothing if we do not hold the
 * lock. */
void sbind__unlock_place(sbind__place *place);

/* Like sbind__unlock_place, but leaves a file that another process has put in
 * the place of the lock file. */
void sbind__drop_lock(sbind__place *place);

/* Like sbind__drop_lock, after a failed start. A lock file with a note of an
 * earlier, killed starter stays. */
void sbind__undo_lock(sbind__place *place);

/* Notes in the lock which socket file is about to get another owner. If this
 * process is killed, the next starter finds the note. */
sbind_status sbind__note_file(sbind__place *place, const struct stat *st,
                              sbind_error *reterr);

/* Whether this file was already there, unchanged, before we made the lock. That
 * is never true for our socket. */
bool sbind__is_older(const sbind__place *place, const struct stat *st);

/* Whether the lock has a note of this file, from a starter that was killed. */
bool sbind__is_noted(const sbind__place *place, const struct stat *st);

#endif
