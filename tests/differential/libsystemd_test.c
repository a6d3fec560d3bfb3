/* libsystemd_test.c - does the library read the activation environment like
 * libsystemd's sd_listen_fds_with_names, except for the differences of SPEC.md
 * 6.11
 *
 * The test makes many environments, right and wrong ones, in a fixed sequence.
 * If the two readers answer differently, the environment has to have the form
 * of one of the listed differences. Each of these forms has to occur.
 *
 * Promises: P13 */
#define _GNU_SOURCE /* setenv, strdup */
#include "../unit/support.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <systemd/sd-daemon.h>

enum { ROUNDS = 40000, OPEN = 8, LIMIT = 64, NAMES_MAX = 64 };

typedef struct variables {
    const char *pid, *fds, *names; /* NULL: unset */
} variables;

/* ---- The two ------------------------------------------------------------------ */

/* The answer of a reader: the number of sockets, or -1 for an error, and the
 * names. A newline follows each name. If there are no names, "-" takes their
 * place. */
typedef struct answer {
    int count;
    char names[2000];
} answer;

static void add_name(answer *a, const char *name, size_t n)
{
    size_t used = strlen(a->names);
    assert_true(used + n + 2 < sizeof a->names);
    memcpy(a->names + used, name, n);
    memcpy(a->names + used + n, "\n", 2);
}

static answer ours(void)
{
    sbind_activation a;
    answer ret = {-1, ""};
    sbind_env_value list, name;
    if (sbind_activation_take(0, &a, NULL) != SBIND_OK)
        return ret;
    ret.count = a.outcome == SBIND_ACTIVATION_PASSED ? (int)a.count : 0;
    list = a.names;
    while (ret.count > 0 && sbind_activation_next_name(&list, &name))
        add_name(&ret, name.text, name.length);
    if (ret.count > 0 && a.names.text == NULL)
        strcpy(ret.names, "-");
    return ret;
}

/* libsystemd calls sockets "unknown" when no names were passed. */
static answer theirs(void)
{
    answer ret = {-1, ""};
    char **names = NULL;
    int n = sd_listen_fds_with_names(0, &names);
    if (n >= 0)
        ret.count = n;
    for (int i = 0; i < n; i++) {
        if (getenv("LISTEN_FDNAMES") != NULL)
            add_name(&ret, names[i], strlen(names[i]));
        else
            assert_string_equal(names[i], "unknown");
        free(names[i]);
    }
    free(names);
    if (n > 0 && getenv("LISTEN_FDNAMES") == NULL)
        strcpy(ret.names, "-");
    return ret;
}

static void set(const char *variable, const char *value)
{
    if (value == NULL)
        unsetenv(variable);
    else
        setenv(variable, value, 1);
}

static void enter(const variables *v)
{
    set("LISTEN_PID", v->pid);
    set("LISTEN_FDS", v->fds);
    set("LISTEN_FDNAMES", v->names);
}

/* ---- The differences of SPEC.md 6.11 -------------------------------------------- */

typedef enum difference {
    SAME = 0,
    NUMBERS,     /* (a) */
    OPEN_FDS,    /* (b) */
    OCTETS,      /* (c) */
    BACKSLASHES, /* (d) */
    NONE_OF_THEM
} difference;

static bool is_strict(const char *number)
{
    return number[0] >= '1' && number[0] <= '9' &&
           strspn(number, "0123456789") == strlen(number);
}

/* Whether libsystemd accepts a number that we refuse: one with blanks or a sign
 * before it, with leading zeros, or in another base. */
static bool is_lax(const char *number)
{
    const char *digits;
    if (number == NULL)
        return false;
    digits = number + strspn(number, " \t\n\v\f\r");
    return !is_strict(number) && strpbrk(number, "0123456789") != NULL &&
           (digits > number || strchr("+-0", *digits) != NULL);
}

static bool has_other_octets(const char *list)
{
    size_t length = 0, longest = 0;
    for (const char *p = list; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7E)
            return true;
        length = *p == ':' ? 0 : length + 1;
        longest = length > longest ? length : longest;
    }
    return longest > 255;
}

/* sbind must give the names as they are in the list, even if libsystemd gives
 * other names. */
static void check_names(const variables *v, const answer *us)
{
    char *names;
    if (us->count <= 0 || v->names == NULL)
        return;
    names = strdup(v->names);
    assert_non_null(names);
    for (char *p = names; *p != '\0'; p++)
        if (*p == ':')
            *p = '\n';
    assert_int_equal(strlen(us->names), strlen(names) + 1);
    assert_memory_equal(us->names, names, strlen(names));
    free(names);
}

/* The listed difference that an environment of this form can make. */
static difference explain(const variables *v, const answer *us,
                          const answer *them)
{
    const char *names = v->names == NULL ? "" : v->names;
    if (us->count == them->count && strcmp(us->names, them->names) == 0)
        return SAME;
    if (us->count == -1 && (is_lax(v->pid) || is_lax(v->fds)))
        return NUMBERS;
    if (us->count > OPEN && them->count == -1)
        return OPEN_FDS;
    if (us->count == -1 && has_other_octets(names))
        return OCTETS;
    if (strchr(names, '\\') != NULL)
        return BACKSLASHES;
    return NONE_OF_THEM;
}

