/* policed_test.c - does the policy in the options keep every refused address
 * from being opened? This includes addresses that are known only after a name
 * was resolved or a descriptor was adopted.
 *
 * The resolver is replaced, and the test counts sockets.
 *
 * Promises: P50 */
#define _DEFAULT_SOURCE /* syscall */
#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "resolver.h"

/* ---- What is opened ------------------------------------------------------------ */

static int sockets; /* that were made */

int socket(int family, int type, int protocol)
{
    sockets++;
    return (int)syscall(SYS_socket, family, type, protocol);
}

static sbind_listener listener;
static sbind_stream stream;
static sbind_error error;

static sbind_status listen_on(const char *text, const sbind_policy *p,
                              const sbind_activation *passed)
{
    sbind_address a = parsed(text), meaning = parsed("tcp://127.0.0.1:0");
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.policy = p;
    o.activation = passed;
    o.tcp_default = &meaning;
    o.any_directory = a.kind == SBIND_UNIX_PATH;
    sockets = 0;
    memset(&error, 0, sizeof error);
    return sbind_listen(&a, &o, &listener, &error);
}

/* Answers for a host name that the program itself gives. */
static const struct addrinfo *given;

static sbind_status connect_to(const char *text, const sbind_policy *p,
                               const sbind_activation *passed)
{
    sbind_address a = parsed(text);
    sbind_connect_options o;
    sbind_connect_options_init(&o);
    o.answers = given;
    o.policy = p;
    o.activation = passed;
    sockets = 0;
    memset(&error, 0, sizeof error);
    return sbind_connect(&a, &o, &stream, &error);
}

/* ---- What the text says ---------------------------------------------------------- */

enum { POLICIES = 11 };

static sbind_policy policy_of(int i)
{
    sbind_policy p;
    sbind_policy_init(&p);
    if (i == 9)
        sbind_policy_init_strict(&p);
    p.absolute_path |= i == 1;
    p.no_abstract |= i == 2;
    p.loopback = i == 3;
    p.numeric |= i == 4;
    p.portable = i == 5;
    p.no_wildcard |= i == 6;
    p.within = i == 7 ? "/nowhere" : NULL;
    if (i == 8)
        p.schemes = SBIND_ALLOW_FD;
    if (i == 10)
        p.schemes = SBIND_ALLOW_TCP;
    return p;
}

/* If sbind_policy_check refuses the address, opening gives the same answer and
 * makes no socket. Otherwise the answer is not a refusal by policy. */
static void what_is_refused_is_not_opened(void **state)
{
    static const char *const texts[] = {"tcp://127.0.0.1:0",
                                        "tcp://[::1]:0",
                                        "tcp://0.0.0.0:0",
                                        "tcp://[::]:0",
                                        "tcp://*:0",
                                        "unix://relative/none",
                                        "unix:///nowhere/at/all",
                                        "unix://@policed-test",
                                        "tcp://[fe80::1%none]:0"};
    int refused = 0, opened = 0;
    (void)state;
    for (int i = 0; i < POLICIES; i++)
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            const sbind_policy p = policy_of(i);
            const sbind_address a = parsed(texts[t]);
            const sbind_status wanted = sbind_policy_check(&p, &a, NULL);
            const sbind_status s = listen_on(texts[t], &p, NULL);
            if (wanted != SBIND_OK) {
                assert_status(s, wanted);
                assert_int_equal(sockets, 0);
                assert_status(connect_to(texts[t], &p, NULL), wanted);
                assert_int_equal(sockets, 0);
                refused++;
            } else {
                assert_false(s >= 400 && s < 500);
                opened += sockets;
            }
            if (s == SBIND_OK)
                sbind_close(&listener, NULL);
        }
    assert_in_range(refused, 20, 200);
    assert_in_range(opened, 20, 200);
}

/* A program that does not ask the policy. The test has to catch it. */
static void without_a_policy_it_is_opened(void **state)
{
    (void)state;
    assert_status(listen_on("tcp://0.0.0.0:0", NULL, NULL), SBIND_OK);
    assert_int_equal(sockets, 1);
    sbind_close(&listener, NULL);
}

static void a_policy_has_to_be_sound(void **state)
{
    sbind_policy p = {0};
    (void)state;
    assert_status(listen_on("tcp://127.0.0.1:0", &p, NULL), SBIND_BAD_OPTION);
    assert_status(connect_to("tcp://127.0.0.1:1", &p, NULL), SBIND_BAD_OPTION);
    sbind_policy_init(&p);
    p.within = "a/relative/one";
    assert_status(listen_on("tcp://127.0.0.1:0", &p, NULL), SBIND_BAD_OPTION);
    assert_int_equal(sockets, 0);
    sbind_policy_init(&p);
    p.loopback = true; /* tcp:// is judged by what it means */
    assert_status(listen_on("tcp://", &p, NULL), SBIND_OK);
    sbind_close(&listener, NULL);
}

