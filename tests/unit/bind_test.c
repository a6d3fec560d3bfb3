/* bind_test.c - do listening and connecting do what address and options say,
 * and do they leave nothing behind when they fail?
 *
 * Promises: P2 P3 P6 P11 P14 P20 */
#define _GNU_SOURCE /* IP_FREEBIND, clone */
#include "support.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "resolver.h"

static int64_t milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static char directory[] = "/tmp/sbind-unit-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL;
}

static int remove_directory(void **state)
{
    DIR *d = opendir(directory);
    const struct dirent *entry;
    (void)state;
    while (d != NULL && (entry = readdir(d)) != NULL)
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    return rmdir(directory);
}

static const char *path_of(const char *name)
{
    static char text[128];
    snprintf(text, sizeof text, "unix://%s/%s", directory, name);
    return text;
}

static const char *abstract(void)
{
    static char text[64];
    snprintf(text, sizeof text, "unix://@sbind-unit-%d", (int)getpid());
    return text;
}

static sbind_listener listening(const char *text, const sbind_listen_options *o)
{
    sbind_address a = parsed(text);
    sbind_listener l;
    sbind_error e;
    if (sbind_listen(&a, o, &l, &e) != SBIND_OK)
        fail_msg("%s: %s %s", text, sbind_status_name(e.status),
                 e.os_name == NULL ? "" : e.os_name);
    return l;
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &length), 0);
    return value;
}

static void wait_readable(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    assert_int_equal(poll(&p, 1, 10000), 1);
}

/* A client connects, and sends an octet to the server. */
static void check_serves(sbind_listener *l, sbind_kind connection)
{
    sbind_address own;
    sbind_stream client, server;
    char octet = 0, text[SBIND_FORMAT_MAX];
    size_t length;
    assert_status(sbind_local_address(l, &own, NULL), SBIND_OK);
    assert_status(sbind_format(&own, text, sizeof text, &length), SBIND_OK);
    if (own.kind == SBIND_TCP_ANY) {
        uint16_t port = own.port;
        own = parsed("tcp://127.0.0.1:1");
        own.port = port;
    }
    assert_status(sbind_connect(&own, NULL, &client, NULL), SBIND_OK);
    wait_readable(l->fd);
    assert_status(sbind_accept(l, SBIND_NONBLOCKING, &server, NULL), SBIND_OK);
    assert_int_equal(server.kind, connection);
    assert_int_equal(write(client.fd, "x", 1), 1);
    wait_readable(server.fd);
    assert_int_equal(read(server.fd, &octet, 1), 1);
    assert_int_equal(octet, 'x');
    assert_int_equal(fcntl(client.fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(server.fd, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(client.fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(server.fd, F_GETFL) & O_NONBLOCK);
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    assert_int_equal(client.fd, -1);
}

static void every_kind_serves(void **state)
{
    const struct {
        const char *text;
        sbind_kind kind, connection;
    } cases[] = {
        {"tcp://127.0.0.1:0", SBIND_TCP_IPV4, SBIND_TCP_IPV4},
        {"tcp://[::1]:0", SBIND_TCP_IPV6, SBIND_TCP_IPV6},
        {"tcp://*:0", SBIND_TCP_ANY, SBIND_TCP_IPV6},
        {abstract(), SBIND_UNIX_ABSTRACT, SBIND_UNIX_ABSTRACT},
        {path_of("serves"), SBIND_UNIX_PATH, SBIND_UNIX_PATH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int before = open_descriptors();
        sbind_listener l = listening(cases[i].text, NULL);
        sbind_stream none;
        sbind_error e;
        assert_int_equal(l.kind, cases[i].kind);
        assert_false(l.inherited);
        assert_int_equal(fcntl(l.fd, F_GETFD), FD_CLOEXEC);
        assert_true(fcntl(l.fd, F_GETFL) & O_NONBLOCK);
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &none, &e),
                      SBIND_WOULD_BLOCK);
        assert_int_equal(e.os_error, EAGAIN);
        check_serves(&l, cases[i].connection);
        if (l.directory_fd >= 0) {
            assert_int_equal(fcntl(l.directory_fd, F_GETFD), FD_CLOEXEC);
            if (!is_portable) /* where no file is pinned */
                assert_int_equal(fcntl(l.file_fd, F_GETFD), FD_CLOEXEC);
        }
        assert_status(sbind_close(&l, NULL), SBIND_OK);
        assert_status(sbind_close(&l, NULL), SBIND_OK);
        assert_int_equal(open_descriptors(), before);
    }
}

static void ipv6_is_ipv6_only(void **state)
{
    sbind_listener l = listening("tcp://[::]:0", NULL);
    sbind_listen_options o;
    (void)state;
    assert_int_equal(option_of(l.fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    sbind_close(&l, NULL);
    sbind_listen_options_init(&o);
    o.v6only = SBIND_OFF;
    l = listening("tcp://[::]:0", &o);
    assert_int_equal(option_of(l.fd, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    sbind_close(&l, NULL);
    l = listening("tcp://*:0", NULL);
    assert_int_equal(option_of(l.fd, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    sbind_close(&l, NULL);
}

static void options_reach_the_socket(void **state)
{
    sbind_listen_options o;
    sbind_listener l = listening("tcp://127.0.0.1:0", NULL);
    (void)state;
    assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_REUSEADDR), 1);
    assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_REUSEPORT), 0);
    sbind_close(&l, NULL);
    sbind_listen_options_init(&o);
    o.reuse_address = SBIND_OFF;
    o.reuse_port = o.nodelay = o.keepalive = SBIND_ON;
    o.freebind = is_portable ? SBIND_UNSET : SBIND_ON;
    o.receive_buffer = o.send_buffer = 20000;
    o.blocking = SBIND_BLOCKING;
    l = listening("tcp://127.0.0.1:0", &o);
    assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_REUSEADDR), 0);
    assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_REUSEPORT), 1);
    assert_int_equal(option_of(l.fd, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(l.fd, IPPROTO_IP, IP_FREEBIND), !is_portable);
    assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_RCVBUF), 40000);
    assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_SNDBUF), 40000);
    assert_int_equal(fcntl(l.fd, F_GETFL) & O_NONBLOCK, 0);
    sbind_close(&l, NULL);
}

/* Checks the keepalive options of a socket, and whether it has Multipath
 * TCP. */
static void check_patience(int fd, int idle, int protocol)
{
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), idle > 0);
    if (idle > 0) {
        assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), idle);
        assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL), 7);
        assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), 5);
        assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT),
                         is_portable ? 0 : 9000);
    }
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_PROTOCOL), protocol);
}