/* ---- Environments ---------------------------------------------------------------- */

static uint32_t seed = 20261124;

static uint32_t below(uint32_t n) { return next_random(&seed) % n; }

static const char *garbage(const char *alphabet, size_t most)
{
    static char text[3][300];
    static int turn;
    char *to = text[turn++ % 3];
    size_t n = below((uint32_t)most + 1);
    for (size_t i = 0; i < n; i++)
        to[i] = alphabet[below((uint32_t)strlen(alphabet))];
    to[n] = '\0';
    return to;
}

/* Writes a number in one of many spellings. Most of them are wrong. */
static const char *spelling(unsigned long n)
{
    static const char *const before[] = {
        "",   " ",  "\t", "\n", "\v", "+", "-", "++",      "0",
        "00", "0x", "0X", "0o", "0b", "'", "1", "\xC2\xA0"};
    static const char *const after[] = {"",  " ", "\n", "x", ".",
                                        ",", "0", "'",  "L", "\xD9\xA3"};
    static char text[2][64];
    static int turn;
    char *to = text[turn++ % 2];
    const char *left = before[below(sizeof before / sizeof *before)];
    const char *right =
        below(2) ? "" : after[below(sizeof after / sizeof *after)];
    switch (below(4)) {
    case 0:
        snprintf(to, sizeof text[0], "%s%lx%s", left, n, right);
        break;
    case 1:
        snprintf(to, sizeof text[0], "%s%lo%s", left, n, right);
        break;
    default:
        snprintf(to, sizeof text[0], "%s%lu%s", left, n, right);
    }
    return to;
}

static const char *decimal(unsigned long n)
{
    static char text[4][32];
    static int turn;
    char *to = text[turn++ % 4];
    snprintf(to, sizeof text[0], "%lu", n);
    return to;
}

static const char *edge(void)
{
    static const char *const edges[] = {
        "",
        "0",
        "-0",
        "-1",
        "1",
        "61",
        "62",
        "64",
        "65",
        "2147483644",
        "2147483645",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "4294967297",
        "9223372036854775807",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551617",
        "99999999999999999999999999999999999999",
        "00000000000000000000000000000000000001"};
    return edges[below(sizeof edges / sizeof *edges)];
}

static const char *some_pid(void)
{
    unsigned long own = (unsigned long)getpid();
    switch (below(12)) {
    case 0:
        return NULL;
    case 1:
        return edge();
    case 2:
        return spelling(own);
    case 3:
        return decimal(own + below(3));
    case 4:
        return garbage("0123456789 +-xob\t", 8);
    case 5:
        return decimal(own + (1UL << 32));
    default:
        return decimal(own);
    }
}

static const char *some_fds(uint32_t *ret_count)
{
    *ret_count = 1 + below(below(4) ? OPEN : OPEN + 3);
    switch (below(12)) {
    case 0:
        return NULL;
    case 1:
        return edge();
    case 2:
        return spelling(*ret_count);
    case 3:
        return garbage("0123456789 +-xob\t", 5);
    default:
        return decimal(*ret_count);
    }
}

