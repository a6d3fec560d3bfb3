/* peer_test.c - does the library say which user and process is at the other end
 * of a connection, and does it say only what the system really reports?
 *
 * Processes in other namespaces, of other users, and on older kernels (by
 * seccomp) ask the library. Three programs without the library make a mistake
 * each: one believes the kernel's number, one opens a pidfd by the process id,
 * and one does not ask for the server's user. They have to be fooled. Otherwise
 * this test could not fail.
 *
 * Promises: P46 */
#define _GNU_SOURCE /* struct ucred, clone */
#include "support.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

#define OVERFLOW 65534
#define OTHER (geteuid() == 0 ? 1000U : geteuid() + 1) /* no user of ours */

/* ---- Connections --------------------------------------------------------------- */

static char directory[] = "/tmp/sbind-peer-XXXXXX";

typedef struct connection {
    sbind_listener listener;
    sbind_stream client, server;
} connection;

static const char *abstract(void)
{
    static char text[64];
    snprintf(text, sizeof text, "unix://@sbind-peer-%d", (int)getpid());
    return text;
}

static const char *in_directory(const char *name)
{
    static char text[64];
    snprintf(text, sizeof text, "unix://%s/%s", directory, name);
    return text;
}

static sbind_listener listening(const char *text)
{
    sbind_address a = parsed(text);
    sbind_listener l;
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    return l;
}

/* Connects a client. No process has accepted it yet. */
static connection waiting(const char *text)
{
    connection c = {.server = SBIND_STREAM_INIT};
    sbind_address own;
    c.listener = listening(text);
    assert_status(sbind_local_address(&c.listener, &own, NULL), SBIND_OK);
    assert_status(sbind_connect(&own, NULL, &c.client, NULL), SBIND_OK);
    return c;
}

static connection connected(const char *text)
{
    connection c = waiting(text);
    assert_status(sbind_accept(&c.listener, SBIND_BLOCKING, &c.server, NULL),
                  SBIND_OK);
    return c;
}

static void disconnect(connection *c)
{
    sbind_close_stream(&c->client);
    sbind_close_stream(&c->server);
    sbind_close(&c->listener, NULL);
}

static sbind_peer peer_of(const sbind_stream *s)
{
    sbind_peer p;
    sbind_error e;
    memset(&e, 0x5A, sizeof e);
    assert_status(sbind_peer_of(s, &p, &e), SBIND_OK);
    assert_int_equal(e.status, 0x5A5A5A5A); /* untouched */
    return p;
}

static void assert_ids(const sbind_peer *p, uint32_t uid, uint32_t gid,
                       int32_t pid)
{
    assert_int_equal(p->uid, uid);
    assert_int_equal(p->gid, gid);
    assert_int_equal(p->pid, pid);
    assert_int_equal(p->session, SBIND_NO_ID);
    assert_string_equal(p->sid, "");
}

/* The peer is this user, and the process with this id. If the system does not tell, all
 * ids are unknown. */
static void assert_user(const sbind_peer *p, int32_t pid)
{
    if (is_portable)
        assert_ids(p, SBIND_NO_ID, SBIND_NO_ID, SBIND_NO_PID);
    else
        assert_ids(p, geteuid(), getegid(), pid);
}

static void assert_address(const sbind_peer *p, const char *text)
{
    char buf[SBIND_FORMAT_MAX];
    size_t n;
    if (text == NULL) {
        assert_int_equal(p->address.kind, 0);
        assert_false(sbind_valid(&p->address));
        return;
    }
    assert_status(sbind_format(&p->address, buf, sizeof buf, &n), SBIND_OK);
    assert_string_equal(buf, text);
}

/* ---- Unix sockets ---------------------------------------------------------------- */

static void both_ends_of_a_path_are_known(void **state)
{
    connection c = connected(in_directory("s"));
    sbind_peer client = peer_of(&c.server), server = peer_of(&c.client);
    (void)state;
    assert_user(&client, getpid());
    assert_user(&server, getpid());
    assert_address(&client, NULL);
    assert_address(&server, in_directory(is_portable ? ".s.sbind-d/s" : "s"));
    disconnect(&c);
}

static void both_ends_of_an_abstract_name_are_known(void **state)
{
    connection c = connected(abstract());
    sbind_peer client = peer_of(&c.server), server = peer_of(&c.client);
    (void)state;
    assert_user(&client, getpid());
    assert_address(&client, NULL);
    assert_address(&server, abstract());
    disconnect(&c);
}

/* A client with a name of its own, which the kernel knows by n octets of
 * sun_path. */
static void client_with_name(const char *name, size_t n, const char *wanted)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX},
                       to = {.sun_family = AF_UNIX};
    sbind_listener l = listening(abstract());
    sbind_stream s;
    sbind_peer p;
    const char *bare = abstract() + strlen("unix://@");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(own.sun_path, name, n);
    memcpy(to.sun_path + 1, bare, strlen(bare));
    assert_int_equal(
        bind(fd, (struct sockaddr *)&own,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
        0);
    assert_int_equal(
        connect(fd, (struct sockaddr *)&to,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                            strlen(bare))),
        0);
    assert_status(sbind_accept(&l, SBIND_BLOCKING, &s, NULL), SBIND_OK);
    p = peer_of(&s);
    assert_user(&p, getpid());
    assert_address(&p, wanted);
    close(fd);
    sbind_close_stream(&s);
    sbind_close(&l, NULL);
}

