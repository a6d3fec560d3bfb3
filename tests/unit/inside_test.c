/* inside_test.c - do the functions that the rooms (folders of src) share work
 * in states that the library never reaches? Such states are the end of a text
 * that the lexer has not accepted, a full buffer, and every answer that the
 * system can give.
 *
 * Some system calls are replaced by the functions below. */
#define _GNU_SOURCE /* accept4, strerrorname_np */
#include "support.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "../../src/bind/answers.h"
#include "../../src/bind/deadline.h"
#include "../../src/bind/family.h"
#include "../../src/bind/names.h"
#include "../../src/bind/socket.h"
#include "../../src/bind/system.h"
#include "../../src/bind/errno_name.h"
#include "../../src/bind/posix/taken.h"
#include "../../src/parse/inet.h"
#include "../../src/parse/limits.h"
#include "../../src/parse/refuse.h"
#include "../../src/status/writer.h"
#include "resolver.h"

/* ---- What the system answers --------------------------------------------------- */

/* How the C library declares the calls that this file replaces. */
#ifdef __GLIBC__
#define ADDRESS_ARG __SOCKADDR_ARG
#define NAME_ARG(name) char name[IF_NAMESIZE]
#define RESOURCE __rlimit_resource_t
#else
#define ADDRESS_ARG struct sockaddr *
#define NAME_ARG(name) char *name
#define RESOURCE int
#endif

static int accept_error;
/* the name of every interface; NULL: there is no interface */
static const char *interface;
static rlim_t limit; /* the limit on descriptors; 0: unknown */

/* What the replaced calls say about the descriptor fd. If fd is -1, they say
 * this about no descriptor. */
static struct nature {
    int fd, type, domain, protocol, listening;
} nature = {.fd = -1};

#ifdef SBIND_PORTABLE /* the portable library asks by more calls */
int getsockname(int fd, ADDRESS_ARG sa, socklen_t *length)
{
    int failed = (int)syscall(SYS_getsockname, fd, sa.__sockaddr__, length);
    if (failed == 0 && fd == nature.fd)
        sa.__sockaddr__->sa_family = (sa_family_t)nature.domain;
    return failed;
}

static int ask_tcp(void)
{
    errno = ENOPROTOOPT;
    return nature.protocol == IPPROTO_TCP || nature.protocol == IPPROTO_MPTCP
               ? 0
               : -1;
}
#else
static int ask_tcp(void) { return 0; }
#endif

int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
    if (fd == nature.fd && level == IPPROTO_TCP)
        return ask_tcp();
    const int *answer = name == SO_TYPE         ? &nature.type
                        : name == SO_DOMAIN     ? &nature.domain
                        : name == SO_PROTOCOL   ? &nature.protocol
                        : name == SO_ACCEPTCONN ? &nature.listening
                                                : NULL;
    if (fd != nature.fd || level != SOL_SOCKET || answer == NULL)
        return (int)syscall(SYS_getsockopt, fd, level, name, value, length);
    memcpy(value, answer, sizeof *answer);
    return 0;
}

int accept4(int fd, ADDRESS_ARG sa, socklen_t *length, int flags)
{
    (void)fd;
    (void)sa;
    (void)length;
    (void)flags;
    errno = accept_error;
    return -1;
}

int accept(int fd, ADDRESS_ARG sa, socklen_t *length) /* with POSIX only */
{
    return accept4(fd, sa, length, 0);
}

char *if_indextoname(unsigned index, NAME_ARG(ret))
{
    (void)index;
    return interface == NULL ? NULL : strcpy(ret, interface);
}

/* The linker wraps this call. Sanitizers make the call before main, and get the
 * real one. */
static bool has_begun;
int __real_getrlimit(RESOURCE resource, struct rlimit *ret);
int __wrap_getrlimit(RESOURCE resource, struct rlimit *ret);
CALLED_BEFORE_MAIN int __wrap_getrlimit(RESOURCE resource, struct rlimit *ret)
{
    if (!has_begun)
        return __real_getrlimit(resource, ret);
    assert_int_equal(resource, RLIMIT_NOFILE);
    ret->rlim_cur = limit;
    return limit == 0 ? -1 : 0;
}

