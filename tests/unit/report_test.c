/* report_test.c - does the report for people say what is wrong, and is its
 * caret under the right octet?
 *
 * Promises: P19 P29 */
#include "support.h"

static const char *report_of(const sbind_error *e, const char *text, size_t n)
{
    static char report[SBIND_REPORT_MAX];
    size_t length;
    assert_status(sbind_report(e, text, n, report, sizeof report, &length),
                  SBIND_OK);
    assert_int_equal(strlen(report), length);
    for (size_t i = 0; i < length; i++)
        assert_true(report[i] == '\n' ||
                    (report[i] >= 0x20 && report[i] <= 0x7E));
    return report;
}

static const char *refusal(const char *text, size_t n)
{
    sbind_address a;
    sbind_error e;
    assert_int_not_equal(sbind_parse(text, n, &a, &e), SBIND_OK);
    return report_of(&e, text, n);
}

static void reports_to_the_octet(void **state)
{
    (void)state;
    assert_string_equal(refusal("tcp://127.0.0.1:65536", 21),
                        "the port is above 65535 (port-range)\n"
                        "  tcp://127.0.0.1:65536\n"
                        "                      ^\n"
                        "  hint: ports run from 0 to 65535\n");
    assert_string_equal(refusal("unix://a\0\xFFz", 11),
                        "this is not allowed in a socket path (bad-path)\n"
                        "  unix://a\\x00\\xffz\n"
                        "          ^\n"
                        "  hint: a path has no control characters and does "
                        "not end in /\n");
    assert_string_equal(refusal("\xC3\xA9", 2),
                        "this is not the beginning of an address "
                        "(unknown-scheme)\n"
                        "  \\xc3\\xa9\n"
                        "  ^\n"
                        "  hint: an address begins with tcp://, unix://, "
                        "fd://, npipe:// or \\\\\n");
    assert_string_equal(refusal("", 0),
                        "the address stops too early (unexpected-end)\n"
                        "  \n"
                        "  ^\n"
                        "  hint: an address is needed\n");
}

static void errors_of_the_environment_and_of_the_system(void **state)
{
    sbind_error e = {.status = SBIND_BAD_LISTEN_FDS,
                     .offset = 1,
                     .variable = "LISTEN_FDS",
                     .fds = {-1, -1}};
    (void)state;
    assert_string_equal(report_of(&e, "1x", 2),
                        "LISTEN_FDS: this is not a number of descriptors "
                        "(bad-listen-fds)\n"
                        "  1x\n"
                        "   ^\n"
                        "  hint: write a decimal number from 1 to 2147483644 "
                        "without leading zeros\n");
    e = (sbind_error){.status = SBIND_AMBIGUOUS_FD_NAME,
                      .offset = SBIND_NO_OFFSET,
                      .call = "getsockopt",
                      .os_error = -2,
                      .hint = "so",
                      .attempt_count = 1,
                      .attempts = {{.address = "tcp://[::1]:80"}},
                      .fds = {3, 5}};
    assert_string_equal(report_of(&e, "fd://web", 8),
                        "several passed sockets have this name "
                        "(ambiguous-fd-name); at tcp://[::1]:80; descriptor 3 "
                        "and 5; getsockopt: error -2\n"
                        "  fd://web\n"
                        "  hint: so\n");
}

static const char *line_of(const sbind_error *e, const char *text, size_t n)
{
    static char line[SBIND_REPORT_MAX];
    size_t length;
    assert_status(sbind_report_line(e, text, n, line, sizeof line, &length),
                  SBIND_OK);
    assert_int_equal(strlen(line), length);
    for (size_t i = 0; i < length; i++)
        assert_in_range(line[i], 0x20, 0x7E);
    return line;
}

static const char *line_of_refusal(const char *text, size_t n)
{
    sbind_address a;
    sbind_error e;
    assert_int_not_equal(sbind_parse(text, n, &a, &e), SBIND_OK);
    return line_of(&e, text, n);
}

