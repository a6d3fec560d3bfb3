/* sockaddr_test.c - does each address survive the way to the system's form and
 * back? Is a truncated address refused? Do texts become listeners, and listeners
 * texts again?
 *
 * Promises: P19 */
#define _GNU_SOURCE
#include "support.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct form {
    struct sockaddr_storage sa;
    size_t length;
} form;

static form form_of(const char *text)
{
    sbind_address a = parsed(text);
    form f;
    memset(&f, 0x5A, sizeof f);
    assert_status(sbind_to_sockaddr(&a, (struct sockaddr *)&f.sa, sizeof f.sa,
                                    &f.length, NULL),
                  SBIND_OK);
    return f;
}

/* Reads the address from a heap block of just its length. */
static sbind_status value_of(const form *f, size_t length, sbind_address *ret)
{
    sbind_error e;
    struct sockaddr *exact = malloc(length > 0 ? length : 1);
    sbind_status s;
    assert_non_null(exact);
    memcpy(exact, &f->sa, length < sizeof f->sa ? length : sizeof f->sa);
    s = sbind_from_sockaddr(exact, length, ret, &e);
    assert_true(s == SBIND_OK || e.status == s);
    free(exact);
    return s;
}

static void each_kind_comes_back(void **state)
{
    static const char *const texts[] = {
        "tcp://127.0.0.1:80",    "tcp://0.0.0.0:0",
        "tcp://[::1]:65535",     "tcp://[::]:1",
        "tcp://[fe80::1%lo]:80", "tcp://[::ffff:1.2.3.4]:1",
        "unix:///run/app.sock",  "unix://relative",
        "unix://@app",           "unix://@a b"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        sbind_address wanted = parsed(texts[i]), got;
        form f = form_of(texts[i]);
        assert_status(value_of(&f, f.length, &got), SBIND_OK);
        assert_true(same_members(&got, &wanted));
    }
}

static void they_are_what_the_system_has(void **state)
{
    form f = form_of("tcp://127.0.0.2:258");
    const struct sockaddr_in *in = (const void *)&f.sa;
    const struct sockaddr_in6 *in6 = (const void *)&f.sa;
    const struct sockaddr_un *un = (const void *)&f.sa;
    (void)state;
    assert_int_equal(f.length, sizeof *in);
    assert_int_equal(in->sin_family, AF_INET);
    assert_int_equal(in->sin_port, htons(258));
    assert_int_equal(in->sin_addr.s_addr, htonl(0x7F000002));
    f = form_of("tcp://[fe80::1%1]:258");
    assert_int_equal(f.length, sizeof *in6);
    assert_int_equal(in6->sin6_scope_id, if_nametoindex("lo"));
    assert_int_equal(in6->sin6_port, htons(258));
    f = form_of("unix:///x");
    assert_int_equal(f.length, offsetof(struct sockaddr_un, sun_path) + 3);
    assert_string_equal(un->sun_path, "/x");
    f = form_of("unix://@x");
    assert_int_equal(f.length, offsetof(struct sockaddr_un, sun_path) + 2);
    assert_memory_equal(un->sun_path, "\0x", 2);
}

/* The library reads nothing past the length, and leaves *ret as it was. */
static void what_is_cut_off_is_refused(void **state)
{
    static const char *const texts[] = {"tcp://127.0.0.1:80", "tcp://[::1]:80"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        form f = form_of(texts[i]);
        for (size_t n = 0; n < f.length; n++) {
            sbind_address got, before;
            memset(&got, 0x5A, sizeof got);
            before = got;
            assert_status(value_of(&f, n, &got), SBIND_INVALID_ADDRESS);
            assert_memory_equal(&got, &before, sizeof got);
        }
    }
}

static void what_has_no_text_is_refused(void **state)
{
    const size_t begin = offsetof(struct sockaddr_un, sun_path);
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    form f = {.length = 0};
    sbind_address got;
    sbind_error e;
    (void)state;
    memcpy(&f.sa, &un, sizeof un);
    assert_status(value_of(&f, begin, &got), SBIND_INVALID_ADDRESS);
    assert_status(value_of(&f, begin + 1, &got), SBIND_INVALID_ADDRESS);
    assert_status(value_of(&f, begin + 2, &got), SBIND_INVALID_ADDRESS);
    memset(un.sun_path, 'x', sizeof un.sun_path); /* to the last octet */
    memcpy(&f.sa, &un, sizeof un);
    assert_status(value_of(&f, sizeof un, &got), SBIND_OK);
    assert_int_equal(got.name_length, sizeof un.sun_path);
    assert_status(value_of(&f, sizeof un + 1, &got), SBIND_OK);
    for (size_t n = sizeof un + 2; n < 2000; n += n < 200 ? 1 : 100)
        assert_status(value_of(&f, n, &got), SBIND_INVALID_ADDRESS);
    un.sun_path[0] = '\0';
    memset(&f.sa, 'x', sizeof f.sa); /* also after the name */
    memcpy(&f.sa, &un, sizeof un);
    assert_status(value_of(&f, sizeof un, &got), SBIND_OK);
    assert_int_equal(got.name_length, sizeof un.sun_path - 1);
    assert_status(value_of(&f, sizeof un + 1, &got), SBIND_INVALID_ADDRESS);
    f.sa.ss_family = AF_PACKET;
    assert_status(value_of(&f, sizeof f.sa, &got), SBIND_FD_FAMILY);
    f.sa.ss_family = AF_UNIX;
    assert_status(sbind_from_sockaddr((struct sockaddr *)&f.sa, 1, &got, &e),
                  SBIND_INVALID_ADDRESS);
    assert_string_equal(e.hint, "the socket address is cut off, or no text has "
                                "the name of this socket");
}

