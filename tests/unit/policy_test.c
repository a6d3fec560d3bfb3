/* policy_test.c - does each rule of a policy refuse exactly the addresses that
 * it is about?
 *
 * Promises: P24 P50 */
#include "support.h"

static sbind_status checked(const sbind_policy *p, const char *text)
{
    sbind_address a = parsed(text);
    sbind_error e;
    sbind_status s = sbind_policy_check(p, &a, &e);
    if (s != SBIND_OK)
        assert_int_equal(e.status, s);
    return s;
}

/* Checks that a rule refuses exactly the texts in "refused", with this
 * status. */
static void check(const sbind_policy *p, sbind_status status,
                  const char *refused)
{
    static const char *const texts[] = {
        "tcp://",
        "tcp://127.0.0.1:1",
        "tcp://127.9.9.9:1",
        "tcp://10.0.0.1:1",
        "tcp://[::1]:1",
        "tcp://[::2]:1",
        "tcp://[fe80::1%lo]:1",
        "tcp://localhost:1",
        "tcp://*:1",
        "tcp://0.0.0.0:1",
        "tcp://[::]:1",
        "unix:///a",
        "unix://a",
        "unix://@a",
        "fd://",
        "fd://*",
        "fd://3",
        "fd://web",
        "npipe://x",
        "npipe:////srv/pipe/x",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char word[64];
        snprintf(word, sizeof word, " %s ", texts[i]);
        assert_status(checked(p, texts[i]),
                      strstr(refused, word) != NULL ? status : SBIND_OK);
    }
}

static void each_rule(void **state)
{
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    check(&p, SBIND_OK, "");
    p.absolute_path = true;
    check(&p, SBIND_RELATIVE_PATH, " unix://a ");
    sbind_policy_init(&p);
    p.no_abstract = true;
    check(&p, SBIND_ABSTRACT_NOT_ALLOWED, " unix://@a ");
    sbind_policy_init(&p);
    p.loopback = true;
    check(&p, SBIND_NOT_LOOPBACK,
          " tcp://  tcp://10.0.0.1:1  tcp://[::2]:1  tcp://[fe80::1%lo]:1 "
          " tcp://localhost:1  tcp://*:1  tcp://0.0.0.0:1  tcp://[::]:1 ");
    sbind_policy_init(&p);
    p.numeric = true;
    check(&p, SBIND_NOT_NUMERIC, " tcp://localhost:1 ");
    sbind_policy_init(&p);
    p.local_pipe = true;
    check(&p, SBIND_REMOTE_PIPE, " npipe:////srv/pipe/x ");
    sbind_policy_init(&p);
    p.portable = true;
    check(&p, SBIND_NOT_PORTABLE,
          " tcp://[fe80::1%lo]:1  unix://@a  npipe://x  npipe:////srv/pipe/x "
          " fd://  fd://*  fd://3  fd://web ");
}

static void no_wildcard(void **state)
{
    sbind_policy p;
    sbind_address a = parsed("tcp://0.0.0.0:1");
    (void)state;
    sbind_policy_init(&p);
    p.no_wildcard = true;
    check(&p, SBIND_WILDCARD,
          " tcp://  tcp://localhost:1  tcp://*:1  tcp://0.0.0.0:1 "
          " tcp://[::]:1 ");
    assert_status(checked(&p, "tcp://0.0.0.1:1"), SBIND_OK);
    assert_status(checked(&p, "tcp://1.0.0.0:1"), SBIND_OK);
    assert_status(checked(&p, "tcp://[1::]:1"), SBIND_OK);
    assert_status(checked(&p, "tcp://[0:0::0.0.0.0]:1"), SBIND_WILDCARD);
    assert_status(checked(&p, "tcp://[::%lo]:1"), SBIND_WILDCARD);
    a.ip[15] = 1; /* does not count in an IPv4 address */
    assert_true(sbind_valid(&a));
    assert_status(sbind_policy_check(&p, &a, NULL), SBIND_WILDCARD);
}