static void lines_to_the_octet(void **state)
{
    sbind_error e = {.status = SBIND_BAD_OPTION,
                     .offset = SBIND_NO_OFFSET,
                     .option = "mode",
                     .hint = "so\nand\x1b so",
                     .fds = {-1, -1}};
    char small[20] = "untouched";
    size_t length = 77;
    (void)state;
    assert_string_equal(
        line_of_refusal("tcp://127.0.0.1:65536", 21),
        "the port is above 65535 (port-range); octet 20 of "
        "tcp://127.0.0.1:65536; hint: ports run from 0 to 65535");
    assert_string_equal(line_of_refusal("unix://a\n\xFFz", 11),
                        "this is not allowed in a socket path (bad-path); "
                        "octet 8 of unix://a\\x0a\\xffz; hint: a path has no "
                        "control characters and does not end in /");
    assert_string_equal(line_of_refusal("", 0),
                        "the address stops too early (unexpected-end); octet "
                        "0; hint: an address is needed");
    assert_string_equal(line_of(&e, "fd://", 5),
                        "mode: an option has an invalid value (bad-option); "
                        "fd://; hint: so and  so");
    e.hint = "so";
    assert_string_equal(report_of(&e, "fd://", 5),
                        "mode: an option has an invalid value (bad-option)\n"
                        "  fd://\n"
                        "  hint: so\n");
    assert_status(sbind_report_line(&e, "", 0, small, sizeof small, &length),
                  SBIND_BUFFER_TOO_SMALL);
    assert_string_equal(small, "untouched");
    assert_int_equal(length, 77);
}

static void each_attempt_has_its_place_in_a_line(void **state)
{
    sbind_error e = {.status = SBIND_SYSTEM,
                     .offset = SBIND_NO_OFFSET,
                     .call = "connect",
                     .os_error = 111,
                     .os_name = "ECONNREFUSED",
                     .attempt_count = 10,
                     .fds = {-1, -1}};
    (void)state;
    for (int i = 0; i < SBIND_ATTEMPTS_MAX; i++)
        e.attempts[i] = (sbind_attempt){.address = "tcp://[::1]:80",
                                        .status = SBIND_TIMED_OUT,
                                        .hint = "so"};
    assert_string_equal(
        line_of(&e, "tcp://h:80", 10),
        "the system refused (system); tcp://h:80"
        "; tcp://[::1]:80: the deadline has passed; so"
        "; tcp://[::1]:80: the deadline has passed; so"
        "; tcp://[::1]:80: the deadline has passed; so"
        "; tcp://[::1]:80: the deadline has passed; so"
        "; tcp://[::1]:80: the deadline has passed; so"
        "; tcp://[::1]:80: the deadline has passed; so"
        "; tcp://[::1]:80: the deadline has passed; so"
        "; tcp://[::1]:80: the deadline has passed; so; and 2 more");
}

/* The first line does not repeat the error of the last attempt. */
static void each_of_two_attempts_has_its_line(void **state)
{
    const sbind_error e = {.status = SBIND_SYSTEM,
                           .offset = SBIND_NO_OFFSET,
                           .call = "connect",
                           .os_error = 111,
                           .os_name = "ECONNREFUSED",
                           .hint = "so",
                           .attempt_count = 2,
                           .attempts = {{.address = "tcp://[::1]:80",
                                         .status = SBIND_TIMED_OUT,
                                         .hint = "or so"},
                                        {.address = "tcp://127.0.0.1:80",
                                         .status = SBIND_SYSTEM,
                                         .call = "connect",
                                         .os_error = 111,
                                         .os_name = "ECONNREFUSED",
                                         .hint = "so"}},
                           .fds = {-1, -1}};
    (void)state;
    assert_string_equal(report_of(&e, "tcp://two:80", 12),
                        "the system refused (system)\n"
                        "  tcp://two:80\n"
                        "  tcp://[::1]:80: the deadline has passed; or so\n"
                        "  tcp://127.0.0.1:80: connect: ECONNREFUSED; so\n");
}

/* The line of a report that shows the text, and the column of its caret. */
static size_t caret_of(const char *report, char line[256])
{
    const char *text = strchr(report, '\n') + 1;
    size_t n = strcspn(text, "\n");
    assert_true(n < 256);
    memcpy(line, text, n);
    line[n] = '\0';
    return strcspn(text + n + 1, "^");
}

