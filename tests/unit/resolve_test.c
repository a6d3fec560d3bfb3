/* resolve_test.c - does listening on a host name open all its addresses, or
 * none?
 *
 * The resolver, bind and listen are replaced by the functions below.
 *
 * Promises: P14 */
#define _DEFAULT_SOURCE /* syscall; _GNU_SOURCE has another bind */
#include "support.h"

#include <errno.h>
#include <sys/syscall.h>

#include "resolver.h"

/* ---- Rivals ------------------------------------------------------------------------ */

/* How many times another process listens on the port at 127.0.0.2 before sbind
 * does. */
static int rivals;
static int rival_sockets[64];
static int rival_count;

/* The socket of a rival process. This socket is bound to the address that sbind
 * will use, and listens just before sbind does. Both sockets have SO_REUSEADDR.
 * -1: there is no rival. */
static int late_rival = -1;

static bool is_second(const struct sockaddr *sa)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
    return sa->sa_family == AF_INET && in->sin_port != 0 &&
           ntohl(in->sin_addr.s_addr) == INADDR_LOOPBACK + 1;
}

static int reusing_socket(void)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on),
                     0);
    return fd;
}

int bind(int fd, const struct sockaddr *sa, socklen_t length)
{
    if (is_second(sa) && rivals > 0) {
        int rival = reusing_socket();
        bool is_first = syscall(SYS_bind, rival, sa, length) == 0;
        if (is_first)
            assert_int_equal(syscall(SYS_listen, rival, 1), 0);
        else /* the system has given a port again that the rival already has */
            assert_int_equal(errno, EADDRINUSE);
        rivals--;
        rival_sockets[rival_count++] = rival;
    }
    return (int)syscall(SYS_bind, fd, sa, length);
}

static struct sockaddr_in name_of(int fd)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t length = sizeof in;
    getsockname(fd, (struct sockaddr *)&in, &length);
    return in;
}

static bool is_at_same_place(int a, int b)
{
    return name_of(a).sin_port == name_of(b).sin_port &&
           name_of(a).sin_addr.s_addr == name_of(b).sin_addr.s_addr;
}

int listen(int fd, int backlog)
{
    if (late_rival >= 0 && is_at_same_place(fd, late_rival))
        assert_int_equal(syscall(SYS_listen, late_rival, 1), 0);
    return (int)syscall(SYS_listen, fd, backlog);
}

static void rivals_leave(void)
{
    rivals = 0;
    while (rival_count > 0)
        close(rival_sockets[--rival_count]);
}

/* ---- Listening -------------------------------------------------------------------- */

static sbind_listener listeners[8];
static size_t count;
static sbind_error error;

static sbind_status listen_all(const char *text, size_t cap)
{
    sbind_address a = parsed(text);
    count = 77;
    return sbind_listen_all(&a, NULL, listeners, cap, &count, &error);
}

static void close_all(void)
{
    while (count > 0)
        assert_status(sbind_close(&listeners[--count], NULL), SBIND_OK);
}

static uint16_t port_of(const sbind_listener *l)
{
    sbind_address own;
    assert_status(sbind_local_address(l, &own, NULL), SBIND_OK);
    return own.port;
}

static void every_address_with_one_port(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.1:1", "tcp://[::1]:1",
                                       "tcp://127.0.0.2:1", NULL};
    (void)state;
    resolve_to(both);
    assert_status(listen_all("tcp://name:0", 8), SBIND_OK);
    assert_int_equal(count, 3);
    assert_int_equal(given_back, 1);
    assert_int_equal(listeners[0].kind, SBIND_TCP_IPV4);
    assert_int_equal(listeners[1].kind, SBIND_TCP_IPV6);
    assert_int_not_equal(port_of(&listeners[0]), 0);
    assert_int_equal(port_of(&listeners[0]), port_of(&listeners[1]));
    assert_int_equal(port_of(&listeners[0]), port_of(&listeners[2]));
    close_all();
}

static void an_answer_that_comes_twice_counts_once(void **state)
{
    static const char *const twice[] = {"tcp://127.0.0.1:1",
                                        "tcp://127.0.0.1:1", NULL};
    (void)state;
    resolve_to(twice);
    assert_status(listen_all("tcp://name:0", 1), SBIND_OK);
    assert_int_equal(count, 1);
    close_all();
}

