/* faults_test.c - when a system call fails, does the library go on if it can?
 * If it cannot, is everything as it was, and does the error name the call?
 *
 * The linker leads every system call of the library through the functions below
 * (--wrap). Each scenario runs once, to count its calls. Then it runs again for
 * each call and each errno, and that one call fails. The table "outcomes" says
 * which of these faults the library has to survive, and which status the others
 * have to give. The test compares lists of descriptors and files from before
 * and afterwards. The test also runs starters that leave something behind, or
 * that give up too early, and has to catch them. Otherwise the test could not
 * fail.
 *
 * Promises: P2 P5 P46 P49 */
#define _GNU_SOURCE /* accept4 */
#include "support.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "../../src/bind/errno_name.h"

/* ---- The call that fails ----------------------------------------------------- */

/* if a lock stays, the library asks for it 1000 times */
enum { CALLS_MAX = 16384 };

static struct {
    bool is_armed;                /* calls are counted, and one may fail */
    size_t made;                  /* how many calls there were so far */
    const char *calls[CALLS_MAX]; /* and their names */
    /* the number of the call that fails, from 1; 0: none fails */
    size_t when;
    int error;       /* its errno */
    const char *hit; /* its name, once it has failed */
} fault;

/* What the machine does not have during a scenario. */
static struct {
    bool proc;      /* no /proc */
    bool renameat2; /* no renameat2(2) */
    bool is_swapped;
    bool swap_back;      /* another file comes while names are swapped, and
                            the names cannot be swapped back */
    bool peace;          /* a file comes whenever they are swapped */
    const char *cleanup; /* calls of this name do nothing and report success,
                            as if the library did not clean up */
} lacking;

static bool strikes(const char *name)
{
    if (!fault.is_armed)
        return false;
    assert_true(fault.made < CALLS_MAX);
    fault.calls[fault.made] = name;
    if (++fault.made != fault.when)
        return false;
    fault.hit = name;
    errno = fault.error;
    return true;
}

static bool is_left_out(const char *name)
{
    return fault.is_armed && lacking.cleanup != NULL &&
           strcmp(lacking.cleanup, name) == 0;
}

/* Whether the path leads through /proc, on a machine that has none. */
static bool leads_nowhere(const char *path)
{
    if (!fault.is_armed || !lacking.proc || strncmp(path, "/proc/", 6) != 0)
        return false;
    errno = ENOENT;
    return true;
}

static bool is_nowhere(const struct sockaddr *sa)
{
    const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)sa;
    return sa->sa_family == AF_UNIX && leads_nowhere(un->sun_path);
}

static bool is_unknown(unsigned flags)
{
    if (!fault.is_armed || !lacking.renameat2 || flags == 0)
        return false;
    errno = ENOSYS;
    return true;
}

static struct stat theirs; /* a file that has come */
static void intrude(void);

static bool cannot_swap(unsigned flags)
{
    if (!fault.is_armed || flags == 0)
        return false;
    if (lacking.peace)
        intrude();
    if (!lacking.swap_back)
        return false;
    errno = EIO;
    if (lacking.is_swapped)
        return true;
    intrude();
    lacking.is_swapped = true;
    return false;
}

#ifdef SBIND_PORTABLE
#define ACCEPT "accept"
#else
#define ACCEPT "accept4"
#endif

/* Defines a wrapper. The call fails if its turn has come, or if "unless" is
 * true. It does nothing if clean-up is switched off. */
#define WRAP_UNLESS(name, parameters, arguments, unless)                       \
    int __real_##name parameters;                                              \
    int __wrap_##name parameters;                                              \
    int __wrap_##name parameters                                               \
    {                                                                          \
        if (strikes(#name) || (unless))                                        \
            return -1;                                                         \
        return is_left_out(#name) ? 0 : __real_##name arguments;               \
    }
#define WRAP(name, parameters, arguments)                                      \
    WRAP_UNLESS(name, parameters, arguments, false)

WRAP_UNLESS(access, (const char *path, int mode), (path, mode),
            leads_nowhere(path))
WRAP(fstat, (int fd, struct stat *ret), (fd, ret))
WRAP(fstatat, (int fd, const char *name, struct stat *ret, int flags),
     (fd, name, ret, flags))
WRAP(lstat, (const char *path, struct stat *ret), (path, ret))
WRAP(flock, (int fd, int how), (fd, how))
WRAP(fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(fchmodat, (int fd, const char *name, mode_t mode, int flags),
     (fd, name, mode, flags))
WRAP(mkdirat, (int fd, const char *name, mode_t mode), (fd, name, mode))
WRAP_UNLESS(chmod, (const char *path, mode_t mode), (path, mode),
            leads_nowhere(path))
WRAP(fchownat, (int fd, const char *name, uid_t uid, gid_t gid, int flags),
     (fd, name, uid, gid, flags))
WRAP(socket, (int family, int type, int protocol), (family, type, protocol))
WRAP(setsockopt,
     (int fd, int level, int name, const void *value, socklen_t length),
     (fd, level, name, value, length))
/* The server runs as this user, whichever user runs the test. */
#define THE_SERVER 1000

int __real_getsockopt(int fd, int level, int name, void *value,
                      socklen_t *length);
int __wrap_getsockopt(int fd, int level, int name, void *value,
                      socklen_t *length);
int __wrap_getsockopt(int fd, int level, int name, void *value,
                      socklen_t *length)
{
    int result;
    if (strikes("getsockopt"))
        return -1;
    result = __real_getsockopt(fd, level, name, value, length);
    if (result == 0 && level == SOL_SOCKET && name == SO_PEERCRED)
        ((struct ucred *)value)->uid = THE_SERVER;
    return result;
}

WRAP_UNLESS(bind, (int fd, const struct sockaddr *sa, socklen_t length),
            (fd, sa, length), is_nowhere(sa))
WRAP(listen, (int fd, int backlog), (fd, backlog))
WRAP(shutdown, (int fd, int how), (fd, how))
WRAP(accept, (int fd, struct sockaddr *sa, socklen_t *length), (fd, sa, length))
WRAP(accept4, (int fd, struct sockaddr *sa, socklen_t *length, int flags),
     (fd, sa, length, flags))
WRAP(getsockname, (int fd, struct sockaddr *sa, socklen_t *length),
     (fd, sa, length))
WRAP(getpeername, (int fd, struct sockaddr *sa, socklen_t *length),
     (fd, sa, length))
WRAP(poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout))
WRAP(unlinkat, (int fd, const char *name, int flags), (fd, name, flags))
int __real_sbind__renameat2(int from, const char *old, int to, const char *new,
                            unsigned flags);
int __wrap_sbind__renameat2(int from, const char *old, int to, const char *new,
                            unsigned flags);
int __wrap_sbind__renameat2(int from, const char *old, int to, const char *new,
                            unsigned flags)
{
    if (strikes("renameat2") || is_unknown(flags) || cannot_swap(flags))
        return -1;
    return is_left_out("renameat2")
               ? 0
               : __real_sbind__renameat2(from, old, to, new, flags);
}

WRAP(renameat, (int from, const char *old, int to, const char *new),
     (from, old, to, new))
WRAP(fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
WRAP(linkat, (int from, const char *old, int to, const char *new, int flags),
     (from, old, to, new, flags))

/* connect(2): interrupted, it goes on by itself. */
int __real_connect(int fd, const struct sockaddr *sa, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t length)
{
    if (!strikes("connect"))
        return is_nowhere(sa) ? -1 : __real_connect(fd, sa, length);
    if (fault.error == EINTR && sa->sa_family != AF_UNIX)
        __real_connect(fd, sa, length);
    errno = fault.error;
    return -1;
}

/* close(2) always closes the descriptor, even if it reports an error. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    bool hit = strikes("close");
    if (is_left_out("close"))
        return 0;
    return __real_close(fd) != 0 || hit ? -1 : 0;
}

/* The note in the lock. */
#define WRAP_NOTE(name, octets)                                                \
    ssize_t __real_##name(int fd, octets *at, size_t n, off_t offset);         \
    ssize_t __wrap_##name(int fd, octets *at, size_t n, off_t offset);         \
    ssize_t __wrap_##name(int fd, octets *at, size_t n, off_t offset)          \
    {                                                                          \
        return strikes(#name) ? -1 : __real_##name(fd, at, n, offset);         \
    }

WRAP_NOTE(pread, void)
WRAP_NOTE(pwrite, const void)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list more;
    assert_true(!fault.is_armed || (flags & O_CREAT) == 0);
    va_start(more, flags);
    if ((flags & O_CREAT) != 0) /* the profile of a build for coverage */
        mode = va_arg(more, mode_t);
    va_end(more);
    return strikes("open") ? -1 : __real_open(path, flags, mode);
}

int __real_openat(int fd, const char *name, int flags, ...);
int __wrap_openat(int fd, const char *name, int flags, ...);
int __wrap_openat(int fd, const char *name, int flags, ...)
{
    mode_t mode = 0;
    va_list more;
    va_start(more, flags);
    if ((flags & O_CREAT) != 0)
        mode = va_arg(more, mode_t);
    va_end(more);
    return strikes("openat") ? -1 : __real_openat(fd, name, flags, mode);
}

/* Moves the clock forward instead of sleeping. */
static time_t slept; /* nanoseconds */

int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)left;
    slept += time->tv_sec * 1000000000 + time->tv_nsec;
    return 0;
}

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
    int failed = __real_clock_gettime(clock, ret);
    ret->tv_sec += (ret->tv_nsec + slept) / 1000000000;
    ret->tv_nsec = (ret->tv_nsec + slept) % 1000000000;
    return failed;
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
    int value = 0;
    void *lock = NULL; /* of that profile */
    va_list more;
    va_start(more, command);
    if (command == F_SETFD || command == F_SETFL)
        value = va_arg(more, int);
    else if (command == F_SETLKW)
        lock = va_arg(more, void *);
    va_end(more);
    if (lock != NULL)
        return __real_fcntl(fd, command, lock);
    return strikes("fcntl") ? -1 : __real_fcntl(fd, command, value);
}

/* Every name has these two addresses. */
static struct sockaddr_in places[2];

int __wrap_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **ret);
int __wrap_getaddrinfo(const char *name, const char *service,
                       const struct addrinfo *hints, struct addrinfo **ret)
{
    static struct addrinfo list[2];
    (void)name;
    (void)service;
    (void)hints;
    if (strikes("getaddrinfo"))
        return EAI_SYSTEM;
    for (size_t i = 0; i < 2; i++) {
        places[i].sin_family = AF_INET;
        places[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)i);
        list[i].ai_addr = (struct sockaddr *)&places[i];
        list[i].ai_addrlen = sizeof places[i];
        list[i].ai_next = i == 0 ? &list[1] : NULL;
    }
    *ret = list;
    return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *list);
