/* system.c - the simulated system, call by call. Each function has the name and
 * the prototype of a function of the C library. calls.h gives it another name
 * for the linker. */
#define _GNU_SOURCE /* accept4, O_PATH */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "system.h"

#define FCHMODAT2 452 /* constants that the headers of the C library may lack */
#define PIDFS 0x50494446
#define PIDFD_ID 42
#define PEERPIDFD 77
#define CALLS_MAX 200000
#define NOREPLACE 1U /* flags of renameat2 */
#define EXCHANGE 2U

#define ERRORS(...)                                                            \
    (const int[]) { __VA_ARGS__, 0 }

machine fuzz_machine;
static machine *const m = &fuzz_machine;
static unsigned long inode; /* never twice: what was adopted stays known */

/* ---- What a call comes to ------------------------------------------------ */

enum { INTRUDES = 64, FAILS = 96, LASTS = 160, SURPRISES = 208 };

static uint8_t draw(void)
{
    uint8_t o = fuzz_octet(&m->in);
    m->is_usual = m->is_usual && o == 0;
    return o;
}

static bool is_call(size_t i, const char *call, size_t n)
{
    return strncmp(m->failures[i].call, call, n) == 0 &&
           m->failures[i].call[n] == '\0';
}

bool fuzz_has_failed(const char *call, int error)
{
    for (size_t i = 0; i < m->failure_count; i++)
        if (is_call(i, call, strcspn(call, " ")) &&
            (error == 0 || m->failures[i].error == error))
            return true;
    return false;
}

bool fuzz_is_upset(const char *call)
{
    for (size_t i = 0; i < m->failure_count; i++)
        if (is_call(i, call, strlen(call)) && m->failures[i].is_upset)
            return true;
    return false;
}

static void note(const char *call, int error)
{
    if (fuzz_has_failed(call, error))
        return;
    CHECK(m->failure_count < FAILURES);
    m->failures[m->failure_count].call = call;
    m->failures[m->failure_count].is_upset = false;
    m->failures[m->failure_count].is_lasting = false;
    m->failures[m->failure_count++].error = error;
}

static int refuse(const char *call, int error)
{
    note(call, error);
    errno = error;
    return -1;
}

static bool has_to_fail(const char *call)
{
    for (size_t i = 0; i < m->failure_count; i++)
        if (m->failures[i].is_lasting && is_call(i, call, strlen(call))) {
            errno = m->failures[i].error;
            return true;
        }
    return false;
}

/* Lets a call fail because of an octet of the input, and not because of the
 * state of the system. */
static void upset(const char *call, int error, bool is_lasting)
{
    refuse(call, error);
    m->upsets++;
    for (size_t i = 0; i < m->failure_count; i++)
        if (is_call(i, call, strlen(call)) && m->failures[i].error == error) {
            m->failures[i].is_upset = true;
            m->failures[i].is_lasting |= is_lasting && error != EINTR;
        }
}

/* Whether this error would be a lie about the existence of a file or of /proc.
 * The system never tells such a lie, because connect would show the truth. */
static bool is_lie(const char *call, int error)
{
    if (error == EEXIST)
        return strncmp(call, "rename", 6) == 0;
    return error == ENOENT &&
           (strcmp(call, "openat") == 0 || strcmp(call, "fstatat") == 0 ||
            strcmp(call, "unlinkat") == 0 || strncmp(call, "rename", 6) == 0 ||
            strcmp(call, "linkat") == 0 || strcmp(call, "connect") == 0);
}

/* The error that an octet stands for. This error need not be one that the
 * manual lists for the call. */
static int error_of(uint8_t o, const char *call, const int *errors)
{
    static const int surprises[] = {
        EPERM, ENOENT, EINTR,  EIO,    EAGAIN,     ENOMEM,        EACCES,
        EBUSY, EEXIST, EINVAL, ENFILE, EMFILE,     ENOSPC,        EROFS,
        ELOOP, ENOSYS, EPROTO, ENOLCK, EADDRINUSE, EADDRNOTAVAIL, ETIMEDOUT};
    size_t n = 0;
    int error;
    while (errors[n] != 0)
        n++;
    error = o >= SURPRISES
                ? surprises[(o - SURPRISES) %
                            (sizeof surprises / sizeof *surprises)]
                : errors[(size_t)(o - (o < LASTS ? FAILS : LASTS)) % n];
    return is_lie(call, error) ? EIO : error;
}

/* Whether an octet makes a call fail, either once or from now on. connect never
 * lies about whether a process listens. So ECONNREFUSED is always a real
 * answer, and so is EPROTOTYPE for a datagram socket. */
static bool fails_by(uint8_t o, const char *call, const int *errors)
{
    CHECK(++m->calls < CALLS_MAX);
    if (m->calls == m->kill_at)
        longjmp(m->death, 1);
    if (has_to_fail(call))
        return true;
    errno = ENOTTY; /* means nothing when it works */
    if (o < FAILS)
        return false;
    upset(call, error_of(o, call, errors), o >= LASTS && o < SURPRISES);
    return true;
}

static bool fails(const char *call, const int *errors)
{
    uint8_t o = draw();
    if (o >= INTRUDES && o < FAILS)
        fuzz_intrude(o - INTRUDES);
    return fails_by(o, call, errors);
}

/* Whether a call fails that does not depend on other processes. Before such a
 * call other processes do nothing. They may act before any other call. */
static bool fails_at_once(const char *call, const int *errors)
{
    return fails_by(draw(), call, errors);
}

/* ---- Files --------------------------------------------------------------- */

static bool is_public(const entry *e)
{
    return e->directory == &m->directories[0] &&
           strcmp(e->name, m->public) == 0;
}

static bool is_lock(const entry *e)
{
    return e->directory == &m->directories[0] && strcmp(e->name, m->lock) == 0;
}

static bool is_fresh(const entry *e)
{
    return e->directory == &m->directories[0] && strcmp(e->name, m->fresh) == 0;
}

static bool is_aside(const entry *e)
{
    return e->directory == &m->directories[0] && strcmp(e->name, m->aside) == 0;
}

static bool is_open(const file *f)
{
    for (int fd = 0; fd < m->past_fd; fd++)
        if (m->fds[fd].thing != CLOSED && m->fds[fd].file == f)
            return true;
    return false;
}

static unsigned count_names(const file *f)
{
    unsigned n = 0;
    for (size_t i = 0; i < m->entry_count; i++)
        n += m->entries[i].file == f;
    return n;
}

static bool is_named(const file *f) { return count_names(f) > 0; }

/* The first free inode. As in ext4, this inode has often only just become free.
 * An inode is in use while its file has a name or is open. */
static ino_t free_inode(void)
{
    bool is_taken[FILES + 1] = {true}; /* no file has inode 0 */
    ino_t number = 0;
    for (size_t i = 0; i < m->entry_count; i++)
        if (m->entries[i].file != NULL)
            is_taken[m->entries[i].file->inode] = true;
    for (int fd = 0; fd < m->past_fd; fd++) {
        const file *f = m->fds[fd].file;
        if (m->fds[fd].thing != CLOSED && f != NULL &&
            (!m->reuses_inodes || S_ISREG(f->mode)))
            is_taken[f->inode] = true;
    }
    while (is_taken[number])
        number++;
    return number;
}

static file *new_file(mode_t mode, uid_t uid)
{
    file *f = &m->files[m->file_count];
    *f = (file){.inode = free_inode(), .mode = mode, .uid = uid, .gid = uid};
    f->changed = (long)m->calls;
    CHECK(++m->file_count < FILES);
    return f;
}

/* The inodes are used up. */
static bool is_full(void) { return m->file_count >= FILES - 32; }

/* Makes a file of other processes. The kinds are: 0 no file; 1 a stale socket;
 * 2 a live socket; 3 another user's socket; 4 a regular file; 5 a link; 6
 * another user's regular file; 7 a stale socket of the owner in the options.
 * Adding 8 changes a kind: a stale socket is another user's, a live one is only
 * bound, and a regular file is locked. Adding 16 makes a live socket a datagram
 * socket. */
static file *their_file(unsigned kind)
{
    file *f;
    uid_t owner = m->options->owner;
    if (kind % 8 == 0 || is_full())
        return NULL;
    f = new_file(S_IFSOCK | 0600, m->euid);
    f->is_bound = kind % 8 == 2 || kind % 8 == 3;
    f->is_live = f->is_bound && !(kind & 8);
    f->is_datagram = f->is_bound && kind & 16;
    if (kind % 8 == 3 || kind % 8 == 6 || (kind & 15) == 9)
        f->uid = m->euid + 1;
    if (kind % 8 == 7 && owner != SBIND_NO_ID)
        f->uid = owner;
    if (kind % 8 == 4 || kind % 8 == 6)
        f->mode = S_IFREG | 0600;
    if (kind % 8 == 5)
        f->mode = S_IFLNK | 0777;
    f->lock = S_ISREG(f->mode) && kind & 8 ? ANOTHER : NOBODY;
    return f;
}

static void put(entry *e, file *f) { e->file = e->theirs = f; }