/* Checks the options at both ends of a connection. The server's end has the
 * options of the listener. */
static void connections_are_kept_alive_as_asked(void **state)
{
    (void)state;
    for (int alive = 0; alive < 2; alive++) {
        sbind_address own;
        sbind_listen_options o;
        sbind_connect_options c;
        sbind_listener l;
        sbind_stream client, server;
        sbind_listen_options_init(&o);
        sbind_connect_options_init(&c);
        if (alive) {
            o.keepalive_idle = 61;
            c.keepalive_idle = 62;
            o.keepalive_interval = c.keepalive_interval = 7;
            o.keepalive_count = c.keepalive_count = 5;
            o.user_timeout = c.user_timeout = is_portable ? 0 : 9000;
        }
        l = listening("tcp://127.0.0.1:0", &o);
        assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
        assert_status(sbind_connect(&own, &c, &client, NULL), SBIND_OK);
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &server, NULL),
                      SBIND_OK);
        check_patience(l.fd, alive * 61, IPPROTO_TCP);
        check_patience(server.fd, alive * 61, IPPROTO_TCP);
        check_patience(client.fd, alive * 62, IPPROTO_TCP);
        sbind_close_stream(&client);
        sbind_close_stream(&server);
        sbind_close(&l, NULL);
    }
}

/* Whether a socket of Multipath TCP can be made here. */
static int multipath(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    if (fd >= 0)
        close(fd);
    return fd >= 0 && !is_portable ? IPPROTO_MPTCP : IPPROTO_TCP;
}

static sbind_address on_loopback(uint16_t port)
{
    sbind_address a = parsed("tcp://127.0.0.1:1");
    a.port = port;
    return a;
}

static void paths_are_several_if_asked(void **state)
{
    static const char *const texts[] = {"tcp://127.0.0.1:0", "tcp://*:0"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sbind_address own;
        sbind_listen_options o;
        sbind_connect_options c;
        sbind_listener l;
        sbind_stream client, server;
        sbind_listen_options_init(&o);
        sbind_connect_options_init(&c);
        o.mptcp = c.mptcp = SBIND_ON;
        l = listening(texts[i], &o);
        assert_int_equal(option_of(l.fd, SOL_SOCKET, SO_PROTOCOL), multipath());
        assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
        if (own.kind == SBIND_TCP_ANY)
            own = on_loopback(own.port);
        assert_status(sbind_connect(&own, &c, &client, NULL), SBIND_OK);
        assert_int_equal(option_of(client.fd, SOL_SOCKET, SO_PROTOCOL),
                         multipath());
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &server, NULL),
                      SBIND_OK);
        check_serves(&l, i == 0 ? SBIND_TCP_IPV4 : SBIND_TCP_IPV6);
        sbind_close_stream(&client);
        sbind_close_stream(&server);
        sbind_close(&l, NULL);
    }
}

/* Whether a socket of Multipath TCP can have a user timeout here. */
static bool has_both(void)
{
    const int timeout = 1;
    int fd = socket(AF_INET, SOCK_STREAM, multipath());
    bool has = setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout,
                          sizeof timeout) == 0;
    close(fd);
    return has;
}

static void several_paths_have_no_user_timeout_unless_the_kernel_knows(void **x)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listen_options o;
    sbind_listener l;
    sbind_error e;
    const bool has = has_both();
    (void)x;
    if (is_portable) /* where there is neither */
        return;
    sbind_listen_options_init(&o);
    o.mptcp = SBIND_ON;
    o.user_timeout = 9000;
    assert_status(sbind_listen(&a, &o, &l, &e), has ? SBIND_OK : SBIND_SYSTEM);
    if (has) {
        sbind_close(&l, NULL);
        return;
    }
    assert_string_equal(e.call, "setsockopt TCP_USER_TIMEOUT");
    assert_string_equal(e.hint, "this kernel cannot combine user_timeout and "
                                "mptcp; leave one of them out");
}

/* Where there is POSIX only. */
static void options_of_other_systems_say_so(void **state)
{
    static const struct {
        const char *option, *hint;
        int user_timeout;
        sbind_switch freebind;
        const char *device;
    } rows[] = {
        {"device", "this system does not have the option device; leave it out",
         0, SBIND_UNSET, "lo"},
        {"user_timeout",
         "this system does not have the option user_timeout; leave it out",
         9000, SBIND_UNSET, NULL},
        {"freebind",
         "this system does not have the option freebind; leave it out", 0,
         SBIND_ON, NULL},
    };
    (void)state;
    for (size_t i = 0; is_portable && i < sizeof rows / sizeof *rows; i++) {
        sbind_address a = parsed("tcp://127.0.0.1:0");
        sbind_listen_options o;
        sbind_listener l;
        sbind_error e;
        sbind_listen_options_init(&o);
        o.user_timeout = rows[i].user_timeout;
        o.freebind = rows[i].freebind;
        o.device = rows[i].device;
        assert_status(sbind_listen(&a, &o, &l, &e),
                      SBIND_OPTION_NOT_APPLICABLE);
        assert_string_equal(e.option, rows[i].option);
        assert_string_equal(e.hint, rows[i].hint);
    }
}

/* ---- Descriptors from a peer ---------------------------------------------------- */

enum { PASSRIGHTS = 83 }; /* SO_PASSRIGHTS of Linux 6.16 */

/* Sends an octet, and a descriptor with it. Returns 0, or errno. */
static int send_descriptor(int to)
{
    char octet = 'x', room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {&octet, 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = room,
                             .msg_controllen = sizeof room};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &to, sizeof to);
    return sendmsg(to, &message, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

static bool can_refuse_descriptors(void)
{
    int pair[2], value;
    socklen_t length = sizeof value;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    value = getsockopt(pair[0], SOL_SOCKET, PASSRIGHTS, &value, &length);
    close(pair[0]);
    close(pair[1]);
    return value == 0;
}

/* A client sends a descriptor. Then a server sends one. */
static void descriptors_are_refused(void **state)
{
    const bool can = can_refuse_descriptors() && !is_portable;
    (void)state;
    for (int refuses = 0; refuses < 8; refuses++) {
        const int from_client = refuses & 1 && can ? EPERM : 0;
        const int from_server = refuses & 2 && can ? EPERM : 0;
        sbind_listen_options o;
        sbind_connect_options c;
        sbind_listener l;
        sbind_stream client, server;
        sbind_listen_options_init(&o);
        sbind_connect_options_init(&c);
        o.refuse_descriptors = refuses & 1 ? SBIND_ON : SBIND_UNSET;
        c.refuse_descriptors = refuses & 2 ? SBIND_ON : SBIND_OFF;
        l = listening(refuses & 4 ? path_of("d") : abstract(), &o);
        assert_status(sbind_connect(&l.address, &c, &client, NULL), SBIND_OK);
        assert_int_equal(send_descriptor(client.fd), from_client); /* queued */
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &server, NULL),
                      SBIND_OK);
        assert_int_equal(send_descriptor(client.fd), from_client);
        assert_int_equal(send_descriptor(server.fd), from_server);
        sbind_close_stream(&client);
        sbind_close_stream(&server);
        assert_status(sbind_close(&l, NULL), SBIND_OK);
    }
}