void __wrap_freeaddrinfo(struct addrinfo *list) { (void)list; }

static void arm(size_t when, int error)
{
    fault.is_armed = true;
    fault.made = 0;
    fault.when = when;
    fault.error = error;
    fault.hit = NULL;
}

/* ---- The ledger ---------------------------------------------------------------- */

enum { ENTRIES = 1200, NAME = 128 };

typedef struct entry {
    char name[NAME];
    struct stat st;
    int fd_flags, status_flags;
} entry;

typedef struct ledger {
    size_t descriptors, files;
    entry descriptor[ENTRIES], file[ENTRIES];
} ledger;

static char directory[] = "/tmp/sbind-faults-XXXXXX";
static char shared[32]; /* the directory that the cases work in */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

/* The files in a directory, or if is_proc, the descriptors of this process. The
 * descriptor that reads the directory is left out. */
static size_t list(const char *path, bool is_proc, entry ret[ENTRIES])
{
    DIR *d = opendir(path);
    const struct dirent *found;
    size_t n = 0;
    assert_non_null(d);
    while ((found = readdir(d)) != NULL) {
        entry *e = &ret[n];
        if (found->d_name[0] == '.' && strlen(found->d_name) < 3)
            continue;
        assert_true(n < ENTRIES);
        memset(e, 0, sizeof *e);
        snprintf(e->name, sizeof e->name, "%.120s", found->d_name);
        if (is_proc) {
            int fd = atoi(e->name);
            if (fd == dirfd(d))
                continue;
            e->fd_flags = fcntl(fd, F_GETFD);
            e->status_flags = fcntl(fd, F_GETFL);
            assert_int_equal(fstat(fd, &e->st), 0);
        } else {
            fstatat(dirfd(d), e->name, &e->st, AT_SYMLINK_NOFOLLOW);
        }
        n++;
    }
    closedir(d);
    qsort(ret, n, sizeof *ret, by_name);
    return n;
}

static void take(ledger *ret)
{
    ret->descriptors = list("/proc/self/fd", true, ret->descriptor);
    ret->files = list(shared, false, ret->file);
}

static bool same(const entry *a, const entry *b)
{
    return strcmp(a->name, b->name) == 0 && a->fd_flags == b->fd_flags &&
           a->status_flags == b->status_flags && a->st.st_dev == b->st.st_dev &&
           a->st.st_ino == b->st.st_ino && a->st.st_mode == b->st.st_mode &&
           a->st.st_uid == b->st.st_uid && a->st.st_gid == b->st.st_gid &&
           a->st.st_nlink == b->st.st_nlink && a->st.st_size == b->st.st_size &&
           a->st.st_mtim.tv_sec == b->st.st_mtim.tv_sec &&
           a->st.st_mtim.tv_nsec == b->st.st_mtim.tv_nsec;
}

static bool all_same(const entry *a, size_t n, const entry *b, size_t m)
{
    for (size_t i = 0; n == m && i < n; i++)
        if (!same(&a[i], &b[i]))
            return false;
    return n == m;
}

/* ---- What can be found ------------------------------------------------------------ */

enum {
    DESCRIPTOR = 1, /* one is left, gone or changed */
    FILES = 2,      /* likewise */
    RESULT = 4,     /* *ret is not as it was */
    ERROR = 8,      /* *reterr does not name the call and its errno, or was
                        changed on success */
    /* the action succeeded, but no row of "outcomes" allows that */
    SWALLOWED = 16,
    NO_RESTART = 32, /* the next start does not work */
    GAVE_UP = 64,    /* the action failed, but it has to survive the fault */
};

typedef union result {
    sbind_listener listeners[2];
    sbind_stream stream;
    sbind_address address;
    sbind_peer peer;
    sbind_handle pidfd;
} result;

/* An action to test. begin prepares it, act is the action, and end undoes both.
 * act may have succeeded or failed. */
typedef struct scenario {
    const char *name;
    void (*begin)(void);
    sbind_status (*act)(result *ret, sbind_error *e);
    void (*end)(result *ret, bool worked);
} scenario;

/* ---- What has to become of a call that fails ------------------------------------ */

/* the action succeeds, and the error is not reported */
#define SURVIVED SBIND_OK

enum { ANY = 0, LAST = 1000 };

/* For a fault, the first row that applies counts. If none applies, the error
 * has to report the call: its name, the name of its errno, and the status that
 * this errno means. Every row has to apply to some fault. Otherwise it is out
 * of date. */