static void the_caret_of_a_long_text_stands_right(void **state)
{
    char text[1024];
    sbind_error e = {.status = SBIND_BAD_PATH, .fds = {-1, -1}};
    (void)state;
    for (size_t n = 1; n <= sizeof text; n += 7) {
        for (size_t at = 0; at < n; at += 3) {
            char line[256];
            size_t column;
            for (size_t i = 0; i < n; i++)
                text[i] = i % 5 == 4 ? '\x01' : (char)('a' + i % 26);
            text[at] = '!';
            e.offset = at;
            column = caret_of(report_of(&e, text, n), line);
            assert_true(strlen(line) <= 2 + 72);
            assert_int_equal(line[column], '!');
        }
    }
}

static void a_text_of_72_columns_is_shown_whole(void **state)
{
    char text[73];
    sbind_error e = {.status = SBIND_BAD_PATH, .offset = 70, .fds = {-1, -1}};
    (void)state;
    memset(text, 'a', sizeof text);
    assert_null(strstr(report_of(&e, text, 72), "..."));
    assert_non_null(strstr(report_of(&e, text, 73), "..."));
}

static void forty_columns_stand_before_the_caret(void **state)
{
    char text[100], line[256];
    sbind_error e = {.status = SBIND_BAD_PATH, .offset = 60, .fds = {-1, -1}};
    (void)state;
    memset(text, 'a', sizeof text);
    assert_int_equal(caret_of(report_of(&e, text, sizeof text), line),
                     strlen("  ...") + 40);
}

/* Every part has its greatest length, and the hint is longer than any real
 * one. */
static void fill_attempts(sbind_error *e, size_t n)
{
    static char hint[120];
    memset(hint, 'h', sizeof hint - 1);
    e->hint = hint;
    e->attempt_count = n == 2 ? SIZE_MAX : n;
    for (size_t i = 0; i < SBIND_ATTEMPTS_MAX; i++) {
        sbind_attempt *a = &e->attempts[i];
        memset(a->address, 'x', sizeof a->address - 1);
        a->call = e->call;
        a->os_name = e->os_name;
        a->hint = hint;
    }
}

/* If the report has room for all attempts, each attempt has a line, and there
 * is no other line. With one attempt more, the report says how many are
 * missing. */
static void the_attempts_without_a_line_are_counted(void **state)
{
    (void)state;
    for (size_t n = 2; n <= SBIND_ATTEMPTS_MAX + 2; n++) {
        sbind_error e = {.status = SBIND_SYSTEM,
                         .offset = SBIND_NO_OFFSET,
                         .call = "connect",
                         .os_name = "ECONNREFUSED",
                         .fds = {-1, -1}};
        char more[32];
        const char *report;
        size_t lines = 0;
        fill_attempts(&e, n);
        e.attempt_count = n;
        report = report_of(&e, "tcp://h:1", 9);
        for (const char *c = report; *c != '\0'; c++)
            lines += *c == '\n';
        snprintf(more, sizeof more, "\n  and %zu more\n",
                 n - SBIND_ATTEMPTS_MAX);
        if (n <= SBIND_ATTEMPTS_MAX) {
            assert_int_equal(lines, 2 + n);
            assert_null(strstr(report, "more"));
        } else {
            assert_int_equal(lines, 2 + SBIND_ATTEMPTS_MAX + 1);
            assert_non_null(strstr(report, more));
        }
    }
}

static void every_status_fits_the_buffer(void **state)
{
    static const sbind_status statuses[] = {
#define STATUS(id, number, name, text, hint) id,
        SBIND_STATUS_LIST(STATUS)
#undef STATUS
    };
    static char big[1 << 20];
    (void)state;
    memset(big, 0xFF, sizeof big);
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        sbind_error e = {.status = statuses[i],
                         .offset = i % 2 ? SBIND_NO_OFFSET : 1000,
                         .variable = "LISTEN_PIDFDID",
                         .call = "setsockopt IPV6_V6ONLY",
                         .os_name = "EPROTONOSUPPORT",
                         .os_error = 1,
                         .fds = {INT32_MAX, INT32_MAX}};
        fill_attempts(&e, i % 3);
        report_of(&e, big, sizeof big);
        report_of(&e, big, 1024);
        report_of(&e, NULL, 0);
    }
}