static void all_or_none(void **state)
{
    static const char *const second_fails[] = {"tcp://127.0.0.1:1",
                                               "tcp://192.0.2.1:1", NULL};
    static const char *const second_is_multicast[] = {
        "tcp://127.0.0.1:1", "tcp://[ff02::1]:1", NULL};
    int before = open_descriptors();
    (void)state;
    resolve_to(second_fails);
    assert_status(listen_all("tcp://name:0", 8), SBIND_SYSTEM);
    assert_string_equal(error.os_name, "EADDRNOTAVAIL");
    assert_memory_equal(error.attempts[0].address, "tcp://192.0.2.1:", 16);
    assert_memory_equal(error.hint, "every address of a name", 23);
    assert_ptr_equal(error.attempts[0].hint, error.hint);
    assert_int_equal(count, 77);
    assert_int_equal(open_descriptors(), before);
    resolve_to(second_is_multicast);
    assert_status(listen_all("tcp://name:0", 8), SBIND_UNUSABLE_ADDRESS);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(given_back, 1);
}

static void a_port_that_is_taken_on_the_next_address_is_not_kept(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.1:1", "tcp://127.0.0.2:1",
                                       NULL};
    int before = open_descriptors();
    (void)state;
    resolve_to(both);
    rivals = 5;
    assert_status(listen_all("tcp://name:0", 8), SBIND_OK);
    assert_int_equal(rival_count, 5);
    assert_int_equal(count, 2);
    assert_int_not_equal(port_of(&listeners[0]), 0);
    assert_int_equal(port_of(&listeners[0]), port_of(&listeners[1]));
    assert_int_equal(open_descriptors(), before + 5 + 2);
    assert_int_equal(given_back, 1);
    rivals_leave();
    close_all();
}

static void not_every_port_is_tried(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.1:1", "tcp://127.0.0.2:1",
                                       NULL};
    int before = open_descriptors();
    (void)state;
    resolve_to(both);
    rivals = 64;
    assert_status(listen_all("tcp://name:0", 8), SBIND_ADDRESS_IN_USE);
    assert_int_equal(rival_count, 16);
    assert_int_equal(count, 77);
    assert_int_equal(open_descriptors(), before + 16);
    assert_int_equal(error.attempt_count, 1);
    assert_memory_equal(error.attempts[0].address, "tcp://127.0.0.2:", 16);
    assert_string_equal(error.attempts[0].call, "bind");
    rivals_leave();
}

static void a_port_that_was_asked_for_is_tried_once(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.1:1", "tcp://127.0.0.2:1",
                                       NULL};
    int before = open_descriptors();
    char text[32];
    (void)state;
    resolve_to(both);
    assert_status(listen_all("tcp://name:0", 8), SBIND_OK);
    snprintf(text, sizeof text, "tcp://name:%u",
             (unsigned)port_of(&listeners[0]));
    close_all();
    rivals = 64;
    assert_status(listen_all(text, 8), SBIND_ADDRESS_IN_USE);
    assert_int_equal(rival_count, 1);
    assert_int_equal(open_descriptors(), before + 1);
    rivals_leave();
}

/* bind(2) allows both sockets while neither listens. Then listen(2) refuses one
 * of them. */
static void who_is_later_to_listen_is_told_so(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.3:1", "tcp://127.0.0.1:1",
                                       NULL};
    struct sockaddr_in in = {.sin_family = AF_INET};
    int before = open_descriptors();
    char text[32], address[32];
    (void)state;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int name = 0; name < 2; name++) {
        late_rival = reusing_socket();
        bind(late_rival, (struct sockaddr *)&in, sizeof in);
        snprintf(address, sizeof address, "tcp://127.0.0.1:%u",
                 (unsigned)ntohs(name_of(late_rival).sin_port));
        snprintf(text, sizeof text, "tcp://name:%u",
                 (unsigned)ntohs(name_of(late_rival).sin_port));
        resolve_to(both);
        assert_status(listen_all(name ? text : address, 8),
                      SBIND_ADDRESS_IN_USE);
        assert_string_equal(error.call, "listen");
        assert_string_equal(error.os_name, "EADDRINUSE");
        assert_int_equal(error.attempt_count, 1);
        assert_string_equal(error.attempts[0].address, address);
        close(late_rival);
        late_rival = -1;
        assert_int_equal(open_descriptors(), before);
    }
}

