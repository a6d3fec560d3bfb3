/* stack_test.c - how deep the stack of a call becomes
 *
 * The call runs on a stack of its own, which was painted before. All functions
 * that it calls are in the figure, those of the C library too. */
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

static void nothing(void) { done = true; }

static void parse(void)
{
    done = sbind_parse(text, strlen(text), &value, &error) == SBIND_OK;
}

static void format(void)
{
    size_t length;
    done = sbind_format(&value, written, sizeof written, &length) == SBIND_OK;
}

/* Octets of the stack that were written. */
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

/* Above what a call of nothing takes. The first call loads functions. */
static size_t depth(void (*call)(void))
{
    call();
    return touched(call) - touched(nothing);
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

static void of_parsing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t octets;
        text = texts[i];
        octets = depth(parse);
        if (octets > 320)
            fail_msg("%s: %zu octets", text, octets);
    }
}

static void of_formatting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t octets;
        text = texts[i];
        parse();
        if (!done)
            continue;
        octets = depth(format);
        assert_true(done);
        if (octets > 1792)
            fail_msg("%s: %zu octets", text, octets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_parsing),
        cmocka_unit_test(of_formatting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