static sbind_status to_form(const char *text, size_t cap, form *ret,
                            sbind_error *e)
{
    sbind_address a = parsed(text);
    return sbind_to_sockaddr(&a, (struct sockaddr *)&ret->sa, cap, &ret->length,
                             e);
}

static void what_is_no_socket_address_is_refused(void **state)
{
    static const char *const texts[] = {"tcp://",   "tcp://h:1", "tcp://*:1",
                                        "fd://",    "fd://*",    "fd://3",
                                        "fd://web", "npipe://x", "npipe://x/y"};
    sbind_address nothing;
    char text[128] = "unix://@";
    form f, before;
    sbind_error e;
    (void)state;
    memset(&f, 0x5A, sizeof f);
    before = f;
    for (size_t i = 0; i < 8; i++) {
        assert_status(to_form(texts[i], sizeof f.sa, &f, &e),
                      SBIND_UNUSABLE_ADDRESS);
        assert_string_equal(e.hint,
                            "only an IP address, a path and an abstract "
                            "name are one socket address each");
    }
    memset(&nothing, 0, sizeof nothing);
    assert_status(sbind_to_sockaddr(&nothing, (struct sockaddr *)&f.sa,
                                    sizeof f.sa, &f.length, NULL),
                  SBIND_INVALID_ADDRESS);
    assert_status(to_form("tcp://[fe80::1%none]:1", sizeof f.sa, &f, &e),
                  SBIND_NO_SUCH_ZONE);
    memset(text + 8, 'x', 108);
    assert_status(to_form(text, sizeof f.sa, &f, &e), SBIND_PATH_TOO_LONG);
    text[7] = '/';
    assert_status(to_form(text, sizeof f.sa, &f, &e), SBIND_PATH_TOO_LONG);
    for (size_t cap = 0; cap < sizeof(struct sockaddr_in); cap++)
        assert_status(to_form("tcp://127.0.0.1:1", cap, &f, &e),
                      SBIND_BUFFER_TOO_SMALL);
    for (size_t cap = 0; cap < 2 + 3; cap++)
        assert_status(to_form("unix:///x", cap, &f, &e),
                      SBIND_BUFFER_TOO_SMALL);
    assert_memory_equal(&f, &before, sizeof f);
    assert_status(to_form("unix:///x", 2 + 3, &f, &e), SBIND_OK);
    text[8 + 106] = '\0'; /* with the slash it has 107 octets */
    assert_status(to_form(text, sizeof f.sa, &f, &e), SBIND_OK);
}

/* ---- From a text to listeners, and back ------------------------------------------ */

static sbind_status listen_text(const char *text, sbind_listener *ret,
                                size_t cap, size_t *count, sbind_error *e)
{
    return sbind_listen_text(text, strlen(text), NULL, ret, cap, count, e);
}

static void a_text_becomes_listeners(void **state)
{
    sbind_listener l[2], empty = SBIND_LISTENER_INIT;
    sbind_error e;
    sbind_listen_options o;
    char buf[SBIND_FORMAT_MAX] = "untouched";
    size_t count = 77, n = 77;
    (void)state;
    assert_status(listen_text("tcp://127.0.0.1:65536", l, 2, &count, &e),
                  SBIND_PORT_RANGE);
    assert_int_equal(e.offset, 20);
    assert_status(listen_text("tcp://127.0.0.1:0", l, 0, &count, &e),
                  SBIND_TOO_MANY_LISTENERS);
    assert_int_equal(count, 77);
    assert_status(listen_text("tcp://127.0.0.1:0", l, 2, &count, &e), SBIND_OK);
    assert_int_equal(count, 1);
    assert_status(sbind_format_local(l, buf, 18, &n), SBIND_BUFFER_TOO_SMALL);
    assert_status(sbind_format_local(&empty, buf, sizeof buf, &n),
                  SBIND_FD_CLOSED);
    assert_string_equal(buf, "untouched");
    assert_int_equal(n, 77);
    assert_status(sbind_format_local(l, buf, sizeof buf, &n), SBIND_OK);
    assert_int_equal(n, strlen(buf));
    assert_memory_equal(buf, "tcp://127.0.0.1:", 16);
    assert_string_not_equal(buf, "tcp://127.0.0.1:0");
    sbind_close(l, NULL);
    sbind_listen_options_init(&o);
    o.backlog = -1;
    assert_status(
        sbind_listen_text("tcp://127.0.0.1:0", 17, &o, l, 2, &count, NULL),
        SBIND_BAD_OPTION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_comes_back),
        cmocka_unit_test(they_are_what_the_system_has),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(what_has_no_text_is_refused),
        cmocka_unit_test(what_is_no_socket_address_is_refused),
        cmocka_unit_test(a_text_becomes_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
