/* posix/lock.c - the lock that a process holds while it starts to listen on a
 * path, and while it closes (SPEC.md 5.8.1)
 *
 * bind makes a socket file a moment before a probe can see the socket, so a new
 * socket looks stale for that moment. The lock keeps other starters from
 * looking then. A process removes its lock file first, and unlocks it after
 * that. So a lock file that exists but is not locked was left by a process that
 * was killed. */
#define _XOPEN_SOURCE 700 /* S_ISSOCK */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../system.h"
#include "rename.h"
#include "times.h"

#define TRIES 1000 /* a millisecond apart */

/* The note in the lock file: which socket file is about to get another owner. A
 * starter writes it while it holds the lock. If the next starter can take the
 * lock and finds a note there, the writer was killed. A file of one octet holds
 * no note but a mark: see mark(). */
typedef sbind__identity note;

/* ---- Opening it ----------------------------------------------------------------- */

static sbind_status try_again(void) { return SBIND_WOULD_BLOCK; }

static sbind_status cannot_open(sbind_error *reterr)
{
    sbind_status s = sbind__fail_call("openat", reterr);
    if (errno == EACCES || errno == EPERM)
        reterr->hint = "this user cannot make or open the lock file "
                       ".NAME.sbind in the directory of the socket; a start "
                       "holds it for a moment";
    return s;
}

static sbind_status open_file(sbind__place *place, bool *ret_is_new,
                              sbind_error *reterr)
{
    const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = openat(place->directory_fd, place->lock, flags | O_CREAT | O_EXCL,
                    S_IRUSR | S_IWUSR);
    *ret_is_new = fd >= 0;
    if (fd < 0 && errno == EEXIST) {
        fd = openat(place->directory_fd, place->lock, flags);
        if (fd < 0 && errno == ENOENT) /* its holder has just removed it */
            return try_again();
    }
    place->lock_fd = fd;
    return fd >= 0 ? SBIND_OK : cannot_open(reterr);
}

/* Sets the time of our lock to now. The time tells whether a file can be ours:
 * a file that is older than the lock is not. */
static sbind_status renew(sbind__place *place, sbind_error *reterr)
{
    struct stat st;
    if (fchmod(place->lock_fd, 0600) != 0)
        return sbind__fail_call("fchmod", reterr);
    if (fstat(place->lock_fd, &st) != 0)
        return sbind__fail_call("fstat", reterr);
    place->locked = st.st_ctim;
    return SBIND_OK;
}

/* Makes sure that the next process that starts here can open the new lock file,
 * whatever our umask is. The owner of the directory can start here too. So if
 * we are root, we give the lock file to that user. If this fails, and we are
 * killed, only another start by root can clean up. */
static sbind_status make_openable(sbind__place *place, const struct stat *st,
                                  sbind_error *reterr)
{
    if (st->st_uid == 0 && place->directory_owner != 0 &&
        fchown(place->lock_fd, place->directory_owner, (gid_t)-1) != 0)
        errno = 0;
    return (st->st_mode & 0600) == 0600 ? SBIND_OK : renew(place, reterr);
}

/* The lock file must belong to this user or to the directory's owner. Any other
 * owner could remove it, so it would protect nothing. */
static sbind_status judge_lock(const sbind__place *place, const struct stat *st,
                               sbind_error *reterr)
{
    if (S_ISREG(st->st_mode) &&
        (st->st_uid == place->directory_owner || st->st_uid == geteuid()))
        return SBIND_OK;
    return sbind__fail_hint(SBIND_PATH_NOT_OURS,
                            "the lock file .NAME.sbind beside the socket is "
                            "not a file of this user; remove it",
                            reterr);
}

/* ---- Taking it ------------------------------------------------------------------- */

/* Checks that the lock file still has its name. Between our open and our lock,
 * another process that held the lock may have unlinked the file. Our lock would
 * then protect nothing. */
