/* system.c - what system.h says, call by call: each has the name and the
 * prototype that the C library gives it, under another name to the linker
 * (calls.h). */
#define _GNU_SOURCE /* accept4, O_PATH, renameat2 */
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

#define FCHMODAT2 452 /* the C library may not know them yet */
#define PIDFS 0x50494446
#define PIDFD_ID 42
#define DEVICE 5 /* of the directory */
#define CALLS_MAX 200000

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

static void note(const char *call, int error)
{
    if (fuzz_has_failed(call, error))
        return;
    CHECK(m->failure_count < FAILURES);
    m->failures[m->failure_count].call = call;
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

static void refuse_for_ever(const char *call, int error)
{
    refuse(call, error);
    for (size_t i = 0; i < m->failure_count; i++)
        if (is_call(i, call, strlen(call)) && m->failures[i].error == error)
            m->failures[i].is_lasting = error != EINTR;
}

/* One of those that the manual has for the call, once or from now on, or one
 * that it has not. No connect lies about who listens: ECONNREFUSED is said by
 * it alone. */
static bool fails_by(uint8_t o, const char *call, const int *errors)
{
    static const int surprises[] = {
        EPERM, ENOENT, EINTR,  EIO,    EAGAIN,     ENOMEM,        EACCES,
        EBUSY, EEXIST, EINVAL, ENFILE, EMFILE,     ENOSPC,        EROFS,
        ELOOP, ENOSYS, EPROTO, ENOLCK, EADDRINUSE, EADDRNOTAVAIL, ETIMEDOUT};
    size_t n = 0;
    CHECK(++m->calls < CALLS_MAX);
    if (has_to_fail(call))
        return true;
    errno = ENOTTY; /* means nothing when it works */
    if (o < FAILS)
        return false;
    while (errors[n] != 0)
        n++;
    if (o >= SURPRISES)
        refuse(call, surprises[(o - SURPRISES) %
                               (sizeof surprises / sizeof *surprises)]);
    else if (o >= LASTS)
        refuse_for_ever(call, errors[(o - LASTS) % n]);
    else
        refuse(call, errors[(o - FAILS) % n]);
    return true;
}

static void intrude(unsigned move);

static bool fails(const char *call, const int *errors)
{
    uint8_t o = draw();
    if (o >= INTRUDES && o < FAILS)
        intrude(o - INTRUDES);
    return fails_by(o, call, errors);
}

/* Nobody can come between a look and one of these, which no system makes
 * depend on what is there. */
static bool fails_at_once(const char *call, const int *errors)
{
    return fails_by(draw(), call, errors);
}

/* ---- Files --------------------------------------------------------------- */

static bool is_temporary(const char *name)
{
    return strncmp(name, ".sbind-", 7) == 0 && strcmp(name, m->public) != 0;
}

static bool is_reached(const file *f)
{
    for (size_t i = 0; i < m->entry_count; i++)
        if (m->entries[i].file == f)
            return true;
    for (int fd = 0; fd < m->past_fd; fd++)
        if (m->fds[fd].thing != CLOSED && m->fds[fd].file == f)
            return true;
    return false;
}

static bool is_free(ino_t number)
{
    for (size_t i = 0; i < m->file_count; i++)
        if (m->files[i].inode == number && is_reached(&m->files[i]))
            return false;
    return true;
}

/* As ext4 does, the first inode that is free: often one just given up. */
static file *new_file(mode_t mode, uid_t uid)
{
    file *f = &m->files[m->file_count];
    *f = (file){.inode = 1, .mode = mode, .uid = uid, .gid = uid};
    while (!is_free(f->inode))
        f->inode++;
    CHECK(++m->file_count < FILES);
    return f;
}

/* What others have made. */
static file *their_file(unsigned kind)
{
    file *f;
    uid_t owner = m->options->owner;
    if (kind % 8 == 0 || m->file_count >= FILES - 8)
        return NULL;
    f = new_file(S_IFSOCK | 0600, m->euid);
    f->is_live = kind % 8 == 2 || kind % 8 == 3;
    if (kind % 8 == 3 || kind % 8 == 6)
        f->uid = m->euid + 1;
    if (kind % 8 == 7 && owner != SBIND_NO_ID)
        f->uid = owner;
    if (kind % 8 == 4 || kind % 8 == 6)
        f->mode = S_IFREG | 0600;
    if (kind % 8 == 5)
        f->mode = S_IFLNK | 0777;
    f->lock = kind & 8 ? ANOTHER : NOBODY;
    return f;
}

entry *fuzz_entry(const char *name)
{
    entry *e = m->entries;
    for (; e < m->entries + m->entry_count; e++)
        if (strcmp(e->name, name) == 0)
            return e;
    CHECK(m->entry_count++ < ENTRIES && strlen(name) < sizeof e->name);
    strcpy(e->name, name);
    e->file = e->theirs = their_file(draw());
    if (e->file != NULL && is_temporary(name)) /* nobody listens by it */
        e->file->is_live = false;
    return e;
}

static void put(entry *e, file *f) { e->file = e->theirs = f; }

/* One who asks nobody, with the public name; or another starter, who keeps to
 * the lock: and removes it, if he has made it, before he unlocks it. */
static void intrude(unsigned move)
{
    entry *lock;
    if (m->public[0] == '\0')
        return;
    m->intrusions++;
    if (move % 8 < 6) {
        put(fuzz_entry(m->public), NULL);
        put(fuzz_entry(m->public), their_file(move % 8));
        return;
    }
    lock = fuzz_entry(m->lock);
    if (move % 8 == 6 && lock->file == NULL)
        put(lock, their_file(4));
    if (lock->file == NULL)
        return;
    if (move % 8 == 6 && lock->file->lock == NOBODY) {
        lock->file->lock = ANOTHER;
    } else if (move % 8 == 7 && lock->file->lock == ANOTHER) {
        lock->file->lock = NOBODY;
        if (move & 8 && !lock->file->is_ours)
            put(lock, NULL);
    }
}

static bool is_owner(const file *f)
{
    return f->uid == m->euid ||
           (m->options->owner != SBIND_NO_ID && f->uid == m->options->owner);
}

/* The files of others that may be removed: SPEC.md 5.8, and what an earlier
 * start has left. */
static bool may_go(const entry *e)
{
    const file *f = e->file;
    if (!S_ISSOCK(f->mode) || !is_owner(f))
        return false;
    if (e->theirs == f && strcmp(e->name, m->public) != 0)
        return is_temporary(e->name) && !f->is_live;
    return m->options->existing == SBIND_REPLACE ||
           (m->options->existing == SBIND_RECLAIM && !f->is_live);
}

static void remove_file(entry *e)
{
    file *f = e->file;
    if (!f->is_ours)
        CHECK(may_go(e));
    else if (S_ISREG(f->mode))
        CHECK(f->lock > NOBODY);
    else /* else its inode could be another's */
        CHECK(m->fds[f->socket].thing == SOCKET);
    m->removed += !f->is_ours && e->theirs != f;
    for (size_t i = 0; i < m->entry_count; i++)
        if (m->entries[i].theirs == f) {
            m->removed += strcmp(m->entries[i].name, m->public) == 0;
            m->entries[i].theirs = NULL;
        }
    e->file = NULL;
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

/* One that the library has opened and not closed. */
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

/* What was passed under this number. */
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

/* Any: also one that was passed, or never open. */
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
    memset(m, 0, offsetof(machine, fds));
    memset(m->fds, 0, (size_t)given * sizeof m->fds[0]);
    m->in = in;
    m->is_usual = true;
    m->next_fd = m->past_fd = FIRST_OWN;
    m->now = 5000000;
    m->port = 40000;
    m->pid = 7;
}

int close(int fd)
{
    descriptor *d = any(fd);
    CHECK(d != NULL && d->is_ours);
    if (d->thing == LOCK && d->file->lock == fd && !m->has_child)
        d->file->lock = NOBODY;
    if (d->thing == SOCKET && d->file != NULL)
        d->file->is_live = false;
    d->is_ours = d->thing != PIDFD; /* LISTEN_FDS may count its number */
    d->thing = CLOSED;              /* whatever it says */
    return fails("close", ERRORS(EIO, EINTR, ENOSPC)) ? -1 : 0;
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

int fcntl(int fd, int command, ...)
{
    descriptor *d = any(fd);
    va_list more;
    int value = 0;
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
    ret->st_uid = f->uid;
    ret->st_gid = f->gid;
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

static entry *entry_in(int directory, const char *name)
{
    own(directory, DIRECTORY);
    return fuzz_entry(name);
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* The file of a path, which is a descriptor's, or an entry that a descriptor of
 * the directory leads to, or any other path: there is but one directory. False
 * when it leads nowhere; *ret_entry is NULL when it is a descriptor's. */
static bool find(const char *path, entry **ret_entry, file **ret)
{
    static const char proc[] = "/proc/thread-self/fd/";
    char *rest;
    int fd;
    *ret_entry = NULL;
    *ret = NULL;
    if (strncmp(path, proc, sizeof proc - 1) != 0) {
        *ret_entry = fuzz_entry(base_of(path));
        *ret = (*ret_entry)->file;
        return true;
    }
    fd = (int)strtol(path + sizeof proc - 1, &rest, 10);
    CHECK(any(fd) != NULL && m->fds[fd].is_ours);
    if (!m->has_proc)
        return false;
    if (*rest == '/') {
        *ret_entry = entry_in(fd, rest + 1);
        *ret = (*ret_entry)->file;
    } else {
        *ret = m->fds[fd].file;
    }
    return true;
}

int access(const char *path, int mode)
{
    entry *e;
    file *f;
    CHECK(mode == F_OK);
    if (fails("access", ERRORS(EACCES, ENOENT, EIO)))
        return -1;
    return find(path, &e, &f) ? 0 : refuse("access", ENOENT);
}

static int open_directory(void)
{
    static const struct {
        mode_t mode;
        uid_t others; /* added to our id */
    } kinds[] = {{0755, 0}, {0700, 0}, {0777, 0}, {01777, 0},
                 {0755, 1}, {0770, 0}, {01777, 1}};
    uint8_t o = draw();
    m->directory.mode = S_IFDIR | kinds[o % 7].mode;
    m->directory.uid = o < 128 ? m->euid + kinds[o % 7].others : 0;
    return open_fd("open", DIRECTORY, &m->directory);
}

int open(const char *path, int flags, ...)
{
    entry *e;
    file *f;
    CHECK((flags & ~O_DIRECTORY) == (O_PATH | O_CLOEXEC));
    if (fails("open", ERRORS(EACCES, ELOOP, EMFILE, ENFILE, ENAMETOOLONG,
                             ENOENT, ENOMEM, ENOTDIR)))
        return -1;
    if (flags & O_DIRECTORY)
        return open_directory();
    if (strlen(base_of(path)) > 255)
        return refuse("open", ENAMETOOLONG);
    if (!find(path, &e, &f) || f == NULL || S_ISLNK(f->mode))
        return refuse("open", ENOENT);
    return open_fd("open", PIN, f);
}

/* Whether files may be made in the directory at all. */
static bool is_safe(void)
{
    const file *d = &m->directory;
    return m->options->any_directory ||
           ((d->uid == m->euid || d->uid == 0) &&
            ((d->mode & 022) == 0 || (d->mode & S_ISVTX) != 0));
}

static int create(entry *e, mode_t mode)
{
    CHECK(is_safe() && strcmp(e->name, m->lock) == 0);
    if (e->file != NULL)
        return refuse("openat", EEXIST);
    e->file = new_file(S_IFREG | (mode & ~m->umask), m->euid);
    e->file->is_ours = true;
    return open_fd("openat", LOCK, e->file);
}

int openat(int fd, const char *name, int flags, ...)
{
    entry *e = entry_in(fd, name);
    va_list more;
    mode_t mode = 0;
    va_start(more, flags);
    if (flags & O_CREAT)
        mode = va_arg(more, mode_t);
    va_end(more);
    CHECK((flags & O_CLOEXEC) && (flags & O_NOFOLLOW));
    CHECK(!(flags & O_CREAT) || (flags & O_EXCL));
    if (fails("openat", ERRORS(EACCES, EEXIST, ELOOP, EMFILE, ENFILE, ENOENT,
                               ENOMEM, ENOSPC, EROFS)))
        return -1;
    if (flags & O_CREAT)
        return create(e, mode);
    if (e->file == NULL)
        return refuse("openat", ENOENT);
    if (flags & O_PATH)
        return open_fd("openat", PIN, e->file);
    CHECK(flags & O_NONBLOCK); /* it could be a pipe */
    if (!S_ISREG(e->file->mode))
        return refuse("openat", S_ISLNK(e->file->mode) ? ELOOP : ENXIO);
    return open_fd("openat", LOCK, e->file);
}

/* The file that a client was refused by; links are followed, as connect does. */
static int look_at_path(const char *path, struct stat *ret)
{
    entry *e;
    file *f;
    if (fails("fstatat", ERRORS(EACCES, ENOENT, ENOMEM, EIO)))
        return -1;
    if (!find(path, &e, &f) || f == NULL)
        return refuse("fstatat", ENOENT);
    describe(f, ret);
    return 0;
}

int fstatat(int fd, const char *name, struct stat *ret, int flags)
{
    entry *e;
    if (fd == AT_FDCWD && flags == 0)
        return look_at_path(name, ret);
    e = entry_in(fd, name);
    CHECK(flags == AT_SYMLINK_NOFOLLOW);
    if (fails("fstatat", ERRORS(EACCES, ENOENT, ENOMEM, EIO)))
        return -1;
    if (e->file == NULL)
        return refuse("fstatat", ENOENT);
    describe(e->file, ret);
    return 0;
}

/* Not in our directory: who looks wants to know whether what a passed socket is
 * called by is there. */
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
    CHECK(f->is_ours);
    f->mode = (f->mode & S_IFMT) | mode;
    return 0;
}

int chmod(const char *path, mode_t mode)
{
    entry *e;
    file *f;
    if (fails("chmod", ERRORS(EACCES, EIO, ENOENT, ENOTDIR, EPERM, EROFS)))
        return -1;
    if (!find(path, &e, &f))
        return refuse("chmod", ENOENT);
    CHECK(e == NULL && f != NULL); /* by a path it could be any file */
    return change_mode(f, mode);
}

int fchmod(int fd, mode_t mode)
{
    descriptor *d = any(fd);
    CHECK(d != NULL && d->is_ours && (d->thing == SOCKET || d->thing == LOCK));
    if (fails("fchmod", ERRORS(EIO, EPERM, EROFS)))
        return -1;
    if (d->thing == LOCK)
        return change_mode(d->file, mode);
    d->mode = mode;
    return 0;
}

int fchownat(int fd, const char *name, uid_t uid, gid_t gid, int flags)
{
    file *f = own(fd, PIN)->file;
    CHECK(name[0] == '\0' && flags == AT_EMPTY_PATH && f->is_ours);
    if (fails("fchownat", ERRORS(EPERM, EINVAL, EIO, EROFS)))
        return -1;
    if (uid != SBIND_NO_ID)
        f->uid = uid;
    if (gid != SBIND_NO_ID)
        f->gid = gid;
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

long syscall(long number, ...)
{
    va_list more;
    long answer;
    va_start(more, number);
    CHECK(number == FCHMODAT2 || number == SYS_pidfd_open);
    if (number == FCHMODAT2)
        answer = change_mode_by(more);
    else
        answer = fails("pidfd_open", ERRORS(ENOSYS, EMFILE, ENODEV))
                     ? -1
                     : open_fd("pidfd_open", PIDFD, NULL);
    va_end(more);
    return answer;
}

int flock(int fd, int how)
{
    file *f = own(fd, LOCK)->file;
    CHECK(how == LOCK_UN || how == (LOCK_EX | LOCK_NB));
    if (fails("flock", ERRORS(EWOULDBLOCK, EINTR, ENOLCK, EINVAL)))
        return -1;
    if (how == LOCK_UN) {
        f->lock = f->lock == fd ? NOBODY : f->lock;
        return 0;
    }
    if (f->lock != NOBODY && f->lock != fd)
        return refuse("flock", EWOULDBLOCK);
    f->lock = fd;
    return 0;
}

int unlinkat(int fd, const char *name, int flags)
{
    entry *e = entry_in(fd, name);
    CHECK(flags == 0);
    if (fails_at_once("unlinkat", ERRORS(EACCES, EBUSY, EIO, EPERM, EROFS)))
        return -1;
    if (e->file == NULL)
        return refuse("unlinkat", ENOENT);
    remove_file(e);
    return 0;
}

/* ---- The public name ----------------------------------------------------- */

static bool is_as_wanted(const file *f)
{
    const sbind_listen_options *o = m->options;
    mode_t mode = (mode_t)(o->mode < 0 ? SBIND_MODE_DEFAULT : o->mode);
    return f->mode == (S_IFSOCK | mode) &&
           f->uid == (o->owner == SBIND_NO_ID ? m->euid : o->owner) &&
           f->gid == (o->group == SBIND_NO_ID ? m->euid : o->group);
}

/* Who sees the name can connect, and nobody who may not; and of those who keep
 * to the lock only its holder gives the name. */
static void arrive(const entry *e)
{
    if (strcmp(e->name, m->public) != 0 || !e->file->is_ours)
        return;
    CHECK(e->file->is_live && is_as_wanted(e->file));
    CHECK(fuzz_entry(m->lock)->file != NULL &&
          fuzz_entry(m->lock)->file->lock > NOBODY);
}

static int swap(entry *from, entry *to)
{
    file *f = from->file;
    if (to->file == NULL)
        return refuse("renameat2", ENOENT);
    from->file = to->file;
    to->file = f;
    arrive(to);
    return 0;
}

static int move_over(entry *from, entry *to)
{
    CHECK(from->file->is_ours);
    if (to->file != NULL)
        remove_file(to);
    to->file = from->file;
    from->file = NULL;
    arrive(to);
    return 0;
}

int renameat2(int from_fd, const char *old, int to_fd, const char *new,
              unsigned flags)
{
    entry *from = entry_in(from_fd, old), *to = entry_in(to_fd, new);
    CHECK(flags == RENAME_NOREPLACE || flags == RENAME_EXCHANGE);
    if (fails("renameat2", ERRORS(EINVAL, ENOSYS, EACCES, EEXIST, ENOENT, EIO,
                                  ENOSPC, EPERM, EROFS)))
        return -1;
    if (from->file == NULL)
        return refuse("renameat2", ENOENT);
    if (flags == RENAME_EXCHANGE)
        return swap(from, to);
    return to->file != NULL ? refuse("renameat2", EEXIST) : move_over(from, to);
}

int renameat(int from_fd, const char *old, int to_fd, const char *new)
{
    entry *from = entry_in(from_fd, old), *to = entry_in(to_fd, new);
    if (fails_at_once("renameat", ERRORS(EACCES, EBUSY, EIO, ENOSPC, EPERM)))
        return -1;
    return from->file == NULL ? refuse("renameat", ENOENT)
                              : move_over(from, to);
}

int linkat(int from_fd, const char *old, int to_fd, const char *new, int flags)
{
    entry *from = entry_in(from_fd, old), *to = entry_in(to_fd, new);
    CHECK(flags == 0);
    if (fails("linkat", ERRORS(EEXIST, EACCES, EIO, EMLINK, ENOSPC, EPERM)))
        return -1;
    if (from->file == NULL || to->file != NULL)
        return refuse("linkat", from->file == NULL ? ENOENT : EEXIST);
    to->file = from->file;
    arrive(to);
    return 0;
}

/* ---- Sockets ------------------------------------------------------------- */

int socket(int family, int type, int protocol)
{
    int fd;
    CHECK((type & SOCK_CLOEXEC) != 0 && protocol == 0);
    if (fails("socket",
              ERRORS(EAFNOSUPPORT, EACCES, EMFILE, ENFILE, ENOBUFS, ENOMEM)))
        return -1;
    fd = open_fd("socket", SOCKET, NULL);
    if (fd < 0)
        return fd;
    m->fds[fd].family = family;
    m->fds[fd].type = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
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

/* A number, a time in milliseconds, or the length of a name. */
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
    if (d->option_count == OPTIONS) /* a time that is set again and again */
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

int getsockopt(int fd, int level, int name, void *restrict value,
               socklen_t *restrict length)
{
    descriptor *d = any(fd);
    int answer;
    CHECK(*length == sizeof answer);
    if (fails("getsockopt", ERRORS(EBADF, ENOTSOCK, ENOPROTOOPT, ENOBUFS)))
        return -1;
    if (d == NULL || d->thing != SOCKET)
        return refuse("getsockopt", d == NULL ? EBADF : ENOTSOCK);
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

int getpeername(int fd, __SOCKADDR_ARG sa, socklen_t *restrict length)
{
    descriptor *d = any(fd);
    CHECK(d != NULL && d->thing == SOCKET);
    if (fails("getpeername", ERRORS(ENOTCONN, ENOBUFS)))
        return -1;
    if (d->state != CONNECTED)
        return refuse("getpeername", ENOTCONN);
    return give_address(&d->peer, d->peer_length, sa.__sockaddr__, length);
}

/* ---- Listening ----------------------------------------------------------- */

static int bind_path(int fd, descriptor *d, const char *path)
{
    entry *e;
    file *f;
    if (!find(path, &e, &f))
        return refuse("bind", ENOENT);
    CHECK(e != NULL && is_temporary(e->name) && is_safe());
    if (e->file != NULL)
        return refuse("bind", EADDRINUSE);
    e->file = d->file = new_file(S_IFSOCK | (d->mode & ~m->umask), m->euid);
    e->file->is_ours = true;
    e->file->socket = fd;
    return 0;
}

static int bind_port(descriptor *d)
{
    struct sockaddr_in in;
    memcpy(&in, &d->own, sizeof in); /* the port of either stands there */
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
        bind_path(fd, d, sa->sa_data) != 0)
        return -1;
    d->state = BOUND;
    return d->family == AF_UNIX ? 0 : bind_port(d);
}

int listen(int fd, int backlog)
{
    descriptor *d = own(fd, SOCKET);
    CHECK(d->state == BOUND && (d->file == NULL || is_as_wanted(d->file)));
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
    m->fds[accepted].is_nonblocking = (flags & SOCK_NONBLOCK) != 0;
    give_address(&d->own, d->own_length, sa.__sockaddr__, length);
    return accepted;
}

/* ---- Connecting ---------------------------------------------------------- */

/* Linux refuses another type before it asks who listens. */
static int ask_file(const descriptor *d, const char *path)
{
    entry *e;
    file *f;
    if (!find(path, &e, &f) || f == NULL || S_ISLNK(f->mode))
        return refuse("connect", ENOENT);
    if (!f->is_live)
        return refuse("connect", ECONNREFUSED);
    return d->type == SOCK_STREAM ? 0 : refuse("connect", EPROTOTYPE);
}

/* Whoever waits here has set how long. */
static int connect_unix(descriptor *d, int fd, const char *path)
{
    int most = fuzz_option(fd, SOL_SOCKET, SO_SNDTIMEO);
    CHECK(d->type == SOCK_DGRAM || most >= 0);
    if (fails("connect", ERRORS(EACCES, EPERM, EAGAIN, EINTR, ENOENT, ENOTDIR,
                                EPROTOTYPE))) {
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

/* One of those that are waited for gets its answer. */
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
    if (how == 3) { /* it has met itself */
        d->own = d->peer;
        d->own_length = d->peer_length;
    }
}

int poll(struct pollfd *polls, nfds_t n, int timeout)
{
    uint8_t o = draw();
    CHECK(n > 0);
    for (nfds_t i = 0; i < n; i++) {
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

/* Another may come or go meanwhile. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
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
    unsigned n = o >= 192 ? (o % 2 ? 70 : ANSWERS) : 1U + o % 4;
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
    CHECK(name[0] == '\0'); /* only on request, which nobody makes here */
    return 0;
}
