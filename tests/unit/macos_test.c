/* macos_test.c - the parts for macOS that can be tested on Linux: sockets of launchd,
 * which this test imitates, and the texts of sbind explain
 *
 * The library is that of Linux, except for src/bind/macos/manager.c. Promises: P2 P12 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "support.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "../../src/bind/macos/launchd.h"
#include "../../src/cli/explain.h"

/* ---- launchd ------------------------------------------------------------------ */

static struct {
    const char *wanted; /* the only name that launchd knows */
    int fds[300];
    size_t count;
    int error; /* if not 0, launchd returns this error */
    unsigned asked;
} launchd;

int launch_activate_socket(const char *name, int **fds, size_t *count)
{
    launchd.asked++;
    if (launchd.error != 0)
        return launchd.error;
    if (strcmp(name, launchd.wanted) != 0)
        return ENOENT;
    *fds = calloc(launchd.count + 1, sizeof **fds);
    assert_non_null(*fds);
    memcpy(*fds, launchd.fds, launchd.count * sizeof **fds);
    *count = launchd.count;
    launchd.error = EALREADY;
    return 0;
}

static int a_socket(int type)
{
    const struct sockaddr_in in = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, type, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&in, sizeof in), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static int start(void **state)
{
    (void)state;
    memset(&launchd, 0, sizeof launchd);
    launchd.wanted = "web";
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    return 0;
}

static void has(int type) { launchd.fds[launchd.count++] = a_socket(type); }

static sbind_status listen_on(const char *text, sbind_listener *ret,
                              size_t *ret_count, sbind_error *reterr)
{
    const sbind_address a = parsed(text);
    return sbind_listen_all(&a, NULL, ret, 8, ret_count, reterr);
}

static void close_listeners(sbind_listener *listeners, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sbind_close(&listeners[i], NULL);
}

/* launchd gives the descriptors of a name in any order, and a datagram socket may be
 * among them. */
static void hands_out_the_sockets_of_a_name(void **state)
{
    sbind_listener l[8];
    size_t count = 0;
    sbind_error e;
    (void)state;
    has(SOCK_STREAM);
    has(SOCK_DGRAM);
    has(SOCK_STREAM);
    const int high = launchd.fds[2];
    launchd.fds[2] = launchd.fds[0];
    launchd.fds[0] = high;
    assert_status(listen_on("fd://web", l, &count, &e), SBIND_OK);
    assert_int_equal(count, 2);
    assert_int_equal(l[0].fd, launchd.fds[2]);
    assert_int_equal(l[1].fd, high);
    assert_int_equal(fcntl(high, F_GETFD), FD_CLOEXEC);
    close_listeners(l, count);
    close(launchd.fds[1]);
}

static void has_a_usual_name(void **state)
{
    static const char *const texts[] = {"fd://", "fd://*"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sbind_listener l[8];
        size_t count = 0;
        sbind_error e;
        start(NULL);
        launchd.wanted = "Listeners";
        has(SOCK_STREAM);
        assert_status(listen_on(texts[i], l, &count, &e), SBIND_OK);
        assert_int_equal(count, 1);
        close_listeners(l, count);
    }
}

static void refuses_as_launchd_does(void **state)
{
    static const struct {
        int error;
        sbind_status status;
    } rows[] = {{ENOENT, SBIND_NO_SUCH_FD_NAME},
                {ESRCH, SBIND_NOT_ACTIVATED},
                {EALREADY, SBIND_FD_TAKEN},
                {ENOMEM, SBIND_SYSTEM}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sbind_listener l[8];
        size_t count = 0;
        sbind_error e;
        launchd.error = rows[i].error;
        assert_status(listen_on("fd://web", l, &count, &e), rows[i].status);
        assert_string_equal(e.call, "launch_activate_socket");
        assert_int_equal(e.os_error, rows[i].error);
    }
}

/* A call that fails has to close the sockets that it got: the program does not know
 * their descriptors. */
static void keeps_nothing_after_a_refusal(void **state)
{
    sbind_listener l[8];
    size_t count = 0;
    sbind_error e;
    const int before = open_descriptors();
    (void)state;
    has(SOCK_DGRAM);
    has(SOCK_DGRAM);
    assert_status(listen_on("fd://web", l, &count, &e), SBIND_FD_NOT_STREAM);
    assert_int_equal(open_descriptors(), before);
    start(NULL);
    for (int i = 0; i < 257; i++)
        has(SOCK_DGRAM);
    assert_status(listen_on("fd://web", l, &count, &e), SBIND_TOO_MANY_FDS);
    assert_string_equal(e.hint,
                        "launchd has more than 256 sockets of this name");
    assert_int_equal(open_descriptors(), before);
}

/* launchd is not asked for an address with a number. It is not asked either if the
 * environment announces sockets, even if they are for another process. */
static void is_asked_last(void **state)
{
    sbind_listener l[8];
    size_t count = 0;
    sbind_error e;
    (void)state;
    setenv("LISTEN_PID", "1", 1);
    setenv("LISTEN_FDS", "1", 1);
    assert_status(listen_on("fd://web", l, &count, &e), SBIND_NOT_ACTIVATED);
    assert_status(listen_on("fd://999", l, &count, &e), SBIND_FD_CLOSED);
    assert_int_equal(launchd.asked, 0);
}