static void only_what_was_passed(void **state)
{
    sbind_activation two = {SBIND_ACTIVATION_PASSED, 2, {NULL, 0}, NULL};
    sbind_activation others = {
        SBIND_ACTIVATION_OTHER_PROCESS, 2, {NULL, 0}, NULL};
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    p.passed = &two;
    check(&p, SBIND_OK, ""); /* says nothing by itself */
    p.passed_only = true;
    check(&p, SBIND_OK, "");
    assert_status(checked(&p, "fd://0"), SBIND_FD_NOT_PASSED);
    assert_status(checked(&p, "fd://2"), SBIND_FD_NOT_PASSED);
    assert_status(checked(&p, "fd://4"), SBIND_OK);
    assert_status(checked(&p, "fd://5"), SBIND_FD_NOT_PASSED);
    assert_status(checked(&p, "fd://2147483647"), SBIND_FD_NOT_PASSED);
    two.count = 2147483644;
    assert_status(checked(&p, "fd://2147483646"), SBIND_OK);
    assert_status(checked(&p, "fd://2"), SBIND_FD_NOT_PASSED);
    p.passed = &others;
    check(&p, SBIND_FD_NOT_PASSED, " fd://3 ");
    p.passed = NULL;
    check(&p, SBIND_FD_NOT_PASSED, " fd://3 ");
}

static void strict(void **state)
{
    static const struct {
        const char *text;
        sbind_status status;
    } rows[] = {{"tcp://", SBIND_WILDCARD},
                {"tcp://127.0.0.1:1", SBIND_OK},
                {"tcp://192.0.2.1:0", SBIND_OK},
                {"tcp://[::1]:1", SBIND_OK},
                {"tcp://[fe80::1%lo]:1", SBIND_OK},
                {"tcp://localhost:1", SBIND_NOT_NUMERIC},
                {"tcp://*:1", SBIND_WILDCARD},
                {"tcp://0.0.0.0:1", SBIND_WILDCARD},
                {"tcp://[::]:1", SBIND_WILDCARD},
                {"unix:///a", SBIND_OK},
                {"unix://a", SBIND_RELATIVE_PATH},
                {"unix://@a", SBIND_ABSTRACT_NOT_ALLOWED},
                {"fd://", SBIND_OK},
                {"fd://*", SBIND_OK},
                {"fd://web", SBIND_OK},
                {"fd://0", SBIND_FD_NOT_PASSED},
                {"fd://3", SBIND_FD_NOT_PASSED},
                {"npipe://x", SBIND_OK},
                {"npipe:////srv/pipe/x", SBIND_REMOTE_PIPE}};
    sbind_activation one = {SBIND_ACTIVATION_PASSED, 1, {NULL, 0}, NULL};
    sbind_policy p;
    (void)state;
    sbind_policy_init_strict(&p);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_status(checked(&p, rows[i].text), rows[i].status);
    p.passed = &one;
    assert_status(checked(&p, "fd://3"), SBIND_OK);
    assert_status(checked(&p, "fd://4"), SBIND_FD_NOT_PASSED);
}

