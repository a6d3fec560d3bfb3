/* posix/path.c - listening on a path (SPEC.md 5.8)
 *
 * The socket is bound at its public path if possible: the system keeps the name
 * of bind for ever, and servers, clients and operators look for that name. A
 * starter holds a lock, and releases it before it serves. From then on, only
 * the socket is in the directory. A stale socket is moved aside first, and
 * removed last. A live socket is replaced in one step by a socket that listens
 * already.
 */
#define _XOPEN_SOURCE 700 /* S_ISSOCK */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../family.h"
#include "../socket.h"
#include "../hints.h"
#include "place.h"
#include "rename.h"
#include "../system.h"

/* How often bind is tried again after the file that had the name is gone. */
#define NAME_TRIES 8

typedef struct start {
    sbind__place place;
    const sbind_listen_options *options;
    int fd; /* the socket */
    /* the name by which the socket was bound; NULL if it is not bound */
    const char *entry;
    sbind__pinned ours;  /* the socket's file */
    sbind__pinned other; /* the file that had the public name */
    /* a process listens on "other", and we will replace it */
    bool is_live;
    bool has_moved;  /* "other" was stale, and now has the name "aside" */
    bool is_waiting; /* "other" was live, and now has the name "fresh" */
    /* our file had two names: "fresh" and the public one */
    bool is_linked;
} start;

/* ---- What has the name already ---------------------------------------------- */

static sbind_status in_use(sbind_error *reterr)
{
    return sbind__fail(SBIND_ADDRESS_IN_USE, reterr);
}

/* Asks whether a process has the socket. */
static sbind_status judge_by_probe(start *j, sbind_error *reterr)
{
    int answer = 0;
    sbind_status s =
        sbind__probe(&j->place, &j->other, j->place.base, &answer, reterr);
    j->is_live = answer == 0 || answer == EPROTOTYPE;
    if (s != SBIND_OK || answer == ECONNREFUSED)
        return s;
    if (j->is_live)
        return j->options->existing == SBIND_REPLACE ? SBIND_OK
                                                     : in_use(reterr);
    errno = answer;
    return sbind__fail_call("connect", reterr);
}

static sbind_status judge_other(start *j, sbind_error *reterr)
{
    if (!S_ISSOCK(j->other.st.st_mode))
        return sbind__fail_hint(SBIND_PATH_OCCUPIED,
                                sbind__occupied_hint(&j->other.st), reterr);
    if (!sbind__is_ours(&j->place, &j->other.st))
        return sbind__fail(SBIND_PATH_NOT_OURS, reterr);
    if (j->options->existing == SBIND_REFUSE)
        return sbind__fail_hint(SBIND_ADDRESS_IN_USE,
                                "there is a socket file already; if no process "
                                "listens on it, remove it",
                                reterr);
    return judge_by_probe(j, reterr);
}

/* Looks at the file that has the public name. SBIND_OK if there is no such file
 * (j->other.is_there is false), or if we may replace it. */
static sbind_status look_at_name(start *j, sbind_error *reterr)
{
    sbind__unpin(&j->other);
    j->is_live = false;
    sbind_status s = sbind__pin(&j->place, j->place.base, &j->other, reterr);
    return s == SBIND_OK && j->other.is_there ? judge_other(j, reterr) : s;
}

/* ---- Binding ------------------------------------------------------------------ */

static sbind_status bind_at(start *j, const char *entry, sbind_error *reterr)
{
    sbind_status s = sbind__bind_in(&j->place, j->fd, entry, reterr);
    if (s == SBIND_OK)
        j->entry = entry;
    return s;
}

/* Binds the socket under the hidden name. The socket gets the public name once
 * it listens. */
static sbind_status bind_hidden(start *j, sbind_error *reterr)
{
    sbind_status s = bind_at(j, j->place.fresh, reterr);
    if (s == SBIND_ADDRESS_IN_USE) {
        sbind__clear_leftover(&j->place, j->place.fresh);
        s = bind_at(j, j->place.fresh, reterr);
    }
    return s != SBIND_ADDRESS_IN_USE
               ? s
               : sbind__fail_hint(SBIND_PATH_OCCUPIED, sbind__fresh_taken,
                                  reterr);
}

static sbind_status free_name(start *j, sbind_error *reterr)
{
    sbind_status s = look_at_name(j, reterr);
    return s == SBIND_OK && j->other.is_there && !j->is_live
               ? sbind__move_aside(&j->place, &j->other, &j->has_moved, reterr)
               : s;
}

/* Binds the public name, after moving a stale socket aside. Another process may
 * take the name as soon as it is free. If that happens every time, we give
 * up. */