static const struct outcome {
    const char *scenario; /* the beginning of its name */
    const char *call;     /* NULL: each */
    /* the first and the last of these calls, counted from 1; ANY: each */
    size_t from, to;
    int error; /* ANY: each */
    sbind_status status;
} outcomes[] = {
    /* the descriptor is closed, whatever close reports */
    {"", "close", ANY, ANY, ANY, SURVIVED},

    /* a signal ends a wait for a client, but no wait for a server */
    {"accepting", ACCEPT, ANY, ANY, EINTR, SBIND_INTERRUPTED},
    {"to ", "connect", ANY, ANY, EINTR, SURVIVED},
    {"to ", "poll", ANY, ANY, EINTR, SURVIVED},

    /* a client that is gone was none */
    {"accepting", ACCEPT, ANY, ANY, EAGAIN, SBIND_WOULD_BLOCK},
    {"accepting", ACCEPT, ANY, ANY, ENETDOWN, SBIND_WOULD_BLOCK},
    {"accepting", ACCEPT, ANY, ANY, ECONNABORTED, SBIND_WOULD_BLOCK},
    {"accepting", ACCEPT, ANY, ANY, EPROTO, SBIND_WOULD_BLOCK},

    /* the listener was closed or shut down; or there is no descriptor or memory
     * left for a connection */
    {"accepting, waiting", ACCEPT, 1, 1, EMFILE, SURVIVED},
    {"accepting, waiting", ACCEPT, 1, 1, ENFILE, SURVIVED},
    {"accepting, waiting", ACCEPT, 1, 1, ENOMEM, SURVIVED},
    {"accepting, waiting", ACCEPT, 1, 1, ENOBUFS, SURVIVED},
    {"accepting", ACCEPT, ANY, ANY, EBADF, SBIND_CLOSED},
    {"accepting", ACCEPT, ANY, ANY, EINVAL, SBIND_CLOSED},
    {"accepting", ACCEPT, ANY, ANY, EMFILE, SBIND_EXHAUSTED},
    {"accepting", ACCEPT, ANY, ANY, ENFILE, SBIND_EXHAUSTED},
    {"accepting", ACCEPT, ANY, ANY, ENOMEM, SBIND_EXHAUSTED},
    {"accepting", ACCEPT, ANY, ANY, ENOBUFS, SBIND_EXHAUSTED},

    /* a waiting call makes a copy of the descriptor; it asks which socket that
     * is, and goes on if it cannot find out */
    {"accepting, waiting", "fcntl", ANY, ANY, EINTR, SBIND_INTERRUPTED},
    {"accepting, waiting", "fcntl", ANY, ANY, EINVAL, SBIND_CLOSED},
    {"accepting, waiting", "fcntl", ANY, ANY, EMFILE, SBIND_EXHAUSTED},
    {"accepting, waiting", "fcntl", ANY, ANY, ENFILE, SBIND_EXHAUSTED},
    {"accepting, waiting", "fcntl", ANY, ANY, ENOMEM, SBIND_EXHAUSTED},
    {"accepting, waiting", "fstat", ANY, ANY, ANY, SURVIVED},
    {"on TCP, to wait", "fstat", ANY, ANY, ANY, SURVIVED},
    {"ending waits", NULL, ANY, ANY, ANY, SURVIVED},

    /* without IPv6, or without its addresses, the library listens on IPv4
     * alone */
    {"on every address", "socket", ANY, ANY, EAFNOSUPPORT, SURVIVED},
    {"on every address", "bind", ANY, ANY, EADDRNOTAVAIL, SURVIVED},

    /* without Multipath TCP: plain TCP */
    {"on Multipath TCP", "socket", 1, 1, EPROTONOSUPPORT, SURVIVED},
    {"on Multipath TCP", "socket", 1, 1, EINVAL, SURVIVED},
    {"on Multipath TCP", "socket", 1, 1, ENOPROTOOPT, SURVIVED},

    /* an older kernel lets descriptors through */
    {"on abstract without descriptors", "setsockopt", 2, 2, ENOPROTOOPT,
     SURVIVED},

    /* a name with port 0: another port */
    {"on a name", "bind", ANY, ANY, EADDRINUSE, SURVIVED},
    {"on a name", "listen", ANY, ANY, EADDRINUSE, SURVIVED},

    /* whatever fails for the first address of a name, the second one is used */
    {"to a name", "socket", 1, 1, ANY, SURVIVED},
    {"to a name", "setsockopt", 1, 3, ANY, SURVIVED},
    {"to a name", "connect", 1, 1, ANY, SURVIVED},
    {"to a name", "poll", 1, 1, ANY, SURVIVED},
    {"to a name", "getsockopt", 1, 1, ANY, SURVIVED},

    /* the same in steps */
    {"stepping", "connect", ANY, ANY, EINTR, SURVIVED},
    {"stepping", "poll", ANY, ANY, EINTR, SURVIVED},
    {"stepping to a name", "socket", 1, 1, ANY, SURVIVED},
    {"stepping to a name", "setsockopt", 1, 3, ANY, SURVIVED},
    {"stepping to a name", "connect", 1, 1, ANY, SURVIVED},
    {"stepping to a name", "poll", 1, 1, ANY, SURVIVED},
    {"stepping to a name", "getsockopt", 1, 1, ANY, SURVIVED},

    /* if a server is busy, the library asks it again */
    {"stepping to unix", "connect", ANY, ANY, EAGAIN, SURVIVED},

    /* the backlog of the unix socket stayed full until the time was up */
    {"to unix", "connect", ANY, ANY, EAGAIN, SBIND_TIMED_OUT},

    /* if the overflow ids cannot be read, 65534 is used */
    {"to unix by owner", "open", ANY, ANY, ANY, SURVIVED},
    {"to unix by owner", "pread", ANY, ANY, ANY, SURVIVED},
    {"the peer", "open", ANY, ANY, ANY, SURVIVED},
    {"the peer", "pread", ANY, ANY, ANY, SURVIVED},

    /* the kernel reports in several ways that the peer has gone */
    {"the peer", "getpeername", ANY, ANY, ENOTCONN, SBIND_PEER_GONE},
    {"its pidfd", "getsockopt", ANY, ANY, EINVAL, SBIND_PEER_GONE},
    {"its pidfd", "getsockopt", ANY, ANY, ESRCH, SBIND_PEER_GONE},
    {"its pidfd", "getsockopt", ANY, ANY, ENODATA, SBIND_NO_PEER_PIDFD},
    {"its pidfd", "getsockopt", ANY, ANY, ENOPROTOOPT, SBIND_NO_PEER_PIDFD},

    /* if an adopted descriptor has no address, its number is used */
    {"on fd number", "getsockname", ANY, ANY, ANY, SURVIVED},
    {"on fd number", "getsockopt", 5, LAST, ANY, SURVIVED},
    {"on fd all", "getsockname", ANY, ANY, ANY, SURVIVED},
    {"on fd all", "getsockopt", 13, LAST, ANY, SURVIVED},
    {"by fd", "getsockname", ANY, ANY, ANY, SURVIVED},
    {"by fd", "getsockopt", 5, LAST, ANY, SURVIVED},

    /* what it is not */
    {"on fd all", "getsockopt", ANY, ANY, EBADF, SURVIVED}, /* the other is */
    {"on fd all", "getsockopt", ANY, ANY, ENOTSOCK, SURVIVED},
    {"on fd", "getsockopt", ANY, ANY, EBADF, SBIND_FD_CLOSED},
    {"on fd", "getsockopt", ANY, ANY, ENOTSOCK, SBIND_FD_NOT_SOCKET},
    {"by fd", "getsockopt", ANY, ANY, EBADF, SBIND_FD_CLOSED},
    {"by fd", "getsockopt", ANY, ANY, ENOTSOCK, SBIND_FD_NOT_SOCKET},
    {"by fd", "getpeername", ANY, ANY, ENOTCONN, SBIND_FD_NOT_CONNECTED},

    /* The lock: if its file exists, the library opens this file. If another
     * process holds the lock, the library waits. If the file has gone
     * meanwhile, the library makes it again. */
    {"on path", "openat", 1, 1, EEXIST, SURVIVED},
    {"on path", "flock", ANY, ANY, EAGAIN, SURVIVED},
    {"on path", "fstatat", 1, 1, ENOENT, SURVIVED},
    {"on path leftover", "openat", 2, 2, ENOENT, SURVIVED},
    {"on path lock", "openat", 2, 2, ENOENT, SURVIVED},

    /* if a killed start has left something that cannot be cleared up, the next
     * start looks again */
    {"on path leftover", "pwrite", 1, 1, ANY, SURVIVED},
    {"on path lock", "pwrite", 1, 1, ANY, SURVIVED},
    {"on path leftover", "openat", 3, 4, ANY, SURVIVED},
    {"on path leftover", "fstat", 4, 5, ANY, SURVIVED},
    {"on path leftover", "socket", 1, 2, ANY, SURVIVED},
    {"on path leftover", "connect", 1, 2, ANY, SURVIVED},
    {"on path leftover", "fstatat", 2, 5, ANY, SURVIVED},
    {"on path leftover", "unlinkat", 1, 3, ANY, SURVIVED},
    {"on path lock", "openat", 3, 4, ANY, SURVIVED},

    /* if the name turns out to be free, bind is called again */
    {"on path", "bind", 1, 2, EADDRINUSE, SURVIVED},
    {"on path stale", "openat", 2, 2, ENOENT, SURVIVED},
    {"on path long", "openat", 2, 2, ENOENT, SURVIVED},
    {"on path replace live", "openat", 2, 2, ENOENT, SURVIVED},

    /* another process has removed our file, or the file at its name */
    {"on path stale", "openat", 3, 3, ENOENT, SBIND_ADDRESS_IN_USE},
    {"on path long", "openat", 3, 4, ENOENT, SBIND_ADDRESS_IN_USE},
    {"on path replace live", "openat", 3, 4, ENOENT, SBIND_ADDRESS_IN_USE},
    {"on path", "openat", 2, 5, ENOENT, SBIND_ADDRESS_IN_USE},

    /* the answers to the question whether a process listens */
    {"on path stale", "connect", ANY, ANY, ECONNREFUSED, SURVIVED},
    {"on path stale", "connect", ANY, ANY, EPROTOTYPE, SBIND_ADDRESS_IN_USE},
    {"on path replace live", "connect", 1, 1, ECONNREFUSED, SURVIVED},
    {"on path replace live", "connect", ANY, ANY, EPROTOTYPE, SURVIVED},
    {"on path replace live", "connect", 2, 2, ECONNREFUSED, SBIND_SYSTEM},
    {"on path long", "connect", 1, 1, ECONNREFUSED, SBIND_SYSTEM},
    {"on path long", "connect", 1, 1, EPROTOTYPE, SURVIVED},

    /* moving the stale socket fails because another process has removed it */
    {"on path stale", "renameat2", 1, 1, ENOENT, SURVIVED},
    {"on path stale", "renameat2", 1, 1, EEXIST, SURVIVED},
    {"on path", "renameat2", ANY, ANY, EINVAL, SURVIVED},
    {"on path", "renameat2", ANY, ANY, ENOSYS, SURVIVED},
    {"on path stale, old kernel", "fstatat", 2, 2, EEXIST, SURVIVED},
    {"on path stale, old kernel", "renameat", 1, 1, ENOENT, SURVIVED},
    {"on path stale, old kernel", "renameat", 1, 1, EEXIST, SURVIVED},
    {"on path stale, old kernel", "fstatat", 2, 4, ENOENT, SURVIVED},
    {"on path stale", "fstatat", 2, 3, ENOENT, SURVIVED},
    {"on path stale", "unlinkat", 1, 1, ENOENT, SURVIVED},

    /* on a system that cannot swap names, a leftover at the hidden name is
     * removed */
    {"on path replace live, old", "renameat2", 2, 2, EEXIST, SURVIVED},
    {"on path replace live, old", "renameat", 1, 1, EEXIST, SURVIVED},
    {"on path replace live, old", "fstatat", 2, 2, EEXIST, SURVIVED},
    {"on path replace live, old", "fstatat", 2, 2, ENOENT, SURVIVED},

    /* another process has taken the name meanwhile */
    {"on path replace live", "renameat2", 1, 1, ENOENT, SBIND_ADDRESS_IN_USE},
    {"on path replace live", "fstatat", 2, 4, ENOENT, SBIND_ADDRESS_IN_USE},
    {"on path long", "renameat2", 1, 1, EEXIST, SBIND_ADDRESS_IN_USE},
    {"on path long", "linkat", 1, 1, EEXIST, SBIND_ADDRESS_IN_USE},

    /* without /proc, the path is used as it was given */
    {"on path stale, no /proc", "connect", 1, 1, ENOENT, SURVIVED},
    {"on path stale, no /proc", "access", ANY, ANY, ANY, SURVIVED},
    {"on path mode", "chmod", 1, 1, ENOENT, SURVIVED},
    {"on path owner", "chmod", 1, 1, ENOENT, SURVIVED},

    /* the lock is removed last; if that fails, the next start finds the lock */
    {"on path stale", "unlinkat", 2, 2, ANY, SURVIVED},
    {"on path replace live, old", "unlinkat", 1, 1, ANY, SURVIVED},
    {"on path replace live", "unlinkat", 2, 2, ANY, SURVIVED},
    {"on path long", "unlinkat", 1, 2, ANY, SURVIVED},
    {"on path fresh", "unlinkat", 1, 1, ANY, SURVIVED},
    {"on path replace fresh", "unlinkat", 1, 1, ANY, SURVIVED},
    {"on path lock", "unlinkat", 1, 1, ANY, SURVIVED},
    {"on path mode", "unlinkat", 1, 1, ANY, SURVIVED},
    {"on path owner", "unlinkat", 1, 1, ANY, SURVIVED},

    /* Closing. If there is no free descriptor, the socket's own is used. On a
     * full file system no lock is needed. If the file is gone, it need not be
     * removed. */
    {"closing", NULL, ANY, ANY, EMFILE, SURVIVED},
    {"closing", NULL, ANY, ANY, ENFILE, SURVIVED},
    {"closing", "getsockopt", ANY, ANY, ANY, SURVIVED},
    {"closing", "openat", 1, 1, EEXIST, SURVIVED},
    {"closing", "openat", 1, 1, ENOSPC, SURVIVED},
    {"closing", "openat", 1, 1, EDQUOT, SURVIVED},
    {"closing", "fstat", 2, 2, ENOSPC, SURVIVED},
    {"closing", "flock", 1, 1, ENOSPC, SURVIVED},
    {"closing", "flock", 1, 1, EAGAIN, SURVIVED},
    {"closing", "fstatat", 1, 1, ENOSPC, SURVIVED},
    {"closing", "fstatat", 1, 3, ENOENT, SURVIVED},
    {"closing", "fstat", 3, 3, ANY, SURVIVED},
    {"closing", "fstatat", 4, 4, ANY, SURVIVED},
    {"closing", "unlinkat", 2, 2, ANY, SURVIVED},

    /* a small starter in place of the library, see below */
    {"on mini", "fstat", ANY, ANY, ANY, SURVIVED},
};

enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

static bool has_applied[OUTCOMES];

/* The number of the call that failed, among the calls with its name. */
static size_t turn_of_the_call(void)
{
    size_t n = 0;
    for (size_t i = 0; i < fault.when; i++)
        n += strcmp(fault.calls[i], fault.hit) == 0;
    return n;
}

static bool applies(const struct outcome *o, const scenario *s)
{
    size_t turn = turn_of_the_call();
    return strncmp(s->name, o->scenario, strlen(o->scenario)) == 0 &&
           (o->call == NULL || strcmp(fault.hit, o->call) == 0) &&
           (o->from == ANY || (turn >= o->from && turn <= o->to)) &&
           (o->error == ANY || o->error == fault.error);
}

/* NULL: no row applies. */
static const struct outcome *outcome_of(const scenario *s)
{
    for (size_t i = 0; i < OUTCOMES; i++)
        if (applies(&outcomes[i], s)) {
            has_applied[i] = true;
            return &outcomes[i];
        }
    return NULL;
}

static sbind_status status_of_errno(int error)
{
    switch (error) {
    case EADDRINUSE:
        return SBIND_ADDRESS_IN_USE;
    case ENAMETOOLONG:
        return SBIND_PATH_TOO_LONG;
    case ETIMEDOUT:
        return SBIND_TIMED_OUT;
    case EAFNOSUPPORT:
        return SBIND_UNSUPPORTED;
    default:
        return SBIND_SYSTEM;
    }
}

static bool names_the_fault(const sbind_error *e)
{
    const char *name = sbind__errno_name(fault.error);
    size_t length = strlen(fault.hit);
    return e->call != NULL && strcspn(e->call, " ") == length &&
           strncmp(e->call, fault.hit, length) == 0 &&
           e->os_error == fault.error &&
           (name == NULL || (e->os_name != NULL && !strcmp(e->os_name, name)));
}

static bool is_untouched(const void *r, size_t size)
{
    const unsigned char *octets = r;
    return octets[0] == 0x5A && memcmp(octets, octets + 1, size - 1) == 0;
}

/* Longer than what bind takes. */
static const char *long_name(void)
{
    static char name[101];
    memset(name, 'l', 100);
    return name;
}

static void clear(void)
{
    DIR *d = opendir(shared);
    const struct dirent *found;
    unlinkat(dirfd(d), ".s.sbind-d/s", 0); /* with POSIX only */
    unlinkat(dirfd(d), ".s.sbind-d", AT_REMOVEDIR);
    while ((found = readdir(d)) != NULL)
        unlinkat(dirfd(d), found->d_name, 0);
    closedir(d);
}

/* ---- One run -------------------------------------------------------------------- */

static bool is_mini(const scenario *s)
{
    return strstr(s->name, "mini") != NULL;
}

/* With POSIX only, some faults are reported as the error of another call, or as another
 * errno. If mkdirat says that the directory exists and it does not, openat fails. If
 * fstatat says that the file has gone, the error is that it is another file. If a step
 * after accept fails, the error is that the client gave up. */
static const struct {
    const char *call;
    int error; /* 0: any */
    const char *told;
    int as;
} told_otherwise[] = {{"mkdirat", EEXIST, "openat", ENOENT},
                      {"fstatat", ENOENT, "fstatat", ESTALE},
                      {"fcntl", 0, "accept", ECONNABORTED}};

static bool is_told_otherwise(const sbind_error *e)
{
    for (size_t i = 0; i < sizeof told_otherwise / sizeof *told_otherwise; i++)
        if (strcmp(fault.hit, told_otherwise[i].call) == 0 &&
            (told_otherwise[i].error == 0 ||
             told_otherwise[i].error == fault.error) &&
            strcmp(e->call, told_otherwise[i].told) == 0 &&
            e->os_error == told_otherwise[i].as)
            return true;
    return false;
}

/* Whether the error is right for the fault, after the action failed with this
 * status. A status that says more than an errno need not name a call. */
static bool is_the_error(const scenario *s, sbind_status status,
                         const sbind_error *e)
{
    const struct outcome *o = outcome_of(s);
    if (is_portable && !is_mini(s)) /* the table is that of Linux */
        return names_the_fault(e) || e->call == NULL || is_told_otherwise(e);
    if (o == NULL)
        return status == status_of_errno(fault.error) && names_the_fault(e);
    return status == o->status && (names_the_fault(e) || e->call == NULL);
}

static bool has_to_be_survived(const scenario *s)
{
    const struct outcome *o = outcome_of(s);
    return o != NULL && o->status == SURVIVED;
}

static unsigned judge(const scenario *s, sbind_status status, const result *r,
                      const sbind_error *e)
{
    unsigned found = 0;
    if (status == SBIND_OK) {
        found |= is_untouched(e, sizeof *e) ? 0 : ERROR;
        found |= fault.hit == NULL || has_to_be_survived(s) ? 0 : SWALLOWED;
        return found;
    }
    found |= is_untouched(r, sizeof *r) ? 0 : RESULT;
    if (fault.hit == NULL || e->status != status)
        return found | ERROR;
    if (has_to_be_survived(s))
        return found | GAVE_UP;
    return found | (is_the_error(s, status, e) ? 0 : ERROR);
}

/* Forgets a leftover of a killed start, because a start that fails may have
 * removed it. */
#ifdef SBIND_PORTABLE
static const char *const hidden[] = {".s.sbind", ".s.sbind-d", ".s.sbind-old"};
#else
static const char *const hidden[] = {".s.sbind", ".s.sbind-new",
                                     ".s.sbind-old"};
#endif
enum { HIDDEN = 3 };

static void forget(ledger *l, const char *name_of_one)
{
    char name[NAME];
    snprintf(name, sizeof name, "%s", name_of_one);
    for (size_t i = 0; i < l->files; i++)
        if (strcmp(l->file[i].name, name) == 0) {
            l->files--;
            memmove(&l->file[i], &l->file[i + 1],
                    (l->files - i) * sizeof l->file[0]);
        }
}

static bool has(const ledger *l, const char *name)
{
    ledger copy = *l;
    forget(&copy, name);
    return copy.files != l->files;
}