/* ---- What does not apply, and what makes no sense ------------------------------ */

#define SETS(member, value)                                                    \
    static void set_##member(sbind_listen_options *o) { o->member = value; }
SETS(reuse_address, SBIND_OFF)
SETS(reuse_port, SBIND_OFF)
SETS(nodelay, SBIND_ON)
SETS(keepalive, SBIND_OFF)
SETS(keepalive_idle, 60)
SETS(keepalive_interval, 10)
SETS(keepalive_count, 3)
SETS(user_timeout, 9000)
SETS(mptcp, SBIND_OFF)
SETS(refuse_descriptors, SBIND_OFF)
SETS(freebind, SBIND_ON)
SETS(device, "lo")
SETS(v6only, SBIND_ON)
SETS(mode, 0600)
SETS(owner, 0)
SETS(group, 0)
SETS(existing, SBIND_REPLACE)
SETS(any_directory, true)
SETS(backlog, 5)
SETS(receive_buffer, 5000)
SETS(send_buffer, 5000)
SETS(pipe_sddl, "D:P")
#undef SETS
static void set_refuse(sbind_listen_options *o) { o->existing = SBIND_REFUSE; }
static void set_dual(sbind_listen_options *o) { o->v6only = SBIND_OFF; }
static void set_nothing(sbind_listen_options *o) { (void)o; }

/* An address of each kind, and the result of listening on it with an option
 * that applies. */
static const char *const one_answer[] = {"tcp://127.0.0.1:1", NULL};
static const struct {
    const char *text;
    sbind_status status;
} samples[] = {
    {"tcp://127.0.0.1:0", SBIND_OK},
    {"tcp://[::1]:0", SBIND_OK},
    {"tcp://*:0", SBIND_OK},
    {"tcp://name:0", SBIND_OK},
    {"tcp://", SBIND_OK}, /* whose meaning is the first */
    {"unix:///nonexistent/x", SBIND_SYSTEM},
    {"unix://@sbind-unit-options", SBIND_OK},
    {"fd://9999", SBIND_FD_CLOSED},
    {"fd://", SBIND_NOT_ACTIVATED},
    {"fd://*", SBIND_NOT_ACTIVATED},
    {"fd://web", SBIND_NOT_ACTIVATED},
    {"npipe://x", SBIND_UNSUPPORTED},
};

enum { SAMPLES = sizeof samples / sizeof *samples };

/* Whether an option applies. Its column has "y" for yes, "n" for no, or "l" if
 * it applies on Linux, but not with POSIX alone. */
static bool applies_here(char column)
{
    return column == 'y' || (column == 'l' && !is_portable);
}

static void options_apply_or_are_refused(void **state)
{
    const sbind_address meaning = parsed(samples[0].text);
    /* columns as in samples: five of tcp, two of unix, four of fd, one of
     * npipe */
    static const struct {
        void (*set)(sbind_listen_options *o);
        const char *applies;
    } rows[] = {
        {set_nothing, "yyyyy yy yyyy y"},
        {set_reuse_address, "yyyyy nn nnnn n"},
        {set_reuse_port, "yyyyy nn nnnn n"},
        {set_nodelay, "yyyyy nn nnnn n"},
        {set_keepalive, "yyyyy nn nnnn n"},
        {set_keepalive_idle, "yyyyy nn nnnn n"},
        {set_keepalive_interval, "yyyyy nn nnnn n"},
        {set_keepalive_count, "yyyyy nn nnnn n"},
        {set_user_timeout, "lllll nn nnnn n"},
        {set_mptcp, "yyyyy nn nnnn n"},
        {set_refuse_descriptors, "nnnnn yy nnnn n"},
        {set_freebind, "lllll nn nnnn n"},
        {set_device, "lllll nn nnnn n"},
        {set_v6only, "nynnn nn nnnn n"},
        {set_dual, "nyynn nn nnnn n"},
        {set_mode, "nnnnn yn nnnn n"},
        {set_owner, "nnnnn yn nnnn n"},
        {set_group, "nnnnn yn nnnn n"},
        {set_existing, "nnnnn yn nnnn n"},
        {set_refuse, "nnnnn yn nnnn n"},
        {set_any_directory, "nnnnn yn nnnn n"},
        {set_backlog, "yyyyy yy nnnn y"},
        {set_receive_buffer, "yyyyy yy nnnn y"},
        {set_send_buffer, "yyyyy yy nnnn y"},
        {set_pipe_sddl, "nnnnn nn nnnn y"},
    };
    (void)state;
    resolve_to(one_answer);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *applies = rows[i].applies;
        for (size_t k = 0; k < SAMPLES; k++, applies++) {
            sbind_address a = parsed(samples[k].text);
            sbind_listen_options o;
            sbind_listener l;
            sbind_status s, wanted;
            sbind_listen_options_init(&o);
            o.tcp_default = &meaning;
            rows[i].set(&o);
            s = sbind_listen(&a, &o, &l, NULL);
            applies += *applies == ' ';
            wanted = applies_here(*applies) ? samples[k].status
                                            : SBIND_OPTION_NOT_APPLICABLE;
            if (s != wanted)
                fail_msg("option %zu, %s: %s, not %s", i, samples[k].text,
                         sbind_status_name(s), sbind_status_name(wanted));
            if (s == SBIND_OK)
                sbind_close(&l, NULL);
        }
        assert_int_equal(*applies, '\0');
    }
}

