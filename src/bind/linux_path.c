/* linux_path.c - socket files (SPEC.md 5.8)
 *
 * Everything happens relative to a descriptor of the directory. A socket is
 * made under a temporary name, gets its mode and owner, listens, and only then
 * gets its public name, in one step. Whoever can see the name can connect, and
 * nobody can connect whom the mode forbids.
 *
 * A lock file beside the socket, NAME.lock, keeps two starters apart: it is
 * locked as long as the listener lives (under SBIND_REPLACE while the name
 * changes hands) and never removed once anybody has listened.
 */
#define _GNU_SOURCE /* O_PATH, renameat2, syscall */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat2 */
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../status/error.h"
#include "family.h"
#include "system.h"
#include "unix_name.h"

#ifndef SYS_fchmodat2 /* Linux 6.6; the C library may not know it yet */
#define SYS_fchmodat2 452
#endif

#define LOCK_SUFFIX ".lock"
#define BASE_MAX 250 /* octets of a file name, with the suffix 255 */

/* So many milliseconds a listener that closes waits for one that starts. */
#define LOCK_TRIES 100

/* The parts of opening one path, in the order in which they come to be. */
typedef struct job {
    const sbind_listen_options *options;
    const char *base; /* the last component of the path */
    char directory[SBIND_NAME_MAX + 1];
    char lock[BASE_MAX + sizeof LOCK_SUFFIX];
    char temporary[SBIND__ENTRY_MAX];
    int directory_fd;
    int lock_fd;
    bool lock_is_new;  /* this start has made the lock file */
    bool is_replacing; /* there is a socket file to put ours in place of */
    int replaced_fd;   /* of it; its inode is not used again while it is open */
    struct stat replaced;
    int fd;           /* the socket */
    bool is_bound;    /* the temporary name exists */
    struct stat ours; /* the socket file */
} job;

/* ---- Names ----------------------------------------------------------------- */

/* ".sbind-" and a hash of the file name (FNV-1a): short enough for sun_path,
 * and the same at every start, so that the next one clears up after a crash. */
static void name_temporary(const char *base, char ret[SBIND__ENTRY_MAX])
{
    static const char digits[] = "0123456789abcdef", prefix[] = ".sbind-";
    uint64_t hash = 14695981039346656037U;
    size_t n = sizeof prefix - 1;
    for (; *base != '\0'; base++)
        hash = (hash ^ (unsigned char)*base) * 1099511628211U;
    memcpy(ret, prefix, n);
    for (int shift = 60; shift >= 0; shift -= 4)
        ret[n++] = digits[hash >> shift & 15];
    ret[n] = '\0';
}

static const char *base_of(const sbind_address *address)
{
    const char *slash = strrchr(address->name, '/');
    return slash == NULL ? address->name : slash + 1;
}

static sbind_status name_files(const sbind_address *address, job *j,
                               sbind_error *reterr)
{
    size_t base_length, directory_length;
    j->base = base_of(address);
    base_length = strlen(j->base);
    directory_length = (size_t)(j->base - address->name);
    if (base_length > BASE_MAX)
        return sbind__fail_hint(SBIND_PATH_TOO_LONG,
                                "the last component has at most 250 octets",
                                reterr);
    memcpy(j->directory, address->name, directory_length);
    if (directory_length == 0)
        j->directory[directory_length++] = '.';
    j->directory[directory_length] = '\0';
    memcpy(j->lock, j->base, base_length);
    memcpy(j->lock + base_length, LOCK_SUFFIX, sizeof LOCK_SUFFIX);
    name_temporary(j->base, j->temporary);
    return SBIND_OK;
}

/* ---- The directory --------------------------------------------------------- */

/* Whoever can rename files in the directory can put a file of theirs in the
 * place of ours, whatever we do. */
static bool is_safe(const struct stat *directory)
{
    bool ours = directory->st_uid == geteuid() || directory->st_uid == 0;
    bool shared = (directory->st_mode & (S_IWGRP | S_IWOTH)) != 0;
    return ours && (!shared || (directory->st_mode & S_ISVTX) != 0);
}

