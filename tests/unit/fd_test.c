/* fd_test.c - is a descriptor adopted only if the address allows this? Does any
 * other descriptor stay as it was?
 *
 * Promises: P2 P3 P12 P21 */
#define _GNU_SOURCE /* O_PATH */
#include "support.h"

#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

/* ---- Descriptors of every kind ------------------------------------------------ */

static int checked(int fd)
{
    assert_true(fd >= 0);
    return fd;
}

static int bound(int family, int type)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int fd = checked(socket(family, type, 0));
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (family == AF_INET)
        assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    else if (family == AF_INET6)
        assert_int_equal(bind(fd, (struct sockaddr *)&in6, sizeof in6), 0);
    else
        assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un.sun_family),
                         0); /* the system chooses an abstract name */
    return fd;
}

static int listening(int family, int type)
{
    int fd = bound(family, type);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static int closed(void)
{
    int fd = checked(eventfd(0, 0));
    close(fd);
    return fd;
}

static int a_pipe(void)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    close(fds[1]);
    return fds[0];
}

static int half_of_a_pair(void)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    /* fds[1] stays open until the process ends */
    return fds[0];
}

/* Makes a connected TCP socket. *other is the listener to which it is
 * connected. */
static int connected(int *other)
{
    struct sockaddr_in in;
    socklen_t length = sizeof in;
    int fd = checked(socket(AF_INET, SOCK_STREAM, 0));
    *other = listening(AF_INET, SOCK_STREAM);
    getsockname(*other, (struct sockaddr *)&in, &length);
    assert_int_equal(connect(fd, (struct sockaddr *)&in, length), 0);
    return fd;
}

static int path_of_socket_file(void)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    char name[] = "/tmp/sbind-unit-XXXXXX";
    int fd, file;
    assert_non_null(mkdtemp(name));
    snprintf(un.sun_path, sizeof un.sun_path, "%s/s", name);
    fd = checked(socket(AF_UNIX, SOCK_STREAM, 0));
    assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
    file = checked(open(un.sun_path, O_PATH));
    close(fd);
    unlink(un.sun_path);
    rmdir(name);
    return file;
}

/* Closes a listener, and puts a copy of its socket back at the same number, as
 * if it had never been adopted. */
static void give_back(sbind_listener *l)
{
    int fd = l->fd, copy = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    sbind_close(l, NULL);
    dup2(copy, fd);
    close(copy);
}

/* ---- One descriptor ------------------------------------------------------------ */

static sbind_address number(int fd)
{
    sbind_address a = parsed("fd://0");
    a.fd = fd;
    return a;
}

/* Checks the results of listening on fd://N and of connecting to it. A refusal
 * must change no flag and close nothing. Closes fd. */
static void check(int fd, sbind_status to_listen, sbind_status to_connect)
{
    sbind_address a = number(fd);
    sbind_listener l;
    sbind_stream s;
    sbind_error e;
    int flags = fcntl(fd, F_GETFD), status = fcntl(fd, F_GETFL);
    assert_status(sbind_listen(&a, NULL, &l, &e), to_listen);
    if (to_listen != SBIND_OK) {
        assert_int_equal(e.fds[0], fd);
        assert_int_equal(fcntl(fd, F_GETFD), flags);
        assert_int_equal(fcntl(fd, F_GETFL), status);
    } else {
        assert_int_equal(l.fd, fd);
        assert_true(l.inherited);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(fcntl(fd, F_GETFL), status | O_NONBLOCK);
    }
    assert_status(sbind_connect(&a, NULL, &s, &e), to_connect);
    close(fd);
}

static void what_is_no_socket(void **state)
{
    (void)state;
    check(closed(), SBIND_FD_CLOSED, SBIND_FD_CLOSED);
    check(checked(open("/dev/null", O_RDWR)), SBIND_FD_NOT_SOCKET,
          SBIND_FD_NOT_SOCKET);
    check(checked(open("/tmp", O_RDONLY)), SBIND_FD_NOT_SOCKET,
          SBIND_FD_NOT_SOCKET);
    check(a_pipe(), SBIND_FD_NOT_SOCKET, SBIND_FD_NOT_SOCKET);
    check(checked(eventfd(0, 0)), SBIND_FD_NOT_SOCKET, SBIND_FD_NOT_SOCKET);
    check(path_of_socket_file(), SBIND_FD_CLOSED, SBIND_FD_CLOSED);
}