/* ---- Text that ends ------------------------------------------------------------- */

/* Reads an IPv6 address from the first n octets of a text. Returns how many
 * octets it took. */
static size_t ipv6_of(const char *text, size_t n, uint8_t ret[16])
{
    const unsigned char *begin = (const unsigned char *)text;
    return (size_t)(sbind__read_ipv6(begin, begin + n, ret) - begin);
}

static void numbers_end_where_the_text_does(void **state)
{
    /* the octets behind the end would belong to the same number */
    static const char whole[] = "1:2:33:abcd:7::8", ipv4[] = "::1.2.3.4";
    uint8_t ip[16];
    (void)state;
    for (size_t n = 0; n < sizeof whole; n++)
        assert_true(ipv6_of(whole, n, ip) <= n);
    for (size_t n = 0; n < sizeof ipv4; n++)
        assert_true(ipv6_of(ipv4, n, ip) <= n);
    assert_int_equal(ipv6_of("1:22", 3, ip), 3);
    assert_memory_equal(ip, "\0\1\0\2\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(ipv6_of("1::2", 2, ip), 2);
    assert_int_equal(ipv6_of("12.", 2, ip), 2);
    assert_memory_equal(ip, "\0\x12\0\0", 4);
}

/* Tries every length of the viable prefix, for a text in a block that ends with
 * the text. */
static void refuse_and_limit(const char *octets, size_t len)
{
    unsigned char *text = malloc(len + !len);
    assert_non_null(text);
    memcpy(text, octets, len);
    for (size_t viable = 0; viable <= len; viable++) {
        sbind_error error;
        sbind_status refusal = sbind__refuse(text, len, viable, &error);
        sbind__limit exceeded = sbind__check_limits(text, viable);
        assert_int_not_equal(refusal, SBIND_OK);
        assert_int_equal(error.status, refusal);
        assert_int_equal(error.offset, viable);
        assert_int_equal(exceeded.past, viable);
        assert_int_equal(exceeded.status, SBIND_OK);
    }
    free(text);
}

static void what_no_lexer_has_seen_is_refused_within_its_octets(void **state)
{
    static const char *const schemes[] = {
        "",        "tcp://",      "tcp://[",   "tcp://[::1%", "tcp://a:",
        "unix://", "fd://",       "fd://0",    "npipe://",    "npipe:////",
        "\\\\",    "\\\\a\\pipe", "npipe:///", "unix:"};
    static const char octets[] = {'0', '7',  'x',    '.',   ':', '[',
                                  ']', '%',  '@',    '*',   '/', '+',
                                  ' ', '\\', '\x80', '\xF0'};
    char text[16];
    (void)state;
    for (size_t s = 0; s < sizeof schemes / sizeof *schemes; s++)
        for (unsigned more = 0; more <= 3; more++)
            for (unsigned n = 0; n < 1U << 4 * more; n++) {
                size_t len = strlen(schemes[s]);
                memcpy(text, schemes[s], len);
                for (unsigned i = 0; i < more; i++)
                    text[len++] = octets[n >> 4 * i & 15];
                refuse_and_limit(text, len);
            }
}

/* The text goes wrong where a label, a port or a zone has to come. The octet at
 * that place must not be read as a part of this label, port or zone. */
static void what_is_not_there_is_not_read(void **state)
{
    static const struct {
        const char *text;
        size_t viable;
        sbind_status status;
    } cases[] = {{"tcp://.:", 7, SBIND_BAD_HOST},
                 {"tcp://a:7", 8, SBIND_BAD_PORT},
                 {"tcp://a:x", 8, SBIND_BAD_PORT},
                 {"tcp://[::1%25", 11, SBIND_BAD_ZONE}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        sbind_error e;
        assert_int_equal(sbind__refuse((const unsigned char *)text,
                                       strlen(text), cases[i].viable, &e),
                         cases[i].status);
        assert_null(e.hint);
    }
}

/* The server's name has octets that no real name has. Each counts as two UTF-16
 * units, so the name exceeds the limit of pipes after 84 labels, and the limit
 * of hosts only later. */
static void the_first_limit_is_the_one_that_counts(void **state)
{
    unsigned char text[2 + 300] = "\\\\";
    sbind__limit exceeded;
    (void)state;
    for (size_t i = 2; i < sizeof text; i++)
        text[i] = i % 2 == 0 ? 0xF0 : '.';
    exceeded = sbind__check_limits(text, sizeof text);
    assert_int_equal(exceeded.past, 2 + 2 * 84 + 1);
    assert_int_equal(exceeded.status, SBIND_PIPE_NAME_TOO_LONG);
}

/* Texts without a name and without a scheme exceed no limit. */
static void what_has_no_limit_exceeds_none(void **state)
{
    static const char *const begins[] = {"tcp://:", "tcp:", "unix://@"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        unsigned char text[2000];
        sbind__limit exceeded;
        memset(text, 'a', sizeof text);
        memcpy(text, begins[i], strlen(begins[i]));
        exceeded = sbind__check_limits(text, sizeof text);
        assert_int_equal(exceeded.past, sizeof text);
        assert_int_equal(exceeded.status, SBIND_OK);
    }
}

static void a_writer_never_passes_its_end(void **state)
{
    char buf[4] = "...";
    sbind__writer to = {buf, 2, 0, false};
    (void)state;
    sbind__put(&to, "a", 1);
    sbind__put_end(&to);
    assert_false(to.full);
    assert_int_equal(to.length, 1);
    sbind__put(&to, "bc", 2);
    assert_true(to.full);
    assert_int_equal(to.length, 1);
    sbind__put(&to, "b", 1);
    sbind__put_end(&to);
    assert_int_equal(to.length, 2);
    assert_memory_equal(buf, "ab.", 3);
}

/* ---- Time -------------------------------------------------------------------------- */

static void the_sooner_of_two(void **state)
{
    const sbind__deadline never = {-1}, first = {1}, second = {2};
    (void)state;
    assert_int_equal(sbind__sooner(first, second).at, 1);
    assert_int_equal(sbind__sooner(second, first).at, 1);
    assert_int_equal(sbind__sooner(never, second).at, 2);
    assert_int_equal(sbind__sooner(second, never).at, 2);
    assert_int_equal(sbind__sooner(never, never).at, -1);
}

static void a_time_that_does_not_come(void **state)
{
    const sbind__deadline never = {-1}, past = {0};
    sbind__deadline far = sbind__deadline_in(INT64_MAX / 2);
    int pipe_fds[2];
    bool is_ready = false;
    sbind_error e;
    (void)state;
    assert_int_equal(sbind__deadline_in(-1).at, -1);
    assert_int_equal(sbind__deadline_in(INT64_MAX).at, -1);
    assert_int_equal(sbind__time_left(&never), -1);
    assert_int_equal(sbind__time_left(&past), 0);
    assert_int_equal(pipe(pipe_fds), 0);
    assert_status(sbind__await(&pipe_fds[1], &is_ready, 1, &far, &e),
                  SBIND_OK); /* longer than poll's most */
    assert_true(is_ready);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

/* ---- What the resolver says ---------------------------------------------------------- */

static void an_answer_of_another_family(void **state)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr other = {.sa_family = AF_UNSPEC};
    struct addrinfo a = {.ai_addr = &other, .ai_addrlen = sizeof other};
    sbind_address address;
    sbind_error e;
    (void)state;
    assert_status(sbind__answer(&a, 80, &address, &e), SBIND_FD_FAMILY);
    assert_status(e.status, SBIND_FD_FAMILY);
    memset(un.sun_path, '\n', sizeof un.sun_path); /* no text has that */
    assert_status(
        sbind__from_sockaddr((const struct sockaddr *)&un, sizeof un, &address),
        SBIND_INVALID_ADDRESS);
}

static void turns_come_to_an_end(void **state)
{
    static const char *const one[] = {"tcp://127.0.0.1:1", NULL};
    const sbind_address name = parsed("tcp://name:80");
    struct addrinfo *list;
    sbind__turns turns;
    (void)state;
    resolve_to(one);
    assert_status(sbind__resolve(&name, &list, NULL), SBIND_OK);
    turns = sbind__take_turns(list);
    assert_ptr_equal(sbind__next_answer(&turns), list);
    assert_null(sbind__next_answer(&turns));
    freeaddrinfo(list);
}

/* ---- What the kernel says ------------------------------------------------------------ */

static void a_zone_that_no_text_has_is_written_as_its_index(void **state)
{
    static const char *const names[][2] = {
        {"eth0", "eth0"}, {"Br-0.1_x~", "Br-0.1_x~"},
        {"z9", "z9"},     {"a{", "7"},
        {"a@", "7"},      {"a/", "7"},
        {"a:", "7"},      {"12", "7"},
        {"25x", "7"},     {"", "7"},
        {NULL, "7"},
    };
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_scope_id = 7};
    sbind_address a;
    (void)state;
    in6.sin6_addr.s6_addr[0] = 0xFE;
    in6.sin6_addr.s6_addr[1] = 0x80;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        interface = names[i][0];
        assert_status(
            sbind__from_sockaddr((const struct sockaddr *)&in6, sizeof in6, &a),
            SBIND_OK);
        assert_string_equal(a.zone, names[i][1]);
        assert_int_equal(a.zone_length, strlen(names[i][1]));
    }
}