static sbind_status open_directory(job *j, sbind_error *reterr)
{
    struct stat st;
    j->directory_fd = open(j->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (j->directory_fd < 0)
        return sbind__fail_call("open", reterr);
    if (j->options->any_directory)
        return SBIND_OK;
    if (fstat(j->directory_fd, &st) != 0)
        return sbind__fail_call("fstat", reterr);
    return is_safe(&st) ? SBIND_OK
                        : sbind__fail(SBIND_UNSAFE_DIRECTORY, reterr);
}

/* ---- What is there already -------------------------------------------------- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A socket file is ours when this user has it, or the one that the options
 * give it to: a server that was killed has left it like that. */
static bool is_owner(const job *j, const struct stat *st)
{
    return st->st_uid == geteuid() || (j->options->owner != SBIND_NO_ID &&
                                       st->st_uid == j->options->owner);
}

/* Opens the file itself, not what it may link to, and not its contents: what
 * is then asked about is one file, even if the name changes hands. *ret_fd is
 * -1 when there is no such file. */
static sbind_status pin(const job *j, const char *name, int *ret_fd,
                        struct stat *ret, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    *ret_fd = openat(j->directory_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_fd < 0)
        return errno == ENOENT ? SBIND_OK : sbind__fail_call("openat", reterr);
    if (fstat(*ret_fd, ret) != 0) {
        s = sbind__fail_call("fstat", reterr);
        sbind__close_fd(*ret_fd);
        *ret_fd = -1;
    }
    return s;
}

/* ---- Paths for bind and connect ---------------------------------------------- */

/* A file in the directory by its path, for where there is no /proc. */
static sbind_status plain_name(const job *j, const char *entry,
                               sbind__unix_name *ret, sbind_error *reterr)
{
    char path[SBIND_NAME_MAX + 2 + BASE_MAX + 1];
    size_t n = strlen(j->directory), length = strlen(entry);
    memcpy(path, j->directory, n);
    path[n++] = '/';
    // what it is for takes a length
    // NOLINTNEXTLINE(bugprone-not-null-terminated-result)
    memcpy(path + n, entry, length);
    if (sbind__unix_path_name(path, n + length, ret))
        return SBIND_OK;
    return sbind__fail_hint(SBIND_PATH_TOO_LONG, SBIND__NEEDS_PROC, reterr);
}

/* ---- Whether somebody listens -------------------------------------------------- */

static int error_of_connect(int fd, const sbind__unix_name *name)
{
    return connect(fd, (const struct sockaddr *)&name->sa, name->length) == 0
               ? 0
               : errno;
}

/* The errno of connecting to the file, 0 if it worked. */
static sbind_status ask(const job *j, int fd, int pinned, int *ret,
                        sbind_error *reterr)
{
    char alias[SBIND__ALIAS_MAX];
    sbind__unix_name name;
    sbind_status s = SBIND_OK;
    sbind__alias_of_fd(pinned, "", alias);
    sbind__unix_path_name(alias, strlen(alias), &name);
    *ret = error_of_connect(fd, &name);
    if (*ret != ENOENT || sbind__has_proc(pinned))
        return s;
    s = plain_name(j, j->base, &name, reterr);
    if (s == SBIND_OK)
        *ret = error_of_connect(fd, &name);
    return s;
}

/* Asks with a datagram socket, which a listening stream socket refuses by its
 * type before it looks at anything else: EPROTOTYPE. The one who listens does
 * not notice. ECONNREFUSED says that no socket has this file any more; nothing
 * else does. */
static sbind_status probe(const job *j, int pinned, sbind_error *reterr)
{
    int answer = 0, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sbind_status s;
    if (fd < 0)
        return sbind__fail_call("socket", reterr);
    s = ask(j, fd, pinned, &answer, reterr);
    sbind__close_fd(fd);
    if (s != SBIND_OK || answer == ECONNREFUSED)
        return s;
    if (answer == 0 || answer == EPROTOTYPE)
        return sbind__fail(SBIND_ADDRESS_IN_USE, reterr);
    errno = answer;
    return sbind__fail_call("connect", reterr);
}

static sbind_status judge_existing(const job *j, int pinned,
                                   const struct stat *st, sbind_error *reterr)
{
    if (!S_ISSOCK(st->st_mode))
        return sbind__fail(SBIND_PATH_OCCUPIED, reterr);
    if (!is_owner(j, st))
        return sbind__fail(SBIND_PATH_NOT_OURS, reterr);
    switch (j->options->existing) {
    case SBIND_REFUSE:
        return sbind__fail_hint(SBIND_ADDRESS_IN_USE,
                                "there is a socket file already; if nobody "
                                "listens there, remove it",
                                reterr);
    case SBIND_RECLAIM:
        return probe(j, pinned, reterr);
    case SBIND_REPLACE:
        break;
    }
    return SBIND_OK;
}

/* Whether the public name is free, or can be taken from what has it. */
static sbind_status look_at_name(job *j, sbind_error *reterr)
{
    sbind_status s;
    sbind__close_fd(j->replaced_fd);
    s = pin(j, j->base, &j->replaced_fd, &j->replaced, reterr);
    j->is_replacing = s == SBIND_OK && j->replaced_fd >= 0;
    return j->is_replacing
               ? judge_existing(j, j->replaced_fd, &j->replaced, reterr)
               : s;
}

/* ---- The lock --------------------------------------------------------------- */

static sbind_status in_use(sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_ADDRESS_IN_USE,
                            "another process is starting or listening there; "
                            "stop it, or use another path",
                            reterr);
}