/* ---- The words of sbind explain ------------------------------------------------ */

static char said[4096];

static void say(const char *format, va_list arguments)
{
    const size_t n = strlen(said);
    int length = vsnprintf(said + n, sizeof said - n, format, arguments);
    assert_in_range(length, 1, 78);
    strcat(said, "\n");
}

void explain_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void explain_refused(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

static const char *explained(const char *text)
{
    const sbind_address a = parsed(text);
    said[0] = '\0';
    explain_listening(&a);
    return said;
}

static void explains_tcp(void **state)
{
    (void)state;
    assert_string_equal(
        explained("tcp://127.0.0.1:80"),
        "listens on this IPv4 address alone\n"
        "socket(AF_INET, SOCK_STREAM, 0)\n"
        "fcntl(F_SETFD, FD_CLOEXEC), fcntl(F_SETFL, O_NONBLOCK)\n"
        "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)\n"
        "bind(127.0.0.1, port 80)\n"
        "listen(4096)\n");
    assert_string_equal(
        explained("tcp://[fe80::1%en0]:0"),
        "listens on this IPv6 address alone\n"
        "if_nametoindex(\"en0\"): the zone has to be an interface\n"
        "socket(AF_INET6, SOCK_STREAM, 0)\n"
        "fcntl(F_SETFD, FD_CLOEXEC), fcntl(F_SETFL, O_NONBLOCK)\n"
        "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)\n"
        "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)\n"
        "bind(fe80::1, port 0)\n"
        "listen(4096)\n"
        "port 0: the system chooses a free port\n");
    assert_string_equal(
        explained("tcp://*:80"),
        "one socket for IPv6 and IPv4 on every address; for IPv4 alone if\n"
        "this machine has no IPv6\n"
        "socket(AF_INET6, SOCK_STREAM, 0)\n"
        "fcntl(F_SETFD, FD_CLOEXEC), fcntl(F_SETFL, O_NONBLOCK)\n"
        "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0)\n"
        "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)\n"
        "bind(::, port 80)\n"
        "listen(4096)\n");
    assert_string_equal(explained("tcp://localhost:80"),
                        "getaddrinfo(\"localhost\"), then listens on each "
                        "answer, or on none\n");
    assert_string_equal(
        explained("tcp://"),
        "the program's default address; sbind listen has none\n");
}

static void explains_unix(void **state)
{
    char text[128];
    (void)state;
    assert_string_equal(
        explained("unix:///run/x"),
        "makes the socket file /run/x, mode 0600\n"
        "opens its directory, in which no other user may be able to replace "
        "files\n"
        "locks .NAME.sbind in that directory until it listens, so that one "
        "starter wins\n"
        "if there is a file already:\n"
        "  refuses if it is not a socket, or another user's\n"
        "  asks whether a process listens there: connect() of a datagram "
        "socket,\n"
        "  which that process does not notice; if so, refuses\n"
        "  moves the stale socket aside, and removes it at the end\n"
        "makes the directory .NAME.sbind-d for this user alone\n"
        "socket(AF_UNIX, SOCK_STREAM, 0)\n"
        "fcntl(F_SETFD, FD_CLOEXEC), fcntl(F_SETFL, O_NONBLOCK)\n"
        "bind() in that directory, chmod(0600)\n"
        "listen(4096), then gives the socket its path\n");
    snprintf(text, sizeof text, "unix:///%092d", 0);
    assert_string_equal(
        explained(text),
        "refused on macOS: such a path has at most 92 octets\n");
    assert_string_equal(explained("unix://@x"),
                        "an abstract name of Linux; refused on macOS\n");
    assert_string_equal(explained("npipe://x"),
                        "a named pipe of Windows; refused on this platform\n");
}

#define LAST_LINES                                                             \
    "proc_pidfdinfo(): a listening stream socket of IPv4, IPv6 or unix\n"      \
    "fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)\n"
#define FIRST_LINE                                                             \
    "reads LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES; without them:\n"

static void explains_descriptors(void **state)
{
    (void)state;
    assert_string_equal(explained("fd://3"),
                        "adopts descriptor 3\n" LAST_LINES);
    assert_string_equal(explained("fd://65536"),
                        "refused: descriptors above 65535 are not adopted\n");
    assert_string_equal(
        explained("fd://"), FIRST_LINE
        "launch_activate_socket(\"Listeners\")\n"
        "adopts the only listening socket; refuses several\n" LAST_LINES);
    assert_string_equal(explained("fd://web"), FIRST_LINE
                        "launch_activate_socket(\"web\")\n"
                        "adopts every listening socket of these\n" LAST_LINES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(hands_out_the_sockets_of_a_name, start),
        cmocka_unit_test_setup(has_a_usual_name, start),
        cmocka_unit_test_setup(refuses_as_launchd_does, start),
        cmocka_unit_test_setup(keeps_nothing_after_a_refusal, start),
        cmocka_unit_test_setup(is_asked_last, start),
        cmocka_unit_test(explains_tcp),
        cmocka_unit_test(explains_unix),
        cmocka_unit_test(explains_descriptors),
    };
    limit_time();
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