static sbind_status take_name(start *j, sbind_error *reterr)
{
    sbind_status s = bind_at(j, j->place.base, reterr);
    for (int i = 0; s == SBIND_ADDRESS_IN_USE && i < NAME_TRIES; i++) {
        s = free_name(j, reterr);
        if (s != SBIND_OK)
            return s;
        s = j->is_live ? bind_hidden(j, reterr)
                       : bind_at(j, j->place.base, reterr);
    }
    return s;
}

/* The name is too long for bind, but not for rename. */
static sbind_status take_long_name(start *j, sbind_error *reterr)
{
    sbind_status s = free_name(j, reterr);
    return s == SBIND_OK ? bind_hidden(j, reterr) : s;
}

/* ---- Owner and mode ------------------------------------------------------------ */

static bool changes_owner(const sbind_listen_options *o)
{
    return o->owner != SBIND_NO_ID || o->group != SBIND_NO_ID;
}

static bool is_as_wanted(const start *j)
{
    const sbind_listen_options *o = j->options;
    const struct stat *st = &j->ours.st;
    return st->st_mode == (S_IFSOCK | (mode_t)o->mode) &&
           (o->owner == SBIND_NO_ID || st->st_uid == o->owner) &&
           (o->group == SBIND_NO_ID || st->st_gid == o->group);
}

/* Forgets the file that has our name now, because the file belongs to another
 * user. */
static sbind_status drop_pin(start *j, sbind_status s, sbind_error *reterr)
{
    sbind__unpin(&j->ours);
    return sbind__fail(s, reterr);
}

static sbind_status set_owner_and_mode(start *j, sbind_error *reterr)
{
    const sbind_listen_options *o = j->options;
    sbind_status s = SBIND_OK;
    if (j->ours.st.st_uid != geteuid())
        return drop_pin(j, SBIND_PATH_NOT_OURS, reterr);
    if (changes_owner(o)) {
        s = sbind__note_file(&j->place, &j->ours.st, reterr);
        if (s == SBIND_OK)
            s = sbind__change_owner(&j->place, j->entry, &j->ours, o->owner,
                                    o->group, reterr);
    }
    if (s == SBIND_OK)
        s = sbind__change_mode(&j->place, j->entry, &j->ours, (mode_t)o->mode,
                               reterr);
    if (s == SBIND_OK)
        s = sbind__look_again(&j->place, j->entry, &j->ours, reterr);
    if (s == SBIND_OK && !is_as_wanted(j))
        s = sbind__fail_hint(SBIND_SYSTEM,
                             "the file system does not keep the owner or mode "
                             "of a socket file; use another directory",
                             reterr);
    return s;
}

static sbind_status has_lost_name(sbind_error *reterr)
{
    return sbind__fail_hint(SBIND_ADDRESS_IN_USE,
                            "the path led to another directory, or another "
                            "process removed the socket, while this one "
                            "started",
                            reterr);
}

/* Looks at the file that bind has made, and corrects its owner and mode. Nearly
 * always both are right already. */
static sbind_status finish_file(start *j, sbind_error *reterr)
{
    sbind_status s = sbind__pin(&j->place, j->entry, &j->ours, reterr);
    if (s != SBIND_OK)
        return s;
    if (!j->ours.is_there)
        return has_lost_name(reterr);
    if (!S_ISSOCK(j->ours.st.st_mode))
        return drop_pin(j, SBIND_PATH_OCCUPIED, reterr);
    if (sbind__is_older(&j->place, &j->ours.st)) {
        drop_pin(j, SBIND_ADDRESS_IN_USE, reterr);
        return has_lost_name(reterr);
    }
    if (sbind__is_noted(&j->place, &j->ours.st)) /* our inode was another's */
        j->place.has_note = false;
    return !changes_owner(j->options) && is_as_wanted(j)
               ? SBIND_OK
               : set_owner_and_mode(j, reterr);
}

/* ---- The public name of a socket that was bound under a hidden one ---------- */

static bool rename_as(const start *j, const char *from, unsigned flags)
{
    const sbind__entry e = sbind__entry_of(&j->place, from);
    return sbind__renameat2(e.directory_fd, e.name, j->place.directory_fd,
                            j->place.base, flags) == 0;
}

/* Whether clients reach our socket by this name. On some file systems, a socket
 * that was renamed or linked becomes another file, which no process has
 * open. */