static void unsound_options_are_refused(void **state)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listener l;
    sbind_stream s;
    sbind_connect_options c;
    (void)state;
    for (int i = 0; i < 25; i++) {
        sbind_listen_options o;
        sbind_listen_options_init(&o);
        o.size = i == 0 ? 0 : o.size;
        o.backlog = i == 1 ? -1 : 0;
        o.mode = i == 2 ? 01777 : i == 6 ? -2 : -1;
        o.blocking = i == 3 ? (sbind_blocking)9 : o.blocking;
        o.existing = i == 4 ? (sbind_existing)9 : o.existing;
        o.nodelay = i == 5 ? (sbind_switch)9 : o.nodelay;
        o.receive_buffer = i == 7 ? -1 : 0;
        o.send_buffer = i == 8 ? -1 : 0;
        o.reuse_address = i == 9 ? (sbind_switch)9 : o.reuse_address;
        o.reuse_port = i == 10 ? (sbind_switch)9 : o.reuse_port;
        o.v6only = i == 11 ? (sbind_switch)9 : o.v6only;
        o.keepalive = i == 12 ? (sbind_switch)9 : o.keepalive;
        o.freebind = i == 13 ? (sbind_switch)9 : o.freebind;
        o.size += i == 14;
        o.device = i == 15 ? "" : i == 16 ? "lo45678901234567" : NULL;
        o.mptcp = i == 17 ? (sbind_switch)9 : o.mptcp;
        o.keepalive_idle = i == 18 ? -1 : 0;
        o.keepalive_interval = i == 19 ? 32768 : 0;
        o.keepalive_count = i == 20 ? 128 : 0;
        o.user_timeout = i == 21 ? INT_MIN : 0;
        if (i >= 22) { /* off, and how */
            o.keepalive = SBIND_OFF;
            *(i == 22   ? &o.keepalive_idle
              : i == 23 ? &o.keepalive_interval
                        : &o.keepalive_count) = 1;
        }
        assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_BAD_OPTION);
    }
    for (int i = 0; i < 20; i++) {
        sbind_connect_options_init(&c);
        c.size = i == 0 ? 0 : c.size;
        c.timeout = i == 1 ? -2 : 0;
        c.blocking = i == 2 ? (sbind_blocking)9 : c.blocking;
        c.receive_buffer = i == 3 ? -1 : 0;
        c.send_buffer = i == 4 ? -1 : 0;
        c.nodelay = i == 5 ? (sbind_switch)9 : c.nodelay;
        c.keepalive = i == 6 ? (sbind_switch)9 : c.keepalive;
        c.attempt_delay = i == 7 ? SBIND_ATTEMPT_DELAY_MIN - 1 : 0;
        c.pipe_anonymous = i == 8 ? (sbind_switch)9 : c.pipe_anonymous;
        c.pipe_remote = i == 9 ? (sbind_switch)9 : c.pipe_remote;
        c.device = i == 10 ? "" : i == 11 ? "lo45678901234567" : NULL;
        c.mptcp = i == 12 ? (sbind_switch)9 : c.mptcp;
        c.keepalive_idle = i == 13 ? -1 : 0;
        c.keepalive_interval = i == 14 ? 32768 : 0;
        c.keepalive_count = i == 15 ? 128 : 0;
        c.user_timeout = i == 16 ? INT_MIN : 0;
        if (i >= 17) { /* off, and how */
            c.keepalive = SBIND_OFF;
            *(i == 17   ? &c.keepalive_idle
              : i == 18 ? &c.keepalive_interval
                        : &c.keepalive_count) = 1;
        }
        assert_status(sbind_connect(&a, &c, &s, NULL), SBIND_BAD_OPTION);
    }
    sbind_connect_options_init(&c);
    c.nodelay = SBIND_ON;
    a = parsed(abstract());
    assert_status(sbind_connect(&a, &c, &s, NULL), SBIND_OPTION_NOT_APPLICABLE);
}

/* An address of each kind, and the result of connecting to it with an option
 * that applies. No process listens there. */
static const struct {
    const char *text;
    sbind_status status;
} targets[] = {
    {"tcp://127.0.0.1:1", SBIND_SYSTEM},
    {"tcp://[::1]:1", SBIND_SYSTEM},
    {"tcp://*:1", SBIND_UNUSABLE_ADDRESS},
    {"tcp://name:1", SBIND_SYSTEM},
    {"tcp://", SBIND_SYSTEM},
    {"unix:///nonexistent/x", SBIND_SYSTEM},
    {"unix://@sbind-unit-options", SBIND_SYSTEM},
    {"fd://9999", SBIND_FD_CLOSED},
    {"fd://", SBIND_NOT_ACTIVATED},
    {"fd://*", SBIND_SEVERAL},
    {"fd://web", SBIND_NOT_ACTIVATED},
    {"npipe://x", SBIND_UNSUPPORTED},
};

static void set_connect_option(sbind_connect_options *c, size_t i)
{
    c->nodelay = i == 1 ? SBIND_ON : c->nodelay;
    c->keepalive = i == 2 ? SBIND_OFF : c->keepalive;
    c->attempt_delay = i == 3 ? 200 : 0;
    c->device = i == 4 ? "lo" : NULL;
    c->timeout = i == 5 ? 1000 : i == 6 ? -1 : 0;
    c->receive_buffer = i == 7 ? 5000 : 0;
    c->send_buffer = i == 8 ? 5000 : 0;
    c->pipe_owner = i == 9 ? "S-1-5-18" : NULL;
    c->pipe_server = i == 10 ? 1 : 0;
    c->pipe_anonymous = i == 11 ? SBIND_ON : c->pipe_anonymous;
    c->pipe_remote = i == 12 ? SBIND_OFF : c->pipe_remote;
    c->unix_owner = i == 13 ? 0 : SBIND_NO_ID;
    c->keepalive_idle = i == 14;
    c->keepalive_interval = i == 15;
    c->keepalive_count = i == 16;
    c->user_timeout = i == 17;
    c->mptcp = i == 18 ? SBIND_ON : SBIND_UNSET;
    c->refuse_descriptors = i == 19 ? SBIND_ON : SBIND_UNSET;
}

static void options_of_connecting_apply_or_are_refused(void **state)
{
    const sbind_address meaning = parsed(targets[0].text);
    /* a row for each i in set_connect_option, the first without an option;
     * columns as in targets */
    static const char *const rows[] = {
        "yyyyy yy yyyy y", "yyyyy nn nnnn n", "yyyyy nn nnnn n",
        "yyyyy nn nnnn n", "lllll nn nnnn n", "yyyyy yy nnnn y",
        "yyyyy yy nnnn y", "yyyyy yy nnnn n", "yyyyy yy nnnn n",
        "nnnnn nn nnnn y", "nnnnn nn nnnn y", "nnnnn nn nnnn y",
        "nnnnn nn nnnn y", "nnnnn yy nnnn n", "yyyyy nn nnnn n",
        "yyyyy nn nnnn n", "yyyyy nn nnnn n", "lllll nn nnnn n",
        "yyyyy nn nnnn n", "nnnnn yy nnnn n"};
    (void)state;
    resolve_to(one_answer);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *applies = rows[i];
        for (size_t k = 0; k < sizeof targets / sizeof *targets;
             k++, applies++) {
            sbind_address a = parsed(targets[k].text);
            sbind_connect_options c;
            sbind_stream stream;
            sbind_status s, wanted;
            sbind_connect_options_init(&c);
            c.tcp_default = &meaning;
            set_connect_option(&c, i);
            s = sbind_connect(&a, &c, &stream, NULL);
            applies += *applies == ' ';
            wanted = applies_here(*applies) ? targets[k].status
                                            : SBIND_OPTION_NOT_APPLICABLE;
            if (s != wanted)
                fail_msg("option %zu, %s: %s, not %s", i, targets[k].text,
                         sbind_status_name(s), sbind_status_name(wanted));
        }
        assert_int_equal(*applies, '\0');
    }
}

