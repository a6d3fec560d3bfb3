/* resolve_test.c - is a host name listened on at all its addresses or at none,
 * and are all tried when connecting
 *
 * The resolver is replaced by the one below, which answers what a test says. */
#define _GNU_SOURCE /* struct addrinfo */
#include "support.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* ---- The resolver --------------------------------------------------------------- */

static const char *const *answers; /* canonical addresses, up to a NULL */
static int failure;                /* or the code to fail with */
static int given_back;

static struct addrinfo *answer(const char *text, struct addrinfo *next)
{
    sbind_address a = parsed(text);
    struct addrinfo *info = calloc(1, sizeof *info);
    struct sockaddr_in6 *in6 = calloc(1, sizeof *in6);
    struct sockaddr_in *in = calloc(1, sizeof *in);
    assert_non_null(info);
    info->ai_next = next;
    if (a.kind == SBIND_TCP_IPV6) {
        in6->sin6_family = AF_INET6;
        memcpy(&in6->sin6_addr, a.ip, 16);
        info->ai_addr = (struct sockaddr *)in6;
        info->ai_addrlen = sizeof *in6;
        free(in);
    } else {
        in->sin_family = AF_INET;
        memcpy(&in->sin_addr, a.ip, 4);
        info->ai_addr = (struct sockaddr *)in;
        info->ai_addrlen = sizeof *in;
        free(in6);
    }
    return info;
}

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **ret)
{
    size_t n = 0;
    assert_string_equal(name, "name");
    assert_null(service);
    assert_int_equal(hints->ai_socktype, SOCK_STREAM);
    if (failure != 0)
        return failure;
    *ret = NULL;
    while (answers[n] != NULL)
        n++;
    while (n > 0)
        *ret = answer(answers[--n], *ret);
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    given_back++;
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list->ai_addr);
        free(list);
        list = next;
    }
}

static void resolve_to(const char *const *list)
{
    answers = list;
    failure = 0;
    given_back = 0;
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
    assert_memory_equal(error.attempt, "tcp://192.0.2.1:", 16);
    assert_int_equal(count, 77);
    assert_int_equal(open_descriptors(), before);
    resolve_to(second_is_multicast);
    assert_status(listen_all("tcp://name:0", 8), SBIND_UNUSABLE_ADDRESS);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(given_back, 1);
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

static void a_name_that_nobody_knows(void **state)
{
    (void)state;
    resolve_to(NULL);
    failure = EAI_NONAME;
    assert_status(listen_all("tcp://name:0", 8), SBIND_NOT_RESOLVED);
    assert_string_equal(error.call, "getaddrinfo");
    assert_string_equal(error.os_name, "EAI_NONAME");
    assert_int_equal(given_back, 0);
}

/* ---- Connecting -------------------------------------------------------------------- */

static void each_is_tried_in_turn(void **state)
{
    static const char *const list[] = {"tcp://[::1]:1", "tcp://127.0.0.3:1",
                                       "tcp://127.0.0.2:1", NULL};
    sbind_address a = parsed("tcp://127.0.0.2:0"), own;
    sbind_listener l;
    sbind_stream s;
    char text[64];
    int before = open_descriptors(), n;
    (void)state;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    sbind_local_address(&l, &own, NULL);
    n = snprintf(text, sizeof text, "tcp://name:%u", (unsigned)own.port);
    assert_status(sbind_parse(text, (size_t)n, &a, NULL), SBIND_OK);
    resolve_to(list);
    memset(&error, 0x5A, sizeof error);
    assert_status(sbind_connect(&a, NULL, &s, &error), SBIND_OK);
    assert_int_equal(((unsigned char *)&error)[0], 0x5A);
    sbind_close_stream(&s);
    sbind_close(&l, NULL);
    assert_status(sbind_connect(&a, NULL, &s, &error), SBIND_SYSTEM);
    assert_memory_equal(error.attempt, "tcp://127.0.0.2:", 16);
    assert_string_equal(error.os_name, "ECONNREFUSED");
    assert_int_equal(given_back, 2);
    assert_int_equal(open_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_with_one_port),
        cmocka_unit_test(an_answer_that_comes_twice_counts_once),
        cmocka_unit_test(all_or_none),
        cmocka_unit_test(several_are_too_many_for_one),
        cmocka_unit_test(a_name_that_nobody_knows),
        cmocka_unit_test(each_is_tried_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