static void sockets_of_other_types(void **state)
{
    (void)state;
    check(bound(AF_INET, SOCK_DGRAM), SBIND_FD_NOT_STREAM, SBIND_FD_NOT_STREAM);
    check(bound(AF_UNIX, SOCK_DGRAM), SBIND_FD_NOT_STREAM, SBIND_FD_NOT_STREAM);
    check(listening(AF_UNIX, SOCK_SEQPACKET), SBIND_FD_NOT_STREAM,
          SBIND_FD_NOT_STREAM);
    check(checked(socket(AF_NETLINK, SOCK_RAW, 0)), SBIND_FD_NOT_STREAM,
          SBIND_FD_NOT_STREAM);
}

static void stream_sockets(void **state)
{
    int other, fd;
    (void)state;
    check(listening(AF_INET, SOCK_STREAM), SBIND_OK, SBIND_FD_NOT_CONNECTED);
    check(listening(AF_INET6, SOCK_STREAM), SBIND_OK, SBIND_FD_NOT_CONNECTED);
    check(listening(AF_UNIX, SOCK_STREAM), SBIND_OK, SBIND_FD_NOT_CONNECTED);
    check(bound(AF_INET, SOCK_STREAM), SBIND_FD_NOT_LISTENING,
          SBIND_FD_NOT_CONNECTED);
    check(bound(AF_UNIX, SOCK_STREAM), SBIND_FD_NOT_LISTENING,
          SBIND_FD_NOT_CONNECTED);
    fd = connected(&other);
    check(checked(accept(other, NULL, NULL)), SBIND_FD_NOT_LISTENING, SBIND_OK);
    check(fd, SBIND_FD_NOT_LISTENING, SBIND_OK);
    close(other);
    check(half_of_a_pair(), SBIND_FD_NOT_LISTENING, SBIND_OK);
}

/* Runs where the kernel has such sockets. */
static void streams_of_other_protocols(void **state)
{
    int fd = socket(AF_INET, SOCK_STREAM, 262); /* MPTCP */
    (void)state;
    if (fd >= 0) {
        assert_int_equal(listen(fd, 8), 0);
        check(fd, SBIND_OK, SBIND_FD_NOT_CONNECTED);
    }
    fd = socket(AF_VSOCK, SOCK_STREAM, 0);
    if (fd >= 0)
        check(fd, SBIND_FD_FAMILY, SBIND_FD_FAMILY);
}

static void it_is_told_what_it_is(void **state)
{
    int fd = listening(AF_INET, SOCK_STREAM), off = 0;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    sbind_address a = number(fd), own;
    sbind_listener l;
    (void)state;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_int_equal(l.kind, SBIND_TCP_IPV4);
    assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
    assert_int_equal(own.kind, SBIND_TCP_IPV4);
    assert_int_not_equal(own.port, 0);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    fd = checked(socket(AF_INET6, SOCK_STREAM, 0));
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(fd, 8), 0);
    a = number(fd);
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_int_equal(l.kind, SBIND_TCP_ANY);
    assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
    assert_int_equal(own.kind, SBIND_TCP_ANY);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    off = 1;
    fd = checked(socket(AF_INET6, SOCK_STREAM, 0));
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(fd, 8), 0);
    a = number(fd);
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_int_equal(l.kind, SBIND_TCP_IPV6);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
}

/* ---- The address of a socket file ----------------------------------------------- */

static char directory[32];

static const char *in_directory(const char *prefix, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s%s/%s", prefix, directory, name);
    return path;
}