/* ---- What a name means ------------------------------------------------------------ */

static void check_refused(sbind_status s, sbind_status wanted,
                          const char *address)
{
    assert_status(s, wanted);
    assert_int_equal(error.attempt_count, 1);
    assert_string_equal(error.attempts[0].address, address);
    assert_null(error.attempts[0].call);
}

static void a_name_is_judged_by_its_addresses(void **state)
{
    static const char *const good[] = {"tcp://127.0.0.1:7", NULL};
    static const char *const any[] = {"tcp://0.0.0.0:7", NULL};
    static const char *const far[] = {"tcp://192.0.2.1:7", NULL};
    static const char *const mapped[] = {"tcp://[::ffff:192.0.2.1]:7", NULL};
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    p.loopback = p.no_wildcard = true;
    resolve_to(good);
    assert_status(listen_on("tcp://name:0", &p, NULL), SBIND_OK);
    sbind_close(&listener, NULL);
    resolve_to(far);
    check_refused(listen_on("tcp://name:7", &p, NULL), SBIND_NOT_LOOPBACK,
                  "tcp://192.0.2.1:7");
    assert_int_equal(sockets, 0);
    check_refused(connect_to("tcp://name:7", &p, NULL), SBIND_NOT_LOOPBACK,
                  "tcp://192.0.2.1:7");
    assert_int_equal(sockets, 0);
    assert_int_equal(given_back, 2);
    resolve_to(mapped);
    assert_status(connect_to("tcp://name:7", &p, NULL), SBIND_NOT_LOOPBACK);
    assert_int_equal(sockets, 0);
    p.loopback = false;
    resolve_to(any);
    check_refused(listen_on("tcp://name:7", &p, NULL), SBIND_WILDCARD,
                  "tcp://0.0.0.0:7");
    assert_int_equal(sockets, 0);
    p.numeric = true; /* then nobody asks what it means */
    given_back = 0;
    assert_status(listen_on("tcp://name:7", &p, NULL), SBIND_NOT_NUMERIC);
    assert_int_equal(given_back, 0);
}

static void answers_of_the_program_are_judged_as_well(void **state)
{
    static const char *const far[] = {"tcp://192.0.2.1:7", NULL};
    struct addrinfo *list;
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    p.loopback = true;
    resolve_to(far);
    given = list = answer_list();
    check_refused(connect_to("tcp://name:7", &p, NULL), SBIND_NOT_LOOPBACK,
                  "tcp://192.0.2.1:7");
    /* the name itself is refused, whatever its addresses are */
    p.numeric = true;
    assert_status(connect_to("tcp://name:7", &p, NULL), SBIND_NOT_NUMERIC);
    assert_int_equal(sockets, 0);
    assert_int_equal(asked, 0);
    given = NULL;
    free_list(list);
}

/* SPEC.md 5.6: listening opens all addresses or none; connecting tries the next
 * one. */
static void a_name_with_one_address_that_is_refused(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.1:7", "tcp://192.0.2.1:7",
                                       NULL};
    static const char *const far_first[] = {"tcp://192.0.2.1:7",
                                            "tcp://127.0.0.1:7", NULL};
    sbind_address own;
    sbind_listener server;
    char text[64];
    sbind_policy p;
    int before = open_descriptors();
    (void)state;
    sbind_policy_init(&p);
    p.loopback = true;
    resolve_to(both);
    {
        sbind_address name = parsed("tcp://name:0");
        sbind_listen_options o;
        sbind_listener two[2];
        size_t count;
        sbind_listen_options_init(&o);
        o.policy = &p;
        assert_status(sbind_listen_all(&name, &o, two, 2, &count, &error),
                      SBIND_NOT_LOOPBACK);
    }
    assert_int_equal(open_descriptors(), before);
    assert_status(listen_on("tcp://127.0.0.1:0", &p, NULL), SBIND_OK);
    server = listener;
    assert_status(sbind_local_address(&server, &own, NULL), SBIND_OK);
    snprintf(text, sizeof text, "tcp://name:%u", own.port);
    resolve_to(far_first);
    assert_status(connect_to(text, &p, NULL), SBIND_OK);
    assert_int_equal(sockets, 1);
    sbind_close_stream(&stream);
    sbind_close(&server, NULL);
}