static void set_all(sbind_listen_options *o)
{
    sbind_listen_options_init(o);
    o->backlog = o->receive_buffer = o->send_buffer = 1;
    o->existing = SBIND_REPLACE;
    o->mode = 0600;
    o->owner = o->group = 1;
    o->any_directory = true;
    o->reuse_address = o->reuse_port = o->v6only = o->nodelay = SBIND_OFF;
    o->keepalive = o->freebind = o->mptcp = o->refuse_descriptors = SBIND_ON;
    o->keepalive_idle = o->keepalive_interval = o->keepalive_count = 1;
    o->user_timeout = 1;
    o->device = o->pipe_sddl = "x";
}

static void set_all_to_connect(sbind_connect_options *o)
{
    static struct sockaddr_in in = {.sin_family = AF_INET};
    static const struct addrinfo given = {.ai_addr = (struct sockaddr *)&in,
                                          .ai_addrlen = sizeof in};
    sbind_connect_options_init(o);
    o->timeout = o->attempt_delay = 100;
    o->nodelay = o->keepalive = o->mptcp = o->refuse_descriptors = SBIND_ON;
    o->keepalive_idle = o->keepalive_interval = o->keepalive_count = 1;
    o->user_timeout = 1;
    o->pipe_anonymous = o->pipe_remote = SBIND_OFF;
    o->device = o->pipe_owner = "x";
    o->answers = &given;
    o->receive_buffer = o->send_buffer = 1;
    o->pipe_server = 1;
    o->unix_owner = 1;
}