static unsigned compare_descriptors(const ledger *before, const ledger *after)
{
    return all_same(before->descriptor, before->descriptors, after->descriptor,
                    after->descriptors)
               ? 0
               : DESCRIPTOR;
}

/* Forgets the content of the lock. It may differ, because a killed start had
 * left a note in the lock, or because a mark was made. */
static void forget_content(ledger *l, const char *name)
{
    for (size_t i = 0; i < l->files; i++)
        if (strcmp(l->file[i].name, name) == 0) {
            l->file[i].st.st_size = 0;
            l->file[i].st.st_mtim = (struct timespec){0, 0};
        }
}

static unsigned compare_files(ledger *before, const ledger *after)
{
    ledger now = *after;
    for (size_t i = 0; i < HIDDEN; i++)
        if (!has(after, hidden[i]))
            forget(before, hidden[i]);
    forget_content(before, hidden[0]);
    forget_content(&now, hidden[0]);
    return all_same(before->file, before->files, now.file, now.files) ? 0
                                                                      : FILES;
}

static unsigned compare(ledger *before, const ledger *after)
{
    return compare_descriptors(before, after) | compare_files(before, after);
}

static bool is_leftover(const scenario *s)
{
    return strstr(s->name, "leftover") != NULL ||
           strstr(s->name, "lock") != NULL;
}

/* Checks that after a success only the socket is there. More may be there if a
 * clean-up was made to fail. */
static unsigned litter(const scenario *s, ledger *after)
{
    bool is_excused =
        fault.hit != NULL && (is_leftover(s) || !strcmp(fault.hit, "unlinkat"));
    while (is_excused && after->files > 0 && after->file[0].name[0] == '.')
        forget(after, after->file[0].name);
    forget(after, "s");
    forget(after, long_name());
    return after->files == 0 ? 0 : FILES;
}

/* Checks that the same action works again if nothing fails. */
static unsigned work_again(const scenario *s)
{
    result r;
    sbind_error e;
    sbind_status status;
    memset(&r, 0x5A, sizeof r);
    s->begin();
    fault.is_armed = lacking.cleanup == NULL;
    fault.when = 0;
    status = s->act(&r, &e);
    fault.is_armed = false;
    s->end(&r, status == SBIND_OK);
    if (status != SBIND_OK)
        print_message("the next start of \"%s\" fails\n", s->name);
    return status == SBIND_OK ? 0 : NO_RESTART;
}

/* Closes descriptors that were leaked, so that the next run begins without
 * them. */
static void close_new(const ledger *start, const ledger *end)
{
    for (size_t i = 0; i < end->descriptors; i++)
        if (bsearch(&end->descriptor[i], start->descriptor, start->descriptors,
                    sizeof(entry), by_name) == NULL)
            close(atoi(end->descriptor[i].name));
}

static unsigned run(const scenario *s, size_t when, int error)
{
    static ledger start, before, after;
    result r;
    sbind_error e;
    sbind_status status;
    unsigned found;
    memset(&r, 0x5A, sizeof r);
    memset(&e, 0x5A, sizeof e);
    /* removes what failed clean-ups of the run before have left */
    clear();
    take(&start);
    s->begin();
    take(&before);
    arm(when, error);
    status = s->act(&r, &e);
    fault.is_armed = false;
    found = judge(s, status, &r, &e);
    if (is_portable && !is_mini(s)) /* the table is right for Linux */
        found &= RESULT | ERROR;
    take(&after);
    if (status == SBIND_OK)
        found |= strncmp(s->name, "on", 2) == 0 ? litter(s, &after) : 0;
    else if (strstr(s->name, "closing") == NULL) /* what always closes */
        found |= compare(&before, &after);
    s->end(&r, status == SBIND_OK);
    take(&after);
    found |= compare_descriptors(&start, &after);
    close_new(&start, &after);
    return found;
}

static const struct {
    int error;
    const char *call; /* the only call that can fail like this; NULL: any */
} errors[] = {
    {EPERM, NULL},
    {ENOENT, NULL},
    {EINTR, NULL},
    {EIO, NULL},
    {ENOMEM, NULL},
    {EACCES, NULL},
    {EEXIST, NULL},
    {EINVAL, NULL},
    {EMFILE, NULL},
    {ENFILE, NULL},
    {ENOSPC, NULL},
    {EROFS, NULL},
    {ENOSYS, NULL},
    {EADDRINUSE, "bind"},
    {EADDRINUSE, "listen"},
    {EAGAIN, "connect"},
    {ECONNREFUSED, "connect"},
    {EPROTOTYPE, "connect"},
    {ETIMEDOUT, "connect"},
    {EAGAIN, "flock"},
    {ENOLCK, "flock"},
    {EDQUOT, "openat"},
    {EADDRNOTAVAIL, "connect"},
    {EBADF, ACCEPT},
    {ENOBUFS, ACCEPT},
    {EAGAIN, ACCEPT},
    {ENETDOWN, ACCEPT},
    {ECONNABORTED, ACCEPT},
    {EPROTO, ACCEPT},
    {EBADF, "getsockopt"},
    {ENOTSOCK, "getsockopt"},
    {ENOPROTOOPT, "getsockopt"},
    {ENODATA, "getsockopt"},
    {ESRCH, "getsockopt"},
    {ENOTCONN, "getpeername"},
    {EAFNOSUPPORT, "socket"},
    {EPROTONOSUPPORT, "socket"},
    {ENOPROTOOPT, "socket"},
    {ENOPROTOOPT, "setsockopt"},
    {EADDRNOTAVAIL, "bind"},
    {ELOOP, "openat"},
    {ENAMETOOLONG, "open"},
};

static size_t faults; /* how many faults were made */

static void say(const scenario *s, size_t when, int error, unsigned found)
{
    print_error("%s: %s (call %zu) fails with %s: found %#x\n", s->name,
                fault.hit == NULL ? "?" : fault.hit, when,
                sbind__errno_name(error), found);
}

/* Runs a scenario with every errno for every call. Counts the faults. */
static unsigned sweep(const scenario *s, bool is_silent)
{
    unsigned all = 0;
    const char *call = "";
    for (size_t when = 1; call != NULL; when++) {
        call = NULL;
        for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
            unsigned found;
            if (errors[i].call != NULL &&
                (call == NULL || strcmp(errors[i].call, call) != 0))
                continue;
            found = run(s, when, errors[i].error);
            call = fault.hit;
            faults += call != NULL;
            if (found != 0 && !is_silent)
                say(s, when, errors[i].error, found);
            all |= found;
            if (call == NULL)
                break;
        }
        all |= work_again(s);
    }
    return all;
}

/* ---- Paths ------------------------------------------------------------------------ */

static sbind_listener earlier; /* what begin has made, for use by act */
static sbind_stream client = {-1, SBIND_NPIPE};
static int servers[3] = {-1, -1, -1}; /* sockets that are not sbind's */
static mode_t mask;

static void close_server(int i)
{
    if (servers[i] >= 0)
        close(servers[i]);
    servers[i] = -1;
}

static const char *address_of(const char *name)
{
    static char texts[2][160];
    static int turn;
    turn = !turn;
    snprintf(texts[turn], sizeof texts[turn], "unix://%s/%s", shared, name);
    return texts[turn];
}

static const char *plain_path(const char *name)
{
    return address_of(name) + sizeof "unix://" - 1;
}

static int server(const char *name, bool is_listening)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(sa.sun_path, sizeof sa.sun_path, "%s/%.60s", shared, name);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    if (is_listening)
        assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static void begin_nothing(void) {}
static void begin_stale(void) { close(server("s", false)); }
static void begin_live(void) { servers[0] = server("s", true); }