static sbind_status open_lock(job *j, sbind_error *reterr)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    j->lock_fd = openat(j->directory_fd, j->lock, flags | O_CREAT | O_EXCL,
                        S_IRUSR | S_IWUSR);
    j->lock_is_new = j->lock_fd >= 0;
    if (j->lock_fd < 0 && errno == EEXIST) {
        j->lock_fd = openat(j->directory_fd, j->lock, flags);
        if (j->lock_fd < 0 && errno == ENOENT) /* its maker has failed */
            return in_use(reterr);
    }
    if (j->lock_fd < 0)
        return sbind__fail_call("openat", reterr);
    return SBIND_OK;
}

/* Between opening and locking, the starter that has made the file may have
 * failed and removed it; then it is locked in vain. Nobody else removes it, so
 * the one who has made it need not look. */
static sbind_status check_lock_name(const job *j, const struct stat *locked,
                                    sbind_error *reterr)
{
    struct stat named;
    if (j->lock_is_new)
        return SBIND_OK;
    if (fstatat(j->directory_fd, j->lock, &named, AT_SYMLINK_NOFOLLOW) == 0)
        return same_file(locked, &named) ? SBIND_OK : in_use(reterr);
    return errno == ENOENT ? in_use(reterr)
                           : sbind__fail_call("fstatat", reterr);
}