/* Checks sbind_listen_options_keep: every option that it keeps applies to the
 * kind of address. No kind keeps all options. */
static void what_is_kept_applies(void **state)
{
    (void)state;
    for (int kind = SBIND_TCP_DEFAULT; kind <= SBIND_NPIPE; kind++) {
        sbind_listen_options o, checked;
        sbind_connect_options c, checked_too;
        sbind_error e;
        set_all(&o);
        assert_status(sbind__listen_options(&o, (sbind_kind)kind, &checked, &e),
                      SBIND_OPTION_NOT_APPLICABLE);
        sbind_listen_options_keep(&o, (sbind_kind)kind);
        assert_status(sbind__listen_options(&o, (sbind_kind)kind, &checked, &e),
                      SBIND_OK);
        set_all_to_connect(&c);
        assert_status(
            sbind__connect_options(&c, (sbind_kind)kind, &checked_too, &e),
            SBIND_OPTION_NOT_APPLICABLE);
        sbind_connect_options_keep(&c, (sbind_kind)kind);
        assert_status(
            sbind__connect_options(&c, (sbind_kind)kind, &checked_too, &e),
            SBIND_OK);
    }
}

/* Without options, nothing is checked. So the defaults have to pass every
 * check, and to mean the same as no options. */
static void no_options_are_the_defaults(void **state)
{
    (void)state;
    for (int kind = SBIND_TCP_DEFAULT; kind <= SBIND_NPIPE; kind++) {
        sbind_listen_options o, none, checked;
        sbind_connect_options c, none_too, checked_too;
        sbind_error e;
        sbind_listen_options_init(&o);
        assert_status(sbind__listen_options(&o, (sbind_kind)kind, &checked, &e),
                      SBIND_OK);
        assert_status(sbind__listen_options(NULL, (sbind_kind)kind, &none, &e),
                      SBIND_OK);
        assert_memory_equal(&none, &checked, sizeof none);
        sbind_connect_options_init(&c);
        assert_status(
            sbind__connect_options(&c, (sbind_kind)kind, &checked_too, &e),
            SBIND_OK);
        assert_status(
            sbind__connect_options(NULL, (sbind_kind)kind, &none_too, &e),
            SBIND_OK);
        assert_memory_equal(&none_too, &checked_too, sizeof none_too);
    }
}