/* ---- Refusals leave nothing behind ---------------------------------------------- */

static void refused(const char *text, sbind_status wanted)
{
    sbind_address a = parsed(text);
    sbind_listener l, before;
    sbind_error e;
    int descriptors = open_descriptors();
    memset(&l, 0x5A, sizeof l);
    before = l;
    assert_status(sbind_listen(&a, NULL, &l, &e), wanted);
    assert_int_equal(e.status, wanted);
    assert_memory_equal(&l, &before, sizeof l);
    assert_int_equal(open_descriptors(), descriptors);
}

static void unconnectable(const char *text, sbind_status wanted)
{
    sbind_address a = parsed(text);
    sbind_stream s = {-5, SBIND_NPIPE};
    sbind_error e;
    int descriptors = open_descriptors();
    assert_status(sbind_connect(&a, NULL, &s, &e), wanted);
    assert_int_equal(s.fd, -5);
    assert_int_equal(open_descriptors(), descriptors);
}

/* The options of a program that was built when the structure was shorter.
 * Nothing is written past its end. A size that this library does not know is
 * refused. */
static void structures_of_another_size(void **state)
{
    sbind_address a = parsed("tcp://127.0.0.1:1");
    union {
        sbind_listen_options listening;
        sbind_connect_options connecting;
        sbind_policy policy;
        unsigned char octets[256];
    } u;
    sbind_listener l;
    sbind_stream s;
    size_t size;
    (void)state;
    memset(&u, 0x5A, sizeof u);
    size = sizeof u.listening - 1;
    sbind_listen_options_init_sized(&u.listening, size);
    assert_int_equal(u.octets[size], 0x5A);
    assert_status(sbind_listen(&a, &u.listening, &l, NULL), SBIND_BAD_OPTION);
    memset(&u, 0x5A, sizeof u);
    size = sizeof u.connecting - 1;
    sbind_connect_options_init_sized(&u.connecting, size);
    assert_int_equal(u.octets[size], 0x5A);
    assert_status(sbind_connect(&a, &u.connecting, &s, NULL), SBIND_BAD_OPTION);
    memset(&u, 0x5A, sizeof u);
    size = sizeof u.policy - 1;
    sbind_policy_init_strict_sized(&u.policy, size);
    assert_int_equal(u.octets[size], 0x5A);
    assert_status(sbind_policy_check(&u.policy, &a, NULL), SBIND_BAD_OPTION);
}

static void addresses_that_cannot_be_used(void **state)
{
    char long_abstract[8 + 108 + 1] = "unix://@"; /* sun_path has 107 for it */
    (void)state;
    memset(long_abstract + 8, 'x', 108);
    refused("tcp://224.0.0.1:0", SBIND_UNUSABLE_ADDRESS);
    refused("tcp://255.255.255.255:0", SBIND_UNUSABLE_ADDRESS);
    refused("tcp://[ff02::1]:0", SBIND_UNUSABLE_ADDRESS);
    refused("tcp://[::ffff:127.0.0.1]:0", SBIND_UNUSABLE_ADDRESS);
    refused("tcp://[fe80::1]:0", SBIND_UNUSABLE_ADDRESS);
    refused("tcp://[2001:db8::1%lo]:0", SBIND_UNUSABLE_ADDRESS);
    refused("tcp://[fe80::1%none]:0", SBIND_NO_SUCH_ZONE);
    refused("tcp://[fe80::1%-9]:0", SBIND_NO_SUCH_ZONE);
    refused("tcp://[fe80::1%999999]:0", SBIND_NO_SUCH_ZONE);
    refused("tcp://[fe80::1%999999999999999]:0", SBIND_NO_SUCH_ZONE);
    refused("tcp://192.0.2.1:0", SBIND_SYSTEM);
    refused("tcp://", SBIND_NO_DEFAULT);
    refused("npipe://x", SBIND_UNSUPPORTED);
    refused("fd://*", SBIND_NOT_ACTIVATED);
    unconnectable("tcp://127.0.0.1:0", SBIND_UNUSABLE_ADDRESS);
    unconnectable("tcp://0.0.0.0:1", SBIND_UNUSABLE_ADDRESS);
    unconnectable("tcp://[::]:1", SBIND_UNUSABLE_ADDRESS);
    unconnectable("tcp://*:1", SBIND_UNUSABLE_ADDRESS);
    unconnectable("npipe://x", SBIND_UNSUPPORTED);
    unconnectable("fd://*", SBIND_SEVERAL);
    unconnectable(abstract(), SBIND_SYSTEM);
    unconnectable(long_abstract, SBIND_PATH_TOO_LONG);
    refused(long_abstract, SBIND_PATH_TOO_LONG);
    unconnectable(path_of("none"), SBIND_SYSTEM);
}