static entry *entry_of(const file *directory, const char *name)
{
    entry *e = m->entries;
    for (; e < m->entries + m->entry_count; e++)
        if (e->directory == directory && strcmp(e->name, name) == 0)
            return e;
    CHECK(m->entry_count++ < ENTRIES && strlen(name) < sizeof e->name);
    strcpy(e->name, name);
    e->directory = directory;
    put(e, their_file(draw()));
    return e;
}

entry *fuzz_entry(const char *name)
{
    return entry_of(&m->directories[0], name);
}

/* Writes a note of a killed start into the lock. The note may name the inode of
 * any file. */
static void fill_lock(void)
{
    file *f = fuzz_entry(m->lock)->file;
    uint8_t o = f == NULL ? 0 : draw();
    if (o == 0)
        return;
    f->note[0] = DEVICE;
    f->note[1] = o % 8;
    f->note_length = o < 192 ? sizeof f->note : sizeof f->note / 2;
}

void fuzz_fill_directory(void)
{
    static const struct {
        mode_t mode;
        uid_t others; /* added to our id */
    } kinds[] = {{0755, 0}, {0700, 0}, {0777, 0}, {01777, 0},
                 {0755, 1}, {0770, 0}, {01777, 1}};
    uint8_t o = draw(), system = draw();
    bool is_link = o >= 64 && o < 128;
    m->directories[0].mode = S_IFDIR | kinds[o % 7].mode;
    m->directories[0].uid = o < 128 ? m->euid + kinds[o % 7].others : 0;
    m->directories[1] = m->directories[0];
    m->link.mode = is_link ? S_IFLNK | 0777 : 0;
    m->link.uid = m->euid + (o & 1);
    m->lacks_renameat2 = system % 2 == 0 ? 0 : system & 32 ? ENOSYS : EINVAL;
    m->link_is_another = system & 2;
    m->move_is_another = system % 8 == 5; /* they all lack renameat2 */
    m->forgets_mode = (system & 24) == 24;
    m->reuses_inodes = system & 64;
    m->is_stuck = system & 128;
    if (m->public[0] != '\0')
        fuzz_entry(m->public);
    fill_lock();
    fuzz_entry(m->fresh);
    fuzz_entry(m->aside);
}

bool fuzz_is_owner(const file *f)
{
    return f->uid == m->euid ||
           (m->options->owner != SBIND_NO_ID && f->uid == m->options->owner) ||
           (m->noted != 0 && f->inode == m->noted);
}

static bool is_openable(const file *f)
{
    return m->euid == 0 || (f->uid == m->euid && (f->mode & 0600) == 0600);
}

bool fuzz_is_lock(const file *f)
{
    return S_ISREG(f->mode) && is_openable(f) &&
           (f->uid == m->euid || f->uid == m->directories[0].uid);
}

/* Whether the mode lets this user connect. */
static bool lets_in(const file *f)
{
    if (m->euid == 0)
        return true;
    return f->mode & (f->uid == m->euid ? 0200 : f->gid == m->euid ? 020 : 02);
}

/* Whether the library holds the lock of the public name. */
static bool is_locked(void)
{
    const file *f = fuzz_entry(m->lock)->file;
    return f != NULL && f->lock > NOBODY;
}

/* ---- Other processes ------------------------------------------------------- */

static bool is_pinned(const file *f)
{
    for (int fd = 0; fd < m->past_fd; fd++)
        if (m->fds[fd].thing == PIN && m->fds[fd].file == f)
            return true;
    return false;
}

/* Whether a socket of ours has a name that the library has not looked at yet. */
static bool is_unpinned(void)
{
    for (int fd = 0; fd < m->past_fd; fd++) {
        const file *f = m->fds[fd].file;
        if (m->fds[fd].thing == SOCKET && f != NULL && !is_pinned(f))
            return true;
    }
    return false;
}

/* Another process, which does not know of the lock, changes the file that has
 * the public name. */
static void meddle(unsigned kind)
{
    entry *public = fuzz_entry(m->public);
    file *aside = public->theirs; /* the library may have moved it */
    const file *had = public->file;
    put(public, NULL); /* remove the file first, so that its inode is free */
    put(public, their_file(kind));
    if (public->file == NULL && (had == NULL || had->is_ours))
    public->theirs = aside; /* nothing of others has changed */
    if (public->file != NULL &&
        (S_ISSOCK(public->file->mode) || m->reuses_inodes))
    public->file->is_mistaken = is_unpinned();
}

/* Another starter takes the lock if it is free, and binds a free name. */
static void begin_start(entry *lock, unsigned how)
{
    entry *public = fuzz_entry(m->public);
    if (lock->file == NULL)
        put(lock, their_file(4));
    if (lock->file == NULL || lock->file->lock != NOBODY ||
        !fuzz_is_lock(lock->file))
        return;
    lock->file->lock = ANOTHER;
    /* our process may have made this file, and not locked it yet */
    lock->theirs = lock->file;
    if (how % 2 == 1 && public->file == NULL) {
        meddle(1);
        if (public->file != NULL)
        public->file->is_unborn = true;
    }
}

/* The other starter listens, perhaps in place of our socket, and removes its
 * lock. */
static void finish_start(entry *lock)
{
    file *f = fuzz_entry(m->public)->file;
    if (f != NULL && f->is_unborn)
        f->is_bound = f->is_live = true;
    else if (f == NULL || (f->is_ours && f->is_live))
        meddle(2);
    lock->file->lock = NOBODY;
    put(lock, NULL);
}

/* The other starter is killed. The files that it has made stay. */
static void die_while_starting(entry *lock, unsigned how)
{
    entry *left = fuzz_entry(how % 2 == 0 ? m->fresh : m->aside);
    lock->file->lock = NOBODY;
    if (left->file != NULL)
        return;
    put(left, their_file(1));
    if (left->file == NULL || how % 2 == 1)
        return;
    left->file->uid = m->euid + 1;
    lock->file->note[0] = DEVICE;
    lock->file->note[1] = left->file->inode;
    lock->file->note_length = sizeof lock->file->note;
}

static void end_start(entry *lock, unsigned how)
{
    file *f = fuzz_entry(m->public)->file;
    if (lock->file == NULL || lock->file->lock != ANOTHER)
        return;
    if (how < 2)
        finish_start(lock);
    else
        die_while_starting(lock, how);
    if (f != NULL)
        f->is_unborn = false;
}

/* Another process replaces a directory above ours, so the path leads to another
 * directory. On a machine without /proc this does not happen: there the library
 * can only use the path. */
static void replace_directory(void) { m->where = m->has_proc; }

void fuzz_intrude(unsigned move)
{
    if (m->public[0] == '\0')
        return;
    m->intrusions++;
    if (move % 8 == 6)
        begin_start(fuzz_entry(m->lock), move / 8);
    else if (move % 8 == 7)
        end_start(fuzz_entry(m->lock), move / 8);
    else if (move == 24)
        replace_directory();
    else
        meddle(move);
}

/* ---- What the library may do to files --------------------------------------- */

/* The name under which other processes have put the file. */
static entry *home_of(const file *f)
{
    for (size_t i = 0; i < m->entry_count; i++)
        if (m->entries[i].theirs == f)
            return &m->entries[i];
    return NULL;
}

/* Whether the library may be cleaning up after a killed start. Then a stale
 * socket of that start has the public name, and the socket that it replaced is
 * to get the name back. */
static bool has_leftovers(void)
{
    const file *f = fuzz_entry(m->lock)->file;
    return f != NULL && f->lock > NOBODY &&
           (!m->fds[f->lock].is_new || f->note_length > 0);
}

/* Whether a start has noted this file, and was killed before it set the file's
 * mode. Such a file counts as stale, because no process can probe it. */
static bool is_unready(const file *f)
{
    return f->inode == m->noted && !lets_in(f);
}

/* Whether the library may remove this socket of another process (SPEC.md 5.8).
 * A hidden name may have a file that a killed start has left. */
static bool may_go(const file *f)
{
    const entry *home = home_of(f);
    if (!S_ISSOCK(f->mode) || !fuzz_is_owner(f))
        return false;
    if (home != NULL && !is_public(home))
        return (is_fresh(home) || is_aside(home)) &&
               (!f->is_bound || is_unready(f));
    if (has_leftovers() && (!f->is_bound || is_unready(f)))
        return true;
    return !m->is_closing &&
           (m->options->existing == SBIND_REPLACE ||
            (m->options->existing == SBIND_RECLAIM && !f->is_bound));
}

static bool was_full(void)
{
    for (size_t i = 0; i < m->failure_count; i++)
        if (m->failures[i].error == ENOSPC || m->failures[i].error == EDQUOT)
            return true;
    return false;
}

/* Checks that a file may be removed. Only the process that holds the lock
 * removes the lock. No socket file is removed without the lock, unless no file
 * can be made. */
static void check_removal(const entry *e)
{
    const file *f = e->file;
    if (is_lock(e)) {
        CHECK(f->lock > NOBODY && (f->is_ours || fuzz_is_lock(f)));
        return;
    }
    CHECK(is_locked() || (m->is_closing && was_full()));
    if (f->is_ours) /* otherwise another file could have its inode */
        CHECK(is_open(f) || m->move_is_another || m->link_is_another);
    else
        CHECK(f->is_mistaken || may_go(f));
}