/* ---- What a descriptor is ------------------------------------------------------------ */

static const sbind_activation one = {.outcome = SBIND_ACTIVATION_PASSED,
                                     .count = 1};

/* Puts a socket at descriptor 3, as a service manager does. */
static void pass(int fd)
{
    assert_true(fd >= 0);
    if (fd != 3) {
        assert_int_equal(dup2(fd, 3), 3);
        close(fd);
    }
}

static void pass_listening(const struct sockaddr *sa, socklen_t length,
                           int protocol)
{
    int fd = (int)syscall(SYS_socket, sa->sa_family, SOCK_STREAM, protocol);
    int off = 0;
    if (sa->sa_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    assert_int_equal(bind(fd, sa, length), 0);
    assert_int_equal(listen(fd, 1), 0);
    pass(fd);
}

static void pass_ipv4_by(int protocol, uint32_t ip)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    in.sin_addr.s_addr = htonl(ip);
    pass_listening((const struct sockaddr *)&in, sizeof in, protocol);
}

static void pass_ipv4(uint32_t ip) { pass_ipv4_by(0, ip); }

static void pass_ipv6(const char *ip)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    assert_int_equal(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
    pass_listening((const struct sockaddr *)&in6, sizeof in6, 0);
}

/* Binds a name that begins with NUL, which is abstract. */
static void pass_named(const char *name, size_t length)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    memcpy(un.sun_path, name, length);
    pass_listening((const struct sockaddr *)&un,
                   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length),
                   0);
}

/* Checks that the descriptor is refused and stays as it came, or that it is
 * adopted. */
static void check_passed(const sbind_policy *p, sbind_status wanted)
{
    const int before = fcntl(3, F_GETFL), flags = fcntl(3, F_GETFD);
    assert_status(listen_on("fd://", p, &one), wanted);
    if (wanted == SBIND_OK) {
        sbind_close(&listener, NULL);
        return;
    }
    assert_int_equal(error.fds[0], 3);
    assert_int_equal(fcntl(3, F_GETFL), before);
    assert_int_equal(fcntl(3, F_GETFD), flags);
    assert_status(listen_on("fd://", NULL, &one), SBIND_OK); /* not taken */
    sbind_close(&listener, NULL);
}

static void what_is_passed_is_judged_by_its_own_address(void **state)
{
    sbind_policy strict, near, below;
    (void)state;
    sbind_policy_init_strict(&strict);
    /* the rule about schemes allows fd://, and does not judge the path that a
     * passed socket has (below) */
    strict.schemes = SBIND_ALLOW_FD;
    sbind_policy_init(&near);
    near.loopback = true;
    sbind_policy_init(&below);
    below.within = "/nowhere";
    pass_ipv4(INADDR_LOOPBACK);
    check_passed(&strict, SBIND_OK);
    pass_ipv4(INADDR_LOOPBACK);
    check_passed(&near, SBIND_OK);
    pass_ipv4(INADDR_ANY);
    check_passed(&strict, SBIND_WILDCARD);
    pass_ipv4(INADDR_ANY);
    check_passed(&near, SBIND_NOT_LOOPBACK);
    pass_ipv6("::");
    check_passed(&strict, SBIND_WILDCARD);
    pass_ipv6("::ffff:0.0.0.0");
    check_passed(&strict, SBIND_WILDCARD);
    pass_ipv6("::ffff:127.0.0.1");
    check_passed(&near, SBIND_OK);
    pass_named("\0policed-test", 13);
    check_passed(&strict, SBIND_ABSTRACT_NOT_ALLOWED);
    pass_named("\0policed-test", 13);
    check_passed(&below, SBIND_NOT_WITHIN);
    pass_named("\0policed-test", 13);
    check_passed(&near, SBIND_OK);
}

/* The socket's name is one that no text expresses, so it could be any name. It
 * is refused if the policy has a rule about names. */
static void a_name_that_cannot_be_told_is_refused(void **state)
{
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    pass_named("\0\1\2", 3);
    check_passed(&p, SBIND_OK);
    p.absolute_path = true;
    pass_named("\0\1\2", 3);
    check_passed(&p, SBIND_RELATIVE_PATH);
    p.no_abstract = true;
    pass_named("\0\1\2", 3);
    check_passed(&p, SBIND_ABSTRACT_NOT_ALLOWED);
    p.within = "/run";
    pass_named("\0\1\2", 3);
    check_passed(&p, SBIND_NOT_WITHIN);
    pass_named("\0\1\2", 3);
    assert_status(listen_on("fd://3", &p, NULL), SBIND_NOT_WITHIN);
    assert_string_equal(error.hint,
                        "the socket has a name that no address has, so that it "
                        "cannot be judged");
    close(3);
}