static const char *some_name(void)
{
    static const char long_name[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    static const char *const names[] = {"web", "web",   "a",        "",
                                        "a b", " x ",   "unknown",  "'a",
                                        "\"b", "\\x41", "\xC3\xA9", "a\\"};
    switch (below(40)) {
    case 0:
        return garbage("ab\t\n\x7F\x80 \\'\"", 6);
    case 1:
        return long_name + below(2); /* 256 octets, or 255 */
    case 2:
        return garbage("abc \\'\"=;,", 9);
    default:
        return names[below(below(8) ? 7 : sizeof names / sizeof *names)];
    }
}

static const char *some_names(uint32_t count)
{
    static char text[NAMES_MAX * 300];
    size_t used = 0;
    switch (below(12)) {
    case 0:
        return NULL;
    case 1:
        return garbage("ab:", 12);
    case 2:
        return "";
    case 3:
        count += below(2) ? 1 : count - 1;
        break;
    default:
        break;
    }
    text[0] = '\0';
    for (uint32_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                 i > 0 ? ":" : "", some_name());
    return text;
}

/* ---- Tests ---------------------------------------------------------------------------- */

/* Descriptors 3 to 10 are open, those from 11 on are not, and the limit is
 * low. */
static int open_descriptors_for_both(void **state)
{
    struct rlimit limit;
    const sa_family_t family = AF_UNIX;
    int socket_fd;
    (void)state;
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    socket_fd = socket(AF_UNIX, SOCK_STREAM, 0); /* 3 */
    if (bind(socket_fd, (const struct sockaddr *)&family, sizeof family) != 0 ||
        listen(socket_fd, 1) != 0)
        return -1;
    for (int fd = socket_fd + 1; fd < 3 + OPEN; fd++)
        if (dup2(socket_fd, fd) != fd)
            return -1;
    unsetenv("LISTEN_PIDFDID"); /* libsystemd reads it since version 258 */
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return -1;
    limit.rlim_cur = LIMIT;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

static void show(const variables *v, const answer *us, const answer *them)
{
    print_message("LISTEN_PID='%s' LISTEN_FDS='%s' LISTEN_FDNAMES='%s' (%d)\n"
                  "sbind: %d %s\nlibsystemd: %d %s\n",
                  v->pid == NULL ? "(unset)" : v->pid,
                  v->fds == NULL ? "(unset)" : v->fds,
                  v->names == NULL ? "(unset)" : v->names, (int)getpid(),
                  us->count, us->names, them->count, them->names);
}

static void only_these_differences(void **state)
{
    unsigned seen[NONE_OF_THEM + 1] = {0}, passed = 0;
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t count;
        variables v;
        answer us, them;
        difference d;
        v.pid = some_pid();
        v.fds = some_fds(&count);
        v.names = some_names(count);
        enter(&v);
        us = ours();
        them = theirs();
        check_names(&v, &us);
        d = explain(&v, &us, &them);
        if (d == NONE_OF_THEM)
            show(&v, &us, &them);
        seen[d]++;
        passed += d == SAME && us.count > 0;
    }
    print_message("same %u (passed %u), numbers %u, open %u, octets %u, "
                  "backslashes %u\n",
                  seen[SAME], passed, seen[NUMBERS], seen[OPEN_FDS],
                  seen[OCTETS], seen[BACKSLASHES]);
    assert_int_equal(seen[NONE_OF_THEM], 0);
    for (int d = SAME; d < NONE_OF_THEM; d++)
        assert_true(seen[d] > ROUNDS / 1000);
    assert_true(passed > ROUNDS / 10);
}

static int changed_flags(void)
{
    int n = 0;
    for (int fd = 3; fd < 3 + OPEN; fd++) {
        n += fcntl(fd, F_GETFD) != 0;
        fcntl(fd, F_SETFD, 0);
    }
    return n;
}

/* LISTEN_FDS counts one descriptor more than are open. libsystemd refuses this,
 * but only after it has changed the flags of the open descriptors. sbind skips
 * the closed descriptor. Then sbind refuses because fd:// means one socket and
 * there are several. sbind changes no flag. */
static void a_refusal_changes_no_descriptor(void **state)
{
    variables v = {decimal((unsigned long)getpid()), decimal(OPEN + 1), NULL};
    sbind_address single = parsed("fd://");
    sbind_listener listener;
    sbind_error e;
    (void)state;
    enter(&v);
    changed_flags();
    assert_status(sbind_listen(&single, NULL, &listener, &e), SBIND_NOT_ONE_FD);
    assert_true(e.fds[0] == 3 && e.fds[1] == 4);
    assert_int_equal(changed_flags(), 0);
    assert_int_equal(theirs().count, -1);
    assert_int_not_equal(changed_flags(), 0);
}

/* Difference (d): libsystemd reports an error even if the sockets are meant for
 * another process. */
static void a_backslash_at_the_end(void **state)
{
    variables v = {NULL, decimal(1), "a\\"};
    (void)state;
    enter(&v);
    assert_int_equal(theirs().count, -1);
    assert_int_equal(ours().count, 0);
}

/* (h): the descriptors have been opened before. */
static void a_limit_that_was_lowered(void **state)
{
    variables v = {decimal((unsigned long)getpid()), decimal(OPEN), NULL};
    struct rlimit limit, lower;
    sbind_activation a;
    (void)state;
    enter(&v);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    lower = limit;
    lower.rlim_cur = 3 + OPEN - 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &lower), 0);
    assert_int_equal(theirs().count, OPEN);
    assert_status(sbind_activation_take(0, &a, NULL), SBIND_TOO_MANY_FDS);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(ours().count, OPEN);
}

/* sbind leaves the variables alone. If libsystemd refuses, it unsets them. */
static void a_refusal_changes_no_variable(void **state)
{
    variables v = {decimal((unsigned long)getpid()), "2x", NULL};
    sbind_activation a;
    (void)state;
    enter(&v);
    assert_status(sbind_activation_take(SBIND_CLEAR_ENVIRONMENT, &a, NULL),
                  SBIND_BAD_LISTEN_FDS);
    assert_string_equal(getenv("LISTEN_FDS"), "2x");
    assert_true(sd_listen_fds(1) < 0);
    assert_null(getenv("LISTEN_FDS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_these_differences),
        cmocka_unit_test(a_refusal_changes_no_descriptor),
        cmocka_unit_test(a_refusal_changes_no_variable),
        cmocka_unit_test(a_backslash_at_the_end),
        cmocka_unit_test(a_limit_that_was_lowered),
    };
    return cmocka_run_group_tests(tests, open_descriptors_for_both, NULL);
}