static void addresses_that_cannot_be_used_say_why(void **state)
{
    static const struct {
        const char *text, *why;
        bool listening;
    } cases[] = {
        {"tcp://224.0.0.0:1",
         "TCP has no multicast; use the address of one host", true},
        {"tcp://239.255.255.255:1",
         "TCP has no multicast; use the address of one host", true},
        {"tcp://[ff00::]:1",
         "TCP has no multicast; use the address of one host", true},
        {"tcp://[ff02::1%lo]:1",
         "TCP has no multicast; use the address of one host", true},
        {"tcp://255.255.255.255:1",
         "TCP has no broadcast; use the address of one host", true},
        {"tcp://[::ffff:0.0.0.0]:1",
         "write it as an IPv4 address, such as 192.0.2.1", true},
        {"tcp://[::ffff:127.0.0.1]:1",
         "write it as an IPv4 address, such as 192.0.2.1", true},
        {"tcp://[fe80::1]:1",
         "a link-local address needs a zone, such as [fe80::1%eth0]", true},
        {"tcp://[febf::1]:1",
         "a link-local address needs a zone, such as [fe80::1%eth0]", true},
        {"tcp://[fec0::1%lo]:1",
         "only link-local addresses have a zone; leave it out", true},
        {"tcp://[::1%999]:1",
         "write the name or index of an interface; see: ip link", true},
        {"tcp://[fe80::1%0]:1",
         "write the name or index of an interface; see: ip link", true},
        {"tcp://[fe80::1%.]:1",
         "write the name or index of an interface; see: ip link", true},
        {"tcp://[fe80::1%..]:1",
         "write the name or index of an interface; see: ip link", true},
        {"tcp://0.0.0.0:1",
         "0.0.0.0 is for listening only; connect to 127.0.0.1", false},
        {"tcp://[::]:1", ":: is for listening only; connect to [::1]", false},
        {"tcp://*:1", "* is for listening only; write the host of the server",
         false},
        {"tcp://127.0.0.1:0",
         "port 0 is for listening only; write the port of the server", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sbind_address a = parsed(cases[i].text);
        sbind_listener l;
        sbind_stream s;
        sbind_error e;
        for (int listening = 0; listening <= cases[i].listening; listening++) {
            sbind_status got = listening ? sbind_listen(&a, NULL, &l, &e)
                                         : sbind_connect(&a, NULL, &s, &e);
            assert_int_equal(got, e.status);
            if (got != SBIND_NO_SUCH_ZONE)
                assert_status(got, SBIND_UNUSABLE_ADDRESS);
            assert_string_equal(
                e.hint != NULL ? e.hint : sbind_status_hint(got), cases[i].why);
            assert_int_equal(e.attempt_count, 1);
            assert_string_equal(e.attempts[0].address, cases[i].text);
        }
    }
}

static void errors_of_the_system_name_address_call_and_remedy(void **state)
{
    static const char text[] = "tcp://192.0.2.1:65000";
    sbind_address a = parsed("tcp://"), meaning = parsed(text);
    sbind_listen_options o;
    sbind_listener l;
    sbind_error e;
    char report[SBIND_REPORT_MAX];
    size_t length;
    (void)state;
    sbind_listen_options_init(&o);
    o.tcp_default = &meaning;
    assert_status(sbind_listen(&a, &o, &l, &e), SBIND_SYSTEM);
    assert_int_equal(e.attempt_count, 1);
    assert_string_equal(e.attempts[0].address, text);
    sbind_report(&e, "tcp://", 6, report, sizeof report, &length);
    assert_string_equal(
        report, "the system refused (system); at tcp://192.0.2.1:65000; bind: "
                "EADDRNOTAVAIL\n"
                "  tcp://\n"
                "  hint: " ABSENT "\n");
}

static void no_room_for_a_listener(void **state)
{
    static const char *const kinds[] = {"tcp://127.0.0.1:0", "unix://@x",
                                        "npipe://x"};
    int descriptors = open_descriptors();
    size_t count = 77;
    sbind_address a;
    sbind_listener l;
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        a = parsed(kinds[i]);
        assert_status(sbind_listen_all(&a, NULL, NULL, 0, &count, NULL),
                      SBIND_TOO_MANY_LISTENERS);
        assert_int_equal(count, 77);
    }
    a = parsed("tcp://192.0.2.1:0"); /* and nobody asks why */
    assert_status(sbind_listen_all(&a, NULL, &l, 1, &count, NULL),
                  SBIND_SYSTEM);
    assert_int_equal(open_descriptors(), descriptors);
}

static void connecting_can_wait_for_ever(void **state)
{
    const char *const kinds[] = {"tcp://127.0.0.1:0", abstract()};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        sbind_listener l = listening(kinds[i], NULL);
        sbind_address own;
        sbind_connect_options o;
        sbind_stream s;
        sbind_connect_options_init(&o);
        assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
        o.timeout = -1;
        assert_status(sbind_connect(&own, &o, &s, NULL), SBIND_OK);
        sbind_close_stream(&s);
        o.timeout = INT64_MAX / 2; /* more than the system can be told */
        assert_status(sbind_connect(&own, &o, &s, NULL), SBIND_OK);
        sbind_close_stream(&s);
        sbind_close(&l, NULL);
    }
}

static void values_that_are_no_address(void **state)
{
    sbind_address a = parsed("fd://3");
    sbind_listener l;
    sbind_stream s;
    (void)state;
    a.fd = -3;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_INVALID_ADDRESS);
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_INVALID_ADDRESS);
}

static void what_is_in_use(void **state)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", NULL);
    sbind_address own;
    char text[SBIND_FORMAT_MAX];
    size_t length;
    (void)state;
    sbind_local_address(&l, &own, NULL);
    sbind_format(&own, text, sizeof text, &length);
    refused(text, SBIND_ADDRESS_IN_USE);
    sbind_close(&l, NULL);
    l = listening(abstract(), NULL);
    refused(abstract(), SBIND_ADDRESS_IN_USE);
    sbind_close(&l, NULL);
    l = listening(path_of("used"), NULL);
    refused(path_of("used"), SBIND_ADDRESS_IN_USE);
    sbind_close(&l, NULL);
}

static void *close_later(void *listener)
{
    poll(NULL, 0, 200);
    assert_status(sbind_close(listener, NULL), SBIND_OK);
    return NULL;
}

/* Listening tries again until the last server is gone, or until the time is
 * up. */
static void what_is_in_use_is_asked_for_again(const char *text)
{
    sbind_listener last = listening(text, NULL), next = {.fd = -5};
    sbind_listen_options o;
    sbind_address own;
    sbind_error e;
    pthread_t thread;
    int64_t begin = milliseconds();
    sbind_local_address(&last, &own, NULL);
    sbind_listen_options_init(&o);
    o.in_use_timeout = 120;
    assert_status(sbind_listen(&own, &o, &next, &e), SBIND_ADDRESS_IN_USE);
    assert_true(milliseconds() - begin >= 120);
    assert_int_equal(next.fd, -5);
    assert_int_equal(e.status, SBIND_ADDRESS_IN_USE);
    o.in_use_timeout = 60000;
    begin = milliseconds();
    assert_int_equal(pthread_create(&thread, NULL, close_later, &last), 0);
    assert_status(sbind_listen(&own, &o, &next, NULL), SBIND_OK);
    assert_true(milliseconds() - begin < 30000);
    pthread_join(thread, NULL);
    sbind_close(&next, NULL);
}