static sbind_status check_reachable(const start *j, const char *entry,
                                    sbind_error *reterr)
{
    sbind__pinned named;
    int answer = 0;
    sbind_status s = sbind__pin(&j->place, entry, &named, reterr);
    if (s == SBIND_OK && named.is_there)
        s = sbind__probe(&j->place, &named, entry, &answer, reterr);
    errno = answer;
    if (s == SBIND_OK && (answer == 0 || !S_ISSOCK(named.st.st_mode)))
        s = has_lost_name(reterr); /* our file is gone, or is another one */
    else if (s == SBIND_OK && answer != EPROTOTYPE && answer != ECONNREFUSED)
        s = sbind__fail_call("connect", reterr);
    else if (s == SBIND_OK && answer == ECONNREFUSED)
        s = sbind__fail_hint(SBIND_SYSTEM, sbind__lost_by_rename, reterr);
    sbind__unpin(&named);
    return s;
}

/* Gives our socket the public name, if that is free. A file that has taken the
 * name meanwhile stays. */
static sbind_status publish_fresh(start *j, sbind_error *reterr)
{
    const sbind__entry e = sbind__entry_of(&j->place, j->place.fresh);
    if (rename_as(j, j->place.fresh, SBIND__NOREPLACE))
        return SBIND_OK;
    if (errno == EEXIST)
        return in_use(reterr);
    if (!sbind__lacks_renameat2(errno))
        return sbind__fail_call(SBIND__RENAME, reterr);
    if (linkat(e.directory_fd, e.name, j->place.directory_fd, j->place.base,
               0) != 0)
        return errno == EEXIST ? in_use(reterr)
                               : sbind__fail_call("linkat", reterr);
    j->is_linked = true;
    sbind_status s = check_reachable(j, j->place.base, reterr);
    if (s != SBIND_OK &&
        !sbind__is_named(&j->place, j->place.base, &j->ours.identity))
        sbind__clear_leftover(&j->place, j->place.base);
    if (s == SBIND_OK)
        unlinkat(e.directory_fd, e.name, 0);
    return s;
}

/* Checks that the file with this name is still the one that we looked at. */
static sbind_status check_other(const start *j, const char *name,
                                sbind_error *reterr)
{
    if (sbind__is_still_named(&j->place, name, &j->other))
        return SBIND_OK;
    return errno == 0 || errno == ENOENT || errno == ESTALE
               ? in_use(reterr)
               : sbind__fail_call("fstatat", reterr);
}

/* Replaces the live socket on a kernel or file system that cannot swap names.
 * This takes two renames. The first rename shows whether clients would still
 * reach our socket after the second rename. */
static sbind_status publish_plainly(start *j, sbind_error *reterr)
{
    const int dir = j->place.directory_fd;
    const char *failed = sbind__move_to_aside(&j->place, j->place.fresh);
    if (failed != NULL)
        return sbind__cannot_move(failed, reterr);
    j->has_moved = false; /* the file that an earlier try moved there is gone */
    sbind_status s = check_reachable(j, j->place.aside, reterr);
    if (s == SBIND_OK)
        s = check_other(j, j->place.base, reterr);
    if (s == SBIND_OK && renameat(dir, j->place.aside, dir, j->place.base) != 0)
        s = sbind__fail_call("renameat", reterr);
    if (s != SBIND_OK)
        unlinkat(dir, j->place.aside, 0);
    return s;
}

/* Whether another process has removed or replaced our file at the name "ours",
 * while "others" is still the name of the socket that we looked at. */
static bool has_lost(const start *j, const char *ours, const char *others)
{
    return !sbind__is_still_named(&j->place, ours, &j->ours) &&
           (errno == 0 || errno == ENOENT || errno == ESTALE) &&
           sbind__is_still_named(&j->place, others, &j->other);
}

/* Undoes the swap, unless another process has removed our socket meanwhile or
 * has put a file in its place. That file stays where it is. */
static void swap_again(start *j)
{
    const char *base = j->place.base, *fresh = j->place.fresh;
    if (!has_lost(j, base, fresh) && rename_as(j, fresh, SBIND__EXCHANGE)) {
        if (!has_lost(j, fresh, base))
            return;
        rename_as(j, fresh, SBIND__EXCHANGE);
    }
    j->is_waiting = true;
}

/* Replaces the live socket by swapping the two names. Then looks at the file
 * that came out: if another process had put a file in the place of the live
 * socket, the swap is undone. */