static void several_are_too_many_for_one(void **state)
{
    static const char *const both[] = {"tcp://127.0.0.1:1", "tcp://[::1]:1",
                                       NULL};
    sbind_address a = parsed("tcp://name:0");
    sbind_listener l;
    int before = open_descriptors();
    (void)state;
    resolve_to(both);
    assert_status(sbind_listen(&a, NULL, &l, &error), SBIND_SEVERAL);
    assert_status(listen_all("tcp://name:0", 1), SBIND_TOO_MANY_LISTENERS);
    assert_int_equal(open_descriptors(), before);
}

static void there_is_an_end_to_addresses(void **state)
{
    enum { MANY = 257 };
    static char texts[MANY][32];
    static const char *list[MANY + 1];
    static sbind_listener room[MANY];
    const sbind_address a = parsed("tcp://name:0");
    int before = open_descriptors();
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "tcp://127.1.%d.%d:1", i / 256,
                 i % 256);
        list[i] = texts[i];
    }
    resolve_to(list);
    assert_status(sbind_listen_all(&a, NULL, room, MANY, &count, NULL),
                  SBIND_TOO_MANY_LISTENERS);
    assert_int_equal(given_back, 1);
    assert_int_equal(open_descriptors(), before);
}

static void nobody_has_to_ask_why(void **state)
{
    static const char *const nowhere[] = {"tcp://192.0.2.1:1", NULL};
    const sbind_address a = parsed("tcp://name:0");
    (void)state;
    resolve_to(nowhere);
    assert_status(sbind_listen_all(&a, NULL, listeners, 8, &count, NULL),
                  SBIND_SYSTEM);
}

static void a_name_without_addresses(void **state)
{
    static const struct {
        int code; /* two have names with _GNU_SOURCE only */
        const char *name;
        const char *hint;
    } failures[] = {
        {-9, "EAI_ADDRFAMILY",
         "the name exists, but has no IPv4 or IPv6 address"},
        {EAI_AGAIN, "EAI_AGAIN",
         "/etc/hosts does not have the name, and no name server answers; see: "
         "/etc/resolv.conf"},
        {EAI_FAIL, "EAI_FAIL",
         "the name server reports a failure of its own; see: "
         "/etc/resolv.conf"},
        {EAI_MEMORY, "EAI_MEMORY",
         "the system has no memory left for this; try again later"},
        {-5, "EAI_NODATA", "the name exists, but has no IPv4 or IPv6 address"},
        {EAI_NONAME, "EAI_NONAME",
         "neither /etc/hosts nor a name server has this name; is it spelt "
         "right?"},
        {EAI_FAMILY, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        resolve_to(NULL);
        failure = failures[i].code;
        assert_status(listen_all("tcp://name:0", 8), SBIND_NOT_RESOLVED);
        assert_string_equal(error.call, "getaddrinfo");
        assert_int_equal(error.os_error, failure);
        assert_int_equal(given_back, 0);
        if (failures[i].name == NULL) {
            assert_null(error.os_name);
            assert_null(error.hint);
            continue;
        }
        assert_string_equal(error.os_name, failures[i].name);
        assert_string_equal(error.hint, failures[i].hint);
    }
}

/* The resolver has several ways to report an address that does not exist. */
static void the_name_of_this_machine_is_not_there(void **state)
{
    static const int codes[] = {EAI_AGAIN, EAI_NONAME};
    (void)state;
    wanted_host = "localhost";
    for (size_t i = 0; i < 2; i++) {
        resolve_to(NULL);
        failure = codes[i];
        assert_status(listen_all("tcp://localhost:0", 8), SBIND_NOT_RESOLVED);
        assert_string_equal(error.hint,
                            "/etc/hosts does not have localhost; add it, or "
                            "write the IP address");
    }
    wanted_host = "name";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_with_one_port),
        cmocka_unit_test(an_answer_that_comes_twice_counts_once),
        cmocka_unit_test(all_or_none),
        cmocka_unit_test(a_port_that_is_taken_on_the_next_address_is_not_kept),
        cmocka_unit_test(not_every_port_is_tried),
        cmocka_unit_test(a_port_that_was_asked_for_is_tried_once),
        cmocka_unit_test(who_is_later_to_listen_is_told_so),
        cmocka_unit_test(several_are_too_many_for_one),
        cmocka_unit_test(there_is_an_end_to_addresses),
        cmocka_unit_test(nobody_has_to_ask_why),
        cmocka_unit_test(a_name_without_addresses),
        cmocka_unit_test(the_name_of_this_machine_is_not_there),
    };
    limit_time();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