static void every_kind_is_asked_for_again(void **state)
{
    (void)state;
    what_is_in_use_is_asked_for_again("tcp://127.0.0.1:0");
    what_is_in_use_is_asked_for_again(abstract());
    what_is_in_use_is_asked_for_again(path_of("again"));
}

/* No other call depends on time. */
static void other_failures_are_told_at_once(void **state)
{
    sbind_address a = parsed(path_of("none/x"));
    sbind_listen_options o;
    sbind_listener l;
    int64_t begin = milliseconds();
    (void)state;
    sbind_listen_options_init(&o);
    o.in_use_timeout = 60000;
    assert_int_not_equal(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    assert_true(milliseconds() - begin < 30000);
}

static void the_default_of_tcp(void **state)
{
    sbind_address a = parsed("tcp://"), meaning = parsed("tcp://127.0.0.1:0");
    sbind_listen_options o;
    sbind_listener l;
    (void)state;
    sbind_listen_options_init(&o);
    o.tcp_default = &meaning;
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    assert_int_equal(l.kind, SBIND_TCP_IPV4);
    sbind_close(&l, NULL);
    o.tcp_default = &a;
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_NO_DEFAULT);
}

static void a_name_is_all_its_addresses_or_none(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.2:1", "tcp://[::1]:1",
                                       NULL};
    sbind_address a = parsed("tcp://name:0"), own[2];
    sbind_listener l[2], more[2];
    sbind_error e;
    size_t n = 0, none = 77;
    int before = open_descriptors();
    (void)state;
    resolve_to(both);
    assert_status(sbind_listen_all(&a, NULL, l, 2, &n, &e), SBIND_OK);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < 2; i++)
        assert_status(sbind_local_address(&l[i], &own[i], NULL), SBIND_OK);
    assert_int_equal(own[0].kind, SBIND_TCP_IPV4);
    assert_int_equal(own[1].kind, SBIND_TCP_IPV6);
    assert_int_not_equal(own[0].port, 0);
    assert_int_equal(own[0].port, own[1].port);
    sbind_close(&l[0], NULL);
    /* this port is free on the first address, and in use on the second */
    a.port = own[1].port;
    assert_status(sbind_listen_all(&a, NULL, more, 2, &none, &e),
                  SBIND_ADDRESS_IN_USE);
    assert_int_equal(none, 77);
    assert_int_equal(e.attempt_count, 1);
    assert_string_equal(e.attempts[0].call, "bind");
    assert_memory_equal(e.attempts[0].address, "tcp://[::1]:", 12);
    sbind_close(&l[1], NULL);
    assert_int_equal(open_descriptors(), before);
    assert_status(sbind_listen_all(&a, NULL, l, 1, &none, &e),
                  SBIND_TOO_MANY_LISTENERS);
    assert_int_equal(none, 77);
    assert_int_equal(open_descriptors(), before);
}

/* ---- Socket files ---------------------------------------------------------------- */

static struct stat file(const char *name)
{
    char path[128];
    struct stat st = {0};
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (lstat(path, &st) != 0)
        st.st_mode = 0;
    return st;
}

/* How many files the directory holds. */
static size_t file_count(void)
{
    DIR *d = opendir(directory);
    size_t n = 0;
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n - 2; /* . and .. */
}

static void the_mode_of_a_socket_file(void **state)
{
    static const mode_t masks[] = {0, 022, 077, 0777};
    size_t files = file_count();
    mode_t own = umask(0);
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sbind_listen_options o;
        sbind_listener l;
        umask(masks[i]);
        l = listening(path_of("mode"), NULL);
        assert_int_equal(file("mode").st_mode, S_IFSOCK | 0600);
        assert_int_equal(file_count(), files + 1);
        sbind_close(&l, NULL);
        sbind_listen_options_init(&o);
        o.mode = 0666;
        l = listening(path_of("mode"), &o);
        assert_int_equal(file("mode").st_mode, S_IFSOCK | 0666);
        sbind_close(&l, NULL);
        assert_int_equal(file_count(), files);
        assert_int_equal(umask(masks[i]), masks[i]);
    }
    umask(own);
}

static void only_the_maker_removes_its_file(void **state)
{
    sbind_listener l = listening(path_of("maker"), NULL);
    int status;
    pid_t pid = fork();
    (void)state;
    if (pid == 0)
        _exit(sbind_close(&l, NULL) != SBIND_OK);
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    assert_true(S_ISSOCK(file("maker").st_mode));
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(file("maker").st_mode, 0);
}

/* A forked child has a copy of every descriptor. The copies do not keep another
 * server from listening. */