static void begin_lock(void)
{
    int fd = openat(AT_FDCWD, plain_path(hidden[0]),
                    O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
}

static void begin_leftover(void)
{
    clear();
    begin_lock();
    if (is_portable)
        mkdirat(AT_FDCWD, plain_path(".s.sbind-d"), 0700);
    close(server(is_portable ? ".s.sbind-d/s" : hidden[1], false));
    close(server(hidden[2], false));
}

static void begin_mask(void) { mask = umask(0777); }

static void begin_old(void) { lacking.renameat2 = true; }

static void begin_old_stale(void)
{
    begin_old();
    begin_stale();
}

static void begin_old_live(void)
{
    begin_old();
    begin_live();
}

static void begin_no_proc(void)
{
    lacking.proc = true;
    begin_stale();
}

static sbind_status listen_at(const char *text, sbind_existing existing,
                              int mode, uint32_t owner, result *ret,
                              sbind_error *e)
{
    sbind_address a = parsed(text);
    sbind_listen_options o;
    size_t count;
    sbind_listen_options_init(&o);
    o.existing = existing;
    o.mode = mode;
    o.owner = owner;
    return sbind_listen_all(&a, &o, ret->listeners, 1, &count, e);
}

static sbind_status act_path(result *ret, sbind_error *e)
{
    return listen_at(address_of("s"), SBIND_RECLAIM, -1, SBIND_NO_ID, ret, e);
}

static sbind_status act_replace(result *ret, sbind_error *e)
{
    return listen_at(address_of("s"), SBIND_REPLACE, -1, SBIND_NO_ID, ret, e);
}

static sbind_status act_long(result *ret, sbind_error *e)
{
    return listen_at(address_of(long_name()), SBIND_RECLAIM, -1, SBIND_NO_ID,
                     ret, e);
}

static sbind_status act_mode(result *ret, sbind_error *e)
{
    return listen_at(address_of("s"), SBIND_RECLAIM, 0640, SBIND_NO_ID, ret, e);
}

static sbind_status act_owner(result *ret, sbind_error *e)
{
    return listen_at(address_of("s"), SBIND_RECLAIM, 0600, geteuid(), ret, e);
}

/* The file leads to the listener. */
static void check_leads_to(const sbind_listener *l)
{
    sbind_stream s, accepted;
    assert_status(sbind_connect(&l->address, NULL, &s, NULL), SBIND_OK);
    assert_status(sbind_accept(l, SBIND_NONBLOCKING, &accepted, NULL),
                  SBIND_OK);
    sbind_close_stream(&accepted);
    sbind_close_stream(&s);
}

static void end_path(result *r, bool worked)
{
    memset(&lacking.proc, 0, sizeof lacking.proc);
    lacking.renameat2 = false;
    umask(mask);
    if (worked) {
        check_leads_to(&r->listeners[0]);
        sbind_close(&r->listeners[0], NULL);
    }
    close_server(0);
    if (lacking.cleanup != NULL || !worked || fault.hit == NULL)
        clear();
    else if (strcmp(fault.hit, "unlinkat") != 0)
        clear(); /* else the next start does it */
}

/* ---- Sockets without a file ---------------------------------------------------------- */

static const char *abstract(void)
{
    static char text[64];
    snprintf(text, sizeof text, "unix://@sbind-faults-%d", (int)getpid());
    return text;
}

static sbind_status act_listen(const char *text, result *ret, sbind_error *e)
{
    sbind_address a = parsed(text);
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    if (a.kind != SBIND_FD_NUMBER)
        o.send_buffer = 5000;
    return sbind_listen(&a, &o, &ret->listeners[0], e);
}

static sbind_status act_abstract(result *ret, sbind_error *e)
{
    return act_listen(abstract(), ret, e);
}

static sbind_status act_without_descriptors(result *ret, sbind_error *e)
{
    sbind_address a = parsed(abstract());
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.send_buffer = 5000;
    o.refuse_descriptors = SBIND_ON;
    return sbind_listen(&a, &o, &ret->listeners[0], e);
}

static sbind_status act_multipath(result *ret, sbind_error *e)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.mptcp = o.nodelay = SBIND_ON;
    o.keepalive_idle = o.keepalive_interval = o.keepalive_count = 9;
    return sbind_listen(&a, &o, &ret->listeners[0], e);
}

static sbind_status act_ipv4(result *ret, sbind_error *e)
{
    return act_listen("tcp://127.0.0.1:0", ret, e);
}

static sbind_status act_ipv6(result *ret, sbind_error *e)
{
    return act_listen("tcp://[::1]:0", ret, e);
}

static sbind_status act_zone(result *ret, sbind_error *e)
{
    return act_listen("tcp://[::1%lo]:0", ret, e);
}

static sbind_status act_zone_index(result *ret, sbind_error *e)
{
    return act_listen("tcp://[::1%1]:0", ret, e);
}

static sbind_status act_any(result *ret, sbind_error *e)
{
    return act_listen("tcp://*:0", ret, e);
}

static void end_listening(result *r, bool worked)
{
    if (worked)
        sbind_close(&r->listeners[0], NULL);
}

static sbind_status act_name(result *ret, sbind_error *e)
{
    sbind_address a = parsed("tcp://name:0");
    size_t count = 77;
    sbind_status s = sbind_listen_all(&a, NULL, ret->listeners, 2, &count, e);
    assert_int_equal(count, s == SBIND_OK ? 2 : 77);
    return s;
}

static void end_two(result *r, bool worked)
{
    for (int i = 0; worked && i < 2; i++)
        sbind_close(&r->listeners[i], NULL);
}

/* ---- Descriptors that were passed ------------------------------------------------------ */

/* descriptors 3, 4 and 5 are free, because nothing is open yet */
enum { PASSED = 3 };

static void pass(int i, int family)
{
    struct sockaddr_storage sa = {.ss_family = (sa_family_t)family};
    int fd = socket(family, SOCK_STREAM, 0), off = 0;
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa,
                          family == AF_INET ? sizeof(struct sockaddr_in)
                                            : sizeof(struct sockaddr_in6)),
                     0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(fd, PASSED + i);
    servers[i] = fd;
}

/* Passes two listening sockets, and a UDP socket that has to stay as it is. */
static void begin_passed(void)
{
    pass(0, AF_INET);
    pass(1, AF_INET6);
    servers[2] = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(servers[2], PASSED + 2);
}

/* Passes a first socket whose flags are right already, so that only the second
 * one's have to be put back. */
static void begin_passed_ready(void)
{
    begin_passed();
    assert_int_equal(fcntl(servers[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(fcntl(servers[0], F_SETFD, FD_CLOEXEC), 0);
}

static sbind_status act_passed(result *ret, sbind_error *e)
{
    const sbind_activation three = {
        SBIND_ACTIVATION_PASSED, 3, {NULL, 0}, NULL};
    sbind_address a = parsed("fd://*");
    sbind_listen_options o;
    size_t count = 77;
    /* the fault made one of the descriptors look closed, not a socket, or not
     * TCP */
    bool lied;
    sbind_status s;
    sbind_listen_options_init(&o);
    o.activation = &three;
    s = sbind_listen_all(&a, &o, ret->listeners, 2, &count, e);
    lied = fault.is_armed && fault.hit != NULL &&
           (fault.error == EBADF || fault.error == ENOTSOCK ||
            (is_portable && fault.error == ENOPROTOOPT)); /* or not TCP */
    assert_true(s != SBIND_OK ? count == 77
                              : count == 2 || (lied && count == 1));
    return s;
}

static sbind_status act_number(result *ret, sbind_error *e)
{
    sbind_status s = act_listen("fd://4", ret, e);
    /* The kind of a socket is known even if its address is not. With POSIX
     * alone, only the address tells the kind. */
    if (s == SBIND_OK && !is_portable)
        assert_true(ret->listeners[0].kind == SBIND_TCP_ANY ||
                    ret->listeners[0].kind == SBIND_TCP_IPV6);
    return s;
}

/* The library closes the descriptors that it has adopted. */
static void end_passed(result *r, bool worked)
{
    for (int i = 0; worked && i < 2; i++)
        for (int k = 0; k < 3; k++)
            if (r->listeners[i].fd == servers[k]) {
                sbind_close(&r->listeners[i], NULL);
                servers[k] = -1;
            }
    for (int i = 0; i < 3; i++)
        close_server(i);
}

static void begin_connected(void)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, servers), 0);
}

static sbind_status act_connected(result *ret, sbind_error *e)
{
    sbind_address a = parsed("fd://3");
    return sbind_connect(&a, NULL, &ret->stream, e);
}

static void end_connected(result *r, bool worked)
{
    if (worked) {
        sbind_close_stream(&r->stream);
        servers[0] = -1;
    }
    for (int i = 0; i < 3; i++)
        close_server(i);
}

/* ---- Connecting, accepting, closing ------------------------------------------------------ */

static void listen_before(const char *text)
{
    sbind_address a = parsed(text);
    assert_status(sbind_listen(&a, NULL, &earlier, NULL), SBIND_OK);
}

static void begin_path(void) { listen_before(address_of("s")); }

static void begin_long_path(void) { listen_before(address_of(long_name())); }
static void begin_abstract(void) { listen_before(abstract()); }
static void begin_tcp(void) { listen_before("tcp://127.0.0.1:0"); }

static void begin_name(void)
{
    listen_before("tcp://127.0.0.2:0"); /* the second address of every name */
}

static sbind_connect_options options_for(const sbind_address *own)
{
    sbind_connect_options o;
    sbind_connect_options_init(&o);
    o.timeout = 5000;
    if (own->kind ==
        SBIND_TCP_NAME) {   /* one address after the other, however */
        o.timeout = 600000; /* busy the machine is */
        o.attempt_delay = 300000;
    }
    o.receive_buffer = 5000;
    if (own->kind != SBIND_UNIX_PATH && own->kind != SBIND_UNIX_ABSTRACT)
        o.nodelay = o.keepalive = SBIND_ON;
    if (own->kind == SBIND_TCP_IPV4)
        o.user_timeout = is_portable ? 0 : 9000;
    o.blocking =
        own->kind == SBIND_TCP_IPV4 ? SBIND_BLOCKING : SBIND_NONBLOCKING;
    return o;
}

static sbind_status act_connect(result *ret, sbind_error *e)
{
    sbind_address own = earlier.address;
    sbind_connect_options o = options_for(&own);
    return sbind_connect(&own, &o, &ret->stream, e);
}

/* Connects in steps like an event loop, but without waiting between the
 * steps. */