/* A socket that is bound to the path and listens. */
static int listening_at(const char *path)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int fd = checked(socket(AF_UNIX, SOCK_STREAM, 0));
    strcpy(un.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

/* Adopts the socket and closes it. *ret is its address. */
static void adopt_for_address(int fd, sbind_address *ret)
{
    sbind_address a = number(fd);
    sbind_listener l;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_int_equal(l.kind, SBIND_UNIX_PATH);
    assert_status(sbind_local_address(&l, ret, NULL), SBIND_OK);
    assert_true(sbind_valid(ret));
    assert_true(sbind_equal(ret, &l.address));
    assert_status(sbind_close(&l, NULL), SBIND_OK);
}

static void has_no_address(const char *prefix, const char *name)
{
    int fd = listening_at(in_directory(prefix, name));
    sbind_address own;
    adopt_for_address(fd, &own);
    assert_int_equal(own.kind, SBIND_FD_NUMBER);
    assert_int_equal(own.fd, fd);
    unlink(in_directory("", name));
}

/* Binds a socket to one name and renames its file. Checks which name the
 * library reports. */
static void has_address(const char *bound, const char *renamed,
                        const char *wanted)
{
    int fd = listening_at(in_directory("", bound));
    sbind_address own;
    char from[128];
    strcpy(from, in_directory("", bound));
    assert_int_equal(rename(from, in_directory("", renamed)), 0);
    adopt_for_address(fd, &own);
    assert_int_equal(own.kind, SBIND_UNIX_PATH);
    assert_string_equal(own.name, in_directory("", wanted));
    assert_int_equal(own.name_length, strlen(own.name));
    unlink(in_directory("", renamed));
}

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/sbind-unit-XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

/* A path through /proc/self leads elsewhere in another process, so it is not an
 * address. */
static void a_path_of_its_maker_alone_is_no_address(void **state)
{
    (void)state;
    has_no_address("/proc/self/root", "s");
    has_no_address("/proc/thread-self/root", "s");
}

static void nor_is_one_by_a_descriptor(void **state)
{
    char path[64];
    sbind_address own;
    int fd, directory_fd = checked(openat(AT_FDCWD, directory, O_PATH));
    (void)state;
    snprintf(path, sizeof path, "/dev/fd/%d/s", directory_fd);
    fd = listening_at(path);
    adopt_for_address(fd, &own);
    assert_int_equal(own.kind, SBIND_FD_NUMBER);
    unlink(in_directory("", "s"));
    close(directory_fd);
}

static void the_path_is_the_address(void **state)
{
    (void)state;
    has_address("s", "s", "s");
    has_address("s", "elsewhere", "s"); /* nobody can know */
    has_address("s.sbind-new", "s", "s.sbind-new");
    has_address(".s.sbind", "s", ".s.sbind");
    has_address("..sbind-new", "..sbind-new", "..sbind-new");
    has_address(".sbind-new", ".sbind-new", ".sbind-new");
    has_address(".sbind-0123456789abcdef", "s", ".sbind-0123456789abcdef");
    has_address(".sbind-0123456789abcdef-neu", "s",
                ".sbind-0123456789abcdef-neu");
}

/* A path of one octet is shorter than the ending that a hidden name has. */
static void a_path_of_one_octet_is_an_address(void **state)
{
    int before = checked(open(".", O_DIRECTORY | O_PATH)), fd;
    sbind_address own;
    (void)state;
    assert_int_equal(chdir(directory), 0);
    fd = listening_at("s");
    adopt_for_address(fd, &own);
    unlink("s");
    assert_int_equal(fchdir(before), 0);
    close(before);
    assert_int_equal(own.kind, SBIND_UNIX_PATH);
    assert_string_equal(own.name, "s");
}

/* What a start leaves after it has replaced a live socket (SPEC.md 5.8). */
static void a_socket_that_took_a_name_over_has_that(void **state)
{
    (void)state;
    has_address(".s.sbind-new", "s", "s");
    has_address(".a.sbind-new", "a", "a");
    has_address("..hidden.sbind-new", ".hidden", ".hidden");
    has_address(".s.sbind-new", ".s.sbind-new", ".s.sbind-new");
    has_no_address("", ".sbind-0123456789abcdef-new");
}

/* Takes the name from a live listener, and passes its own socket on. */
static void take_over(const char *name, sbind_address *ret)
{
    char text[160];
    sbind_address a;
    sbind_listen_options o;
    sbind_listener first, second;
    int copy;
    snprintf(text, sizeof text, "unix://%s", in_directory("", name));
    a = parsed(text);
    sbind_listen_options_init(&o);
    o.existing = SBIND_REPLACE;
    assert_status(sbind_listen(&a, &o, &first, NULL), SBIND_OK);
    assert_status(sbind_listen(&a, &o, &second, NULL), SBIND_OK);
    copy = checked(fcntl(second.fd, F_DUPFD_CLOEXEC, 0));
    adopt_for_address(copy, ret);
    assert_status(sbind_close(&first, NULL), SBIND_OK);
    assert_status(sbind_close(&second, NULL), SBIND_OK);
}

static void as_sbind_listen_itself_does(void **state)
{
    char longer[66];
    sbind_address own;
    (void)state;
    take_over("app.sock", &own);
    assert_string_equal(own.name, in_directory("", "app.sock"));
    memset(longer, 'l', 64);
    longer[64] = '\0';
    take_over(longer, &own);
    assert_string_equal(own.name, in_directory("", longer));
    strcat(longer, "l"); /* a hash stands for it */
    take_over(longer, &own);
    assert_int_equal(own.kind, SBIND_FD_NUMBER);
}

static void unless_that_is_no_socket(void **state)
{
    (void)state;
    close(checked(openat(AT_FDCWD, in_directory("", "s"),
                         O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
    has_address(".s.sbind-new", ".s.sbind-new", ".s.sbind-new");
    unlink(in_directory("", "s"));
}

/* ---- Flags ------------------------------------------------------------------------ */

static void the_mode_can_stay_as_it_came(void **state)
{
    int fd = listening(AF_UNIX, SOCK_STREAM);
    sbind_address a = number(fd);
    sbind_listen_options o;
    sbind_listener l;
    (void)state;
    sbind_listen_options_init(&o);
    o.blocking = SBIND_AS_INHERITED;
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    give_back(&l);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    give_back(&l);
    o.blocking = SBIND_BLOCKING;
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    close(fd);
}

/* ---- Passed descriptors -------------------------------------------------------- */

/* Runs "body" in a child. Descriptors 3, 4 and 5 are listening sockets
 * there. */
static void in_child(void (*body)(void))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        for (int fd = 3; fd <= 5; fd++) {
            int made = fcntl(listening(AF_UNIX, SOCK_STREAM), F_DUPFD, 10);
            dup2(made, fd);
        }
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Like assert_true, for a child process, in which cmocka cannot report a
 * failure. */
#define MUST(condition)                                                        \
    ((condition) ? (void)0 : (dprintf(2, "line %d\n", __LINE__), _exit(1)))

static sbind_activation passed(uint32_t count, const char *names)
{
    sbind_activation a = {SBIND_ACTIVATION_PASSED, count, {names, 0}, NULL};
    a.names.length = names == NULL ? 0 : strlen(names);
    return a;
}

/* how many listeners the last call gave, and how many are still adopted */
static size_t got, held;
static sbind_listener list[4];
static sbind_error error;

static sbind_status all(const char *text, sbind_activation a)
{
    sbind_address address;
    sbind_listen_options o;
    sbind_status s;
    for (; held > 0; held--)
        give_back(&list[held - 1]);
    sbind_parse(text, strlen(text), &address, NULL);
    sbind_listen_options_init(&o);
    o.activation = &a;
    s = sbind_listen_all(&address, &o, list, 4, &got, &error);
    held = s == SBIND_OK ? got : 0;
    return s;
}

static sbind_status one(const char *text, sbind_activation a)
{
    sbind_address address;
    sbind_listen_options o;
    sbind_status s;
    for (; held > 0; held--)
        give_back(&list[held - 1]);
    sbind_parse(text, strlen(text), &address, NULL);
    sbind_listen_options_init(&o);
    o.activation = &a;
    s = sbind_listen(&address, &o, &list[0], &error);
    held = s == SBIND_OK;
    return s;
}

static void by_number_and_all(void)
{
    MUST(one("fd://", passed(1, NULL)) == SBIND_OK && list[0].fd == 3);
    MUST(one("fd://", passed(2, NULL)) == SBIND_NOT_ONE_FD);
    MUST(error.fds[0] == 3 && error.fds[1] == 4);
    MUST(all("fd://*", passed(3, NULL)) == SBIND_OK && got == 3);
    MUST(list[0].fd == 3 && list[1].fd == 4 && list[2].fd == 5);
    MUST(one("fd://*", passed(3, NULL)) == SBIND_SEVERAL);
    MUST(one("fd://*", passed(1, NULL)) == SBIND_OK);
}

/* A caller that passes NULL for the error. */
static void of_two_connections_none(void)
{
    sbind_activation two = passed(2, NULL);
    sbind_connect_options o;
    sbind_address address;
    sbind_stream stream;
    for (int fd = 3; fd <= 4; fd++) {
        int ends[2];
        MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
        dup2(ends[0], fd);
    }
    sbind_parse("fd://", 5, &address, NULL);
    sbind_connect_options_init(&o);
    o.activation = &two;
    MUST(sbind_connect(&address, &o, &stream, NULL) == SBIND_NOT_ONE_FD);
}

static void by_name(void)
{
    MUST(one("fd://b", passed(3, "a:b:a")) == SBIND_OK && list[0].fd == 4);
    MUST(one("fd://a", passed(3, "a:b:a")) == SBIND_AMBIGUOUS_FD_NAME);
    MUST(error.fds[0] == 3 && error.fds[1] == 5);
    MUST(all("fd://a", passed(3, "a:b:a")) == SBIND_OK && got == 2);
    MUST(list[0].fd == 3 && list[1].fd == 5);
    MUST(one("fd://c", passed(3, "a:b:a")) == SBIND_NO_SUCH_FD_NAME);
    MUST(one("fd://a", passed(3, NULL)) == SBIND_NO_SUCH_FD_NAME);
    MUST(one("fd://a", passed(3, "ab:aa:")) == SBIND_NO_SUCH_FD_NAME);
}

static void not_passed(void)
{
    sbind_activation other = {
        SBIND_ACTIVATION_OTHER_PROCESS, 0, {NULL, 0}, NULL};
    sbind_activation none = {SBIND_ACTIVATION_NONE, 0, {NULL, 0}, NULL};
    MUST(one("fd://", none) == SBIND_NOT_ACTIVATED);
    MUST(one("fd://", other) == SBIND_NOT_ACTIVATED);
    MUST(strcmp(error.hint,
                "LISTEN_PID names another process; a wrapper has to set it for "
                "this one, and to set or unset LISTEN_PIDFDID") == 0);
    other.decided_by = "LISTEN_PIDFDID";
    MUST(one("fd://", other) == SBIND_NOT_ACTIVATED);
    MUST(strcmp(error.hint,
                "LISTEN_PIDFDID names another process; a wrapper that sets "
                "LISTEN_PID has to set or unset LISTEN_PIDFDID too") == 0);
    MUST(one("fd://3", none) == SBIND_OK);
    MUST(one("fd://", none) == SBIND_NOT_ACTIVATED); /* and 3 given back */
    MUST(one("fd://3", none) == SBIND_OK);
}

static void passed_descriptors(void **state)
{
    (void)state;
    in_child(by_number_and_all);
    in_child(of_two_connections_none);
    in_child(by_name);
    in_child(not_passed);
}

/* ---- Once ------------------------------------------------------------------- */

static sbind_status adopt(int fd, sbind_listener *ret)
{
    sbind_address a = number(fd);
    return sbind_listen(&a, NULL, ret, &error);
}

static void an_adopted_descriptor_is_taken(void **state)
{
    int fd = listening(AF_UNIX, SOCK_STREAM);
    sbind_address a = number(fd);
    sbind_listen_options o;
    sbind_listener l, other[2];
    size_t n = 77;
    (void)state;
    sbind_listen_options_init(&o);
    assert_status(adopt(fd, &l), SBIND_OK);
    fcntl(fd, F_SETFD, 0);
    o.blocking = SBIND_BLOCKING;
    assert_status(sbind_listen_all(&a, &o, other, 2, &n, &error),
                  SBIND_FD_TAKEN);
    assert_int_equal(error.fds[0], fd);
    assert_int_equal(n, 77);
    assert_int_equal(fcntl(fd, F_GETFD), 0); /* nothing was changed */
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    give_back(&l);
    assert_status(adopt(fd, &l), SBIND_OK);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_status(adopt(fd, &l), SBIND_FD_CLOSED);
}

/* While a thread closes a descriptor, another thread adopts the next socket
 * with its number. */
static int closing = -1;
static sbind_status found_while_closing;

int close(int fd)
{
    sbind_listener other;
    if (fd == closing) {
        closing = -1;
        found_while_closing = adopt(fd, &other);
    }
    return (int)syscall(SYS_close, fd);
}

static void what_is_being_closed_is_still_taken(void **state)
{
    sbind_listener l;
    (void)state;
    assert_status(adopt(listening(AF_UNIX, SOCK_STREAM), &l), SBIND_OK);
    closing = l.fd;
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(closing, -1);
    assert_status(found_while_closing, SBIND_FD_TAKEN);
}

static void an_adopted_connection_is_taken(void **state)
{
    int other, fd = connected(&other), copy;
    sbind_address a = number(fd);
    sbind_stream s, again;
    (void)state;
    assert_status(sbind_connect(&a, NULL, &s, &error), SBIND_OK);
    assert_status(sbind_connect(&a, NULL, &again, &error), SBIND_FD_TAKEN);
    copy = dup(fd);
    sbind_close_stream(&s);
    assert_int_equal(dup2(copy, fd), fd);
    assert_status(sbind_connect(&a, NULL, &s, &error), SBIND_OK);
    sbind_close_stream(&s);
    close(copy);
    close(other);
}

/* The socket was taken, not its number. */
static void another_socket_of_that_number_is_not_taken(void **state)
{
    int fd = listening(AF_UNIX, SOCK_STREAM), made;
    sbind_listener l;
    (void)state;
    assert_status(adopt(fd, &l), SBIND_OK);
    close(fd); /* by itself, as it should not */
    made = listening(AF_UNIX, SOCK_STREAM);
    assert_int_equal(made, fd);
    assert_status(adopt(made, &l), SBIND_OK);
    assert_status(adopt(made, &l), SBIND_FD_TAKEN);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
}

/* All connections that a server accepts have the same address at the server's
 * end. */
static void another_connection_of_that_number_is_not_taken(void **state)
{
    int server = listening(AF_INET, SOCK_STREAM), clients[2], taken[2];
    struct sockaddr_in in;
    socklen_t length = sizeof in;
    sbind_address a = {.kind = SBIND_FD_NUMBER};
    sbind_stream s;
    (void)state;
    getsockname(server, (struct sockaddr *)&in, &length);
    for (int i = 0; i < 2; i++) {
        clients[i] = checked(socket(AF_INET, SOCK_STREAM, 0));
        assert_int_equal(connect(clients[i], (struct sockaddr *)&in, length),
                         0);
        taken[i] = checked(accept(server, NULL, NULL));
    }
    a.fd = taken[0];
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_OK);
    assert_int_equal(dup2(taken[1], taken[0]), taken[0]); /* closes the first */
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_OK);
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_FD_TAKEN);
    sbind_close_stream(&s);
    for (int i = 0; i < 2; i++)
        close(clients[i]);
    close(taken[1]);
    close(server);
}

static void nor_is_one_that_has_no_address(void **state)
{
    int first, second;
    sbind_address a = {.kind = SBIND_FD_NUMBER};
    sbind_stream s;
    (void)state;
    weaker("P21");
    first = half_of_a_pair();
    second = half_of_a_pair();
    a.fd = first;
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_OK);
    assert_int_equal(dup2(second, first), first);
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_OK);
    sbind_close_stream(&s);
    close(second);
}

