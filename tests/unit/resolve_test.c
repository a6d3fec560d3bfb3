/* resolve_test.c - is a host name listened on at all its addresses or at none
 *
 * The resolver, bind and listen are replaced by those below. */
#define _DEFAULT_SOURCE /* syscall; _GNU_SOURCE has another bind */
#include "support.h"

#include <sys/syscall.h>

#include "resolver.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_with_one_port),
        cmocka_unit_test(an_answer_that_comes_twice_counts_once),
        cmocka_unit_test(all_or_none),
        cmocka_unit_test(several_are_too_many_for_one),
        cmocka_unit_test(a_name_that_nobody_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