/* A socket of Multipath TCP, which its address does not show. */
static void what_is_passed_is_of_one_path(void **state)
{
    const int probe = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    sbind_policy strict, p;
    (void)state;
    if (probe < 0)
        leave_out("this kernel has no Multipath TCP");
    close(probe);
    sbind_policy_init(&p);
    sbind_policy_init_strict(&strict);
    pass_ipv4_by(IPPROTO_MPTCP, INADDR_LOOPBACK);
    check_passed(&p, SBIND_OK);
    weaker("P24");
    pass_ipv4_by(IPPROTO_MPTCP, INADDR_LOOPBACK);
    check_passed(&strict, SBIND_MPTCP_NOT_ALLOWED);
    p.no_mptcp = true;
    pass_ipv4_by(IPPROTO_MPTCP, INADDR_LOOPBACK);
    check_passed(&p, SBIND_MPTCP_NOT_ALLOWED);
    pass_ipv4(INADDR_LOOPBACK);
    check_passed(&p, SBIND_OK);
    pass_named("\0policed-test", 13);
    check_passed(&p, SBIND_OK);
}

/* A connected socket is judged by the address of the other end. */
static void a_connected_one_is_judged_by_its_other_end(void **state)
{
    sbind_policy near;
    sbind_address own;
    sbind_listener server;
    int pair[2];
    (void)state;
    sbind_policy_init(&near);
    near.loopback = true;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    pass(pair[0] == 3 ? pair[0] : pair[1]);
    assert_status(connect_to("fd://", &near, &one), SBIND_OK);
    sbind_close_stream(&stream);
    close(pair[0] == 3 ? pair[1] : pair[0]);
    pass(open("/dev/null",
              O_RDONLY)); /* so that the server has another number */
    assert_status(listen_on("tcp://127.0.0.1:0", NULL, NULL), SBIND_OK);
    server = listener;
    assert_status(sbind_local_address(&server, &own, NULL), SBIND_OK);
    for (int allowed = 0; allowed < 2; allowed++) {
        sbind_stream client;
        sbind_policy p = near;
        p.within = NULL;
        assert_status(sbind_connect(&own, NULL, &client, NULL), SBIND_OK);
        pass(client.fd);
        if (!allowed)
            p.schemes = SBIND_ALLOW_TCP; /* fd:// itself is refused */
        assert_status(connect_to("fd://", &p, &one),
                      allowed ? SBIND_OK : SBIND_SCHEME_NOT_ALLOWED);
        if (allowed)
            sbind_close_stream(&stream);
        else
            close(3);
    }
    sbind_close(&server, NULL);
}

/* The server's end of the connection has a name, the client's has none. */
static void the_own_end_is_not_judged(void **state)
{
    sbind_listener server;
    sbind_stream client, accepted;
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    p.no_abstract = true;
    pass(open("/dev/null", O_RDONLY));
    assert_status(listen_on("unix://@policed-test", NULL, NULL), SBIND_OK);
    server = listener;
    assert_status(sbind_connect(&server.address, NULL, &client, NULL),
                  SBIND_OK);
    assert_status(sbind_accept(&server, SBIND_BLOCKING, &accepted, NULL),
                  SBIND_OK);
    pass(accepted.fd);
    assert_status(connect_to("fd://", &p, &one), SBIND_OK);
    sbind_close_stream(&stream);
    pass(client.fd);
    assert_status(connect_to("fd://", &p, &one), SBIND_ABSTRACT_NOT_ALLOWED);
    close(3);
    sbind_close(&server, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_refused_is_not_opened),
        cmocka_unit_test(without_a_policy_it_is_opened),
        cmocka_unit_test(a_policy_has_to_be_sound),
        cmocka_unit_test(a_name_is_judged_by_its_addresses),
        cmocka_unit_test(answers_of_the_program_are_judged_as_well),
        cmocka_unit_test(a_name_with_one_address_that_is_refused),
        cmocka_unit_test(what_is_passed_is_judged_by_its_own_address),
        cmocka_unit_test(a_name_that_cannot_be_told_is_refused),
        cmocka_unit_test(what_is_passed_is_of_one_path),
        cmocka_unit_test(a_connected_one_is_judged_by_its_other_end),
        cmocka_unit_test(the_own_end_is_not_judged),
    };
    limit_time();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