static void count_removal(const file *f, const entry *home)
{
    if (home == NULL || !is_public(home) || f->is_ours || f->is_mistaken)
        return;
    if (f->is_bound && !is_unready(f))
        m->removed_live++;
    else
        m->removed_stale++;
}

static void remove_file(entry *e)
{
    entry *home = e->theirs == e->file ? e /* one of two links */
                                       : home_of(e->file);
    check_removal(e);
    count_removal(e->file, home);
    if (home != NULL)
        home->theirs = NULL;
    e->file = NULL;
}

static mode_t wanted_mode(void)
{
    const sbind_listen_options *o = m->options;
    return (mode_t)(o->mode < 0 ? SBIND_MODE_DEFAULT : o->mode);
}

static bool has_owner(const file *f)
{
    uint32_t owner = m->options->owner;
    return f->uid == (owner == SBIND_NO_ID ? m->euid : owner);
}

static bool has_group(const file *f)
{
    uint32_t group = m->options->group;
    return f->gid == (group == SBIND_NO_ID ? m->euid : group);
}

static bool is_as_wanted(const file *f)
{
    return f->mode == (S_IFSOCK | wanted_mode()) && has_owner(f) &&
           has_group(f);
}

/* Checks the mode of our socket file. A user whom the final rights keep out
 * must not be able to connect at any time before. */
static void check_rights(const file *f)
{
    mode_t mode = f->mode & 07777;
    CHECK((mode & ~wanted_mode()) == 0);
    CHECK((mode & 0700) == 0 || has_owner(f));
    CHECK((mode & 077) == 0 || (has_owner(f) && has_group(f)));
}

/* Checks a socket of ours that gets the public name, by a rename or a link.
 * From that moment on, every user whom the final rights allow to connect can
 * connect. */
static void arrive(const entry *e)
{
    if (is_public(e) && e->file->is_ours)
        CHECK(is_locked() && is_as_wanted(e->file) &&
              (e->file->is_live || m->link_is_another || m->move_is_another));
}

/* Checks a file of others that returns to a name. It may return for three
 * reasons: a killed start had moved it; another process has put it at the
 * public name meanwhile; or this start has moved it, and no file of others has
 * its old name. */
static void come_back(entry *from, entry *to)
{
    if (m->set_aside == from->file && to->theirs == NULL) {
        to->theirs = from->file;
    } else if (from->theirs == from->file) {
        m->displaced = to->theirs;
        to->theirs = from->theirs;
        from->theirs = NULL;
    } else if (m->displaced == from->file) {
        from->theirs = to->theirs;
        to->theirs = from->file;
    }
}

/* Checks the new name of a file of others. The library may move the file from
 * the public name to a hidden name in two cases: the library may remove the
 * file, or another process may just have put the file there. The library may
 * also move a file back to the public name. */
static void check_move(entry *from, entry *to)
{
    const file *f = from->file;
    CHECK(is_locked());
    if (f->is_ours || f->is_mistaken)
        return;
    if (is_public(to)) {
        come_back(from, to);
        return;
    }
    m->set_aside = f;
    CHECK(is_public(from) && (is_aside(to) || is_fresh(to)));
    CHECK(may_go(f) || m->intrusions > 0);
}

/* ---- Descriptors --------------------------------------------------------- */

static int open_fd(const char *call, thing what, file *f)
{
    for (int i = 0; i < FDS - FIRST_OWN; i++) {
        int fd = m->next_fd;
        descriptor *d = &m->fds[fd];
        m->next_fd = fd + 1 < FDS ? fd + 1 : FIRST_OWN;
        m->past_fd = fd < m->past_fd ? m->past_fd : fd + 1;
        if (d->thing != CLOSED)
            continue;
        memset(d, 0, sizeof *d);
        d->thing = what;
        d->is_known = d->is_ours = d->is_close_on_exec = true;
        d->file = f;
        d->inode = ++inode;
        return fd;
    }
    return refuse(call, EMFILE);
}

/* A descriptor that must belong to the library, and be open. */
static descriptor *own(int fd, thing what)
{
    CHECK(fd >= 0 && fd < FDS && m->fds[fd].is_ours);
    CHECK(m->fds[fd].thing == what);
    return &m->fds[fd];
}

static void set_own_address(descriptor *d, unsigned host, unsigned port)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    in.sin_port = in6.sin6_port = htons((uint16_t)port);
    in.sin_addr.s_addr = htonl(host);
    if (d->family == AF_INET6)
        memcpy(&d->own, &in6, d->own_length = sizeof in6);
    else
        memcpy(&d->own, &in, d->own_length = sizeof in);
}