static void a_client_that_is_gone_is_nobody(void **state)
{
    static const int gone[] = {
        EAGAIN,    ECONNABORTED, ENETDOWN,     EPROTO,     ENOPROTOOPT,
        EHOSTDOWN, ENONET,       EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};
    sbind_listener l = {.fd = 0, .kind = SBIND_TCP_IPV4};
    sbind_stream s;
    (void)state;
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        accept_error = gone[i];
        assert_status(sbind_accept(&l, SBIND_NONBLOCKING, &s, NULL),
                      SBIND_WOULD_BLOCK);
    }
}

static void every_error_of_accept_has_its_status(void **state)
{
    static const struct {
        int error;
        sbind_status status;
    } others[] = {{EINTR, SBIND_INTERRUPTED}, {EBADF, SBIND_CLOSED},
                  {ENOTSOCK, SBIND_CLOSED},   {EINVAL, SBIND_CLOSED},
                  {EMFILE, SBIND_EXHAUSTED},  {ENFILE, SBIND_EXHAUSTED},
                  {ENOBUFS, SBIND_EXHAUSTED}, {ENOMEM, SBIND_EXHAUSTED},
                  {EPERM, SBIND_SYSTEM},      {ENOSYS, SBIND_SYSTEM}};
    sbind_listener l = {.fd = 0, .kind = SBIND_TCP_IPV4};
    sbind_stream s;
    sbind_error e;
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        accept_error = others[i].error;
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &s, &e),
                      others[i].status);
        assert_status(e.status, others[i].status);
        assert_int_equal(e.os_error, others[i].error);
        assert_string_equal(e.call, is_portable ? "accept" : "accept4");
    }
}

static void every_errno_has_its_status(void **state)
{
    static const struct {
        int error;
        sbind_status status;
    } others[] = {{EADDRINUSE, SBIND_ADDRESS_IN_USE},
                  {ENAMETOOLONG, SBIND_PATH_TOO_LONG},
                  {ETIMEDOUT, SBIND_TIMED_OUT},
                  {EAFNOSUPPORT, SBIND_UNSUPPORTED}};
    (void)state;
    for (int error = 1; error <= EHWPOISON; error++) {
        sbind_status wanted = SBIND_SYSTEM;
        sbind_error e;
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            if (others[i].error == error)
                wanted = others[i].status;
        errno = error;
        assert_status(sbind__fail_call("bind", &e), wanted);
        assert_status(e.status, wanted);
        assert_int_equal(e.os_error, error);
        assert_string_equal(e.call, "bind");
    }
}

/* Compares the name of an errno with that of the C library. Only glibc 2.32 and
 * later give such names. With other C libraries, this requires a name for each
 * number for which the C library has a text. */
#ifndef __GLIBC_PREREQ
#define __GLIBC_PREREQ(major, minor) 0
#endif
#if __GLIBC_PREREQ(2, 32)
static void expect_name(int error, const char *name)
{
    const char *wanted = strerrorname_np(error);
    if (wanted == NULL)
        assert_null(name);
    else
        assert_string_equal(name, wanted);
}
#else
static void expect_name(int error, const char *name)
{
    static const char unknown[] = "No error information";
    if (error < 0 || error > EHWPOISON)
        assert_null(name);
    else if (strcmp(strerror(error), unknown) != 0)
        assert_non_null(name);
}
#endif