static sbind_status publish_over(start *j, sbind_error *reterr)
{
    if (!rename_as(j, j->place.fresh, SBIND__EXCHANGE)) {
        if (errno == ENOENT)
            return publish_fresh(j, reterr);
        return sbind__lacks_renameat2(errno)
                   ? publish_plainly(j, reterr)
                   : sbind__fail_call(SBIND__RENAME, reterr);
    }
    const sbind__entry e = sbind__entry_of(&j->place, j->place.fresh);
    sbind_status s = check_other(j, j->place.fresh, reterr);
    if (s == SBIND_OK)
        s = check_reachable(j, j->place.base, reterr);
    if (s == SBIND_OK && unlinkat(e.directory_fd, e.name, 0) != 0)
        s = sbind__fail_call("unlinkat", reterr);
    if (s != SBIND_OK)
        swap_again(j);
    return s;
}

static sbind_status publish(start *j, sbind_error *reterr)
{
    if (j->entry == j->place.base)
        return SBIND_OK;
    return j->is_live ? publish_over(j, reterr) : publish_fresh(j, reterr);
}

/* Removes the stale socket as the last step. Until then it could be put
 * back. */
static sbind_status remove_stale(start *j, sbind_error *reterr)
{
    if (!j->has_moved ||
        unlinkat(j->place.directory_fd, j->place.aside, 0) == 0 ||
        errno == ENOENT)
        return SBIND_OK;
    return sbind__fail_call("unlinkat", reterr);
}

/* ---- All of it ------------------------------------------------------------------- */

/* The mode of the file before its owner and group are set. No user is let in
 * before the owner is right. Only the owner is let in before the group is
 * right. If this process is killed, the owner can probe the file. */
static mode_t first_mode(const sbind_listen_options *o)
{
    if (o->owner != SBIND_NO_ID)
        return 0;
    return (mode_t)o->mode & (o->group != SBIND_NO_ID ? S_IRWXU : ~0U);
}

/* The socket gets its mode before bind makes the file. The umask can narrow
 * that mode, and nothing can widen it. */
static sbind_status make_socket(start *j, sbind_error *reterr)
{
    const sbind_listen_options *o = j->options;
    sbind_status s = sbind__new_socket(AF_UNIX, o->blocking, &j->fd, reterr);
    if (s == SBIND_OK)
        s = sbind__set_unix_options(j->fd, o->receive_buffer, o->send_buffer,
                                    o->refuse_descriptors, reterr);
    if (s == SBIND_OK)
        s = sbind__set_first_mode(j->fd, first_mode(o), reterr);
    return s;
}

/* If no lock file can be made in the directory, looks at the public name. A
 * file there may be a better reason to refuse. */
static sbind_status lock(start *j, sbind_error *reterr)
{
    sbind_error better = {.status = SBIND_OK};
    sbind_status s = sbind__lock_place(&j->place, reterr);
    if (s != SBIND_SYSTEM)
        return s;
    look_at_name(j, &better);
    if (better.status == SBIND_PATH_OCCUPIED ||
        better.status == SBIND_PATH_NOT_OURS ||
        better.status == SBIND_ADDRESS_IN_USE) {
        *reterr = better;
        s = better.status;
    }
    return s;
}

static sbind_status check_length(const start *j, sbind_error *reterr)
{
    return strlen(j->place.base) <= NAME_MAX
               ? SBIND_OK
               : sbind__fail_hint(SBIND_PATH_TOO_LONG,
                                  "the last component has at most 255 octets",
                                  reterr);
}

static sbind_status make_listener(start *j, sbind_error *reterr)
{
    sbind_status s = check_length(j, reterr);
    if (s == SBIND_OK)
        s = sbind__open_directory(&j->place, j->options->any_directory, reterr);
    if (s == SBIND_OK)
        s = lock(j, reterr);
    if (s == SBIND_OK)
        s = make_socket(j, reterr);
    if (s == SBIND_OK)
        s = sbind__is_bindable(&j->place) ? take_name(j, reterr)
                                          : take_long_name(j, reterr);
    if (s == SBIND_OK)
        s = finish_file(j, reterr);
    if (s == SBIND_OK && listen(j->fd, j->options->backlog) != 0)
        s = sbind__fail_call("listen", reterr);
    if (s == SBIND_OK)
        s = publish(j, reterr);
    if (s == SBIND_OK)
        s = remove_stale(j, reterr);
    return s;
}

/* Removes the file with this name if it is our socket. Returns false if the
 * name belongs to another file. Also returns false if that could not be found
 * out: errno says why. */
static bool remove_if_ours(const start *j, const char *name)
{
    const sbind__entry e = sbind__entry_of(&j->place, name);
    bool is_ours = sbind__is_still_named(&j->place, name, &j->ours);
    if (is_ours)
        unlinkat(e.directory_fd, e.name, 0);
    return is_ours;
}