static void set_unix_address(descriptor *d, unsigned kind)
{
    static const char names[][40] = {"/run/p",
                                     "/proc/thread-self/fd/9/x",
                                     "\0abstract",
                                     "",
                                     "relative",
                                     ".sbind-0123456789abcdef-new",
                                     "ends/",
                                     "/run/.p.sbind-new",
                                     "/run/..sbind-new",
                                     ".p.sbind-new"};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const char *name = names[kind % 10];
    size_t n = kind % 10 == 2 ? 9 : strlen(name) + (name[0] != '\0');
    memcpy(un.sun_path, name, n);
    memcpy(&d->own, &un, sizeof un);
    d->own_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

/* Decides what was passed under this number. */
static void be_passed(descriptor *d)
{
    static const struct {
        int family, type;
        state state;
    } kinds[] = {
        {AF_INET, SOCK_STREAM, LISTENING},  {AF_UNIX, SOCK_STREAM, LISTENING},
        {AF_INET6, SOCK_STREAM, LISTENING}, {AF_UNIX, SOCK_STREAM, CONNECTED},
        {AF_INET, SOCK_STREAM, CONNECTED},  {AF_INET6, SOCK_STREAM, IDLE},
        {AF_UNIX, SOCK_DGRAM, IDLE},        {AF_VSOCK, SOCK_STREAM, LISTENING}};
    uint8_t o = draw();
    d->is_known = true;
    d->inode = ++inode;
    d->is_nonblocking = d->was_nonblocking = o >= 128;
    d->is_close_on_exec = d->was_close_on_exec = o % 128 >= 100;
    d->thing = o % 10 == 8 ? CLOSED : o % 10 == 9 ? PIPE : SOCKET;
    if (o % 10 >= 8)
        return;
    d->family = kinds[o % 10].family;
    d->type = kinds[o % 10].type;
    d->state = kinds[o % 10].state;
    if (d->family == AF_UNIX)
        set_unix_address(d, o / 10);
    else
        set_own_address(d, d->family == AF_INET ? INADDR_LOOPBACK : 0, 80);
    if (d->family == AF_VSOCK)
        d->own.ss_family = AF_VSOCK;
    d->peer = d->own;
    d->peer_length = d->own_length;
}

/* Any descriptor: the number may be that of a passed descriptor, or of one that
 * was never open. */
static descriptor *any(int fd)
{
    descriptor *d = fd >= 0 && fd < FDS ? &m->fds[fd] : NULL;
    if (d != NULL && fd >= SBIND_LISTEN_FDS_START && fd < FIRST_OWN &&
        !d->is_known)
        be_passed(d);
    if (d == NULL || d->thing == CLOSED) {
        CHECK(d == NULL || !d->is_ours);
        return NULL;
    }
    return d;
}

size_t fuzz_open_count(void)
{
    size_t n = 0;
    for (int fd = 0; fd < m->past_fd; fd++)
        n += m->fds[fd].thing != CLOSED && m->fds[fd].is_ours;
    return n;
}

void fuzz_start(fuzz_input in)
{
    int given = m->past_fd;
    memset(m, 0, offsetof(machine, files));
    memset(m->fds, 0, (size_t)given * sizeof m->fds[0]);
    m->in = in;
    m->is_usual = true;
    m->next_fd = m->past_fd = FIRST_OWN;
    m->now = 5000000;
    m->port = 40000;
    m->pid = 7;
}

static void close_descriptor(descriptor *d)
{
    if (d->thing == LOCK && d->file->lock == (int)(d - m->fds))
        d->file->lock = NOBODY;
    if (d->thing == SOCKET && d->file != NULL && !d->is_copy)
        d->file->is_bound = d->file->is_live = false;
    d->thing = CLOSED;
}

void fuzz_give_up(int fd, bool again)
{
    m->given_up = fd;
    close_descriptor(&m->fds[fd]);
    m->fds[fd].is_ours = false;
    if (again) {
        memset(&m->fds[fd], 0, sizeof m->fds[fd]);
        m->fds[fd].thing = PIPE;
        m->fds[fd].is_known = true;
    }
}

/* Closes a listener's descriptor that the program itself has closed before. By
 * now the number may belong to another file. */
static int close_given_up(descriptor *d)
{
    bool is_closed = d->thing == CLOSED;
    close_descriptor(d);
    d->is_ours = false;
    return is_closed ? refuse("close", EBADF) : 0;
}

int close(int fd)
{
    descriptor *d = any(fd);
    if (m->given_up > 0 && fd == m->given_up)
        return close_given_up(&m->fds[fd]);
    CHECK(d != NULL && d->is_ours);
    d->is_ours = d->thing != PIDFD; /* LISTEN_FDS may count its number */
    close_descriptor(d);            /* whatever it says */
    return fails("close", ERRORS(EIO, EINTR, ENOSPC)) ? -1 : 0;
}

void fuzz_bury(void)
{
    m->in.left = m->kill_at = m->failure_count = 0;
    m->upsets = m->intrusions = m->removed_live = m->removed_stale = 0;
    for (int fd = 0; fd < m->past_fd; fd++)
        if (m->fds[fd].thing != CLOSED && m->fds[fd].is_ours)
            close_descriptor(&m->fds[fd]);
    for (size_t i = 0; i < m->file_count; i++) {
        const entry *home = home_of(&m->files[i]);
        m->files[i].was_aside = home != NULL && home->file != &m->files[i];
        m->files[i].is_left |= m->files[i].is_ours || m->files[i].was_aside;
        m->files[i].is_ours = m->files[i].is_mistaken = false;
        m->files[i].was_taken = m->files[i].has_our_note = false;
    }
    for (size_t i = 0; i < m->entry_count; i++)
        m->entries[i].theirs = m->entries[i].file;
    m->is_closing = false;
    m->set_aside = m->displaced = NULL;
    m->has_noted = false;
    m->noted = 0;
    m->pid++;
}

static int get_or_set_flags(descriptor *d, int command, int value)
{
    if (command == F_GETFL)
        return O_RDWR | (d->is_nonblocking ? O_NONBLOCK : 0);
    if (command == F_GETFD)
        return d->is_close_on_exec ? FD_CLOEXEC : 0;
    if (command == F_SETFL)
        d->is_nonblocking = (value & O_NONBLOCK) != 0;
    else
        d->is_close_on_exec = (value & FD_CLOEXEC) != 0;
    return 0;
}

/* The events of a socket that poll waits for. */
static int duplicate(const descriptor *d)
{
    int fd;
    if (fails("fcntl", ERRORS(EBADF, EMFILE)))
        return -1;
    CHECK(d != NULL && d->thing == SOCKET && d->is_ours);
    fd = open_fd("fcntl", SOCKET, NULL);
    if (fd < 0)
        return fd;
    m->fds[fd] = *d;
    m->fds[fd].is_copy = m->fds[fd].is_close_on_exec = true;
    return fd;
}

int fcntl(int fd, int command, ...)
{
    descriptor *d = any(fd);
    va_list more;
    int value = 0;
    if (command == F_DUPFD_CLOEXEC)
        return duplicate(d);
    va_start(more, command);
    if (command == F_SETFL || command == F_SETFD)
        value = va_arg(more, int);
    else
        CHECK(command == F_GETFL || command == F_GETFD);
    va_end(more);
    if (fails("fcntl", ERRORS(EBADF, EINVAL, EPERM))) {
        m->refused_flags++;
        return -1;
    }
    return d == NULL ? refuse("fcntl", EBADF)
                     : get_or_set_flags(d, command, value);
}

static void describe(const file *f, struct stat *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->st_dev = DEVICE;
    ret->st_ino = f->inode;
    ret->st_mode = f->mode;
    ret->st_nlink = count_names(f);
    ret->st_size = (off_t)f->note_length;
    ret->st_uid = f->uid;
    ret->st_gid = f->gid;
    ret->st_ctim.tv_nsec = f->changed;
}

int fstat(int fd, struct stat *ret)
{
    descriptor *d = any(fd);
    if (fails("fstat", ERRORS(EBADF, ENOMEM, EOVERFLOW)))
        return -1;
    if (d == NULL)
        return refuse("fstat", EBADF);
    if (d->file != NULL && d->thing != SOCKET) {
        describe(d->file, ret);
        return 0;
    }
    memset(ret, 0, sizeof *ret);
    ret->st_mode = S_IFSOCK | 0777;
    ret->st_ino = d->thing == PIDFD ? PIDFD_ID : (ino_t)d->inode;
    return 0;
}

int fstatfs(int fd, struct statfs *ret)
{
    own(fd, PIDFD);
    memset(ret, 0, sizeof *ret);
    ret->f_type = draw() % 2 == 0 ? PIDFS : 0x09041934;
    return fails("fstatfs", ERRORS(ENOSYS, EIO)) ? -1 : 0;
}

/* ---- Paths --------------------------------------------------------------- */

/* The entry in a directory. NULL if the name is longer than any file system
 * allows. */
static entry *entry_in(const file *directory, const char *name)
{
    return strlen(name) > 255 ? NULL : entry_of(directory, name);
}

static entry *entry_at(int fd, const char *name)
{
    return entry_in(own(fd, DIRECTORY)->file, name);
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Finds the file of a path. The path may name a descriptor, or an entry of a
 * directory that is open. Any other path counts as the path of the directory.
 * If the path leads nowhere, returns false and sets errno. If the path names a
 * descriptor, *ret_entry is NULL. */
static bool find(const char *path, entry **ret_entry, file **ret)
{
    static const char proc[] = "/proc/thread-self/fd/";
    char *rest;
    int fd;
    *ret_entry = NULL;
    *ret = NULL;
    errno = ENOENT;
    if (strncmp(path, proc, sizeof proc - 1) != 0) {
        *ret_entry = entry_in(&m->directories[m->where], base_of(path));
    } else {
        fd = (int)strtol(path + sizeof proc - 1, &rest, 10);
        CHECK(any(fd) != NULL && m->fds[fd].is_ours);
        if (!m->has_proc)
            return false;
        *ret = m->fds[fd].file;
        if (*rest != '/')
            return true;
        *ret_entry = entry_at(fd, rest + 1);
    }
    if (*ret_entry == NULL)
        errno = ENAMETOOLONG;
    else
        *ret = (*ret_entry)->file;
    return *ret_entry != NULL;
}

int access(const char *path, int mode)
{
    entry *e;
    file *f;
    CHECK(mode == F_OK);
    if (fails("access", ERRORS(EACCES, ENOENT, EIO)))
        return -1;
    return find(path, &e, &f) ? 0 : refuse("access", errno);
}

/* Opens the symbolic link at the path of the directory. Fails if no link is
 * there. */
static int open_link(void)
{
    return m->link.mode == 0 ? refuse("open", ENOENT)
                             : open_fd("open", PIN, &m->link);
}

/* Opens the directory to which the path leads now. The directory that is opened
 * first is m->directories[0]. */
static int open_directory(bool follow)
{
    bool is_first = true;
    if (!follow && m->link.mode != 0)
        return refuse("open", ENOTDIR);
    for (int fd = 0; fd < m->past_fd; fd++)
        is_first = is_first && m->fds[fd].thing != DIRECTORY;
    if (is_first)
        m->where = 0;
    return open_fd("open", DIRECTORY, &m->directories[m->where]);
}

/* ---- The ids of who is not mapped here ------------------------------------- */

enum { OVERFLOW_DEFAULT = 65534 };

static const char *const overflow_paths[] = {"/proc/sys/kernel/overflowuid",
                                             "/proc/sys/kernel/overflowgid"};

/* Opens the file with an overflow id. If the library cannot read the file, the
 * library has to use the usual id. */
static int open_overflow_id(size_t which, int flags)
{
    int fd;
    CHECK(flags == (O_RDONLY | O_CLOEXEC));
    m->overflow[which] = OVERFLOW_DEFAULT;
    if (fails("open", ERRORS(EACCES, EMFILE, ENFILE, ENOENT, ENOMEM)))
        return -1;
    if (!m->has_proc)
        return refuse("open", ENOENT);
    fd = open_fd("open", OVERFLOW_ID, NULL);
    if (fd >= 0)
        m->fds[fd].backlog = (int)which;
    return fd;
}

static ssize_t read_overflow_id(const descriptor *d, char *ret, size_t room)
{
    static const struct {
        const char *text;
        uint32_t id;
    } contents[] = {{"65534\n", 65534},
                    {"1000\n", 1000},
                    {"0\n", 0},
                    {"65535", 65535},
                    {"", OVERFLOW_DEFAULT},
                    {"nobody", OVERFLOW_DEFAULT}};
    size_t which = draw() % 6;
    size_t n = strlen(contents[which].text);
    CHECK(n <= room);
    memcpy(ret, contents[which].text, n);
    m->overflow[d->backlog] = contents[which].id;
    return (ssize_t)n;
}

int open(const char *path, int flags, ...)
{
    entry *e;
    file *f;
    for (size_t i = 0; i < 2; i++)
        if (strcmp(path, overflow_paths[i]) == 0)
            return open_overflow_id(i, flags);
    CHECK((flags & ~(O_DIRECTORY | O_NOFOLLOW)) == (O_PATH | O_CLOEXEC));
    if (fails("open", ERRORS(EACCES, ELOOP, EMFILE, ENFILE, ENAMETOOLONG,
                             ENOENT, ENOMEM, ENOTDIR)))
        return -1;
    if (flags & O_DIRECTORY)
        return open_directory(!(flags & O_NOFOLLOW));
    if (flags & O_NOFOLLOW)
        return open_link();
    if (!find(path, &e, &f))
        return refuse("open", errno);
    if (f == NULL || S_ISLNK(f->mode))
        return refuse("open", ENOENT);
    return open_fd("open", PIN, f);
}

/* Whether new files may be made in the directory. */
static bool is_safe(void)
{
    const file *d = &m->directories[0];
    return m->options->any_directory ||
           ((d->uid == m->euid || d->uid == 0) &&
            ((d->mode & 022) == 0 || (d->mode & S_ISVTX) != 0) &&
            (m->link.mode == 0 || m->link.uid == m->euid || m->link.uid == 0));
}

static int create(entry *e, mode_t mode)
{
    int fd;
    CHECK(is_safe() && is_lock(e) && mode == 0600);
    if (e->file != NULL)
        return refuse("openat", EEXIST);
    if (is_full())
        return refuse("openat", ENOSPC);
    e->file = new_file(S_IFREG | (mode & ~m->umask), m->euid);
    e->file->is_ours = true;
    fd = open_fd("openat", LOCK, e->file);
    if (fd >= 0)
        m->fds[fd].is_new = true;
    return fd;
}

static int open_lock(const entry *e)
{
    if (!S_ISREG(e->file->mode))
        return refuse("openat", S_ISLNK(e->file->mode) ? ELOOP : ENXIO);
    if (!is_openable(e->file))
        return refuse("openat", EACCES);
    return open_fd("openat", LOCK, e->file);
}

int openat(int fd, const char *name, int flags, ...)
{
    entry *e = entry_at(fd, name);
    va_list more;
    mode_t mode = 0;
    va_start(more, flags);
    if (flags & O_CREAT)
        mode = va_arg(more, mode_t);
    va_end(more);
    CHECK((flags & O_CLOEXEC) && (flags & O_NOFOLLOW));
    CHECK(!(flags & O_CREAT) || (flags & O_EXCL));
    if (fails("openat", ERRORS(EACCES, EEXIST, ELOOP, EMFILE, ENFILE, ENOMEM,
                               ENOSPC, EROFS)))
        return -1;
    if (e == NULL)
        return refuse("openat", ENAMETOOLONG);
    if (flags & O_CREAT)
        return create(e, mode);
    if (e->file == NULL)
        return refuse("openat", ENOENT);
    if (flags & O_PATH)
        return open_fd("openat", PIN, e->file);
    CHECK((flags & O_NONBLOCK) && is_lock(e)); /* it could be a pipe */
    return open_lock(e);
}

/* Looks at a pinned file by its descriptor. FUSE may have forgotten a file that
 * was unlinked. */
static int look_at_pinned(int fd, struct stat *ret)
{
    const file *f = own(fd, PIN)->file;
    if (m->reuses_inodes && !is_named(f))
        return refuse("fstatat", ESTALE);
    describe(f, ret);
    return 0;
}

/* Looks at the file at the path to which a client could not connect. Follows
 * links, like connect. */
static int look_at_path(const char *path, struct stat *ret)
{
    entry *e;
    file *f;
    if (fails("fstatat", ERRORS(EACCES, ENOENT, ENOMEM, EIO)))
        return -1;
    if (!find(path, &e, &f))
        return refuse("fstatat", errno);
    if (f == NULL)
        return refuse("fstatat", ENOENT);
    describe(f, ret);
    return 0;
}

int fstatat(int fd, const char *name, struct stat *ret, int flags)
{
    entry *e;
    if (fd == AT_FDCWD && flags == 0)
        return look_at_path(name, ret);
    e = name[0] == '\0' ? NULL : entry_at(fd, name);
    CHECK(flags == (name[0] == '\0' ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW));
    if (fails("fstatat", ERRORS(EACCES, ENOMEM, EIO)))
        return -1;
    if (name[0] == '\0')
        return look_at_pinned(fd, ret);
    if (e == NULL || e->file == NULL)
        return refuse("fstatat", e == NULL ? ENAMETOOLONG : ENOENT);
    describe(e->file, ret);
    return 0;
}

/* The library calls lstat to see whether the name of a passed socket still
 * exists. That name is not in our directory. */
int lstat(const char *restrict path, struct stat *restrict ret)
{
    static const mode_t kinds[] = {S_IFSOCK, S_IFREG, S_IFDIR, S_IFLNK};
    CHECK(path[0] != '\0');
    if (fails("lstat", ERRORS(EACCES, ELOOP, ENOENT, ENOTDIR)))
        return -1;
    memset(ret, 0, sizeof *ret);
    ret->st_mode = kinds[draw() % 4] | 0600;
    return 0;
}

/* ---- Changing files ------------------------------------------------------ */

static int change_mode(file *f, mode_t mode)
{
    CHECK(f->is_ours || f->is_mistaken);
    if (S_ISSOCK(f->mode) && m->forgets_mode)
        return 0;
    f->mode = (f->mode & S_IFMT) | mode;
    f->changed = (long)m->calls;
    if (S_ISSOCK(f->mode) && f->is_ours)
        check_rights(f);
    return 0;
}

int chmod(const char *path, mode_t mode)
{
    entry *e;
    file *f;
    if (fails("chmod", ERRORS(EACCES, EIO, ENOENT, ENOTDIR, EPERM, EROFS)))
        return -1;
    if (!find(path, &e, &f))
        return refuse("chmod", errno);
    /* the path must name a descriptor: otherwise it could lead to any file */
    CHECK(e == NULL && f != NULL);
    return change_mode(f, mode);
}

int fchmod(int fd, mode_t mode)
{
    descriptor *d = any(fd);
    CHECK(d != NULL && d->is_ours && (d->thing == SOCKET || d->thing == LOCK));
    if (fails("fchmod", ERRORS(EIO, EPERM, EROFS)))
        return -1;
    if (d->thing == LOCK) {
        CHECK(mode == 0600 && (d->file->is_ours || d->file->lock == fd));
        d->file->was_taken = d->file->lock == fd;
        d->file->mode = S_IFREG | mode;
        d->file->changed = (long)m->calls;
        return 0;
    }
    d->mode = mode;
    return 0;
}

/* When the owner changes, the lock must have a note of the file. If this
 * process is killed, the next start recognises the file by that note. */
int fchownat(int fd, const char *name, uid_t uid, gid_t gid, int flags)
{
    file *f = own(fd, PIN)->file;
    const file *lock = fuzz_entry(m->lock)->file;
    CHECK(name[0] == '\0' && flags == AT_EMPTY_PATH);
    CHECK((f->is_ours || f->is_mistaken) && is_locked());
    CHECK(lock->note_length == sizeof lock->note && lock->note[0] == DEVICE &&
          lock->note[1] == f->inode);
    if (fails("fchownat", ERRORS(EPERM, EINVAL, EIO, EROFS)))
        return -1;
    if (uid != SBIND_NO_ID)
        f->uid = uid;
    if (gid != SBIND_NO_ID)
        f->gid = gid;
    f->changed = (long)m->calls;
    if (f->is_ours)
        check_rights(f);
    return 0;
}

/* Root gives the lock file that it has made to the owner of the directory. */
int fchown(int fd, uid_t uid, gid_t gid)
{
    file *f = own(fd, LOCK)->file;
    CHECK(f->is_ours && m->euid == 0 && gid == (gid_t)-1);
    CHECK(uid == m->directories[0].uid);
    if (fails("fchown", ERRORS(EPERM, EIO, EROFS)))
        return -1;
    f->uid = uid;
    return 0;
}

static long change_mode_by(va_list more)
{
    int fd = va_arg(more, int);
    const char *name = va_arg(more, const char *);
    mode_t mode = va_arg(more, mode_t);
    file *f = own(fd, PIN)->file;
    CHECK(name[0] == '\0' && va_arg(more, int) == AT_EMPTY_PATH);
    if (fails("fchmodat2", ERRORS(ENOSYS, EPERM, EOPNOTSUPP)))
        return -1;
    return change_mode(f, mode);
}

/* Locks the file. A start that gets the lock can read the note of a killed
 * start. */
int flock(int fd, int how)
{
    file *f = own(fd, LOCK)->file;
    CHECK(how == (LOCK_EX | LOCK_NB));
    if (fails("flock", ERRORS(EWOULDBLOCK, EINTR, ENOLCK, EINVAL)))
        return -1;
    if (f->lock != NOBODY && f->lock != fd)
        return refuse("flock", EWOULDBLOCK);
    f->lock = fd;
    if (f->note_length == sizeof f->note && f->note[0] == DEVICE)
        m->noted = (ino_t)f->note[1];
    return 0;
}

ssize_t pread(int fd, void *ret, size_t n, off_t offset)
{
    const descriptor *d = any(fd);
    const file *f;
    CHECK(d != NULL && d->is_ours && offset == 0);
    CHECK(d->thing == OVERFLOW_ID ||
          (d->thing == LOCK && d->file->lock == fd && n == sizeof f->note));
    if (fails("pread", ERRORS(EIO, EINTR)))
        return -1;
    if (d->thing == OVERFLOW_ID)
        return read_overflow_id(d, ret, n);
    f = d->file;
    memcpy(ret, f->note, f->note_length);
    return (ssize_t)f->note_length;
}

/* Writes a note, or one octet as a mark. */
ssize_t pwrite(int fd, const void *octets, size_t n, off_t offset)
{
    file *f = own(fd, LOCK)->file;
    size_t written = n;
    CHECK(f->lock == fd && offset == 0 && (n == sizeof f->note || n == 1));
    if (fails("pwrite", ERRORS(ENOSPC, EDQUOT, EIO)))
        return -1;
    if (n > 1 && draw() % 8 == 7) { /* the file system is full */
        upset("pwrite", ENOSPC, false);
        written = n / 2;
    }
    memcpy(f->note, octets, written);
    f->has_our_note |= n > 1;
    m->has_noted |= n > 1;
    f->note_length = written > f->note_length ? written : f->note_length;
    return (ssize_t)written;
}

int unlinkat(int fd, const char *name, int flags)
{
    entry *e = entry_at(fd, name);
    CHECK(flags == 0);
    if (fails_at_once("unlinkat", ERRORS(EACCES, EBUSY, EIO, EPERM, EROFS)))
        return -1;
    if (e == NULL || e->file == NULL)
        return refuse("unlinkat", e == NULL ? ENAMETOOLONG : ENOENT);
    remove_file(e);
    return 0;
}

/* ---- Names --------------------------------------------------------------- */

/* On some file systems a socket that was renamed or linked becomes another
 * file, which leads to no process. */
static file *other_view(const file *f)
{
    file *view = new_file(f->mode, f->uid);
    ino_t number = view->inode;
    *view = *f;
    view->inode = number;
    view->is_bound = view->is_live = false;
    return view;
}

static file *renamed(file *f)
{
    entry *home = home_of(f);
    file *view = m->move_is_another ? other_view(f) : f;
    if (home != NULL)
        home->theirs = view;
    return view;
}

static int swap(entry *from, entry *to)
{
    file *f = from->file;
    if (to->file == NULL)
        return refuse("renameat2", ENOENT);
    check_move(from, to);
    check_move(to, from);
    from->file = to->file;
    to->file = f;
    arrive(to);
    return 0;
}

static int move_over(entry *from, entry *to)
{
    file *f = from->file;
    check_move(from, to);
    if (to->file != NULL)
        remove_file(to);
    from->file = NULL;
    to->file = renamed(f);
    arrive(to);
    return 0;
}

static long rename_by(va_list more)
{
    int from_fd = va_arg(more, int);
    entry *from = entry_at(from_fd, va_arg(more, const char *));
    int to_fd = va_arg(more, int);
    entry *to = entry_at(to_fd, va_arg(more, const char *));
    unsigned flags = va_arg(more, unsigned);
    CHECK(flags == NOREPLACE || flags == EXCHANGE);
    if (fails("renameat2", ERRORS(EINVAL, ENOSYS, EACCES, EEXIST, EIO, ENOSPC,
                                  EPERM, EROFS)))
        return -1;
    if (m->lacks_renameat2 != 0 || from == NULL || to == NULL)
        return refuse("renameat2", m->lacks_renameat2 != 0 ? m->lacks_renameat2
                                                           : ENAMETOOLONG);
    if (from->file == NULL)
        return refuse("renameat2", ENOENT);
    if (flags == EXCHANGE)
        return swap(from, to);
    return to->file != NULL ? refuse("renameat2", EEXIST) : move_over(from, to);
}

int renameat(int from_fd, const char *old, int to_fd, const char *new)
{
    entry *from = entry_at(from_fd, old), *to = entry_at(to_fd, new);
    if (fails_at_once("renameat", ERRORS(EACCES, EBUSY, EIO, ENOSPC, EPERM)))
        return -1;
    if (from == NULL || to == NULL || from->file == NULL)
        return refuse("renameat",
                      from == NULL || to == NULL ? ENAMETOOLONG : ENOENT);
    CHECK(from->file->is_ours || to->file == NULL);
    return move_over(from, to);
}

long syscall(long number, ...)
{
    va_list more;
    long answer;
    va_start(more, number);
    CHECK(number == FCHMODAT2 || number == SYS_renameat2 ||
          number == SYS_pidfd_open);
    if (number == FCHMODAT2)
        answer = change_mode_by(more);
    else if (number == SYS_renameat2)
        answer = rename_by(more);
    else
        answer = fails("pidfd_open", ERRORS(ENOSYS, EMFILE, ENODEV))
                     ? -1
                     : open_fd("pidfd_open", PIDFD, NULL);
    va_end(more);
    return answer;
}

int linkat(int from_fd, const char *old, int to_fd, const char *new, int flags)
{
    entry *from = entry_at(from_fd, old), *to = entry_at(to_fd, new);
    CHECK(flags == 0);
    if (fails("linkat", ERRORS(EEXIST, EACCES, EIO, EMLINK, ENOSPC, EPERM)))
        return -1;
    if (from == NULL || to == NULL)
        return refuse("linkat", ENAMETOOLONG);
    if (from->file == NULL || to->file != NULL)
        return refuse("linkat", from->file == NULL ? ENOENT : EEXIST);
    CHECK(from->file->is_ours);
    to->file = m->link_is_another ? other_view(from->file) : from->file;
    arrive(to);
    return 0;
}

/* ---- Sockets ------------------------------------------------------------- */

int socket(int family, int type, int protocol)
{
    int fd;
    CHECK((type & SOCK_CLOEXEC) != 0);
    CHECK(protocol == 0 || (protocol == IPPROTO_MPTCP && family != AF_UNIX));
    if (fails("socket", ERRORS(EAFNOSUPPORT, EACCES, EMFILE, ENFILE, ENOBUFS,
                               ENOMEM, EPROTONOSUPPORT)))
        return -1;
    fd = open_fd("socket", SOCKET, NULL);
    if (fd < 0)
        return fd;
    m->fds[fd].family = family;
    m->fds[fd].type = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
    m->fds[fd].protocol = protocol;
    m->fds[fd].is_nonblocking = (type & SOCK_NONBLOCK) != 0;
    m->fds[fd].mode = 0777;
    return fd;
}

int fuzz_option(int fd, int level, int name)
{
    const descriptor *d = &m->fds[fd];
    for (size_t i = d->option_count; i-- > 0;)
        if (d->options[i].level == level && d->options[i].name == name)
            return d->options[i].value;
    return -1;
}

/* The value of a socket option: a number, a time in milliseconds, or the length
 * of a name. */
static int value_of(int name, const void *value, socklen_t length)
{
    struct timeval t;
    int number = 0;
    if (name == SO_BINDTODEVICE)
        return (int)length;
    if (name == SO_SNDTIMEO) {
        CHECK(length == sizeof t);
        memcpy(&t, value, sizeof t);
        return (int)(t.tv_sec % 1000000) * 1000 + (int)t.tv_usec / 1000;
    }
    CHECK(length == sizeof number);
    memcpy(&number, value, sizeof number);
    return number;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    descriptor *d = own(fd, SOCKET);
    if (fails("setsockopt", ERRORS(ENOPROTOOPT, EPERM, ENODEV, EINVAL, EDOM)))
        return -1;
    /* no room left: only the timeout is set so often; drop its last value */
    if (d->option_count == OPTIONS)
        d->option_count--;
    d->options[d->option_count].level = level;
    d->options[d->option_count].name = name;
    d->options[d->option_count++].value =
        value_of(level == SOL_SOCKET ? name : 0, value, length);
    return 0;
}

static int question(const descriptor *d, int level, int name)
{
    if (level == IPPROTO_IPV6)
        return 0; /* not only IPv6 */
    switch (name) {
    case SO_TYPE:
        return d->type;
    case SO_DOMAIN:
        return d->family;
    case SO_PROTOCOL:
        return d->family == AF_UNIX ? 0 : IPPROTO_TCP;
    case SO_ACCEPTCONN:
        return d->state == LISTENING;
    default:
        CHECK(name == SO_ERROR && d->is_ours);
        return d->error;
    }
}

/* The process that called listen. Its id is 0 if it is in another PID
 * namespace. */
static int get_listener(const descriptor *d, void *ret, socklen_t length)
{
    struct ucred listener = {m->is_stranger ? 0 : 7, m->euid, m->euid};
    CHECK(length == sizeof listener && d->state == LISTENING);
    memcpy(ret, &listener, sizeof listener);
    return 0;
}

/* The id of the process at the other end, as this process sees it. */
static int get_peer(descriptor *d, void *ret, socklen_t length)
{
    static const uint32_t ids[] = {1000, 0, 65534, UINT32_MAX, 65535, 7};
    uint8_t o;
    CHECK(length == sizeof d->credentials && d->family == AF_UNIX);
    if (!d->has_credentials) {
        o = draw();
        d->credentials.pid = o >= 128 ? 0 : 4711;
        d->credentials.uid = ids[o % 6];
        d->credentials.gid = ids[o / 6 % 6];
        d->has_credentials = true;
    }
    memcpy(ret, &d->credentials, sizeof d->credentials);
    return 0;
}

static int get_pidfd(const descriptor *d, void *ret, socklen_t length)
{
    int fd;
    CHECK(length == sizeof fd && d->state == CONNECTED);
    if (d->family != AF_UNIX)
        return refuse("getsockopt", ENODATA);
    fd = open_fd("getsockopt", PIDFD, NULL);
    memcpy(ret, &fd, sizeof fd);
    return fd < 0 ? -1 : 0;
}

int getsockopt(int fd, int level, int name, void *restrict value,
               socklen_t *restrict length)
{
    descriptor *d = any(fd);
    int answer;
    if (level == SOL_SOCKET && name == PEERPIDFD &&
        fails("getsockopt", ERRORS(ENOPROTOOPT, EINVAL, ESRCH, EMFILE)))
        return -1;
    if ((level != SOL_SOCKET || name != PEERPIDFD) &&
        fails("getsockopt", ERRORS(EBADF, ENOTSOCK, ENOPROTOOPT, ENOBUFS))) {
        m->is_silent |= m->is_closing;
        return -1;
    }
    if (d == NULL || d->thing != SOCKET)
        return refuse("getsockopt", d == NULL ? EBADF : ENOTSOCK);
    if (level == SOL_SOCKET && name == PEERPIDFD)
        return get_pidfd(d, value, *length);
    if (level == SOL_SOCKET && name == SO_PEERCRED)
        return d->state == CONNECTED ? get_peer(d, value, *length)
                                     : get_listener(d, value, *length);
    CHECK(*length == sizeof answer);
    answer = question(d, level, name);
    if (level == SOL_SOCKET && name == SO_ERROR && answer != 0)
        note("connect", answer);
    memcpy(value, &answer, sizeof answer);
    return 0;
}

static int give_address(const struct sockaddr_storage *from, socklen_t n,
                        struct sockaddr *to, socklen_t *length)
{
    memcpy(to, from, n < *length ? n : *length);
    *length = n;
    return 0;
}

int getsockname(int fd, __SOCKADDR_ARG sa, socklen_t *restrict length)
{
    descriptor *d = any(fd);
    CHECK(d != NULL && d->thing == SOCKET);
    if (fails("getsockname", ERRORS(ENOBUFS, EBADF, ENOTSOCK)))
        return -1;
    return give_address(&d->own, d->own_length, sa.__sockaddr__, length);
}

/* The name of a socket that connected, or was accepted. Most have no name. */
static void set_peer_name(descriptor *d)
{
    descriptor other;
    memset(&other, 0, sizeof other);
    set_unix_address(&other, draw() + 3U);
    d->peer = other.own;
    d->peer_length = other.own_length;
}

int getpeername(int fd, __SOCKADDR_ARG sa, socklen_t *restrict length)
{
    descriptor *d = any(fd);
    CHECK(d != NULL && d->thing == SOCKET);
    if (fails("getpeername", ERRORS(ENOTCONN, ENOBUFS)))
        return -1;
    if (d->state != CONNECTED)
        return refuse("getpeername", ENOTCONN);
    if (d->family == AF_UNIX && d->peer_length == 0)
        set_peer_name(d);
    return give_address(&d->peer, d->peer_length, sa.__sockaddr__, length);
}

/* ---- Listening ----------------------------------------------------------- */

/* The library binds at the path as it is given, because the system knows the
 * socket by this name for ever. It uses another name only if the path is too
 * long for sun_path. */
static void check_name(const entry *e, const char *path)
{
    CHECK(strcmp(e->name, m->public) == 0 || strcmp(e->name, m->fresh) == 0);
    CHECK(is_safe() && is_locked());
    if (strcmp(e->name, m->public) == 0)
        CHECK(strlen(m->path) > 107 || strcmp(path, m->path) == 0);
}

/* bind has made our socket in another directory, and in our directory a foreign
 * socket has the name. If the foreign socket is younger than our lock, the
 * library cannot tell it from ours. */
static void mistake_another(const char *name)
{
    file *f = fuzz_entry(name)->file;
    const file *lock = fuzz_entry(m->lock)->file;
    if (f != NULL && S_ISSOCK(f->mode))
        f->is_mistaken = f->changed >= lock->changed;
}

static int bind_path(descriptor *d, const char *path)
{
    entry *e;
    file *f;
    if (!find(path, &e, &f))
        return refuse("bind", errno);
    CHECK(e != NULL);
    check_name(e, path);
    if (e->file != NULL)
        return refuse("bind", EADDRINUSE);
    if (is_full())
        return refuse("bind", ENOSPC);
    e->file = d->file = new_file(S_IFSOCK | (d->mode & ~m->umask), m->euid);
    e->file->is_ours = e->file->is_bound = true;
    check_rights(e->file);
    if (e->directory != &m->directories[0])
        mistake_another(e->name);
    return 0;
}

static int bind_port(descriptor *d)
{
    struct sockaddr_in in;
    memcpy(&in, &d->own, sizeof in); /* both families have the port there */
    if (in.sin_port == 0)
        in.sin_port = htons(m->port++);
    memcpy(&d->own, &in, sizeof in);
    return 0;
}

int bind(int fd, __CONST_SOCKADDR_ARG name, socklen_t length)
{
    const struct sockaddr *sa = name.__sockaddr__;
    descriptor *d = own(fd, SOCKET);
    CHECK(d->state == IDLE && sa->sa_family == d->family);
    if (fails("bind", ERRORS(EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL, ENOENT,
                             ENOMEM, EROFS)))
        return -1;
    memset(&d->own, 0, sizeof d->own);
    memcpy(&d->own, sa, d->own_length = length);
    if (d->family == AF_UNIX && sa->sa_data[0] != '\0' &&
        bind_path(d, sa->sa_data) != 0)
        return -1;
    d->state = BOUND;
    return d->family == AF_UNIX ? 0 : bind_port(d);
}

/* Whether the file has a name in the directory to which the path leads at the
 * start. */
static bool is_reachable(const file *f)
{
    for (size_t i = 0; f != NULL && i < m->entry_count; i++)
        if (m->entries[i].file == f &&
            m->entries[i].directory == &m->directories[0])
            return true;
    return false;
}

int listen(int fd, int backlog)
{
    descriptor *d = own(fd, SOCKET);
    CHECK(d->state == BOUND);
    CHECK(!is_reachable(d->file) || is_as_wanted(d->file));
    if (fails("listen", ERRORS(EADDRINUSE, EOPNOTSUPP)))
        return -1;
    d->state = LISTENING;
    d->backlog = backlog;
    if (d->file != NULL)
        d->file->is_live = true;
    return 0;
}

int accept4(int fd, __SOCKADDR_ARG sa, socklen_t *restrict length, int flags)
{
    const descriptor *d = own(fd, SOCKET);
    int accepted;
    CHECK(d->state == LISTENING && (flags & SOCK_CLOEXEC));
    if (fails("accept4",
              ERRORS(EAGAIN, ECONNABORTED, EINTR, EMFILE, ENFILE, ENOBUFS,
                     ENOMEM, EPERM, EPROTO, ENETDOWN, EHOSTUNREACH)))
        return -1;
    accepted = open_fd("accept4", SOCKET, NULL);
    if (accepted < 0)
        return accepted;
    m->fds[accepted].state = CONNECTED;
    m->fds[accepted].family = d->family;
    if (d->family != AF_UNIX) {
        m->fds[accepted].peer = d->own;
        m->fds[accepted].peer_length = d->own_length;
    }
    m->fds[accepted].is_nonblocking = (flags & SOCK_NONBLOCK) != 0;
    give_address(&d->own, d->own_length, sa.__sockaddr__, length);
    return accepted;
}

/* Ends the waits on a listener. The library must not call this for a passed
 * socket, nor for a socket that it did not make. */
int shutdown(int fd, int how)
{
    const descriptor *d = own(fd, SOCKET);
    CHECK(d->state == LISTENING && how == SHUT_RDWR && fd >= FIRST_OWN);
    CHECK(!d->is_nonblocking && fd != m->given_up);
    return fails("shutdown", ERRORS(ENOTCONN, EPERM)) ? -1 : 0;
}

/* ---- Connecting ---------------------------------------------------------- */

/* Linux refuses a socket of another type before it asks whether the socket
 * listens. */
static int ask_file(const descriptor *d, const char *path)
{
    entry *e;
    file *f;
    if (!find(path, &e, &f))
        return refuse("connect", errno);
    if (f == NULL || S_ISLNK(f->mode))
        return refuse("connect", ENOENT);
    if (!lets_in(f))
        return refuse("connect", EACCES);
    if (!f->is_bound)
        return refuse("connect", ECONNREFUSED);
    if (f->is_datagram != (d->type == SOCK_DGRAM))
        return refuse("connect", EPROTOTYPE);
    if (f->is_datagram)
        return 0;
    return f->is_live ? 0 : refuse("connect", ECONNREFUSED);
}

/* Connects a unix socket. If the library lets the call wait, it must have set a
 * timeout before. */
static int connect_unix(descriptor *d, int fd, const char *path)
{
    int most = d->is_nonblocking ? 0 : fuzz_option(fd, SOL_SOCKET, SO_SNDTIMEO);
    CHECK(d->type == SOCK_DGRAM || most >= 0);
    if (fails("connect", ERRORS(EACCES, EPERM, EAGAIN, EINTR, ENOENT, ENOTDIR,
                                d->type == SOCK_DGRAM ? EACCES : EPROTOTYPE))) {
        if (errno == EAGAIN || errno == EINTR)
            m->now += errno == EAGAIN ? most : (most + 1) / 2;
        return -1;
    }
    if (path[0] != '\0' && ask_file(d, path) != 0)
        return -1;
    d->state = CONNECTED;
    return 0;
}

static int connect_port(descriptor *d, const struct sockaddr *sa, socklen_t n)
{
    CHECK(d->is_nonblocking);
    if (fails("connect", ERRORS(ECONNREFUSED, EACCES, EADDRNOTAVAIL, EAGAIN,
                                EINTR, ENETUNREACH, EPERM, ETIMEDOUT)) &&
        errno != EINTR)
        return -1;
    memcpy(&d->peer, sa, d->peer_length = n);
    set_own_address(d, INADDR_LOOPBACK, m->port++);
    d->state = CONNECTING;
    errno = errno == EINTR ? EINTR : EINPROGRESS;
    return -1;
}

int connect(int fd, __CONST_SOCKADDR_ARG name, socklen_t length)
{
    const struct sockaddr *sa = name.__sockaddr__;
    descriptor *d = own(fd, SOCKET);
    CHECK(d->state == IDLE && sa->sa_family == d->family);
    errno = 0;
    return d->family == AF_UNIX ? connect_unix(d, fd, sa->sa_data)
                                : connect_port(d, sa, length);
}

/* Gives an answer to one of the connections for which the library waits. */
static void answer(struct pollfd *p, int how)
{
    static const int errors[] = {ECONNREFUSED, ETIMEDOUT,    EHOSTUNREACH,
                                 ENETUNREACH,  ECONNRESET,   EACCES,
                                 EPROTO,       EADDRNOTAVAIL};
    descriptor *d = own(p->fd, SOCKET);
    p->revents = POLLOUT;
    if (how == 2) {
        d->error = errors[draw() % 8];
        p->revents = POLLOUT | POLLERR | POLLHUP;
        return;
    }
    d->state = CONNECTED;
    if (how == 3) { /* connected to itself */
        d->own = d->peer;
        d->own_length = d->peer_length;
    }
}

/* Whether a process has ended. */
static int look_at_process(struct pollfd *p, int timeout, uint8_t o)
{
    CHECK(own(p->fd, PIDFD)->is_close_on_exec && timeout == 0);
    CHECK(p->events == POLLIN);
    if (fails("poll", ERRORS(ENOMEM)))
        return -1;
    p->revents = o % 4 == 1 ? POLLIN : 0;
    return p->revents != 0;
}

/* A pause, which a signal can end. */
static int sleep_for(int timeout)
{
    CHECK(timeout > 0);
    if (fails("poll", ERRORS(EINTR, ENOMEM))) {
        m->now += (timeout + 1) / 2;
        return -1;
    }
    m->now += timeout;
    return 0;
}

int poll(struct pollfd *polls, nfds_t n, int timeout)
{
    if (n == 0)
        return sleep_for(timeout);
    uint8_t o = draw();
    for (nfds_t i = 0; i < n; i++) {
        if (m->fds[polls[i].fd].thing == PIDFD)
            return look_at_process(&polls[i], timeout, o);
        CHECK(own(polls[i].fd, SOCKET)->state == CONNECTING);
        polls[i].revents = 0;
    }
    if (fails("poll", ERRORS(EINTR, ENOMEM, EINVAL))) {
        m->now += timeout > 0 && errno == EINTR ? (timeout + 1) / 2 : 0;
        return -1;
    }
    if (o % 4 == 1 && timeout >= 0) {
        m->now += timeout;
        return 0;
    }
    answer(&polls[o / 4 % n], o % 4);
    return 1;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    CHECK(clock == CLOCK_MONOTONIC);
    ret->tv_sec = (time_t)(m->now / 1000);
    ret->tv_nsec = (long)(m->now % 1000 * 1000000);
    return 0;
}

/* Time passes, and other processes may act. Once the input has ended, they do
 * nothing more, except that a starter which holds the lock finishes, unless it
 * is stuck. Otherwise most of the time would be spent waiting. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
    enum { PATIENCE = 20 };
    if (m->in.left == 0 && !m->is_stuck && ++m->idle % PATIENCE == 0)
        fuzz_intrude(7);
    CHECK(time->tv_sec == 0 && time->tv_nsec == 1000000 && left == NULL);
    m->now++;
    return fails("nanosleep", ERRORS(EINTR)) ? -1 : 0;
}

/* ---- The resolver, interfaces -------------------------------------------- */

enum { ANSWERS = 300 };

static void make_answer(struct addrinfo *a, struct sockaddr_storage *sa,
                        unsigned i)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    uint8_t o = draw();
    memset(a, 0, sizeof *a);
    memset(sa, 0, sizeof *sa);
    if (o % 8 == 2) /* what came before */
        i = 0;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i);
    in6.sin6_addr.s6_addr[0] = o % 8 == 3 ? 0xFF : o % 8 == 5 ? 0xFE : 0x20;
    in6.sin6_addr.s6_addr[1] = 0x80;
    in6.sin6_scope_id = o % 8 == 5 ? (unsigned)o / 8 : 0;
    in6.sin6_addr.s6_addr[15] = (uint8_t)i;
    a->ai_addrlen = o % 2 ? sizeof in6 : sizeof in;
    a->ai_family = o % 2 ? AF_INET6 : AF_INET;
    memcpy(sa, o % 2 ? (void *)&in6 : (void *)&in, a->ai_addrlen);
    a->ai_addr = (struct sockaddr *)sa;
}