static void a_small_buffer_is_left_alone(void **state)
{
    sbind_address a;
    sbind_error e;
    size_t needed, length = 777;
    char report[SBIND_REPORT_MAX];
    (void)state;
    sbind_parse("tcp://x", 7, &a, &e);
    needed = strlen(report_of(&e, "tcp://x", 7)) + 1;
    for (size_t cap = 0; cap < needed; cap++) {
        memset(report, '#', sizeof report);
        assert_status(sbind_report(&e, "tcp://x", 7, report, cap, &length),
                      SBIND_BUFFER_TOO_SMALL);
        assert_int_equal(report[0], '#');
        assert_int_equal(length, 777);
    }
    assert_status(sbind_report(&e, "tcp://x", 7, report, needed, &length),
                  SBIND_OK);
}

static void what_fits_no_buffer_is_not_cut_off(void **state)
{
    char hint[SBIND_REPORT_MAX + 1], report[2 * SBIND_REPORT_MAX] = "#";
    sbind_error e = {.status = SBIND_BAD_HOST, .hint = hint};
    size_t length = 777;
    (void)state;
    memset(hint, 'h', sizeof hint - 1);
    hint[sizeof hint - 1] = '\0';
    assert_status(sbind_report(&e, "x", 1, report, sizeof report, &length),
                  SBIND_BUFFER_TOO_SMALL);
    assert_string_equal(report, "#");
    assert_int_equal(length, 777);
}

/* Statuses without a hint of their own. Their hint depends on errno, or comes
 * from the function that found the error and knows more. */
static bool has_its_hint_from_elsewhere(int number)
{
    return number == SBIND_OK || number == SBIND_SYSTEM ||
           number == SBIND_UNSUPPORTED || number == SBIND_UNUSABLE_ADDRESS ||
           number == SBIND_NOT_RESOLVED || number == SBIND_PATH_TOO_LONG ||
           number == SBIND_NOT_PORTABLE;
}

static void every_status_says_what_to_do(void **state)
{
    static const struct {
        int number;
        const char *hint;
    } list[] = {
#define ROW(id, number, name, text, hint) {number, hint},
        SBIND_STATUS_LIST(ROW)
#undef ROW
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        assert_string_equal(sbind_status_hint((sbind_status)list[i].number),
                            list[i].hint);
        if (!has_its_hint_from_elsewhere(list[i].number))
            assert_string_not_equal(list[i].hint, "");
    }
}

static void statuses_are_told_apart(void **state)
{
    static const struct {
        int number;
        const char *name;
    } list[] = {
#define ROW(id, number, name, text, hint) {number, name},
        SBIND_STATUS_LIST(ROW)
#undef ROW
    };
    const size_t n = sizeof list / sizeof *list;
    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(sbind_status_name((sbind_status)list[i].number),
                            list[i].name);
        assert_true(sbind_status_text((sbind_status)list[i].number)[0] != 0);
        assert_int_equal(strspn(list[i].name, "abcdefghijklmnopqrstuvwxyz-8012"
                                              "3456789"),
                         strlen(list[i].name));
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(list[i].number, list[j].number);
            assert_string_not_equal(list[i].name, list[j].name);
        }
    }
    assert_string_equal(sbind_status_name((sbind_status)9999), "unknown");
    assert_string_equal(sbind_status_hint((sbind_status)9999), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_to_the_octet),
        cmocka_unit_test(each_attempt_has_its_place_in_a_line),
        cmocka_unit_test(reports_to_the_octet),
        cmocka_unit_test(errors_of_the_environment_and_of_the_system),
        cmocka_unit_test(each_of_two_attempts_has_its_line),
        cmocka_unit_test(the_caret_of_a_long_text_stands_right),
        cmocka_unit_test(a_text_of_72_columns_is_shown_whole),
        cmocka_unit_test(forty_columns_stand_before_the_caret),
        cmocka_unit_test(the_attempts_without_a_line_are_counted),
        cmocka_unit_test(every_status_fits_the_buffer),
        cmocka_unit_test(a_small_buffer_is_left_alone),
        cmocka_unit_test(what_fits_no_buffer_is_not_cut_off),
        cmocka_unit_test(every_status_says_what_to_do),
        cmocka_unit_test(statuses_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