/* Paths below a directory, by their texts. */
static void within_a_directory(void **state)
{
    static const struct {
        const char *within, *text;
        bool is_accepted;
    } rows[] = {
        {"/run/app", "unix:///run/app/x", true},
        {"/run/app/", "unix:///run/app/x", true},
        {"/run/app", "unix:///run/app/a/b/c", true},
        {"/run/app", "unix:///run/app/.x", true},
        {"/run/app", "unix:///run/app/..x", true},
        {"/run/app", "unix:///run/app/x..", true},
        {"/run/app", "unix:///run/app/ x", true},
        {"/run/app", "unix:///run/app", false},
        {"/run/app/", "unix:///run/app", false},
        {"/run/app", "unix:///run/apps/x", false},
        {"/run/app", "unix:///run/ap", false},
        {"/run/app", "unix:///run/app.x", false},
        {"/run/app", "unix:///run/x", false},
        {"/run/app", "unix:///run//app/x", false},
        {"/run/app", "unix:////run/app/x", false},
        {"/run/app", "unix:///run/app//x", false},
        {"/run/app", "unix:///run/app/./x", false},
        {"/run/app", "unix:///run/app/../x", false},
        {"/run/app", "unix:///run/app/a/../../x", false},
        {"/run/app", "unix:///run/app/..", false},
        {"/run/app", "unix:///run/app/.", false},
        {"/run/app", "unix:///run/app/...", false},
        {"/run/app", "unix:///run/app/ /x", false},
        {"/run/app", "unix:///run/app/.. /x", false},
        {"/run/app", "unix:///run/app/a\\b", false},
        {"/run/app", "unix://run/app/x", false},
        {"/run/app", "unix://@/run/app/x", false},
        {"/run/app", "unix:///proc/self/cwd/x", false},
        {"/run/app", "unix:///dev/fd/3/x", false},
        {"/", "unix:///x", true},
        {"/", "unix:///proc/1/cwd/x", true},
        {"/", "unix:///x/../y", false},
        {"/", "unix://x", false},
    };
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    p.within = "/";
    check(&p, SBIND_NOT_WITHIN, " unix://a  unix://@a ");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        p.within = rows[i].within;
        assert_status(checked(&p, rows[i].text),
                      rows[i].is_accepted ? SBIND_OK : SBIND_NOT_WITHIN);
    }
}

static void a_directory_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "",       "run",     "./run", "../run", "//",      "//run", "/run//",
        "/run/.", "/run/..", "/../x", "/run/ ", "/run\\a", "/./",   "/.."};
    sbind_address a = parsed("unix:///run/x");
    sbind_address tcp = parsed("tcp://127.0.0.1:1");
    sbind_policy p;
    sbind_error e;
    (void)state;
    sbind_policy_init(&p);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        p.within = bad[i];
        assert_status(sbind_policy_check(&p, &a, &e), SBIND_BAD_OPTION);
        assert_string_equal(e.hint, "within is an absolute path without //, . "
                                    "or .. in it");
        assert_status(sbind_policy_check(&p, &tcp, NULL), SBIND_BAD_OPTION);
    }
}

static void each_scheme(void **state)
{
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    p.schemes = SBIND_ALLOW_TCP | SBIND_ALLOW_FD;
    check(&p, SBIND_SCHEME_NOT_ALLOWED,
          " unix:///a  unix://a  unix://@a  npipe://x  npipe:////srv/pipe/x ");
    p.schemes = SBIND_ALLOW_UNIX | SBIND_ALLOW_NPIPE;
    assert_status(checked(&p, "fd://3"), SBIND_SCHEME_NOT_ALLOWED);
    assert_status(checked(&p, "tcp://h:1"), SBIND_SCHEME_NOT_ALLOWED);
    assert_status(checked(&p, "unix://@a"), SBIND_OK);
}

static void portable_paths_have_103_octets(void **state)
{
    char text[200] = "unix:///";
    sbind_policy p;
    (void)state;
    sbind_policy_init(&p);
    p.portable = true;
    memset(text + 8, 'x', 102);
    assert_status(checked(&p, text), SBIND_OK);
    text[8 + 102] = 'x';
    assert_status(checked(&p, text), SBIND_NOT_PORTABLE);
}

static void what_makes_no_sense_is_refused(void **state)
{
    sbind_policy p;
    sbind_address a = parsed("fd://3");
    (void)state;
    sbind_policy_init(&p);
    p.size = 1;
    assert_status(sbind_policy_check(&p, &a, NULL), SBIND_BAD_OPTION);
    sbind_policy_init(&p);
    p.schemes = 16;
    assert_status(sbind_policy_check(&p, &a, NULL), SBIND_BAD_OPTION);
    sbind_policy_init(&p);
    a.fd = -1;
    assert_status(sbind_policy_check(&p, &a, NULL), SBIND_INVALID_ADDRESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule),
        cmocka_unit_test(no_wildcard),
        cmocka_unit_test(only_what_was_passed),
        cmocka_unit_test(strict),
        cmocka_unit_test(within_a_directory),
        cmocka_unit_test(a_directory_that_is_none_is_refused),
        cmocka_unit_test(each_scheme),
        cmocka_unit_test(portable_paths_have_103_octets),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
