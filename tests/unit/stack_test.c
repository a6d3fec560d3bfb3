/* stack_test.c - how many octets of the stack does a call take?
 *
 * The call runs on its own stack, which is filled with a pattern before. The octets
 * that have changed afterwards are counted. They include those of functions of the
 * C library. */
#include <ucontext.h>

#include "support.h"

enum { ROOM = 65536, PAINT = 0xA5 };

static unsigned char painted[ROOM] __attribute__((aligned(16)));
static ucontext_t outside, inside;
static const char *text;
static sbind_address value;
static sbind_error error;
static char written[SBIND_FORMAT_MAX];
static bool done;

static void nothing(void) {}

static void parse(void)
{
    done = sbind_parse(text, strlen(text), &value, &error) == SBIND_OK;
}

static void format(void)
{
    size_t length;
    done = sbind_format(&value, written, sizeof written, &length) == SBIND_OK;
}

static void report(void)
{
    size_t length;
    done = sbind_report(&error, text, strlen(text), written, sizeof written,
                        &length) == SBIND_OK;
}

static void connect_to_nobody(void)
{
    sbind_stream stream = SBIND_STREAM_INIT;
    done = sbind_connect(&value, NULL, &stream, &error) == SBIND_OK;
}

static void listen_and_close(void)
{
    sbind_listener listener = SBIND_LISTENER_INIT;
    done = sbind_listen(&value, NULL, &listener, &error) == SBIND_OK;
    sbind_close(&listener, NULL);
}

/* How many octets of the stack the call has written. */
static size_t touched(void (*call)(void))
{
    size_t untouched = 0;
    memset(painted, PAINT, sizeof painted);
    getcontext(&inside);
    inside.uc_stack.ss_sp = painted;
    inside.uc_stack.ss_size = sizeof painted;
    inside.uc_link = &outside;
    makecontext(&inside, call, 0);
    swapcontext(&outside, &inside);
    while (untouched < ROOM && painted[untouched] == PAINT)
        untouched++;
    return ROOM - untouched;
}

/* How many octets a call takes in addition to those of an empty function. The
 * call is made once before, because the first one loads functions of libraries. */
static size_t depth(void (*call)(void))
{
    size_t least = touched(nothing);
    call();
    return touched(call) - least;
}

static const char *const texts[] = {"tcp://",
                                    "tcp://127.0.0.1:80",
                                    "tcp://127.0.0.1:8x",
                                    "tcp://[2001:db8::1:2%eth0]:80",
                                    "tcp://[2001:db8::1:2%eth0]:8x",
                                    "tcp://some.where.example:80",
                                    "unix:///run/user/1000/some/where/app.sock",
                                    "unix:///run/user/1000/some/where/",
                                    "unix://@abstract",
                                    "fd://3",
                                    "fd://name",
                                    "npipe:////server/pipe/a/b",
                                    "\\\\.\\pipe\\name",
                                    "\\\\?\\pipe\\name",
                                    "http://x"};

static void assert_depth(void (*call)(void), size_t most)
{
    size_t octets = depth(call);
    if (octets > most)
        fail_msg("%s: %zu octets", text, octets);
}

static void of_parsing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text = texts[i];
        assert_depth(parse, 256);
    }
}

static void of_formatting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text = texts[i];
        parse();
        if (!done)
            continue;
        assert_depth(format, 1792);
        assert_true(done);
    }
}

static void of_reporting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text = texts[i];
        parse();
        if (done)
            continue;
        assert_depth(report, 2048);
        assert_true(done);
    }
}

/* Names are left out: the resolver has a stack of its own size. Descriptors take the
 * most, because their sets have a bit for each number. No descriptor is open under the
 * number of the last row. Any user may listen on port 0. */
static void of_opening(void **state)
{
    static const struct {
        const char *to_connect, *to_listen;
        bool listens;
        size_t connecting, listening;
    } rows[] = {{"tcp://127.0.0.1:1", "tcp://127.0.0.1:0", true, 4096, 7168},
                {"unix:///tmp/sbind-stack-test", "unix:///tmp/sbind-stack-test",
                 true, 3072, 9728},
                {"unix://@sbind-stack-test", "unix://@sbind-stack-test", true,
                 3072, 7168},
                {"fd://60000", "fd://60000", false, 32768, 34816}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text = rows[i].to_connect;
        parse();
        assert_true(done);
        assert_depth(connect_to_nobody, rows[i].connecting);
        assert_false(done);
        text = rows[i].to_listen;
        parse();
        assert_depth(listen_and_close, rows[i].listening);
        assert_int_equal(done, rows[i].listens);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_parsing),
        cmocka_unit_test(of_formatting),
        cmocka_unit_test(of_reporting),
        cmocka_unit_test(of_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