static void every_errno_has_its_name(void **state)
{
    enum { BEYOND = 4096 };
    (void)state;
    for (int error = -BEYOND; error < BEYOND; error++)
        expect_name(error, sbind__errno_name(error));
    assert_string_equal(sbind__errno_name(ENOENT), "ENOENT");
    assert_string_equal(sbind__errno_name(EHWPOISON), "EHWPOISON");
    assert_null(sbind__errno_name(INT_MAX));
    assert_null(sbind__errno_name(INT_MIN));
}

/* Which sockets may be adopted (SPEC.md 5.10): stream sockets of IPv4, IPv6 or
 * unix that listen, or for a client are connected. A stream socket of the
 * internet families need not be TCP. */
static void a_descriptor_is_known_by_type_family_and_protocol(void **state)
{
    enum { SCTP = 132, MPTCP = 262, SMC = 43 };
    static const struct {
        struct nature nature;
        sbind_status status;
    } rows[] = {
        {{0, SOCK_STREAM, AF_UNIX, 0, 1}, SBIND_OK},
        {{0, SOCK_STREAM, AF_INET, IPPROTO_TCP, 1}, SBIND_OK},
        {{0, SOCK_STREAM, AF_INET6, IPPROTO_TCP, 1}, SBIND_OK},
        {{0, SOCK_STREAM, AF_INET, MPTCP, 1}, SBIND_OK},
        {{0, SOCK_STREAM, AF_INET6, MPTCP, 1}, SBIND_OK},
        {{0, SOCK_STREAM, AF_UNIX, 0, 0}, SBIND_FD_NOT_LISTENING},
        {{0, SOCK_STREAM, AF_INET, IPPROTO_TCP, 0}, SBIND_FD_NOT_LISTENING},
        {{0, SOCK_STREAM, AF_INET6, MPTCP, 0}, SBIND_FD_NOT_LISTENING},
        {{0, SOCK_STREAM, AF_INET, SCTP, 1}, SBIND_FD_FAMILY},
        {{0, SOCK_STREAM, AF_INET6, SCTP, 1}, SBIND_FD_FAMILY},
        {{0, SOCK_STREAM, AF_INET, 0, 1}, SBIND_FD_FAMILY},
        {{0, SOCK_STREAM, SMC, IPPROTO_TCP, 1}, SBIND_FD_FAMILY},
        {{0, SOCK_STREAM, AF_VSOCK, 0, 1}, SBIND_FD_FAMILY},
        {{0, SOCK_STREAM, AF_BLUETOOTH, 3, 1}, SBIND_FD_FAMILY},
        {{0, SOCK_SEQPACKET, AF_UNIX, 0, 1}, SBIND_FD_NOT_STREAM},
        {{0, SOCK_SEQPACKET, AF_INET, SCTP, 1}, SBIND_FD_NOT_STREAM},
        {{0, SOCK_DGRAM, AF_UNIX, 0, 0}, SBIND_FD_NOT_STREAM},
        {{0, SOCK_DGRAM, AF_INET, IPPROTO_UDP, 0}, SBIND_FD_NOT_STREAM},
        {{0, SOCK_RAW, AF_INET6, IPPROTO_TCP, 0}, SBIND_FD_NOT_STREAM},
    };
    const sa_family_t family = AF_UNIX; /* the system chooses a name */
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sbind_address a = {.kind = SBIND_FD_NUMBER, .fd = fd};
        sbind_listener l = {.fd = -1};
        sbind_error e = {.fds = {-1, -1}};
        assert_int_equal(
            bind(fd, (const struct sockaddr *)&family, sizeof family), 0);
        assert_int_equal(listen(fd, 1), 0);
        nature = rows[i].nature;
        nature.fd = fd;
        assert_status(sbind_listen(&a, NULL, &l, &e), rows[i].status);
        nature.fd = -1;
        assert_int_equal(l.fd, rows[i].status == SBIND_OK ? fd : -1);
        assert_int_equal(e.fds[0], rows[i].status == SBIND_OK ? -1 : fd);
        if (rows[i].status == SBIND_OK)
            assert_status(sbind_close(&l, NULL), SBIND_OK);
        else
            assert_int_equal(close(fd), 0);
    }
}

