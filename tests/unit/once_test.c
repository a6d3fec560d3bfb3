/* once_test.c - is an address parsed only once on its way from a value to a socket?
 *
 * Public functions check the address, and inner functions must not check it again.
 * The linker leads every call of the parser through this test, which counts them. */
#define _GNU_SOURCE
#include "support.h"

#include <netdb.h>
#include <sys/socket.h>

static int parsed_texts;

sbind_status __real_sbind_parse(const char *text, size_t len,
                                sbind_address *ret, sbind_error *reterr);
sbind_status __wrap_sbind_parse(const char *text, size_t len,
                                sbind_address *ret, sbind_error *reterr);

sbind_status __wrap_sbind_parse(const char *text, size_t len,
                                sbind_address *ret, sbind_error *reterr)
{
    parsed_texts++;
    return __real_sbind_parse(text, len, ret, reterr);
}

static char directory[] = "/tmp/sbind-once.XXXXXX";
static char path_address[64];

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path_address, sizeof path_address, "unix://%s/s", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    return rmdir(directory);
}

static sbind_listener listen_once(const char *text)
{
    sbind_address a = parsed(text);
    sbind_listener l = SBIND_LISTENER_INIT;
    parsed_texts = 0;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_int_equal(parsed_texts, 1);
    return l;
}

static sbind_status connect_once_with(const sbind_address *address,
                                      const sbind_connect_options *options)
{
    sbind_stream stream = SBIND_STREAM_INIT;
    sbind_error error;
    sbind_status s;
    parsed_texts = 0;
    s = sbind_connect(address, options, &stream, &error);
    assert_int_equal(parsed_texts, 1);
    sbind_close_stream(&stream);
    return s;
}

static sbind_status connect_once(const sbind_address *address)
{
    return connect_once_with(address, NULL);
}

static void every_kind(void **state)
{
    const char *const kinds[] = {"tcp://127.0.0.1:0", "tcp://*:0", path_address,
                                 "unix://@sbind-once"};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        sbind_listener l = listen_once(kinds[i]);
        sbind_address own;
        assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
        if (own.kind == SBIND_TCP_ANY) {
            uint16_t port = own.port;
            own = parsed("tcp://127.0.0.1:0");
            own.port = port;
        }
        assert_status(connect_once(&own), SBIND_OK);
        sbind_close(&l, NULL);
    }
}

/* A host name is parsed once, however many addresses it has, and whether or not
 * listening succeeds. */
static void names(void **state)
{
    sbind_listener l[8];
    sbind_address a = parsed("tcp://localhost:0"), own;
    struct addrinfo *found;
    size_t count = 0;
    (void)state;
    if (getaddrinfo("localhost", NULL, NULL, &found) != 0)
        leave_out("this machine does not know localhost");
    freeaddrinfo(found);
    parsed_texts = 0;
    assert_status(sbind_listen_all(&a, NULL, l, 8, &count, NULL), SBIND_OK);
    assert_int_equal(parsed_texts, 1);
    assert_status(sbind_local_address(&l[0], &own, NULL), SBIND_OK);
    a.port = own.port;
    assert_status(connect_once(&a), SBIND_OK);
    for (size_t i = 0; i < count; i++)
        sbind_close(&l[i], NULL);
    assert_true(connect_once(&a) != SBIND_OK);
}

/* The answers of a resolver that a program gives are values, so they are not
 * parsed. */
static void answers(void **state)
{
    sbind_listener l = listen_once("tcp://127.0.0.1:0");
    sbind_address name = parsed("tcp://name:1"), own;
    struct sockaddr_storage sa;
    struct addrinfo answer = {.ai_addr = (struct sockaddr *)&sa};
    sbind_connect_options o;
    size_t length;
    (void)state;
    assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
    assert_status(
        sbind_to_sockaddr(&own, answer.ai_addr, sizeof sa, &length, NULL),
        SBIND_OK);
    answer.ai_addrlen = (socklen_t)length;
    name.port = own.port;
    sbind_connect_options_init(&o);
    o.answers = &answer;
    assert_status(connect_once_with(&name, &o), SBIND_OK);
    sbind_close(&l, NULL);
    assert_status(connect_once_with(&name, &o), SBIND_SYSTEM);
}

/* An inherited unix socket has a second address, the path that the system reports
 * for it. This path is parsed as well. With POSIX only the system reports the hidden
 * name, and the path that belongs to it is parsed, too. */
#ifdef SBIND_PORTABLE
enum { REPORTED = 2 };
#else
enum { REPORTED = 1 };
#endif

static void inherited_sockets(void **state)
{
    const char *const kinds[] = {"tcp://127.0.0.1:0", path_address};
    (void)state;
    for (int i = 0; i < 2; i++) {
        sbind_listener passed = listen_once(kinds[i]), l;
        char text[32];
        sbind_address a;
        snprintf(text, sizeof text, "fd://%d", dup((int)passed.fd));
        a = parsed(text);
        parsed_texts = 0;
        assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
        assert_int_equal(parsed_texts, 1 + i * REPORTED);
        sbind_close(&l, NULL);
        sbind_close(&passed, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(names),
        cmocka_unit_test(answers),
        cmocka_unit_test(inherited_sockets),
    };
    limit_time();
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