static sbind_status check_name(const sbind__place *place, const struct stat *st,
                               off_t *ret_size, sbind_error *reterr)
{
    struct stat named;
    if (fstatat(place->directory_fd, place->lock, &named,
                AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? try_again()
                               : sbind__fail_call("fstatat", reterr);
    *ret_size = named.st_size;
    return sbind__same_file(&named, st) ? SBIND_OK : try_again();
}

/* Marks a lock file that another process has made and not yet locked. If this
 * process is killed, the mark tells the maker of the file that something may
 * have been left. Without the mark, the maker clears nothing up. Then the file
 * stays until another starter meets it. */
static void mark(const sbind__place *place)
{
    if (pwrite(place->lock_fd, "", 1, 0) < 0)
        errno = 0;
}

static sbind_status take_lock(sbind__place *place, bool is_new,
                              sbind_error *reterr)
{
    struct stat st;
    off_t size = 0;
    if (fstat(place->lock_fd, &st) != 0)
        return sbind__fail_call("fstat", reterr);
    place->locked = st.st_ctim;
    sbind_status s = is_new ? make_openable(place, &st, reterr)
                            : judge_lock(place, &st, reterr);
    if (s != SBIND_OK)
        return s;
    if (flock(place->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? try_again()
                                    : sbind__fail_call("flock", reterr);
    s = check_name(place, &st, &size, reterr);
    if (s != SBIND_OK)
        return s;
    place->has_leftovers = !is_new || size > 0;
    place->has_note = size >= (off_t)sizeof(note);
    if (!is_new && size == 0)
        mark(place);
    return is_new ? s : renew(place, reterr);
}

static void close_lock(sbind__place *place)
{
    sbind__close_fd(place->lock_fd);
    place->lock_fd = -1;
    place->has_note = false;
}

/* Removes a lock file that we have made and cannot use, unless another process
 * has locked it meanwhile and relies on it. */
static void give_up(sbind__place *place, bool is_new, sbind_status s)
{
    if (is_new && s != SBIND_WOULD_BLOCK &&
        flock(place->lock_fd, LOCK_EX | LOCK_NB) == 0)
        sbind__undo_lock(place);
    else
        close_lock(place);
}

static sbind_status try_lock(sbind__place *place, sbind_error *reterr)
{
    bool is_new = false;
    sbind_status s = open_file(place, &is_new, reterr);
    if (s == SBIND_OK)
        s = take_lock(place, is_new, reterr);
    if (s != SBIND_OK)
        give_up(place, is_new, s);
    return s;
}

/* ---- What a killed process has left ------------------------------------------------ */

typedef enum verdict { STALE, NOT_STALE, UNKNOWN } verdict;

static verdict judge_leftover(const sbind__place *place,
                              const sbind__pinned *file, const char *name)
{
    int answer = 0;
    sbind_error unused;
    if (!S_ISSOCK(file->st.st_mode) || !sbind__is_ours(place, &file->st))
        return NOT_STALE;
    if (sbind__probe(place, file, name, &answer, &unused) != SBIND_OK)
        return UNKNOWN;
    return answer == ECONNREFUSED                ? STALE
           : answer == 0 || answer == EPROTOTYPE ? NOT_STALE
                                                 : UNKNOWN;
}

static bool swap(const sbind__place *place)
{
    const sbind__entry e = sbind__entry_of(place, place->fresh);
    return sbind__renameat2(e.directory_fd, e.name, place->directory_fd,
                            place->base, SBIND__EXCHANGE) == 0;
}

static bool remove_fresh(const sbind__place *place)
{
    const sbind__entry e = sbind__entry_of(place, place->fresh);
    return unlinkat(e.directory_fd, e.name, 0) == 0;
}

/* Swaps the hidden name and the public name, if the public name still belongs
 * to the stale socket. If another file came to the public name a moment before,
 * swaps the names again. */
static bool swap_for(const sbind__place *place, const sbind__pinned *stale)
{
    if (!swap(place))
        return false;
    if (sbind__is_still_named(place, place->fresh, stale))
        return true;
    if (errno == 0 || errno == ESTALE)
        swap(place);
    return false;
}

/* The case: a starter gave its own socket the public name of a live socket, and
 * was killed. Now its socket is stale, and the live socket has the hidden name.
 * Gives the live socket the public name again, and removes the stale one. False
 * if that failed. */
static bool swap_back(const sbind__place *place)
{
    sbind__pinned public;
    sbind_error unused;
    if (sbind__pin(place, place->base, &public, &unused) != SBIND_OK)
        return false;
    bool is_done = public.is_there &&
                   judge_leftover(place, &public, place->base) == STALE &&
                   swap_for(place, &public) && remove_fresh(place);
    sbind__unpin(&public);
    return is_done;
}

/* Handles a file that is not stale: moves it back to the public name. Files of
 * other users stay where they are. A socket also stays if several sockets share
 * the hidden name, because the public name may belong to another of them. False
 * if a socket stays that may become stale in a moment: a process that is being
 * killed can lose its lock before its socket. */
static bool give_name_back(const sbind__place *place, const sbind__pinned *file,
                           const char *name)
{
    if (!sbind__is_ours(place, &file->st))
        return true;
    if (place->shares_names)
        return !S_ISSOCK(file->st.st_mode);
    if (sbind__move(place, name, place->base) == NULL ||
        !S_ISSOCK(file->st.st_mode))
        return true;
    return errno == EEXIST && name == place->fresh && swap_back(place);
}

/* Removes the file if it is stale, and otherwise moves it back to the public
 * name. False if a stale socket may have stayed, or may be there in a
 * moment. */
static bool clear_pinned(const sbind__place *place, const sbind__pinned *file,
                         const char *name)
{
    const sbind__entry e = sbind__entry_of(place, name);
    switch (judge_leftover(place, file, name)) {
    case STALE:
        return sbind__is_still_named(place, name, file) &&
               unlinkat(e.directory_fd, e.name, 0) == 0;
    case NOT_STALE:
        return give_name_back(place, file, name);
    case UNKNOWN:
        break;
    }
    return false;
}

/* If the file at a hidden name is not cleared up, keeps the lock file: the lock
 * file tells the next starter to look at the hidden name. Every starter looks
 * at the public name anyway. */
void sbind__clear_leftover(sbind__place *place, const char *name)
{
    sbind__pinned file;
    sbind_error unused;
    bool is_clear = sbind__pin(place, name, &file, &unused) == SBIND_OK &&
                    (!file.is_there || clear_pinned(place, &file, name));
    if (!is_clear && name != place->base)
        place->keeps_lock = true;
    sbind__unpin(&file);
}

sbind_status sbind__lock_place(sbind__place *place, sbind_error *reterr)
{
    static const struct timespec moment = {0, 1000000};
    sbind_status s = try_lock(place, reterr);
    for (int i = 0; s == SBIND_WOULD_BLOCK && i < TRIES; i++) {
        nanosleep(&moment, NULL);
        s = try_lock(place, reterr);
    }
    if (s == SBIND_WOULD_BLOCK)
        return sbind__fail_hint(SBIND_ADDRESS_IN_USE,
                                "another process has been starting or closing "
                                "here for a second; see its lock file "
                                ".NAME.sbind",
                                reterr);
    if (s == SBIND_OK && place->has_leftovers) {
        sbind__clear_leftover(place, place->fresh);
        sbind__clear_leftover(place, place->aside);
        sbind__tidy_place(place);
    }
    return s;
}

void sbind__unlock_place(sbind__place *place)
{
    if (place->lock_fd >= 0)
        sbind__tidy_place(place);
    if (place->lock_fd >= 0 && !place->keeps_lock)
        unlinkat(place->directory_fd, place->lock, 0);
    close_lock(place);
}

static bool is_lock(const sbind__place *place, const struct stat *st)
{
    const sbind__identity file = sbind__identity_of(st);
    return sbind__is_named(place, place->lock, &file);
}

void sbind__drop_lock(sbind__place *place)
{
    struct stat st;
    if (place->lock_fd >= 0)
        sbind__tidy_place(place);
    if (place->lock_fd >= 0 && !place->keeps_lock &&
        fstat(place->lock_fd, &st) == 0 && is_lock(place, &st))
        unlinkat(place->directory_fd, place->lock, 0);
    close_lock(place);
}

void sbind__undo_lock(sbind__place *place)
{
    place->keeps_lock = place->keeps_lock || place->has_note;
    sbind__drop_lock(place);
}

bool sbind__is_older(const sbind__place *place, const struct stat *st)
{
    const struct timespec *a = &st->st_ctim, *b = &place->locked;
    return a->tv_sec < b->tv_sec ||
           (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* ---- What it says ------------------------------------------------------------------- */

sbind_status sbind__note_file(sbind__place *place, const struct stat *st,
                              sbind_error *reterr)
{
    const note n = sbind__identity_of(st);
    ssize_t written = pwrite(place->lock_fd, &n, sizeof n, 0);
    place->has_note = false; /* the other process's is overwritten now */
    if (written == (ssize_t)sizeof n)
        return SBIND_OK;
    if (written >= 0)
        errno = ENOSPC;
    return sbind__fail_call("pwrite", reterr);
}

bool sbind__is_noted(const sbind__place *place, const struct stat *st)
{
    const note wanted = sbind__identity_of(st);
    note found = {0, 0};
    return place->has_note &&
           pread(place->lock_fd, &found, sizeof found, 0) ==
               (ssize_t)sizeof found &&
           memcmp(&found, &wanted, sizeof found) == 0;
}