static void a_client_may_have_a_name(void **state)
{
    char name[64], text[80];
    int n = snprintf(name, sizeof name, "%c-named-%d", '\0', (int)getpid());
    (void)state;
    snprintf(text, sizeof text, "unix://@%s", name + 1);
    client_with_name(name, (size_t)n, text);
    snprintf(name, sizeof name, "%s/c", directory);
    snprintf(text, sizeof text, "unix://%s/c", directory);
    client_with_name(name, strlen(name), text);
    assert_int_equal(unlink(name), 0);
}

/* The client's name could do harm on a terminal, but no address can express
 * it. */
static void a_name_that_is_no_address_is_left_out(void **state)
{
    char name[64];
    int n = snprintf(name, sizeof name, "%c\033[2J%d", '\0', (int)getpid());
    (void)state;
    client_with_name(name, (size_t)n, NULL);
}

static void a_stream_that_was_passed_is_asked_as_well(void **state)
{
    sbind_address a = {.kind = SBIND_FD_NUMBER};
    sbind_stream s;
    sbind_peer p;
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends),
                     0);
    a.fd = ends[0];
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_OK);
    p = peer_of(&s);
    assert_user(&p, getpid());
    assert_address(&p, NULL);
    sbind_close_stream(&s);
    close(ends[1]);
}

/* The answer is about the moment at which the client connected. */
static void a_client_that_has_gone_is_still_known(void **state)
{
    connection c = connected(abstract());
    sbind_peer p;
    (void)state;
    sbind_close_stream(&c.client);
    p = peer_of(&c.server);
    assert_user(&p, getpid());
    disconnect(&c);
}

/* ---- TCP -------------------------------------------------------------------------- */

static const uint32_t anybody[] = {0, OVERFLOW, SBIND_NO_ID};

static void is_nobody(const sbind_peer *p)
{
    const uint32_t own = geteuid();
    assert_ids(p, SBIND_NO_ID, SBIND_NO_ID, SBIND_NO_PID);
    assert_false(sbind_peer_is(p, anybody, 3));
    assert_false(sbind_peer_is(p, &own, 1));
}

static uint16_t own_port(const sbind_stream *s)
{
    struct sockaddr_in6 in6; /* the port is at the same place for IPv4 */
    socklen_t length = sizeof in6;
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&in6, &length), 0);
    return ntohs(in6.sin6_port);
}

static void check_tcp(const char *host)
{
    char text[64];
    connection c;
    sbind_peer client, server;
    snprintf(text, sizeof text, "tcp://%s:0", host);
    c = connected(text);
    client = peer_of(&c.server);
    server = peer_of(&c.client);
    snprintf(text, sizeof text, "tcp://%s:%u", host, own_port(&c.client));
    assert_address(&client, text);
    snprintf(text, sizeof text, "tcp://%s:%u", host, own_port(&c.server));
    assert_address(&server, text);
    is_nobody(&client);
    is_nobody(&server);
    disconnect(&c);
}

static void of_tcp_the_address_is_known_alone(void **state)
{
    (void)state;
    check_tcp("127.0.0.1");
    check_tcp("[::1]");
}

/* The system shows ::ffff:127.0.0.1. */
static void ipv4_is_ipv4_at_a_socket_for_both(void **state)
{
    sbind_listener l = listening("tcp://*:0");
    sbind_address to = parsed("tcp://127.0.0.1:0"), own;
    sbind_stream client, server;
    sbind_peer p;
    char text[64];
    (void)state;
    assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
    to.port = own.port;
    assert_status(sbind_connect(&to, NULL, &client, NULL), SBIND_OK);
    assert_status(sbind_accept(&l, SBIND_BLOCKING, &server, NULL), SBIND_OK);
    assert_int_equal(server.kind, SBIND_TCP_IPV6);
    p = peer_of(&server);
    snprintf(text, sizeof text, "tcp://127.0.0.1:%u", own_port(&client));
    assert_address(&p, text);
    is_nobody(&p);
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    sbind_close(&l, NULL);
}

/* ---- What fails -------------------------------------------------------------------- */

static void fails(const sbind_stream *s, sbind_status wanted, const char *call,
                  int error, const char *hint)
{
    sbind_peer p, before;
    sbind_error e;
    memset(&p, 0x5A, sizeof p);
    before = p;
    assert_status(sbind_peer_of(s, &p, &e), wanted);
    assert_status(sbind_peer_of(s, &p, NULL), wanted);
    assert_memory_equal(&p, &before, sizeof p);
    assert_status(e.status, wanted);
    assert_int_equal(e.os_error, error);
    if (call == NULL)
        assert_null(e.call);
    else
        assert_string_equal(e.call, call);
    if (hint != NULL)
        assert_string_equal(e.hint, hint);
}