int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints,
                struct addrinfo **restrict ret)
{
    static const int codes[] = {EAI_AGAIN,  EAI_FAIL,   EAI_NODATA, EAI_NONAME,
                                EAI_MEMORY, EAI_FAMILY, EAI_SYSTEM};
    static struct addrinfo list[ANSWERS];
    static struct sockaddr_storage places[ANSWERS];
    uint8_t o = draw();
    unsigned n = o < 192 ? 1U + o % 4 : o < 240 || o % 2 ? 70 : ANSWERS;
    CHECK(name[0] != '\0' && service == NULL && hints != NULL);
    CHECK(m->answers == NULL);
    if (o >= 128 && o < 192) {
        int code = codes[o % 7];
        refuse("getaddrinfo", code == EAI_SYSTEM ? EIO : code);
        return code;
    }
    for (unsigned i = 0; i < n; i++) {
        make_answer(&list[i], &places[i], i);
        list[i].ai_next = i + 1 < n ? &list[i + 1] : NULL;
    }
    m->answers = *ret = list;
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    CHECK(list != NULL && list == m->answers);
    m->answers = NULL;
}

static const char interfaces[][IF_NAMESIZE] = {"lo", "eth0", "25g", "a b", "7"};

unsigned if_nametoindex(const char *name)
{
    if (fails("if_nametoindex", ERRORS(ENODEV, EMFILE)))
        return 0;
    for (unsigned i = 0; i < 5; i++)
        if (strcmp(interfaces[i], name) == 0)
            return i + 1;
    refuse("if_nametoindex", ENODEV);
    return 0;
}