/* The address that the first "length" octets of a unix name mean. */
static sbind_status unix_value(const char *octets, size_t length,
                               sbind_address *ret)
{
    enum { BEGIN = offsetof(struct sockaddr_un, sun_path) };
    char room[sizeof(struct sockaddr_un) + 1];
    const sa_family_t family = AF_UNIX;
    memset(room, 'z', sizeof room); /* octets behind the name must not count */
    memcpy(room, &family, sizeof family);
    memcpy(room + BEGIN, octets, length);
    return sbind__from_sockaddr((const struct sockaddr *)(void *)room,
                                BEGIN + length, ret);
}

/* unix(7): the length decides where a name ends. A path may fill all 108
 * octets, and then the kernel counts a NUL behind it. */
static void names_of_unix_sockets_of_every_length(void **state)
{
    enum { MOST = 108 };
    char name[MOST + 1];
    sbind_address a;
    (void)state;
    for (size_t n = 1; n <= MOST; n++) {
        memset(name, 'n', sizeof name);
        for (size_t more = 0; more < 2; more++) {
            name[n] = '\0';
            assert_status(unix_value(name, n + more, &a), SBIND_OK);
            assert_int_equal(a.kind, SBIND_UNIX_PATH);
            assert_int_equal(a.name_length, n);
            assert_string_equal(a.name, name);
        }
        name[0] = '\0';
        assert_status(unix_value(name, n, &a),
                      n > 1 ? SBIND_OK : SBIND_INVALID_ADDRESS);
        if (n > 1) {
            assert_int_equal(a.kind, SBIND_UNIX_ABSTRACT);
            assert_int_equal(a.name_length, n - 1);
            assert_string_equal(a.name, name + 1);
        }
    }
    assert_status(unix_value("", 0, &a), SBIND_INVALID_ADDRESS); /* unnamed */
}

static void no_limit_is_no_reason_to_refuse(void **state)
{
    static const struct {
        rlim_t limit;
        sbind_status wanted;
    } rows[] = {{0, SBIND_OK},
                {RLIM_INFINITY, SBIND_OK},
                {(rlim_t)INT_MAX + 1, SBIND_OK},
                {5, SBIND_OK},
                {4, SBIND_TOO_MANY_FDS},
                {3, SBIND_TOO_MANY_FDS},
                {2, SBIND_TOO_MANY_FDS}};
    char pid[16];
    sbind_activation a;
    (void)state;
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "2", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        limit = rows[i].limit;
        assert_status(sbind_activation_take(0, &a, NULL), rows[i].wanted);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
}

static void no_descriptor_is_none_that_was_taken(void **state)
{
    (void)state;
    errno = 77;
    sbind__close_taken(-1);
    sbind__close_taken(INT_MAX);
    assert_int_equal(errno, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_end_where_the_text_does),
        cmocka_unit_test(what_no_lexer_has_seen_is_refused_within_its_octets),
        cmocka_unit_test(what_is_not_there_is_not_read),
        cmocka_unit_test(the_first_limit_is_the_one_that_counts),
        cmocka_unit_test(what_has_no_limit_exceeds_none),
        cmocka_unit_test(a_writer_never_passes_its_end),
        cmocka_unit_test(the_sooner_of_two),
        cmocka_unit_test(a_time_that_does_not_come),
        cmocka_unit_test(an_answer_of_another_family),
        cmocka_unit_test(turns_come_to_an_end),
        cmocka_unit_test(a_zone_that_no_text_has_is_written_as_its_index),
        cmocka_unit_test(what_is_kept_applies),
        cmocka_unit_test(no_options_are_the_defaults),
        cmocka_unit_test(a_client_that_is_gone_is_nobody),
        cmocka_unit_test(every_error_of_accept_has_its_status),
        cmocka_unit_test(every_errno_has_its_status),
        cmocka_unit_test(every_errno_has_its_name),
        cmocka_unit_test(a_descriptor_is_known_by_type_family_and_protocol),
        cmocka_unit_test(names_of_unix_sockets_of_every_length),
        cmocka_unit_test(no_limit_is_no_reason_to_refuse),
        cmocka_unit_test(no_descriptor_is_none_that_was_taken),
    };
    has_begun = true;
    limit_time();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