static void a_reset_connection_has_no_other_end(void **state)
{
    const struct linger at_once = {1, 0};
    connection c = connected("tcp://127.0.0.1:0");
    struct pollfd p = {.fd = c.server.fd, .events = POLLIN};
    (void)state;
    setsockopt(c.client.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    sbind_close_stream(&c.client);
    assert_int_equal(poll(&p, 1, 5000), 1);
    fails(&c.server, SBIND_PEER_GONE, "getpeername", ENOTCONN, NULL);
    disconnect(&c);
}

static const char empty_hint[] =
    "the stream is empty: it was never opened, or it was closed";

static void an_empty_stream_has_none(void **state)
{
    sbind_stream s = SBIND_STREAM_INIT;
    sbind_handle pidfd = 77;
    sbind_error e;
    (void)state;
    fails(&s, SBIND_FD_CLOSED, NULL, 0, empty_hint);
    assert_status(sbind_peer_pidfd(&s, &pidfd, &e), SBIND_FD_CLOSED);
    assert_string_equal(e.hint, empty_hint);
    assert_status(sbind_peer_pidfd(&s, &pidfd, NULL), SBIND_FD_CLOSED);
    assert_int_equal(pidfd, 77);
    s = (sbind_stream){-1, SBIND_UNIX_PATH};
    fails(&s, SBIND_FD_CLOSED, NULL, 0, empty_hint);
}

static void what_is_no_stream_of_ours_is_refused(void **state)
{
    sbind_stream s = {900, SBIND_UNIX_PATH};
    (void)state;
    fails(&s, SBIND_SYSTEM, "getpeername", EBADF,
          "the socket was closed or shut down meanwhile");
    s.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    fails(&s, SBIND_FD_FAMILY, NULL, 0, NULL);
    close(s.fd);
}

/* ---- Which user it is ----------------------------------------------------------------- */

static bool is(uint32_t uid, sbind_kind kind, const uint32_t *uids,
               size_t count)
{
    sbind_peer p = {.uid = uid, .address = {.kind = kind}};
    return sbind_peer_is(&p, uids, count);
}

static void only_known_users_are_let_in(void **state)
{
    static const uint32_t uids[] = {0, 7, SBIND_NO_ID, 1000};
    (void)state;
    assert_true(is(0, 0, uids, 4));
    assert_true(is(7, SBIND_UNIX_PATH, uids, 4));
    assert_true(is(1000, SBIND_UNIX_ABSTRACT, uids, 4));
    assert_false(is(1000, 0, uids, 3));
    assert_false(is(8, 0, uids, 4));
    assert_false(is(0, 0, uids, 0));
    assert_false(is(0, 0, NULL, 0));
    assert_false(is(SBIND_NO_ID, 0, uids, 4));
    assert_false(is(7, SBIND_TCP_IPV4, uids, 4)); /* made by hand */
    assert_false(is(7, SBIND_TCP_IPV6, uids, 4));
}

/* ---- Other processes -------------------------------------------------------------------- */

#define MUST(condition)                                                        \
    ((condition)                                                               \
         ? (void)0                                                             \
         : (fprintf(stderr, "line %d: " #condition "\n", __LINE__), _exit(1)))

enum { CANNOT = 77 };

/* Changes how this process sees users and processes. False if that is not
 * possible here. */
typedef bool change(void);
typedef void judge(const sbind_stream *server);

static bool as_it_is(void) { return true; }

typedef struct question {
    connection *connection;
    change *enter;
    judge *judge;
} question;

/* A process of its own. */
static int answer_question(void *context)
{
    const question *q = context;
    connection *c = q->connection;
    if (!q->enter())
        return CANNOT;
    MUST(sbind_accept(&c->listener, SBIND_BLOCKING, &c->server, NULL) ==
         SBIND_OK);
    q->judge(&c->server);
    return 0;
}

/* Runs in other namespaces that clone(2) makes. unshare cannot, because a
 * sanitizer may have started a thread. */
static int status_of_changed(connection *c, int namespaces, change *enter,
                             judge *judge_it)
{
    static char stack[1 << 18];
    question q = {c, enter, judge_it};
    int status = 1;
    pid_t pid =
        clone(answer_question, stack + sizeof stack, namespaces | SIGCHLD, &q);
    if (pid > 0)
        assert_int_equal(waitpid(pid, &status, 0), pid);
    disconnect(c);
    if (pid < 0)
        return CANNOT;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void when_in(int namespaces, change *enter, judge *judge_it,
                    const char *lacking)
{
    connection c = waiting(abstract());
    int status = status_of_changed(&c, namespaces, enter, judge_it);
    if (status == CANNOT)
        leave_out(lacking);
    assert_int_equal(status, 0);
}

static void when(change *enter, judge *judge_it)
{
    when_in(0, enter, judge_it, "");
}

static struct ucred as_the_kernel_says(const sbind_stream *s)
{
    struct ucred raw = {0, 0, 0};
    socklen_t length = sizeof raw;
    MUST(getsockopt(s->fd, SOL_SOCKET, SO_PEERCRED, &raw, &length) == 0);
    return raw;
}

/* A bad server: it trusts the kernel's number for "nobody", and so accepts
 * every user that is not mapped. */
static void naive_server_is_fooled(const sbind_stream *s, uint32_t lets_in)
{
    MUST(as_the_kernel_says(s).uid == lets_in);
}

static void nobody_of_here(const sbind_stream *s)
{
    sbind_peer p;
    MUST(sbind_peer_of(s, &p, NULL) == SBIND_OK);
    MUST(p.uid == SBIND_NO_ID && p.gid == SBIND_NO_ID);
    MUST(p.pid == getppid());
    MUST(!sbind_peer_is(&p, anybody, 3));
    naive_server_is_fooled(s, OVERFLOW);
    MUST(as_the_kernel_says(s).gid == OVERFLOW);
}

static void a_user_that_is_not_mapped_is_unknown(void **state)
{
    (void)state;
    weaker("P46");
    /* like unshare -U: users of the system have no number here */
    when_in(CLONE_NEWUSER, as_it_is, nobody_of_here,
            "no user namespace can be made here");
}

static void process_of_elsewhere(const sbind_stream *s)
{
    const uint32_t own = geteuid();
    sbind_peer p;
    MUST(getpid() == 1);
    MUST(sbind_peer_of(s, &p, NULL) == SBIND_OK);
    MUST(p.pid == SBIND_NO_PID && p.uid == own && p.gid == getegid());
    MUST(sbind_peer_is(&p, &own, 1));
    MUST(as_the_kernel_says(s).pid == 0); /* kill(0) is for one's own group */
}

static void a_process_of_another_namespace_is_unknown(void **state)
{
    (void)state;
    weaker("P46");
    when_in(CLONE_NEWPID, as_it_is, process_of_elsewhere,
            "no PID namespace can be made here");
}

/* ---- The overflow ids ---------------------------------------------------------------------- */

static const char *text_of_overflow; /* NULL: no /proc */
static const char *text_for_group;   /* NULL: the same */

static bool hide_proc(void)
{
    return mount("none", "/proc", "tmpfs", 0, NULL) == 0;
}

static bool replace_file(const char *path, const char *text)
{
    char other[64];
    FILE *file;
    snprintf(other, sizeof other, "%s/overflow", directory);
    unlink(other); /* a file that is mounted already stays */
    file = fopen(other, "w");
    MUST(file != NULL && fputs(text, file) >= 0);
    MUST(fclose(file) == 0);
    return mount(other, path, "none", MS_BIND, NULL) == 0;
}

/* Changes the overflow ids that this process sees in /proc. */
static bool with_overflow_ids(void)
{
    const char *user = text_of_overflow;
    const char *group = text_for_group != NULL ? text_for_group : user;
    if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    if (user == NULL)
        return hide_proc();
    return replace_file("/proc/sys/kernel/overflowuid", user) &&
           replace_file("/proc/sys/kernel/overflowgid", group);
}

static void is_unknown(const sbind_stream *s)
{
    sbind_peer p;
    MUST(sbind_peer_of(s, &p, NULL) == SBIND_OK);
    MUST(p.uid == SBIND_NO_ID && p.gid == SBIND_NO_ID);
    MUST(!sbind_peer_is(&p, anybody, 3));
}

static void is_known(const sbind_stream *s)
{
    sbind_peer p;
    MUST(sbind_peer_of(s, &p, NULL) == SBIND_OK);
    MUST(p.uid == geteuid() && p.gid == getegid() && p.pid == getppid());
}

static void is_of_no_group(const sbind_stream *s)
{
    sbind_peer p;
    MUST(sbind_peer_of(s, &p, NULL) == SBIND_OK);
    MUST(p.uid == geteuid() && p.gid == SBIND_NO_ID);
}

static void with_overflow(const char *text, judge *judge_it)
{
    text_of_overflow = text;
    when_in(CLONE_NEWNS, with_overflow_ids, judge_it,
            "no mount namespace can be made here");
}

/* Here the overflow id is the number of root. Still, a user who is not mapped
 * must not count as root. */
static void the_overflow_ids_are_what_proc_says(void **state)
{
    char own[16], more[16], longer[32];
    (void)state;
    weaker("P46");
    snprintf(own, sizeof own, "%u\n", (unsigned)geteuid());
    snprintf(more, sizeof more, "%u\n", (unsigned)geteuid() + 1);
    snprintf(longer, sizeof longer, "%u", (unsigned)geteuid());
    if (geteuid() != getegid())
        leave_out("this user and group have two numbers");
    with_overflow(own, is_unknown);
    with_overflow(longer, is_unknown);
    with_overflow(more, is_known);
    with_overflow("65534\n", is_known);
    with_overflow("42949672960000\n", is_known); /* 2^32 is not 0 */
    text_for_group = own;
    with_overflow(more, is_of_no_group);
    text_for_group = NULL;
}

/* Connects as this user, which only root can do, and becomes root again. */
static int status_for_client(uint32_t uid, int namespaces, change *enter,
                             judge *judge_it)
{
    connection c = {.listener = listening(abstract())};
    sbind_status connecting;
    assert_int_equal(setresgid(uid, uid, 0) | setresuid(uid, uid, 0), 0);
    connecting = sbind_connect(&c.listener.address, NULL, &c.client, NULL);
    assert_int_equal(setresuid(0, 0, 0) | setresgid(0, 0, 0), 0);
    assert_status(connecting, SBIND_OK);
    return status_of_changed(&c, namespaces, enter, judge_it);
}

static void without_proc_it_is_65534(void **state)
{
    static const char *const texts[] = {NULL, "nobody\n", ""};
    (void)state;
    weaker("P46");
    if (geteuid() != 0)
        leave_out("only root can be 65534");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text_of_overflow = texts[i];
        int status = status_for_client(OVERFLOW, CLONE_NEWNS, with_overflow_ids,
                                       is_unknown);
        if (status == CANNOT)
            leave_out("no mount namespace can be made here");
        assert_int_equal(status, 0);
    }
    assert_int_equal(status_for_client(OVERFLOW, 0, as_it_is, is_unknown), 0);
}

static void is_1000(const sbind_stream *s)
{
    const uint32_t uids[] = {999, 1000};
    sbind_peer p;
    MUST(sbind_peer_of(s, &p, NULL) == SBIND_OK);
    MUST(p.uid == 1000 && p.gid == 1000 && p.pid == getppid());
    MUST(sbind_peer_is(&p, uids, 2) && !sbind_peer_is(&p, uids, 1));
}

/* The client becomes root again after it has connected. Only then the server
 * asks about the client. */
static void a_client_is_the_user_that_connected(void **state)
{
    (void)state;
    weaker("P46");
    if (geteuid() != 0)
        leave_out("only root can be another user");
    assert_int_equal(status_for_client(1000, 0, as_it_is, is_1000), 0);
}

static bool without_descriptors(void)
{
    struct rlimit none = {0, 0};
    getrlimit(RLIMIT_NOFILE, &none);
    none.rlim_cur = (rlim_t)open("/dev/null", O_RDONLY) + 1; /* the accepted */
    close((int)none.rlim_cur - 1);
    return setrlimit(RLIMIT_NOFILE, &none) == 0;
}

static void a_process_without_descriptors_can_ask(void **state)
{
    (void)state;
    weaker("P46");
    if (getenv("SBIND_TEST_QUICK") != NULL) /* valgrind has its own limit */
        return;
    when(without_descriptors, is_known);
}

/* ---- Kernels that have less ------------------------------------------------------------------- */

/* getsockopt with this option fails. A call of pidfd_open kills the process. */
static void refuse_option(unsigned option, unsigned error)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsockopt, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, option, 0, 2),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static bool without_so_peercred(void)
{
    refuse_option(SO_PEERCRED, ENOPROTOOPT);
    return true;
}

static const char no_user_hint[] = "this kernel, or a sandbox, does not tell "
                                   "which user is at the other end";

static void the_user_is_not_told(const sbind_stream *s)
{
    sbind_peer p, before;
    sbind_error e;
    memset(&p, 0x5A, sizeof p);
    before = p;
    MUST(sbind_peer_of(s, &p, &e) == SBIND_SYSTEM);
    MUST(memcmp(&p, &before, sizeof p) == 0);
    MUST(strcmp(e.call, "getsockopt SO_PEERCRED") == 0);
    MUST(e.os_error == ENOPROTOOPT && strcmp(e.hint, no_user_hint) == 0);
}

static void a_kernel_that_tells_no_user_is_an_error(void **state)
{
    (void)state;
    weaker("P46");
    when(without_so_peercred, the_user_is_not_told);
}

static connection by_tcp;

static void of_tcp_there_is_none(const sbind_stream *s)
{
    sbind_peer p;
    (void)s;
    MUST(sbind_peer_of(&by_tcp.server, &p, NULL) == SBIND_OK);
    MUST(p.uid == SBIND_NO_ID && p.address.kind == SBIND_TCP_IPV4);
}

static void unless_none_was_asked_for(void **state)
{
    (void)state;
    by_tcp = connected("tcp://127.0.0.1:0");
    when(without_so_peercred, of_tcp_there_is_none);
    disconnect(&by_tcp);
}

/* ---- The process, as a descriptor --------------------------------------------------------------- */

/* The process id that a pidfd means, or -1 if that process has ended. */
static int process_of(int pidfd)
{
    char path[64], line[128];
    int pid = 0;
    FILE *file;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    file = fopen(path, "r");
    MUST(file != NULL);
    while (fgets(line, sizeof line, file) != NULL)
        sscanf(line, "Pid: %d", &pid);
    fclose(file);
    return pid;
}

static bool has_so_peerpidfd(void)
{
    int ends[2], pidfd = -1;
    socklen_t length = sizeof pidfd;
    bool has;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    has = getsockopt(ends[0], SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) == 0;
    close(ends[0]);
    close(ends[1]);
    return has && close(pidfd) == 0;
}

static void requires_so_peerpidfd(void)
{
    if (!has_so_peerpidfd())
        leave_out("this kernel has no SO_PEERPIDFD (Linux 6.5)");
}

static void the_process_can_be_held(void **state)
{
    struct pollfd p = {.events = POLLIN};
    sbind_error e;
    (void)state;
    weaker("P46");
    connection c = connected(abstract());
    requires_so_peerpidfd();
    memset(&e, 0x5A, sizeof e);
    assert_status(sbind_peer_pidfd(&c.server, &p.fd, &e), SBIND_OK);
    assert_int_equal(e.status, 0x5A5A5A5A);
    assert_int_equal(process_of(p.fd), getpid());
    assert_int_equal(fcntl(p.fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(poll(&p, 1, 0), 0);
    close(p.fd);
    disconnect(&c);
}

static void gives_no_pidfd(const sbind_stream *s, sbind_status wanted)
{
    sbind_handle pidfd = 77;
    sbind_error e;
    int before = open_descriptors();
    MUST(sbind_peer_pidfd(s, &pidfd, &e) == wanted);
    MUST(sbind_peer_pidfd(s, &pidfd, NULL) == wanted);
    MUST(e.status == wanted && pidfd == 77);
    MUST(open_descriptors() == before);
}

static void tcp_has_no_process(void **state)
{
    connection c = connected("tcp://127.0.0.1:0");
    (void)state;
    gives_no_pidfd(&c.server, SBIND_NO_PEER_PIDFD);
    gives_no_pidfd(&c.client, SBIND_NO_PEER_PIDFD);
    disconnect(&c);
}

/* A child that has connected, and waits to be killed. *ret is our end of the
 * connection. */
static pid_t client_process(const sbind_listener *l, sbind_stream *ret)
{
    pid_t pid = fork();
    if (pid == 0) {
        sbind_stream s;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        MUST(sbind_connect(&l->address, NULL, &s, NULL) == SBIND_OK);
        for (;;)
            pause();
    }
    assert_status(sbind_accept(l, SBIND_BLOCKING, ret, NULL), SBIND_OK);
    return pid;
}

static void end(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_process_that_has_ended_is_gone(void **state)
{
    struct pollfd p = {.events = POLLIN};
    sbind_stream s;
    sbind_peer peer;
    pid_t pid;
    (void)state;
    weaker("P46");
    sbind_listener l = listening(abstract());
    requires_so_peerpidfd();
    pid = client_process(&l, &s);
    assert_status(sbind_peer_pidfd(&s, &p.fd, NULL), SBIND_OK);
    assert_int_equal(process_of(p.fd), pid);
    kill(pid, SIGKILL);
    assert_int_equal(poll(&p, 1, 5000), 1);
    gives_no_pidfd(&s, SBIND_PEER_GONE); /* its parent has not asked yet */
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    gives_no_pidfd(&s, SBIND_PEER_GONE);
    peer = peer_of(&s);
    assert_user(&peer, pid);
    close(p.fd);
    sbind_close_stream(&s);
    sbind_close(&l, NULL);
}

/* Another process under that number. */
static pid_t fork_as(pid_t pid)
{
    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
            stack_size, tls, set_tid, set_tid_size, cgroup;
    } arguments = {.exit_signal = SIGCHLD,
                   .set_tid = (uint64_t)(uintptr_t)&pid,
                   .set_tid_size = 1};
    pid_t made = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    while (made == 0)
        pause();
    return made;
}

/* A bad server: it opens the process by its number. */
static void naive_server_holds(pid_t pid)
{
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    assert_true(pidfd >= 0);
    assert_int_equal(process_of(pidfd), pid);
    close(pidfd);
}

static void another_process_of_that_number_is_not_it(void **state)
{
    sbind_listener l;
    sbind_stream s;
    pid_t first, second;
    int tries = 100;
    (void)state;
    weaker("P46");
    if (getenv("SBIND_TEST_QUICK") != NULL) /* valgrind has no clone3 */
        return;
    requires_so_peerpidfd();
    l = listening(abstract());
    do {
        first = client_process(&l, &s);
        end(first);
        second = fork_as(first);
        if (second < 0)
            sbind_close_stream(&s);
    } while (second < 0 && errno == EEXIST && --tries > 0);
    if (second < 0) {
        sbind_close(&l, NULL);
        leave_out("no process id can be chosen here");
    }
    assert_int_equal(peer_of(&s).pid, second);
    naive_server_holds(second);
    gives_no_pidfd(&s, SBIND_PEER_GONE);
    end(second);
    sbind_close_stream(&s);
    sbind_close(&l, NULL);
}

/* An answer of getsockopt to SO_PEERPIDFD, and the status that it has to
 * give. */
static struct {
    int error;
    sbind_status status;
    const char *hint; /* NULL: the status's own */
} answer;

static bool that_answers_so(void)
{
    refuse_option(SO_PEERPIDFD, (unsigned)answer.error);
    return true;
}

static void is_that_answer(const sbind_stream *s)
{
    sbind_handle pidfd;
    sbind_error e;
    gives_no_pidfd(s, answer.status);
    MUST(sbind_peer_pidfd(s, &pidfd, &e) == answer.status);
    MUST(strcmp(e.call, "getsockopt SO_PEERPIDFD") == 0);
    MUST(e.os_error == answer.error);
    MUST(answer.hint == NULL ? e.hint == NULL
                             : strcmp(e.hint, answer.hint) == 0);
}

/* pidfd_open kills the process, so this checks that the library does not try
 * it */
static void a_kernel_without_is_not_a_process_that_is_gone(void **state)
{
    static const struct {
        int error;
        sbind_status status;
        const char *hint;
    } answers[] = {
        {ENOPROTOOPT, SBIND_NO_PEER_PIDFD, NULL},
        {ENODATA, SBIND_NO_PEER_PIDFD, NULL},
        {EINVAL, SBIND_PEER_GONE, NULL},
        {ESRCH, SBIND_PEER_GONE, NULL},
        {EMFILE, SBIND_SYSTEM,
         "this process has as many descriptors open as it may; see: ulimit "
         "-n"},
        {EPERM, SBIND_SYSTEM,
         "a security policy of this machine (seccomp, SELinux, AppArmor) "
         "forbids it"},
    };
    (void)state;
    weaker("P46");
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        answer.error = answers[i].error;
        answer.status = answers[i].status;
        answer.hint = answers[i].hint;
        when(that_answers_so, is_that_answer);
    }
}

/* ---- The user of the server ------------------------------------------------------------------------ */

static const char secret[] = "the secret";

/* A server of another user. It reports how many octets a client has sent. */
static ssize_t serve(const char *text, int ready)
{
    char octets[64];
    ssize_t n, all = 0;
    sbind_listener l;
    sbind_stream s;
    if (geteuid() == 0)
        MUST(setresgid(1000, 1000, 1000) == 0 &&
             setresuid(1000, 1000, 1000) == 0);
    l = listening(text);
    MUST(write(ready, "r", 1) == 1);
    MUST(sbind_accept(&l, SBIND_BLOCKING, &s, NULL) == SBIND_OK);
    while ((n = read(s.fd, octets, sizeof octets)) > 0)
        all += n;
    MUST(n == 0);
    sbind_close_stream(&s);
    MUST(sbind_close(&l, NULL) == SBIND_OK);
    return all;
}

/* Connects and asks for this user as the server. Then sends the secret.
 * *ret_sent is how much of it the impostor got. */
static sbind_status tell(const char *text, uint32_t owner, size_t *ret_sent,
                         sbind_error *e)
{
    sbind_address a = parsed(text);
    sbind_connect_options o;
    sbind_stream s;
    sbind_status status;
    int ready[2], result = -1;
    char octet;
    pid_t pid;
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    if (pid == 0)
        _exit((int)serve(text, ready[1]) + 1);
    close(ready[1]); /* so that read returns when the server ends */
    assert_int_equal(read(ready[0], &octet, 1), 1);
    sbind_connect_options_init(&o);
    o.unix_owner = owner;
    o.blocking = SBIND_BLOCKING;
    status = sbind_connect(&a, &o, &s, e);
    if (status == SBIND_OK) {
        assert_int_equal(write(s.fd, secret, sizeof secret), sizeof secret);
        sbind_close_stream(&s);
    }
    assert_int_equal(waitpid(pid, &result, 0), pid);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) > 0);
    *ret_sent = (size_t)WEXITSTATUS(result) - 1;
    close(ready[0]);
    return status;
}

static void check_impostor(const char *text)
{
    uint32_t impostor = geteuid() == 0 ? 1000 : geteuid();
    uint32_t wanted = geteuid() == 0 ? 0 : OTHER;
    size_t sent;
    sbind_error e;
    int before = open_descriptors();
    assert_status(tell(text, wanted, &sent, &e), SBIND_WRONG_SERVER);
    assert_int_equal(sent, 0);
    assert_null(e.call);
    assert_null(e.hint);
    assert_status(tell(text, impostor, &sent, &e), SBIND_OK);
    assert_int_equal(sent, sizeof secret);
    /* a client that does not ask for the user sends everything */
    assert_status(tell(text, SBIND_NO_ID, &sent, &e), SBIND_OK);
    assert_int_equal(sent, sizeof secret);
    assert_int_equal(open_descriptors(), before);
}

static void an_impostor_gets_nothing(void **state)
{
    (void)state;
    weaker("P46");
    check_impostor(abstract());
    assert_int_equal(mkdir(in_directory("open") + 7, 0755), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(in_directory("open") + 7, 1000, 1000), 0);
    check_impostor(in_directory("open/s"));
    assert_int_equal(rmdir(in_directory("open") + 7), 0);
}

/* Does the same in an event loop. */
static void in_steps_the_owner_is_asked_for(void **state)
{
    (void)state;
    weaker("P46");
    sbind_listener l = listening(abstract());
    sbind_connecting c = SBIND_CONNECTING_INIT;
    sbind_connect_options o;
    sbind_stream s = SBIND_STREAM_INIT;
    int before = open_descriptors();
    sbind_connect_options_init(&o);
    o.unix_owner = OTHER;
    assert_status(sbind_connect_start(&l.address, &o, &c, NULL),
                  SBIND_WRONG_SERVER);
    assert_int_equal(c.kind, 0);
    assert_int_equal(open_descriptors(), before);
    o.unix_owner = geteuid();
    assert_status(sbind_connect_start(&l.address, &o, &c, NULL), SBIND_OK);
    assert_status(sbind_connect_step(&c, &s, NULL), SBIND_OK);
    sbind_close_stream(&s);
    sbind_close(&l, NULL);
}

/* Connects to a listener of the parent process, which plays the server. */
static sbind_status connect_back(uint32_t owner, sbind_error *e)
{
    char text[64];
    sbind_address a;
    sbind_connect_options o;
    sbind_stream s = {-5, SBIND_NPIPE};
    sbind_status status;
    snprintf(text, sizeof text, "unix://@sbind-peer-%d", (int)getppid());
    MUST(sbind_parse(text, strlen(text), &a, NULL) == SBIND_OK);
    sbind_connect_options_init(&o);
    o.unix_owner = owner;
    status = sbind_connect(&a, &o, &s, e);
    MUST(status == SBIND_OK || s.fd == -5);
    return status;
}

static void no_owner_will_do(const sbind_stream *s)
{
    sbind_error e;
    (void)s;
    MUST(connect_back(0, &e) == SBIND_WRONG_SERVER);
    MUST(strcmp(e.hint, "the system does not tell which user the server is: it "
                        "is none of this user namespace") == 0);
    MUST(e.call == NULL);
    MUST(connect_back(OVERFLOW, NULL) == SBIND_WRONG_SERVER);
    MUST(connect_back(SBIND_NO_ID, NULL) == SBIND_OK);
}

static void a_server_that_is_not_mapped_is_nobody(void **state)
{
    (void)state;
    weaker("P46");
    when_in(CLONE_NEWUSER, as_it_is, no_owner_will_do,
            "no user namespace can be made here");
}

static void the_owner_is_not_told(const sbind_stream *s)
{
    sbind_error e;
    (void)s;
    MUST(connect_back(geteuid(), &e) == SBIND_SYSTEM);
    MUST(strcmp(e.call, "getsockopt SO_PEERCRED") == 0);
    MUST(e.os_error == ENOPROTOOPT && strcmp(e.hint, no_user_hint) == 0);
    MUST(connect_back(SBIND_NO_ID, NULL) == SBIND_OK);
}

static void an_owner_that_no_kernel_tells_is_an_error(void **state)
{
    (void)state;
    weaker("P46");
    when(without_so_peercred, the_owner_is_not_told);
}

/* ---- With POSIX only --------------------------------------------------------- */

/* The system tells nothing, and nothing is believed. */
static void nobody_is_known(void **state)
{
    connection c;
    sbind_peer p;
    sbind_error e;
    sbind_stream s;
    sbind_connect_options o;
    const uint32_t own = geteuid();
    (void)state;
    if (!is_portable)
        return;
    c = connected(abstract());
    p = peer_of(&c.server);
    assert_false(sbind_peer_is(&p, anybody, 3));
    assert_false(sbind_peer_is(&p, &own, 1));
    gives_no_pidfd(&c.server, SBIND_NO_PEER_PIDFD);
    sbind_connect_options_init(&o);
    o.unix_owner = own;
    assert_status(sbind_connect(&c.listener.address, &o, &s, &e),
                  SBIND_WRONG_SERVER);
    assert_string_equal(e.hint,
                        "this system does not tell which user the server is");
    disconnect(&c);
}

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return 1;
    return chmod(directory, 0755);
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(in_directory("overflow") + 7);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_of_a_path_are_known),
        cmocka_unit_test(both_ends_of_an_abstract_name_are_known),
        cmocka_unit_test(a_client_may_have_a_name),
        cmocka_unit_test(a_name_that_is_no_address_is_left_out),
        cmocka_unit_test(a_stream_that_was_passed_is_asked_as_well),
        cmocka_unit_test(a_client_that_has_gone_is_still_known),
        cmocka_unit_test(of_tcp_the_address_is_known_alone),
        cmocka_unit_test(ipv4_is_ipv4_at_a_socket_for_both),
        cmocka_unit_test(a_reset_connection_has_no_other_end),
        cmocka_unit_test(an_empty_stream_has_none),
        cmocka_unit_test(what_is_no_stream_of_ours_is_refused),
        cmocka_unit_test(only_known_users_are_let_in),
        cmocka_unit_test(a_user_that_is_not_mapped_is_unknown),
        cmocka_unit_test(a_process_of_another_namespace_is_unknown),
        cmocka_unit_test(the_overflow_ids_are_what_proc_says),
        cmocka_unit_test(without_proc_it_is_65534),
        cmocka_unit_test(a_client_is_the_user_that_connected),
        cmocka_unit_test(a_process_without_descriptors_can_ask),
        cmocka_unit_test(a_kernel_that_tells_no_user_is_an_error),
        cmocka_unit_test(unless_none_was_asked_for),
        cmocka_unit_test(the_process_can_be_held),
        cmocka_unit_test(tcp_has_no_process),
        cmocka_unit_test(a_process_that_has_ended_is_gone),
        cmocka_unit_test(another_process_of_that_number_is_not_it),
        cmocka_unit_test(a_kernel_without_is_not_a_process_that_is_gone),
        cmocka_unit_test(an_impostor_gets_nothing),
        cmocka_unit_test(in_steps_the_owner_is_asked_for),
        cmocka_unit_test(a_server_that_is_not_mapped_is_nobody),
        cmocka_unit_test(an_owner_that_no_kernel_tells_is_an_error),
        cmocka_unit_test(nobody_is_known),
    };
    limit_time();
    if (geteuid() == 65534) {
        fputs("SKIPPED: the kernel names this user for those that it cannot "
              "name\n",
              stderr);
        return getenv("CI") == NULL ? 77 : 1;
    }
    return exit_status(
        cmocka_run_group_tests(tests, make_directory, remove_directory));
}