/* While this thread adopts a descriptor, another thread adopts it, too. fstat
 * (with POSIX only: getpeername) stands in for the other thread, because the
 * library calls fstat after it has read the table, and before it writes to the
 * table. The first to finish gets the descriptor. */
static int adopted_meanwhile = -1;
static sbind_listener first_to_adopt;

static void adopt_meanwhile(int fd)
{
    if (fd != adopted_meanwhile)
        return;
    adopted_meanwhile = -1;
    assert_status(adopt(fd, &first_to_adopt), SBIND_OK);
}

#ifdef SBIND_PORTABLE
int getpeername(int fd, __SOCKADDR_ARG sa, socklen_t *length)
{
    adopt_meanwhile(fd);
    return (int)syscall(SYS_getpeername, fd, sa.__sockaddr__, length);
}
#else
int fstat(int fd, struct stat *ret)
{
    adopt_meanwhile(fd);
    return fstatat(fd, "", ret, AT_EMPTY_PATH);
}
#endif

static void of_two_at_once_one_adopts(void **state)
{
    int fd = listening(AF_UNIX, SOCK_STREAM);
    sbind_listener l;
    (void)state;
    adopted_meanwhile = fd;
    assert_status(adopt(fd, &l), SBIND_FD_TAKEN);
    assert_int_equal(adopted_meanwhile, -1);
    assert_status(sbind_close(&first_to_adopt, NULL), SBIND_OK);
}