static sbind_status act_in_steps(result *ret, sbind_error *e)
{
    sbind_address own = earlier.address;
    sbind_connect_options o = options_for(&own);
    sbind_connecting c;
    sbind_error last;
    sbind_status s = sbind_connect_start(&own, &o, &c, e);
    if (s != SBIND_OK)
        return s;
    do
        s = sbind_connect_step(&c, &ret->stream, &last);
    while (s == SBIND_WOULD_BLOCK);
    assert_int_equal(c.kind, 0);
    if (s != SBIND_OK)
        *e = last;
    return s;
}

static sbind_status act_connect_by_owner(result *ret, sbind_error *e)
{
    sbind_connect_options o;
    sbind_connect_options_init(&o);
    o.unix_owner = THE_SERVER;
    return sbind_connect(&earlier.address, &o, &ret->stream, e);
}

static void know_port(void)
{
    sbind_address own;
    assert_status(sbind_local_address(&earlier, &own, NULL), SBIND_OK);
    earlier.address = own;
}

static void begin_known_tcp(void)
{
    begin_tcp();
    know_port();
}

static void begin_known_name(void)
{
    uint16_t port;
    begin_name();
    know_port();
    port = earlier.address.port;
    earlier.address = parsed("tcp://name:1");
    earlier.address.port = port;
}

static void end_connecting(result *r, bool worked)
{
    if (worked)
        sbind_close_stream(&r->stream);
    if (client.fd >= 0)
        sbind_close_stream(&client);
    sbind_close(&earlier, NULL);
    clear();
}

static void begin_accepting(void)
{
    begin_abstract();
    assert_status(sbind_connect(&earlier.address, NULL, &client, NULL),
                  SBIND_OK);
}

/* A listener with SBIND_BLOCKING. */
static void wait_with(const char *text)
{
    sbind_address a = parsed(text);
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    assert_status(sbind_listen(&a, &o, &earlier, NULL), SBIND_OK);
}

static void begin_waiting(void)
{
    wait_with(abstract());
    assert_status(sbind_connect(&earlier.address, NULL, &client, NULL),
                  SBIND_OK);
}

static void begin_to_end_waits(void) { wait_with("tcp://127.0.0.1:0"); }

static sbind_status act_wait(result *ret, sbind_error *e)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    return sbind_listen(&a, &o, &ret->listeners[0], e);
}

static sbind_status act_accept(result *ret, sbind_error *e)
{
    return sbind_accept(&earlier, SBIND_NONBLOCKING, &ret->stream, e);
}

/* ---- Who is there ------------------------------------------------------------------------- */

static sbind_stream asked; /* the server's end of "client" */

static void accept_client(void)
{
    assert_status(sbind_connect(&earlier.address, NULL, &client, NULL),
                  SBIND_OK);
    assert_status(sbind_accept(&earlier, SBIND_BLOCKING, &asked, NULL),
                  SBIND_OK);
}

static void begin_peer(void)
{
    begin_abstract();
    accept_client();
}

static void begin_peer_of_tcp(void)
{
    begin_known_tcp();
    accept_client();
}

static sbind_status act_peer(result *ret, sbind_error *e)
{
    return sbind_peer_of(&asked, &ret->peer, e);
}

static sbind_status act_pidfd(result *ret, sbind_error *e)
{
    return sbind_peer_pidfd(&asked, &ret->pidfd, e);
}

static void end_peer(result *r, bool worked)
{
    (void)r;
    (void)worked;
    sbind_close_stream(&asked);
    end_connecting(NULL, false);
}

static void end_pidfd(result *r, bool worked)
{
    if (worked)
        close(r->pidfd);
    end_peer(r, worked);
}

static bool has_pidfds(void)
{
    result r;
    sbind_error e;
    sbind_status s;
    begin_peer();
    s = act_pidfd(&r, &e);
    end_pidfd(&r, s == SBIND_OK);
    return s != SBIND_NO_PEER_PIDFD;
}

/* Scenarios that need Linux. With POSIX only there are no long paths, no process
 * of the peer, and no old kernel or missing /proc to imitate. */
static bool is_of_linux(const char *name_of_scenario)
{
    return strstr(name_of_scenario, "long") != NULL ||
           strcmp(name_of_scenario, "its pidfd") == 0 ||
           strcmp(name_of_scenario, "to unix by owner") == 0 ||
           strstr(name_of_scenario, "old kernel") != NULL ||
           strstr(name_of_scenario, "no /proc") != NULL;
}

static bool is_lacking(const char *name_of_scenario)
{
    if (is_portable && is_of_linux(name_of_scenario))
        return true;
    return strcmp(name_of_scenario, "its pidfd") == 0 && !has_pidfds();
}

static void this_kernel_has_what_is_swept(void **state)
{
    (void)state;
    if (!is_portable && is_lacking("its pidfd"))
        leave_out("this kernel has no SO_PEERPIDFD (Linux 6.5)");
}

/* ---- The own address, closing -------------------------------------------------------------- */

static sbind_status act_address(result *ret, sbind_error *e)
{
    return sbind_local_address(&earlier, &ret->address, e);
}

static void end_address(result *r, bool worked)
{
    (void)r;
    end_connecting(NULL, false);
    (void)worked;
}

static sbind_status act_close(result *ret, sbind_error *e)
{
    int fds[] = {earlier.fd, earlier.directory_fd, earlier.file_fd};
    bool was_armed;
    sbind_status s = sbind_close(&earlier, e);
    (void)ret;
    was_armed = fault.is_armed;
    fault.is_armed = false;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(fcntl(fds[i], F_GETFD), -1);
    fault.is_armed = was_armed;
    return s;
}

static void end_closing(result *r, bool worked)
{
    (void)r;
    (void)worked;
    clear();
}

/* ---- The sweeps ----------------------------------------------------------------------------- */

static const scenario scenarios[] = {
    {"on path fresh", begin_nothing, act_path, end_path},
    {"on path stale", begin_stale, act_path, end_path},
    {"on path replace live", begin_live, act_replace, end_path},
    {"on path replace fresh", begin_nothing, act_replace, end_path},
    {"on path leftover", begin_leftover, act_path, end_path},
    {"on path lock", begin_lock, act_path, end_path},
    {"on path long", begin_nothing, act_long, end_path},
    {"on path mode", begin_mask, act_mode, end_path},
    {"on path owner", begin_nothing, act_owner, end_path},
    {"on path fresh, old kernel", begin_old, act_path, end_path},
    {"on path stale, old kernel", begin_old_stale, act_path, end_path},
    {"on path replace live, old kernel", begin_old_live, act_replace, end_path},
    {"on path long, old kernel", begin_old, act_long, end_path},
    {"on path stale, no /proc", begin_no_proc, act_path, end_path},
    {"on abstract", begin_nothing, act_abstract, end_listening},
    {"on abstract without descriptors", begin_nothing, act_without_descriptors,
     end_listening},
    {"on Multipath TCP", begin_nothing, act_multipath, end_listening},
    {"on IPv4", begin_nothing, act_ipv4, end_listening},
    {"on IPv6", begin_nothing, act_ipv6, end_listening},
    {"on a zone", begin_nothing, act_zone, end_listening},
    {"on a zone by number", begin_nothing, act_zone_index, end_listening},
    {"on every address", begin_nothing, act_any, end_listening},
    {"on a name", begin_nothing, act_name, end_two},
    {"on fd number", begin_passed, act_number, end_passed},
    {"on fd all", begin_passed, act_passed, end_passed},
    {"on fd all, one ready", begin_passed_ready, act_passed, end_passed},
    {"to unix", begin_path, act_connect, end_connecting},
    {"to unix, long", begin_long_path, act_connect, end_connecting},
    {"to unix abstract", begin_abstract, act_connect, end_connecting},
    {"to unix by owner", begin_path, act_connect_by_owner, end_connecting},
    {"to tcp", begin_known_tcp, act_connect, end_connecting},
    {"to a name", begin_known_name, act_connect, end_connecting},
    {"stepping to unix", begin_path, act_in_steps, end_connecting},
    {"stepping to tcp", begin_known_tcp, act_in_steps, end_connecting},
    {"stepping to a name", begin_known_name, act_in_steps, end_connecting},
    {"by fd", begin_connected, act_connected, end_connected},
    {"accepting", begin_accepting, act_accept, end_connecting},
    {"the peer", begin_peer, act_peer, end_peer},
    {"the peer of tcp", begin_peer_of_tcp, act_peer, end_peer},
    {"its pidfd", begin_peer, act_pidfd, end_pidfd},
    {"accepting, waiting", begin_waiting, act_accept, end_connecting},
    {"on TCP, to wait", begin_nothing, act_wait, end_listening},
    {"ending waits, closing", begin_to_end_waits, act_close, end_closing},
    {"the own address", begin_tcp, act_address, end_address},
    {"closing", begin_path, act_close, end_closing},
};

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static void a_fault_leaves_everything_as_it_was(void **state)
{
    unsigned found = 0;
    (void)state;
    faults = 0;
    for (size_t i = 0; i < SCENARIOS; i++) {
        size_t before = faults;
        if (is_lacking(scenarios[i].name))
            continue;
        found |= sweep(&scenarios[i], false);
        assert_true(faults > before);
    }
    print_message("           %zu faults\n", faults);
    assert_int_equal(found, 0);
}