/* Removes the second name of our file. On FUSE, the second link may count as
 * another file. Then our pinned file is gone once its first name is removed,
 * and only the inode can be compared. */
static void remove_second_link(const start *j)
{
    if (!remove_if_ours(j, j->place.base) &&
        (errno == ENOENT || errno == ESTALE) &&
        sbind__is_named(&j->place, j->place.base, &j->ours.identity))
        unlinkat(j->place.directory_fd, j->place.base, 0);
}

/* Whether the name belongs to our file, if we could not pin our file. The name
 * was free when we bound it, and we hold the lock. So if a new socket of this
 * user has the name, it is ours. */
static bool has_unpinned(const start *j)
{
    const sbind__entry e = sbind__entry_of(&j->place, j->entry);
    struct stat st;
    return fstatat(e.directory_fd, e.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISSOCK(st.st_mode) && st.st_uid == geteuid() &&
           !sbind__is_older(&j->place, &st);
}

/* A directory above was replaced between our open and our bind, so bind made
 * our file elsewhere. The socket file there is ours if it becomes stale as soon
 * as we close our socket. */
static void undo_elsewhere(start *j)
{
    sbind__place there = j->place;
    sbind__pinned file = SBIND__NOT_PINNED;
    int before = 0, after = 0;
    sbind_error unused;
    if (sbind__open_directory(&there, true, &unused) == SBIND_OK &&
        sbind__pin(&there, j->entry, &file, &unused) == SBIND_OK &&
        file.is_there && S_ISSOCK(file.st.st_mode)) {
        sbind__probe(&there, &file, j->entry, &before, &unused);
        sbind__close_fd(j->fd);
        j->fd = -1;
        sbind__probe(&there, &file, j->entry, &after, &unused);
        if (before == EPROTOTYPE && after == ECONNREFUSED &&
            sbind__is_still_named(&there, j->entry, &file))
            unlinkat(there.directory_fd, j->entry, 0);
    }
    sbind__unpin(&file);
    sbind__close_fd(there.directory_fd);
}

/* Removes our file under every name that it may have. The public name comes
 * last: if another process has taken the public name, our file then has no name
 * left, and is gone. */
static void undo_file(start *j)
{
    if (j->ours.is_there) {
        bool was_first = remove_if_ours(j, j->place.fresh);
        remove_if_ours(j, j->place.aside);
        if (was_first && j->is_linked)
            remove_second_link(j);
        else
            remove_if_ours(j, j->place.base);
    } else if (has_unpinned(j)) {
        const sbind__entry e = sbind__entry_of(&j->place, j->entry);
        unlinkat(e.directory_fd, e.name, 0);
    } else {
        undo_elsewhere(j);
    }
}

/* Gives the stale socket its public name again. If another process has taken
 * the name, removes the stale socket instead. */
static void put_stale_back(const start *j)
{
    if (sbind__move(&j->place, j->place.aside, j->place.base) != NULL &&
        errno == EEXIST)
        unlinkat(j->place.directory_fd, j->place.aside, 0);
}

/* Gives the live socket its public name again. If another process has taken the
 * name, keeps the lock, so that the next starter looks at the hidden name. */
static void give_name_back(start *j)
{
    if (sbind__move(&j->place, j->place.fresh, j->place.base) != NULL)
        j->place.keeps_lock = true;
}

static void undo(start *j)
{
    if (j->entry != NULL)
        undo_file(j);
    if (j->is_waiting)
        give_name_back(j);
    if (j->has_moved)
        put_stale_back(j);
    sbind__close_fd(j->fd);
    sbind__unpin(&j->ours);
    sbind__undo_lock(&j->place);
    sbind__close_fd(j->place.directory_fd);
}

static void hand_out(const sbind_address *address, start *j,
                     sbind_listener *ret)
{
    sbind__unlock_place(&j->place);
    sbind__new_listener(ret, j->fd, address, j->options->blocking);
    ret->creator = (int32_t)getpid();
    ret->directory_fd = j->place.directory_fd;
    ret->file_fd = j->ours.fd;
    ret->device = j->ours.identity.device;
    ret->inode = j->ours.identity.inode;
}

sbind_status sbind__listen_path(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr)
{
    start j;
    memset(&j, 0, sizeof j);
    sbind__name_place(address->name, &j.place);
    j.place.owner = options->owner;
    j.options = options;
    j.fd = -1;
    j.ours = j.other = SBIND__NOT_PINNED;
    sbind_status s = make_listener(&j, reterr);
    sbind__unpin(&j.other);
    if (s == SBIND_OK)
        hand_out(address, &j, ret);
    else
        undo(&j);
    return s;
}