static sbind_status take_lock(job *j, sbind_error *reterr)
{
    struct stat st;
    if (fstat(j->lock_fd, &st) != 0)
        return sbind__fail_call("fstat", reterr);
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
        return sbind__fail_hint(SBIND_PATH_NOT_OURS,
                                "the lock file beside the socket is another "
                                "user's",
                                reterr);
    /* a umask that takes the owner's own rights would lock out the next start */
    if (j->lock_is_new && (st.st_mode & 0600) != 0600 &&
        fchmod(j->lock_fd, 0600) != 0)
        return sbind__fail_call("fchmod", reterr);
    if (flock(j->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? in_use(reterr)
                                    : sbind__fail_call("flock", reterr);
    return check_lock_name(j, &st, reterr);
}

/* A lock file that a failed start has made goes with it, unless another has
 * locked it: that one relies on it. Where the file system has no locks it
 * stays, for nobody can know. */
static void remove_new_lock(const job *j)
{
    if (j->lock_is_new && flock(j->lock_fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(j->directory_fd, j->lock, 0);
}

/* ---- The socket ------------------------------------------------------------- */

static sbind_status bind_as(int fd, const sbind__unix_name *name,
                            sbind_error *reterr)
{
    if (bind(fd, (const struct sockaddr *)&name->sa, name->length) != 0)
        return sbind__fail_call("bind", reterr);
    return SBIND_OK;
}

/* Through the directory's descriptor; where /proc is missing, by the path as it
 * is, if it is short enough. */
static sbind_status bind_temporary(const job *j, sbind_error *reterr)
{
    char alias[SBIND__ALIAS_MAX];
    sbind__unix_name name;
    sbind_status s;
    sbind__alias_of_fd(j->directory_fd, j->temporary, alias);
    sbind__unix_path_name(alias, strlen(alias), &name);
    s = bind_as(j->fd, &name, reterr);
    if (s == SBIND_OK || errno != ENOENT || sbind__has_proc(j->directory_fd))
        return s;
    s = plain_name(j, j->temporary, &name, reterr);
    return s == SBIND_OK ? bind_as(j->fd, &name, reterr) : s;
}

/* Removes what an earlier start has left when it was killed. We hold the lock,
 * so nobody else is at it. */
static sbind_status remove_leftover(const job *j, sbind_error *reterr)
{
    static const char hint[] = "it has the name .sbind-... that the socket has "
                               "until it can be connected to; remove it";
    struct stat st;
    if (fstatat(j->directory_fd, j->temporary, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? SBIND_OK : sbind__fail_call("fstatat", reterr);
    if (!S_ISSOCK(st.st_mode))
        return sbind__fail_hint(SBIND_PATH_OCCUPIED, hint, reterr);
    if (!is_owner(j, &st))
        return sbind__fail_hint(SBIND_PATH_NOT_OURS, hint, reterr);
    if (unlinkat(j->directory_fd, j->temporary, 0) != 0)
        return sbind__fail_call("unlinkat", reterr);
    return SBIND_OK;
}

static bool changes_owner(const sbind_listen_options *o)
{
    return o->owner != SBIND_NO_ID || o->group != SBIND_NO_ID;
}

/* The mode goes on before the file exists: the umask can narrow it, nothing
 * widens it. Until the owner is right nobody is let in. */
static sbind_status bind_narrow(job *j, sbind_error *reterr)
{
    mode_t mode = changes_owner(j->options) ? 0 : (mode_t)j->options->mode;
    sbind_status s;
    if (fchmod(j->fd, mode) != 0)
        return sbind__fail_call("fchmod", reterr);
    s = bind_temporary(j, reterr);
    if (s == SBIND_ADDRESS_IN_USE) {
        s = remove_leftover(j, reterr);
        if (s == SBIND_OK)
            s = bind_temporary(j, reterr);
    }
    j->is_bound = s == SBIND_OK;
    return s;
}

/* Never by the path, which may have become a link to another file. */
static sbind_status change_mode(int pinned, mode_t mode, sbind_error *reterr)
{
    char alias[SBIND__ALIAS_MAX];
    sbind_status s;
    sbind__alias_of_fd(pinned, "", alias);
    if (chmod(alias, mode) == 0)
        return SBIND_OK;
    if (errno != ENOENT)
        return sbind__fail_call("chmod", reterr);
    if (syscall(SYS_fchmodat2, pinned, "", mode, AT_EMPTY_PATH) == 0)
        return SBIND_OK;
    s = sbind__fail_call("fchmodat2", reterr);
    if (reterr != NULL)
        reterr->hint = "this mode needs /proc, or Linux 6.6";
    return s;
}

/* Owner and exact mode, through a descriptor of the file. */
static sbind_status set_owner_and_mode(const job *j, int pinned,
                                       sbind_error *reterr)
{
    const sbind_listen_options *o = j->options;
    if (!S_ISSOCK(j->ours.st_mode))
        return sbind__fail(SBIND_PATH_OCCUPIED, reterr);
    if (changes_owner(o) &&
        fchownat(pinned, "", o->owner, o->group, AT_EMPTY_PATH) != 0)
        return sbind__fail_call("fchownat", reterr);
    return change_mode(pinned, (mode_t)o->mode, reterr);
}

/* Nearly always the file is right as it is, and is only looked at, so that we
 * know it again. */
static sbind_status finish_file(job *j, sbind_error *reterr)
{
    const mode_t wanted = S_IFSOCK | (mode_t)j->options->mode;
    int fd;
    sbind_status s;
    if (fstatat(j->directory_fd, j->temporary, &j->ours, AT_SYMLINK_NOFOLLOW) !=
        0)
        return sbind__fail_call("fstatat", reterr);
    if (!changes_owner(j->options) && j->ours.st_mode == wanted)
        return SBIND_OK;
    s = pin(j, j->temporary, &fd, &j->ours, reterr);
    if (s != SBIND_OK)
        return s;
    if (fd < 0)
        return sbind__fail_call("openat", reterr);
    s = set_owner_and_mode(j, fd, reterr);
    sbind__close_fd(fd);
    return s;
}

static sbind_status make_socket(job *j, sbind_error *reterr)
{
    const sbind_listen_options *o = j->options;
    sbind_status s = sbind__new_socket(AF_UNIX, o->blocking, &j->fd, reterr);
    if (s == SBIND_OK)
        s = sbind__set_buffers(j->fd, o->receive_buffer, o->send_buffer,
                               reterr);
    if (s == SBIND_OK)
        s = bind_narrow(j, reterr);
    if (s == SBIND_OK)
        s = finish_file(j, reterr);
    if (s == SBIND_OK && listen(j->fd, o->backlog) != 0)
        s = sbind__fail_call("listen", reterr);
    return s;
}

/* ---- The public name --------------------------------------------------------- */

static bool unknown_to_system(int error)
{
    return error == ENOSYS || error == EINVAL;
}

static bool rename_as(const job *j, unsigned flags)
{
    return renameat2(j->directory_fd, j->temporary, j->directory_fd, j->base,
                     flags) == 0;
}

/* A free name: never over a file that has come in the meantime. */
static sbind_status publish_fresh(job *j, sbind_error *reterr)
{
    if (rename_as(j, RENAME_NOREPLACE)) {
        j->is_bound = false;
        return SBIND_OK;
    }
    if (!unknown_to_system(errno))
        return errno == EEXIST ? in_use(reterr)
                               : sbind__fail_call("renameat2", reterr);
    if (linkat(j->directory_fd, j->temporary, j->directory_fd, j->base, 0) != 0)
        return errno == EEXIST ? in_use(reterr)
                               : sbind__fail_call("linkat", reterr);
    return SBIND_OK; /* the temporary name goes with the clean-up */
}

/* Whether this name is that of the file which was judged. */
static sbind_status check_replaced(const job *j, const char *name,
                                   sbind_error *reterr)
{
    struct stat st;
    if (fstatat(j->directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return sbind__fail_call("fstatat", reterr);
    return same_file(&st, &j->replaced) ? SBIND_OK : in_use(reterr);
}

/* For a kernel or file system that cannot swap names. */
static sbind_status publish_plainly(job *j, sbind_error *reterr)
{
    sbind_status s = check_replaced(j, j->base, reterr);
    if (s != SBIND_OK)
        return s;
    if (renameat(j->directory_fd, j->temporary, j->directory_fd, j->base) != 0)
        return sbind__fail_call("renameat", reterr);
    j->is_bound = false;
    return SBIND_OK;
}

/* Whether the temporary name is that of our socket file. */
static bool is_ours_again(const job *j)
{
    struct stat st;
    return fstatat(j->directory_fd, j->temporary, &st, AT_SYMLINK_NOFOLLOW) ==
               0 &&
           same_file(&st, &j->ours);
}

/* Swaps the names, then looks at what came out: if it is not the file that was
 * judged, somebody else's has come in the meantime and goes back. If it cannot,
 * or yet another comes out for it, that stays under the temporary name, and is
 * not removed. */
static sbind_status publish_over(job *j, sbind_error *reterr)
{
    sbind_status s;
    if (!rename_as(j, RENAME_EXCHANGE)) {
        if (errno == ENOENT)
            return publish_fresh(j, reterr);
        return unknown_to_system(errno) ? publish_plainly(j, reterr)
                                        : sbind__fail_call("renameat2", reterr);
    }
    s = check_replaced(j, j->temporary, reterr);
    if (s != SBIND_OK)
        j->is_bound = rename_as(j, RENAME_EXCHANGE) && is_ours_again(j);
    return s; /* what has the temporary name goes with the clean-up */
}

/* A name that was free is not looked at again: if it no longer is, that shows,
 * and then it is judged as if it had been there from the beginning. */
static sbind_status publish(job *j, sbind_error *reterr)
{
    sbind_status s;
    if (j->is_replacing)
        return publish_over(j, reterr);
    s = publish_fresh(j, reterr);
    if (s != SBIND_ADDRESS_IN_USE)
        return s;
    s = look_at_name(j, reterr);
    if (s != SBIND_OK)
        return s;
    return j->is_replacing ? publish_over(j, reterr) : in_use(reterr);
}

/* ---- All of it --------------------------------------------------------------- */

static sbind_status run(const sbind_address *address, job *j,
                        sbind_error *reterr)
{
    sbind_status s = name_files(address, j, reterr);
    if (s == SBIND_OK)
        s = open_directory(j, reterr);
    if (s == SBIND_OK)
        s = look_at_name(j, reterr); /* before anything is made */
    if (s == SBIND_OK)
        s = open_lock(j, reterr);
    if (s == SBIND_OK)
        s = take_lock(j, reterr);
    if (s == SBIND_OK && j->is_replacing)
        s = look_at_name(j, reterr); /* now that nobody else is at it */
    if (s == SBIND_OK)
        s = make_socket(j, reterr);
    if (s == SBIND_OK)
        s = publish(j, reterr);
    return s;
}

static void hand_out(const sbind_address *address, const job *j,
                     sbind_listener *ret)
{
    sbind__new_listener(ret, j->fd, address);
    ret->creator = (int32_t)getpid();
    ret->directory_fd = j->directory_fd;
    ret->lock_fd = j->lock_fd;
    ret->device = (uint64_t)j->ours.st_dev;
    ret->inode = (uint64_t)j->ours.st_ino;
    if (j->options->existing == SBIND_REPLACE)
        flock(j->lock_fd, LOCK_UN);
}

sbind_status sbind__listen_path(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr)
{
    job j;
    sbind_status s;
    memset(&j, 0, sizeof j);
    j.options = options;
    j.directory_fd = j.lock_fd = j.fd = j.replaced_fd = -1;
    s = run(address, &j, reterr);
    if (j.is_bound)
        unlinkat(j.directory_fd, j.temporary, 0);
    sbind__close_fd(j.replaced_fd);
    if (s == SBIND_OK) {
        hand_out(address, &j, ret);
        return s;
    }
    sbind__close_fd(j.fd);
    remove_new_lock(&j);
    sbind__close_fd(j.lock_fd);
    sbind__close_fd(j.directory_fd);
    return s;
}

/* Whether the name is still that of our file. The inode cannot have been used
 * again, since the socket is open. */
static bool is_the_file(const sbind_listener *listener, const struct stat *st)
{
    return (uint64_t)st->st_dev == listener->device &&
           (uint64_t)st->st_ino == listener->inode;
}

static sbind_status find_ours(const sbind_listener *listener, bool *ret,
                              sbind_error *reterr)
{
    struct stat st;
    if (fstatat(listener->directory_fd, base_of(&listener->address), &st,
                AT_SYMLINK_NOFOLLOW) == 0) {
        *ret = is_the_file(listener, &st);
        return SBIND_OK;
    }
    *ret = false;
    return errno == ENOENT ? SBIND_OK : sbind__fail_call("fstatat", reterr);
}

/* Under SBIND_REPLACE the lock is free. One who holds it is starting or closing
 * and soon has the name, or gives the lock back. Else it is ours already. */
static sbind_status lock_ours(const sbind_listener *listener, bool *ret,
                              sbind_error *reterr)
{
    static const struct timespec moment = {0, 1000000};
    for (int i = 0; flock(listener->lock_fd, LOCK_EX | LOCK_NB) != 0; i++) {
        sbind_status s;
        if (errno != EWOULDBLOCK)
            return sbind__fail_call("flock", reterr);
        s = find_ours(listener, ret, reterr);
        if (s != SBIND_OK || !*ret)
            return s;
        if (i == LOCK_TRIES) {
            errno = EWOULDBLOCK;
            return sbind__fail_call_as(SBIND_SYSTEM, "flock", reterr);
        }
        nanosleep(&moment, NULL);
    }
    return find_ours(listener, ret, reterr);
}

static sbind_status remove_if_ours(const sbind_listener *listener,
                                   sbind_error *reterr)
{
    bool is_ours = false;
    sbind_status s = lock_ours(listener, &is_ours, reterr);
    if (s == SBIND_OK && is_ours &&
        unlinkat(listener->directory_fd, base_of(&listener->address), 0) != 0)
        return sbind__fail_call("unlinkat", reterr);
    return s;
}

/* A forked child may have the lock file open as well, which would keep it
 * locked: so it is unlocked, not only closed. */
sbind_status sbind__remove_path(const sbind_listener *listener,
                                sbind_error *reterr)
{
    sbind_status s;
    if (listener->creator != (int32_t)getpid())
        return SBIND_OK;
    s = remove_if_ours(listener, reterr);
    flock(listener->lock_fd, LOCK_UN);
    return s;
}