static void a_copy_is_another_descriptor(void **state)
{
    int fd = listening(AF_UNIX, SOCK_STREAM), copy = dup(fd);
    sbind_listener first, second;
    (void)state;
    assert_status(adopt(fd, &first), SBIND_OK);
    assert_status(adopt(copy, &second), SBIND_OK);
    assert_status(sbind_close(&first, NULL), SBIND_OK);
    assert_int_equal(fcntl(copy, F_GETFD), FD_CLOEXEC);
    assert_status(adopt(copy, &first), SBIND_FD_TAKEN);
    assert_status(sbind_close(&second, NULL), SBIND_OK);
}

static void a_child_has_what_its_parent_had(void **state)
{
    int fd = listening(AF_UNIX, SOCK_STREAM), status;
    sbind_listener l, again;
    pid_t pid;
    (void)state;
    assert_status(adopt(fd, &l), SBIND_OK);
    pid = fork();
    if (pid == 0) {
        MUST(adopt(fd, &again) == SBIND_FD_TAKEN);
        give_back(&l);
        MUST(adopt(fd, &again) == SBIND_OK);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_status(adopt(fd, &again), SBIND_FD_TAKEN);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
}

static void of_several_all_or_none_are_taken(void)
{
    sbind_listener four;
    MUST(adopt(4, &four) == SBIND_OK);
    for (int i = 0; i < 2; i++) { /* the refusal gives nothing of it back */
        MUST(all("fd://*", passed(3, NULL)) == SBIND_FD_TAKEN);
        MUST(error.fds[0] == 4);
    }
    MUST(fcntl(3, F_GETFD) == 0 && fcntl(5, F_GETFD) == 0);
    MUST((fcntl(3, F_GETFL) & O_NONBLOCK) == 0);
    give_back(&four);
    MUST(all("fd://*", passed(3, NULL)) == SBIND_OK && got == 3);
    MUST(adopt(3, &four) == SBIND_FD_TAKEN);
    MUST(adopt(5, &four) == SBIND_FD_TAKEN);
}

/* Descriptors above the table's end are refused, because the table has no room
 * for them. */
static void numbers_have_an_end(void **state)
{
    sbind_listener l;
    (void)state;
    assert_status(adopt(65535, &l), SBIND_FD_CLOSED);
    assert_status(adopt(65536, &l), SBIND_FD_TOO_HIGH);
    assert_int_equal(error.fds[0], 65536);
    assert_status(adopt(INT32_MAX, &l), SBIND_FD_TOO_HIGH);
}

static void each_is_adopted_once(void **state)
{
    (void)state;
    in_child(of_several_all_or_none_are_taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_socket),
        cmocka_unit_test(sockets_of_other_types),
        cmocka_unit_test(stream_sockets),
        cmocka_unit_test(streams_of_other_protocols),
        cmocka_unit_test(it_is_told_what_it_is),
        cmocka_unit_test(a_path_of_its_maker_alone_is_no_address),
        cmocka_unit_test(nor_is_one_by_a_descriptor),
        cmocka_unit_test(the_path_is_the_address),
        cmocka_unit_test(a_path_of_one_octet_is_an_address),
        cmocka_unit_test(a_socket_that_took_a_name_over_has_that),
        cmocka_unit_test(as_sbind_listen_itself_does),
        cmocka_unit_test(unless_that_is_no_socket),
        cmocka_unit_test(the_mode_can_stay_as_it_came),
        cmocka_unit_test(passed_descriptors),
        cmocka_unit_test(an_adopted_descriptor_is_taken),
        cmocka_unit_test(what_is_being_closed_is_still_taken),
        cmocka_unit_test(an_adopted_connection_is_taken),
        cmocka_unit_test(another_socket_of_that_number_is_not_taken),
        cmocka_unit_test(another_connection_of_that_number_is_not_taken),
        cmocka_unit_test(nor_is_one_that_has_no_address),
        cmocka_unit_test(of_two_at_once_one_adopts),
        cmocka_unit_test(a_copy_is_another_descriptor),
        cmocka_unit_test(a_child_has_what_its_parent_had),
        cmocka_unit_test(each_is_adopted_once),
        cmocka_unit_test(numbers_have_an_end),
    };
    limit_time();
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
