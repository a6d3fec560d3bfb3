/* hints_test.c - does each error of opening say what is wrong, and give one
 * remedy that fits the kind of address? The test compares the whole table. */
#define _XOPEN_SOURCE 700 /* S_IFSOCK */
#include "support.h"

#include <errno.h>
#include <sys/stat.h>

#include "../../src/bind/hints.h"
#include "../../src/bind/system.h"
#include "../../src/status/error.h"

#define LISTEN SBIND__TO_LISTEN
#define CONNECT SBIND__TO_CONNECT
#define IP SBIND_TCP_IPV4
#define PATH SBIND_UNIX_PATH
#define ABSTRACT SBIND_UNIX_ABSTRACT
#define NUMBER SBIND_FD_NUMBER

#define REFUSED "the system refused"
#define LATE "the deadline has passed"
#define NOT_HERE "this system has no sockets of this kind"
#define FULL "there is no descriptor or memory left for another connection"
#define ENDED "the listener was closed meanwhile"
#define LONG "the path or name is longer than the system allows"

typedef struct example {
    sbind_kind kind;
    sbind__use use;
    const char *call; /* NULL: no call failed */
    int error;
    sbind_status status;
    const char *text;
    const char *hint; /* NULL: the status's own, or none */
} example;

// clang-format off
static const example examples[] = {
    {IP, CONNECT, NULL, 0, SBIND_TIMED_OUT, LATE,
     "no answer came: the host may be down, or a firewall drops the packets"},
    {IP, CONNECT, "connect", ETIMEDOUT, SBIND_TIMED_OUT, LATE,
     "no answer came: the host may be down, or a firewall drops the packets"},
    {PATH, CONNECT, NULL, 0, SBIND_TIMED_OUT, LATE,
     "the server's queue is full: it accepts too slowly, or hangs"},
    {ABSTRACT, CONNECT, NULL, 0, SBIND_TIMED_OUT, LATE,
     "the server's queue is full: it accepts too slowly, or hangs"},
    {IP, LISTEN, "socket", EAFNOSUPPORT, SBIND_UNSUPPORTED, NOT_HERE,
     "the kernel lacks this address family (IPv6 is off?), or a sandbox hides "
     "it"},
    {PATH, LISTEN, "socket", EAFNOSUPPORT, SBIND_UNSUPPORTED, NOT_HERE,
     "a sandbox hides unix sockets; systemd: RestrictAddressFamilies=AF_UNIX"},
    {ABSTRACT, CONNECT, "socket", EAFNOSUPPORT, SBIND_UNSUPPORTED, NOT_HERE,
     "a sandbox hides unix sockets; systemd: RestrictAddressFamilies=AF_UNIX"},
    {PATH, LISTEN, "open", ENAMETOOLONG, SBIND_PATH_TOO_LONG, LONG,
     "each part of a path has at most 255 octets, on some file systems fewer"},

    /* TCP */
    {IP, LISTEN, "bind", EACCES, SBIND_SYSTEM, REFUSED,
     "ports below 1024 need root or CAP_NET_BIND_SERVICE; use a higher port"},
    {SBIND_TCP_ANY, LISTEN, "bind", EACCES, SBIND_SYSTEM, REFUSED,
     "ports below 1024 need root or CAP_NET_BIND_SERVICE; use a higher port"},
    {IP, CONNECT, "connect", EACCES, SBIND_SYSTEM, REFUSED,
     "a route or a firewall of this machine prohibits it; see: ip route"},
    {IP, CONNECT, "connect", EPERM, SBIND_SYSTEM, REFUSED,
     "a firewall of this machine forbids it; see: nft list ruleset"},
    {IP, LISTEN, "setsockopt SO_BINDTODEVICE", EPERM, SBIND_SYSTEM, REFUSED,
     "choosing an interface needs CAP_NET_RAW; leave the device out"},
    {IP, LISTEN, "setsockopt SO_BINDTODEVICE", ENODEV, SBIND_SYSTEM, REFUSED,
     "no interface has this name; see: ip link"},
    {IP, LISTEN, "setsockopt TCP_USER_TIMEOUT", ENOPROTOOPT, SBIND_SYSTEM,
     REFUSED,
     "this kernel cannot combine user_timeout and mptcp; leave one of them out"},
    {IP, CONNECT, "connect", EADDRNOTAVAIL, SBIND_SYSTEM, REFUSED,
     "no interface, or none of that zone, has an address and a free port to "
     "connect from"},
    {IP, LISTEN, "bind", EADDRNOTAVAIL, SBIND_SYSTEM, REFUSED,
     ABSENT},
    {IP, CONNECT, "connect", ENETDOWN, SBIND_SYSTEM, REFUSED,
     "the interface is down; see: ip link"},
    {IP, CONNECT, "connect", ENETUNREACH, SBIND_SYSTEM, REFUSED,
     "this machine has no route to this address; see: ip route"},
    {IP, CONNECT, "connect", EHOSTUNREACH, SBIND_SYSTEM, REFUSED,
     "the host does not answer, or a router refuses; see: ip route get"},
    {IP, CONNECT, "connect", ECONNREFUSED, SBIND_SYSTEM, REFUSED,
     "no server listens on this port of this address"},
    {IP, CONNECT, "connect", ECONNRESET, SBIND_SYSTEM, REFUSED,
     "the server closed the connection at once; see the server's log"},
    {IP, CONNECT, "getpeername", ENOTCONN, SBIND_SYSTEM, REFUSED,
     "the server closed the connection at once; see the server's log"},
    {IP, CONNECT, "connect", ENODEV, SBIND_SYSTEM, REFUSED,
     "the interface of the zone is gone; see: ip link"},
    {IP, LISTEN, "if_nametoindex", ENOENT, SBIND_SYSTEM, REFUSED,
     "the interface could not be looked up; write its index as the zone"},
    {IP, LISTEN, "if_indextoname", ENOENT, SBIND_SYSTEM, REFUSED,
     "the interface could not be looked up; write its name as the zone"},
    {SBIND_TCP_NAME, CONNECT, "getaddrinfo", ENOENT, SBIND_SYSTEM, REFUSED,
     "a file of the resolver is missing; see: man nsswitch.conf"},

    /* paths: the directory is opened (listening), or the socket (connecting) */
    {PATH, LISTEN, "open", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not enter a directory of this path; see: namei -l PATH"},
    {PATH, LISTEN, "open", ENOENT, SBIND_SYSTEM, REFUSED,
     "the directory of this path does not exist; create it first"},
    {PATH, CONNECT, "open", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not enter a directory of this path; see: namei -l PATH"},
    {PATH, CONNECT, "open", ENOENT, SBIND_SYSTEM, REFUSED,
     "there is no socket at this path; start the server first"},
    {PATH, CONNECT, "connect", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not write to the socket, or not enter a directory of it"},
    {PATH, CONNECT, "connect", ENOENT, SBIND_SYSTEM, REFUSED,
     "there is no socket at this path; start the server first"},
    {PATH, CONNECT, "connect", ECONNREFUSED, SBIND_SYSTEM, REFUSED,
     "the server has ended, and its socket file is left; start it again"},
    {ABSTRACT, CONNECT, "connect", ECONNREFUSED, SBIND_SYSTEM, REFUSED,
     "no server of this network namespace listens on this name"},
    {PATH, CONNECT, "connect", EPROTOTYPE, SBIND_SYSTEM, REFUSED,
     "the server's socket is not a stream socket, but of another type"},

    /* paths: making and removing a socket file */
    {PATH, LISTEN, "openat", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not create files in the directory of this path; see: namei "
     "-l PATH"},
    {PATH, LISTEN, "mkdirat", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not create files in the directory of this path; see: namei "
     "-l PATH"},
    {PATH, LISTEN, "bind", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not create files in the directory of this path; see: namei "
     "-l PATH"},
    {PATH, LISTEN, "connect", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not connect to the socket file there; if no server uses "
     "it, remove it"},
    {PATH, LISTEN, "unlinkat", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not replace or remove files in the directory; see: ls -ld"},
    {PATH, LISTEN, "renameat2", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not replace or remove files in the directory; see: ls -ld"},
    {PATH, LISTEN, "renameat", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not replace or remove files in the directory; see: ls -ld"},
    {PATH, LISTEN, "linkat", EACCES, SBIND_SYSTEM, REFUSED,
     "this user may not replace or remove files in the directory; see: ls -ld"},
    {PATH, LISTEN, "openat", EPERM, SBIND_SYSTEM, REFUSED,
     "the directory or a file in it cannot be changed; see: lsattr -d"},
    {PATH, LISTEN, "mkdirat", EPERM, SBIND_SYSTEM, REFUSED,
     "the directory or a file in it cannot be changed; see: lsattr -d"},
    {PATH, LISTEN, "unlinkat", EPERM, SBIND_SYSTEM, REFUSED,
     "the directory or a file in it cannot be changed; see: lsattr -d"},
    {PATH, LISTEN, "renameat2", EPERM, SBIND_SYSTEM, REFUSED,
     "the directory or a file in it cannot be changed; see: lsattr -d"},
    {PATH, LISTEN, "renameat", EPERM, SBIND_SYSTEM, REFUSED,
     "the directory or a file in it cannot be changed; see: lsattr -d"},
    {PATH, LISTEN, "linkat", EPERM, SBIND_SYSTEM, REFUSED,
     "the directory or a file in it cannot be changed; see: lsattr -d"},
    {PATH, LISTEN, "bind", EPERM, SBIND_SYSTEM, REFUSED,
     "this file system has no sockets, or the directory cannot be changed"},
    {PATH, LISTEN, "bind", EOPNOTSUPP, SBIND_SYSTEM, REFUSED,
     "this file system has no sockets; use a path on another one"},
    {PATH, LISTEN, "chmod", EPERM, SBIND_SYSTEM, REFUSED,
     "this file system does not let the mode be set; use a path on another "
     "one"},
    {PATH, LISTEN, "chmod", EOPNOTSUPP, SBIND_SYSTEM, REFUSED,
     "this file system does not let the mode be set; use a path on another "
     "one"},
    {PATH, LISTEN, "fchmodat", EPERM, SBIND_SYSTEM, REFUSED,
     "this file system does not let the mode be set; use a path on another "
     "one"},
    {PATH, LISTEN, "fchmodat", EOPNOTSUPP, SBIND_SYSTEM, REFUSED,
     "this file system does not let the mode be set; use a path on another "
     "one"},
    {PATH, LISTEN, "fchmodat2", EPERM, SBIND_SYSTEM, REFUSED,
     "this file system does not let the mode be set; use a path on another "
     "one"},
    {PATH, LISTEN, "fchmodat2", EOPNOTSUPP, SBIND_SYSTEM, REFUSED,
     "this file system does not let the mode be set; use a path on another "
     "one"},
    {PATH, LISTEN, "fchownat", EPERM, SBIND_SYSTEM, REFUSED,
     "giving a file to another user or group needs CAP_CHOWN; leave it as it "
     "is"},
    {PATH, LISTEN, "fchownat", EINVAL, SBIND_SYSTEM, REFUSED,
     "this file system or user namespace does not have this user or group"},
    {PATH, LISTEN, "flock", EAGAIN, SBIND_SYSTEM, REFUSED,
     "another process is starting or closing at this path; try again"},
    {PATH, LISTEN, "flock", ENOLCK, SBIND_SYSTEM, REFUSED,
     "this file system has no locks; use a path on another one"},
    {PATH, LISTEN, "flock", ENOSYS, SBIND_SYSTEM, REFUSED,
     "this file system has no locks; use a path on another one"},
    {PATH, LISTEN, "flock", EOPNOTSUPP, SBIND_SYSTEM, REFUSED,
     "this file system has no locks; use a path on another one"},
    {PATH, LISTEN, "bind", ENOENT, SBIND_SYSTEM, REFUSED,
     "the directory of this path does not exist; create it first"},
    {PATH, LISTEN, "renameat2", EBUSY, SBIND_SYSTEM, REFUSED,
     "something is mounted on this path; unmount it, or use another path"},
    {PATH, LISTEN, "unlinkat", EBUSY, SBIND_SYSTEM, REFUSED,
     "something is mounted on this path; unmount it, or use another path"},
    {PATH, LISTEN, "open", ENOTDIR, SBIND_SYSTEM, REFUSED,
     "a part of this path is a file, not a directory"},
    {PATH, CONNECT, "connect", ENOTDIR, SBIND_SYSTEM, REFUSED,
     "a part of this path is a file, not a directory"},
    {PATH, LISTEN, "open", ELOOP, SBIND_SYSTEM, REFUSED,
     "a symbolic link of this path is not followed, or leads in a circle; see: "
     "namei -l PATH"},
    {PATH, LISTEN, "bind", EROFS, SBIND_SYSTEM, REFUSED,
     "the file system is mounted read-only; use a path on another one"},
    {PATH, LISTEN, "bind", ENOSPC, SBIND_SYSTEM, REFUSED,
     "the file system is full; see: df, df -i"},
    {PATH, LISTEN, "openat", EDQUOT, SBIND_SYSTEM, REFUSED,
     "this user's share of the file system is used up; see: quota"},
    {PATH, LISTEN, "unlinkat", EIO, SBIND_SYSTEM, REFUSED,
     "the disk or file system itself failed; see: dmesg"},
    {PATH, LISTEN, "fstatat", ESTALE, SBIND_SYSTEM, REFUSED,
     "the network file system has lost the directory; mount it again"},

    /* any address */
    {NUMBER, LISTEN, "fcntl F_SETFL", EBADF, SBIND_SYSTEM, REFUSED,
     "the socket was closed or shut down meanwhile"},
    {IP, CONNECT, "getpeername", EBADF, SBIND_SYSTEM, REFUSED,
     "the socket was closed or shut down meanwhile"},
    {PATH, CONNECT, "getsockopt SO_PEERCRED", ENOPROTOOPT, SBIND_SYSTEM,
     REFUSED,
     "this kernel, or a sandbox, does not tell which user is at the other end"},
    {IP, LISTEN, "setsockopt SO_REUSEPORT", ENOPROTOOPT, SBIND_SYSTEM, REFUSED,
     "this kernel does not know the option; leave it out"},
    {IP, LISTEN, "socket", EACCES, SBIND_SYSTEM, REFUSED,
     "a security policy of this machine (seccomp, SELinux, AppArmor) forbids "
     "it"},
    {ABSTRACT, CONNECT, "connect", EACCES, SBIND_SYSTEM, REFUSED,
     "a security policy of this machine (seccomp, SELinux, AppArmor) forbids "
     "it"},
    {NUMBER, LISTEN, "getsockopt SO_TYPE", EACCES, SBIND_SYSTEM, REFUSED,
     "a security policy of this machine (seccomp, SELinux, AppArmor) forbids "
     "it"},
    {ABSTRACT, LISTEN, "bind", EPERM, SBIND_SYSTEM, REFUSED,
     "a security policy of this machine (seccomp, SELinux, AppArmor) forbids "
     "it"},
    {IP, LISTEN, "listen", ENOSYS, SBIND_SYSTEM, REFUSED,
     "this kernel does not have the call, or a sandbox hides it"},
    {NUMBER, LISTEN, "fstat", ENOMEM, SBIND_SYSTEM, REFUSED,
     "the system has no memory left for this; try again later"},
    {IP, CONNECT, "connect", ENOBUFS, SBIND_SYSTEM, REFUSED,
     "the system has no memory left for this; try again later"},
    {IP, LISTEN, "accept4", EMFILE, SBIND_SYSTEM, REFUSED,
     "this process has as many descriptors open as it may; see: ulimit -n"},
    {IP, LISTEN, "accept4", EMFILE, SBIND_EXHAUSTED, FULL,
     "this process has as many descriptors open as it may: close some, or raise "
     "ulimit -n"},
    {ABSTRACT, LISTEN, "accept4", ENFILE, SBIND_EXHAUSTED, FULL,
     "the system has as many files open as it can; see: sysctl fs.file-max"},
    {IP, LISTEN, "accept4", ENOMEM, SBIND_EXHAUSTED, FULL, NULL},
    {IP, LISTEN, "accept4", EINVAL, SBIND_CLOSED, ENDED, NULL},
    {PATH, CONNECT, "socket", ENFILE, SBIND_SYSTEM, REFUSED,
     "the system has as many files open as it can; see: sysctl fs.file-max"},

    /* nothing to say that would help */
    {IP, LISTEN, "bind", EBADF, SBIND_SYSTEM, REFUSED, NULL},
    {PATH, LISTEN, "listen", EINVAL, SBIND_SYSTEM, REFUSED, NULL},
    {ABSTRACT, LISTEN, "bind", EROFS, SBIND_SYSTEM, REFUSED, NULL},
    {SBIND_NPIPE, LISTEN, NULL, 0, SBIND_UNSUPPORTED, NOT_HERE, NULL},
};
// clang-format on

enum { EXAMPLES = sizeof examples / sizeof *examples };

/* Makes the error of an example in the same way as the library. */
static sbind_status fail_as(const example *x, sbind_error *reterr)
{
    sbind_status s = x->status;
    errno = x->error;
    if (x->call == NULL)
        sbind__fail_hint(s, NULL, reterr);
    else
        s = strcmp(x->call, "accept4") == 0
                ? sbind__fail_call_as(s, x->call, reterr) /* it knows better */
                : sbind__fail_call(x->call, reterr);
    return sbind__advise(s, x->kind, x->use, reterr);
}

static void same_hint(const char *got, const char *wanted)
{
    if (got == NULL || wanted == NULL)
        assert_ptr_equal(got, wanted);
    else
        assert_string_equal(got, wanted);
}

static void each_error_says_what_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXAMPLES; i++) {
        const example *x = &examples[i];
        sbind_error e;
        assert_status(fail_as(x, &e), x->status);
        assert_string_equal(sbind_status_text(e.status), x->text);
        same_hint(e.hint, x->hint);
    }
}

static bool shows(const example *x, const sbind__advice *a)
{
    return x->hint != NULL && strcmp(x->hint, a->hint) == 0 &&
           x->status == a->status &&
           (a->os_error == 0 || a->os_error == x->error) &&
           (a->call == NULL ||
            (x->call != NULL && strcmp(a->call, x->call) == 0));
}

static void no_row_is_without_an_example(void **state)
{
    (void)state;
    for (const sbind__advice *a = sbind__advices; a->hint != NULL; a++) {
        size_t n = 0;
        for (size_t i = 0; i < EXAMPLES; i++)
            n += shows(&examples[i], a);
        if (n == 0)
            fail_msg("no example: %s", a->hint);
    }
}

/* Words that would mislead in a hint about this kind of address. */
static void a_hint_fits_the_kind_of_address(void **state)
{
    static const struct {
        unsigned where;
        const char *words[8];
    } strangers[] = {
        {SBIND__TCP, {"path", "directory", "file system", "queue"}},
        {SBIND__PATH, {"port", "packet", "interface", "resolver", "route"}},
        {SBIND__ABSTRACT, {"port", "packet", "path", "directory", "file sys"}},
        {SBIND__FD, {"port", "packet", "path", "directory", "interface"}},
    };
    (void)state;
    for (const sbind__advice *a = sbind__advices; a->hint != NULL; a++)
        for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
            for (const char *const *w = strangers[i].words; *w != NULL; w++)
                if ((a->where & strangers[i].where) != 0 &&
                    strstr(a->hint, *w) != NULL)
                    fail_msg("\"%s\" in: %s", *w, a->hint);
}

/* Checks the length of hints: a report with SBIND_ATTEMPTS_MAX of them has to
 * fit SBIND_REPORT_MAX. */
static void a_hint_is_short(void **state)
{
    (void)state;
    for (const sbind__advice *a = sbind__advices; a->hint != NULL; a++)
        assert_true(strlen(a->hint) < 120);
}

static void a_hint_that_is_there_stays(void **state)
{
    sbind_error e;
    (void)state;
    sbind__fail_hint(SBIND_TIMED_OUT, "so", &e);
    assert_status(sbind__advise(SBIND_TIMED_OUT, IP, CONNECT, &e),
                  SBIND_TIMED_OUT);
    assert_string_equal(e.hint, "so");
    assert_status(sbind__advise(SBIND_TIMED_OUT, IP, CONNECT, NULL),
                  SBIND_TIMED_OUT);
}

static void each_attempt_has_its_own(void **state)
{
    sbind_error e;
    (void)state;
    errno = ENETUNREACH;
    sbind__fail_call("connect", &e);
    e.attempt_count = SIZE_MAX; /* more than there are rows of */
    for (size_t i = 0; i < SBIND_ATTEMPTS_MAX; i++)
        e.attempts[i] = (sbind_attempt){.status = SBIND_SYSTEM,
                                        .call = "connect",
                                        .os_error = ECONNREFUSED};
    e.attempts[1].hint = "so";
    sbind__advise(SBIND_SYSTEM, SBIND_TCP_NAME, CONNECT, &e);
    assert_string_equal(
        e.hint, "this machine has no route to this address; see: ip route");
    assert_string_equal(e.attempts[0].hint,
                        "no server listens on this port of this address");
    assert_string_equal(e.attempts[1].hint, "so");
    assert_ptr_equal(e.attempts[SBIND_ATTEMPTS_MAX - 1].hint,
                     e.attempts[0].hint);
}

/* ---- Hints about a file ----------------------------------------------------- */

static void what_is_in_the_place_of_a_socket_is_named(void **state)
{
    static const struct {
        mode_t mode;
        const char *occupied, *refused;
    } rows[] = {
        {S_IFSOCK, NULL, NULL},
        {S_IFREG, NULL, "the file at this path is not a socket"},
        {S_IFDIR,
         "a directory is there; Docker makes one when it mounts a path that "
         "does not exist. Remove it",
         "this path is a directory, not a socket"},
        {S_IFLNK,
         "a symbolic link is there, and is not followed; remove it, or use the "
         "path that it leads to",
         "the file at this path is not a socket"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stat st = {.st_mode = rows[i].mode};
        same_hint(sbind__occupied_hint(&st), rows[i].occupied);
        same_hint(sbind__not_socket_hint(&st), rows[i].refused);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_says_what_to_do),
        cmocka_unit_test(no_row_is_without_an_example),
        cmocka_unit_test(a_hint_fits_the_kind_of_address),
        cmocka_unit_test(a_hint_is_short),
        cmocka_unit_test(a_hint_that_is_there_stays),
        cmocka_unit_test(each_attempt_has_its_own),
        cmocka_unit_test(what_is_in_the_place_of_a_socket_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