/* ---- The limit on descriptors ------------------------------------------------------------- */

/* Runs a scenario with no free descriptor, then with one, and so on, until
 * listening works. */
static unsigned sweep_limit(const scenario *s)
{
    static ledger before, after;
    struct rlimit old, few;
    unsigned found = 0;
    sbind_status status = SBIND_SYSTEM;
    getrlimit(RLIMIT_NOFILE, &old);
    for (rlim_t n = 3; status != SBIND_OK; n++) {
        result r;
        sbind_error e;
        memset(&r, 0x5A, sizeof r);
        few = (struct rlimit){n, old.rlim_max};
        s->begin();
        take(&before);
        setrlimit(RLIMIT_NOFILE, &few);
        status = s->act(&r, &e);
        setrlimit(RLIMIT_NOFILE, &old);
        take(&after);
        if (status != SBIND_OK)
            found |= (is_untouched(&r, sizeof r) ? 0 : RESULT) |
                     (e.call != NULL && e.os_error == EMFILE ? 0 : ERROR) |
                     compare_files(&before, &after);
        if (status != SBIND_OK && strstr(s->name, "closing") == NULL)
            found |= compare_descriptors(&before, &after);
        s->end(&r, status == SBIND_OK);
        if (n >= ENTRIES)
            fail_msg("%s: %s", s->name, sbind_status_name(status));
    }
    return found;
}

static void so_does_a_limit_on_descriptors(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCENARIOS; i++)
        if (!is_lacking(scenarios[i].name) && sweep_limit(&scenarios[i]) != 0)
            fail_msg("%s", scenarios[i].name);
}

/* ---- A lock that has just gone ------------------------------------------------------------- */

/* The lock file exists when we try to make it, and is gone when we open it,
 * because its holder has finished. Then we make it again. */
static void a_lock_that_has_gone_is_made_again(void **state)
{
    size_t found = 0;
    (void)state;
    for (size_t when = 1; when <= 4; when++) {
        result r;
        sbind_error e;
        sbind_status s;
        arm(when, EEXIST);
        s = act_path(&r, &e);
        fault.is_armed = false;
        found += s == SBIND_OK && strcmp(fault.hit, "openat") == 0;
        end_path(&r, s == SBIND_OK);
    }
    assert_int_equal(found, 1);
}

/* ---- A file that comes at the wrong moment -------------------------------------------------- */

/* Another process, which ignores the lock, puts its own file at the path. */
static void intrude(void)
{
    int fd = openat(AT_FDCWD, plain_path("theirs"), O_CREAT | O_WRONLY, 0600);
    assert_int_equal(__real_close(fd), 0);
    assert_int_equal(rename(plain_path("theirs"), plain_path("s")), 0);
    assert_int_equal(stat(plain_path("s"), &theirs), 0);
}

/* A start over a stale file fails, because another file comes. Returns whether
 * the last file that came still exists. */
static bool start_and_find_theirs(void)
{
    static ledger after;
    result r;
    sbind_error e;
    bool is_there = false;
    begin_stale();
    arm(0, 0);
    assert_status(act_path(&r, &e), SBIND_ADDRESS_IN_USE);
    fault.is_armed = false;
    take(&after);
    for (size_t i = 0; i < after.files; i++)
        is_there = is_there || after.file[i].st.st_ino == theirs.st_ino;
    clear();
    return is_there;
}

static void a_file_that_cannot_be_put_back_is_not_removed(void **state)
{
    (void)state;
    lacking.swap_back = true;
    assert_true(start_and_find_theirs() && lacking.is_swapped);
    lacking.swap_back = false;
}

static void nor_one_that_comes_while_another_is_put_back(void **state)
{
    (void)state;
    lacking.peace = true;
    assert_true(start_and_find_theirs());
    lacking.peace = false;
}

/* ---- What has to be caught ------------------------------------------------------------------ */

static unsigned sweep_without(const char *cleanup, const scenario *s)
{
    unsigned found;
    lacking.cleanup = cleanup;
    found = sweep(s, true);
    lacking.cleanup = NULL;
    clear();
    return found;
}

static void a_library_that_does_not_clear_up_is_caught(void **state)
{
    (void)state;
    assert_true(sweep_without("close", &scenarios[0]) & DESCRIPTOR);
    assert_true(sweep_without("unlinkat", &scenarios[0]) & FILES);
    for (size_t i = 0; i < SCENARIOS; i++)
        if (strcmp(scenarios[i].name, "on IPv4") == 0 ||
            strcmp(scenarios[i].name, "on a name") == 0 ||
            strcmp(scenarios[i].name, "to tcp") == 0)
            assert_true(sweep_without("close", &scenarios[i]) & DESCRIPTOR);
}

/* A starter that is right, except for one mistake. */
static unsigned mistake;

static sbind_status fails(const char *call, result *ret, sbind_error *e)
{
    memset(e, 0, sizeof *e);
    e->status = status_of_errno(errno);
    e->call = mistake == ERROR ? "call" : call;
    e->os_error = errno;
    e->os_name = sbind__errno_name(errno);
    if (mistake == RESULT)
        ret->listeners[0].fd = -1;
    return e->status;
}

static sbind_status gives_up(const char *call, int fd, int directory_fd,
                             result *ret, sbind_error *e)
{
    sbind_status s = fails(call, ret, e);
    if (mistake != FILES && directory_fd >= 0)
        unlinkat(directory_fd, "s", 0);
    if (mistake != DESCRIPTOR)
        close(fd);
    if (directory_fd >= 0)
        close(directory_fd);
    return s;
}

static sbind_status act_mini(result *ret, sbind_error *e)
{
    sbind_address a = parsed(address_of("s"));
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct stat st;
    int directory_fd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fails("socket", ret, e);
    directory_fd = open(shared, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory_fd < 0)
        return gives_up("open", fd, -1, ret, e);
    if (fstat(directory_fd, &st) != 0 && mistake == GAVE_UP)
        return gives_up("fstat", fd, directory_fd, ret, e); /* it need not */
    memcpy(sa.sun_path, a.name, a.name_length);
    if (bind(fd, (struct sockaddr *)&sa, sizeof sa) != 0)
        return gives_up("bind", fd, directory_fd, ret, e);
    if (listen(fd, 8) != 0 && mistake != SWALLOWED)
        return gives_up("listen", fd, directory_fd, ret, e);
    close(directory_fd);
    memset(&ret->listeners[0], 0, sizeof ret->listeners[0]);
    ret->listeners[0].fd = fd;
    ret->listeners[0].kind = SBIND_UNIX_PATH;
    ret->listeners[0].directory_fd = ret->listeners[0].file_fd = -1;
    return SBIND_OK;
}

static void end_mini(result *r, bool worked)
{
    if (worked)
        sbind_close(&r->listeners[0], NULL);
    clear();
}

static void every_mistake_of_a_small_starter_is_caught(void **state)
{
    static const unsigned mistakes[] = {DESCRIPTOR, FILES,     RESULT,
                                        ERROR,      SWALLOWED, GAVE_UP};
    static const scenario mini = {"on mini", begin_nothing, act_mini, end_mini};
    (void)state;
    mistake = 0;
    assert_int_equal(sweep(&mini, false), 0);
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        mistake = mistakes[i];
        assert_int_equal(sweep(&mini, true), mistake);
    }
}

static void every_row_of_the_table_has_applied(void **state)
{
    (void)state;
    if (is_portable) {
        fprintf(stderr, "SKIPPED: the table is that of the calls of Linux\n");
        skip();
    }
    for (size_t i = 0; i < OUTCOMES; i++)
        if (!has_applied[i] && !is_lacking(outcomes[i].scenario))
            fail_msg("outcomes, row %zu: no fault of \"%s\" is %s: %s", i,
                     outcomes[i].scenario,
                     outcomes[i].call == NULL ? "any" : outcomes[i].call,
                     outcomes[i].error == ANY
                         ? "any"
                         : sbind__errno_name(outcomes[i].error));
}

static int make_directory(void **state)
{
    (void)state;
    for (int fd = PASSED; fd < 64; fd++) /* what we were started with */
        close(fd);
    mask = umask(022);
    umask(mask);
    snprintf(shared, sizeof shared, "%s/d", mkdtemp(directory));
    return mkdir(shared, 0700);
}

static int remove_directory(void **state)
{
    (void)state;
    clear();
    return rmdir(shared) | rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_kernel_has_what_is_swept),
        cmocka_unit_test(a_fault_leaves_everything_as_it_was),
        cmocka_unit_test(so_does_a_limit_on_descriptors),
        cmocka_unit_test(a_lock_that_has_gone_is_made_again),
        cmocka_unit_test(a_file_that_cannot_be_put_back_is_not_removed),
        cmocka_unit_test(nor_one_that_comes_while_another_is_put_back),
        cmocka_unit_test(a_library_that_does_not_clear_up_is_caught),
        cmocka_unit_test(every_mistake_of_a_small_starter_is_caught),
        cmocka_unit_test(every_row_of_the_table_has_applied),
    };
    limit_time();
    return exit_status(
        cmocka_run_group_tests(tests, make_directory, remove_directory));
}