char *if_indextoname(unsigned index, char ret[IF_NAMESIZE])
{
    if (fails("if_indextoname", ERRORS(ENXIO, EMFILE)))
        return NULL;
    if (index == 0 || index > 5) {
        refuse("if_indextoname", ENXIO);
        return NULL;
    }
    return memcpy(ret, interfaces[index - 1], IF_NAMESIZE);
}

/* ---- This process -------------------------------------------------------- */

pid_t getpid(void) { return m->pid; }

uid_t geteuid(void) { return m->euid; }

int getrlimit(__rlimit_resource_t resource, struct rlimit *ret)
{
    static const rlim_t limits[] = {1024, 3, 0, RLIM_INFINITY};
    CHECK(resource == RLIMIT_NOFILE);
    ret->rlim_cur = limits[draw() % 4];
    return fails("getrlimit", ERRORS(EINVAL)) ? -1 : 0;
}

char *secure_getenv(const char *name)
{
    static char values[][8] = {"7", "1", "2", "3", "web", "a:web", "42", "x"};
    uint8_t o = draw();
    CHECK(strncmp(name, "LISTEN_", 7) == 0);
    return o == 0 ? NULL : values[o % 8];
}

int unsetenv(const char *name)
{
    CHECK(name[0] == '\0'); /* only on request, which never happens here */
    return 0;
}