static void a_forked_child_keeps_nobody_out(void **state)
{
    sbind_listener l = listening(path_of("forked"), NULL);
    int gate[2];
    pid_t pid;
    (void)state;
    assert_int_equal(pipe(gate), 0);
    pid = fork();
    if (pid == 0) {
        char octet;
        close(gate[1]);
        _exit(read(gate[0], &octet, 1) != 0);
    }
    close(gate[0]);
    refused(path_of("forked"), SBIND_ADDRESS_IN_USE);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    l = listening(path_of("forked"), NULL);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    close(gate[1]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* An event loop closes the descriptor that it was given, and another file soon
 * gets the number. sbind_close still removes the socket file, and the other
 * file stays open. */
static void closing_needs_no_descriptor(void **state)
{
    sbind_listener l = listening(path_of("given"), NULL);
    int fd = l.fd, unrelated;
    (void)state;
    close(fd);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(file("given").st_mode, 0);
    l = listening(path_of("given"), NULL);
    unrelated = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(dup3(unrelated, l.fd, O_CLOEXEC), l.fd);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(file("given").st_mode, 0);
    close(unrelated);
}

/* When a file is removed, its inode is free again, and often the next file gets
 * it. While the listener keeps its file open, no other file can get its
 * inode. */
static void closing_leaves_a_file_with_a_new_inode(void **state)
{
    sbind_listener l = listening(path_of("reused"), NULL);
    ino_t ours = file("reused").st_ino;
    int fd;
    (void)state;
    const struct timespec tick = {0, 20000000};
    close(l.fd);
    assert_int_equal(unlink(path_of("reused") + 7), 0);
    if (is_portable)
        nanosleep(&tick, NULL);
    fd = openat(AT_FDCWD, path_of("reused") + 7, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    if (!is_portable) /* with POSIX alone, only the file's time differs */
        assert_int_not_equal(file("reused").st_ino, ours);
    l.fd = fd;
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_true(S_ISREG(file("reused").st_mode));
    assert_int_equal(unlink(path_of("reused") + 7), 0);
}

/* Another process has already removed the file. */
static void closing_finds_the_file_gone(void **state)
{
    sbind_listener l = listening(path_of("tidied"), NULL);
    (void)state;
    assert_int_equal(unlink(path_of("tidied") + 7), 0);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(file("tidied").st_mode, 0);
}

static int close_in_child(void *context)
{
    return sbind_close(context, NULL) == SBIND_OK ? 0 : 1;
}

/* A PID namespace numbers its processes from 1, so a child can have the number
 * of its parent. Here the parent is the first process in its namespace, too. A
 * listener that was released still has its file. */
static int be_first(void *context)
{
    static char stack[1 << 16];
    const bool *is_released = context;
    sbind_listener l = listening(path_of("first"), NULL);
    int fd = *is_released ? sbind_release(&l) : -1, status = 1;
    pid_t pid =
        clone(close_in_child, stack + sizeof stack, CLONE_NEWPID | SIGCHLD, &l);
    if (getpid() != 1 || waitpid(pid, &status, 0) != pid || status != 0 ||
        !S_ISSOCK(file("first").st_mode))
        return 1;
    status = sbind_close(&l, NULL) == SBIND_OK ? 0 : 1;
    if (fd >= 0)
        close(fd);
    return status == 0 && file("first").st_mode == 0 ? 0 : 1;
}

static void a_child_with_the_same_number_removes_nothing(void **state)
{
    static char stack[1 << 17];
    (void)state;
    weaker("P11");
    for (int i = 0; i < 2; i++) {
        bool is_released = i != 0;
        int status = 1;
        pid_t pid = clone(be_first, stack + sizeof stack,
                          CLONE_NEWPID | SIGCHLD, &is_released);
        if (pid < 0)
            leave_out("no PID namespace can be made here");
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

/* The system knows the socket by the path that was asked for. */
static void its_name_is_the_path(void **state)
{
    sbind_listener l = listening(path_of("named"), NULL);
    struct sockaddr_un sa = {0};
    socklen_t length = sizeof sa;
    (void)state;
    assert_int_equal(getsockname(l.fd, (struct sockaddr *)&sa, &length), 0);
    sbind_close(&l, NULL);
    weaker("P20");
    assert_string_equal(sa.sun_path, path_of("named") + 7);
}

static void closing_needs_no_working_directory(void **state)
{
    sbind_listener l;
    int cwd = openat(AT_FDCWD, ".", O_PATH | O_CLOEXEC);
    (void)state;
    assert_int_equal(chdir(directory), 0);
    l = listening("unix://relative", NULL);
    assert_true(S_ISSOCK(file("relative").st_mode));
    assert_int_equal(chdir("/"), 0);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(file("relative").st_mode, 0);
    assert_int_equal(fchdir(cwd), 0);
    close(cwd);
}

static void the_public_path_is_known(void **state)
{
    sbind_listener l = listening(path_of("public"), NULL);
    sbind_address own, wanted = parsed(path_of("public"));
    (void)state;
    assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
    assert_true(sbind_equal(&own, &wanted));
    sbind_close(&l, NULL);
}

/* ---- Deadlines ---------------------------------------------------------------------- */

/* No process accepts, so the queue becomes full. Then connecting has to
 * wait. */
static void a_full_queue_is_waited_for(const char *text)
{
    sbind_listen_options o;
    sbind_connect_options c;
    sbind_listener l;
    sbind_stream s[64];
    sbind_address own;
    sbind_status status = SBIND_OK;
    int64_t begin = 0, took;
    size_t n = 0;
    sbind_listen_options_init(&o);
    o.backlog = 1;
    l = listening(text, &o);
    sbind_local_address(&l, &own, NULL);
    sbind_connect_options_init(&c);
    c.timeout = 300;
    while (status == SBIND_OK && n < 64) {
        begin = milliseconds();
        status = sbind_connect(&own, &c, &s[n], NULL);
        n += status == SBIND_OK;
    }
    took = milliseconds() - begin;
    assert_status(status, SBIND_TIMED_OUT);
    assert_true(took >= 250 && took < 5000);
    while (n > 0)
        sbind_close_stream(&s[--n]);
    sbind_close(&l, NULL);
}

static void connecting_has_a_deadline(void **state)
{
    (void)state;
    a_full_queue_is_waited_for(abstract());
    a_full_queue_is_waited_for("tcp://127.0.0.1:0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_serves),
        cmocka_unit_test(ipv6_is_ipv6_only),
        cmocka_unit_test(options_reach_the_socket),
        cmocka_unit_test(connections_are_kept_alive_as_asked),
        cmocka_unit_test(paths_are_several_if_asked),
        cmocka_unit_test(
            several_paths_have_no_user_timeout_unless_the_kernel_knows),
        cmocka_unit_test(options_of_other_systems_say_so),
        cmocka_unit_test(descriptors_are_refused),
        cmocka_unit_test(options_apply_or_are_refused),
        cmocka_unit_test(unsound_options_are_refused),
        cmocka_unit_test(options_of_connecting_apply_or_are_refused),
        cmocka_unit_test(addresses_that_cannot_be_used),
        cmocka_unit_test(addresses_that_cannot_be_used_say_why),
        cmocka_unit_test(errors_of_the_system_name_address_call_and_remedy),
        cmocka_unit_test(no_room_for_a_listener),
        cmocka_unit_test(connecting_can_wait_for_ever),
        cmocka_unit_test(values_that_are_no_address),
        cmocka_unit_test(what_is_in_use),
        cmocka_unit_test(every_kind_is_asked_for_again),
        cmocka_unit_test(other_failures_are_told_at_once),
        cmocka_unit_test(the_default_of_tcp),
        cmocka_unit_test(structures_of_another_size),
        cmocka_unit_test(a_name_is_all_its_addresses_or_none),
        cmocka_unit_test(the_mode_of_a_socket_file),
        cmocka_unit_test(only_the_maker_removes_its_file),
        cmocka_unit_test(closing_needs_no_descriptor),
        cmocka_unit_test(closing_leaves_a_file_with_a_new_inode),
        cmocka_unit_test(closing_finds_the_file_gone),
        cmocka_unit_test(a_child_with_the_same_number_removes_nothing),
        cmocka_unit_test(its_name_is_the_path),
        cmocka_unit_test(a_forked_child_keeps_nobody_out),
        cmocka_unit_test(closing_needs_no_working_directory),
        cmocka_unit_test(the_public_path_is_known),
        cmocka_unit_test(connecting_has_a_deadline),
    };
    limit_time();
    return exit_status(
        cmocka_run_group_tests(tests, make_directory, remove_directory));
}
