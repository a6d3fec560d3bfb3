/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * complete_test.c - the library against the complete suite
 *
 * The test runs the words of conformance/complete.json in three loops over its
 * tables, as README.md there describes. A recogniser that has no more states
 * than the grammar, and answers all words right, accepts exactly the texts of
 * the grammar. Each word ends where a page without access begins. The test also
 * runs lexers that are wrong in one octet, one transition or one end, and has
 * to catch them.
 *
 * Promises: P18 */
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */

#include "support.h"

#include <jansson.h>
#include <sys/mman.h>

#define STATES_MAX 1024
#define WORD_MAX 1024
#define DEAD (-1)

typedef struct octets {
    unsigned char data[64];
    size_t length;
} octets;

typedef struct state {
    octets access;
    /* the kind of a text that ends in this state; NULL: none */
    const char *end;
    size_t suffixes;
    octets suffix[48];
    int next[256];
} state;

typedef struct machine {
    const char *rule;
    octets dead;
    size_t states;
    state *state;
} machine;

/* The answer of a recogniser: the kind of the text, or NULL and an offset. */
typedef struct verdict {
    const char *kind;
    size_t offset;
} verdict;

typedef verdict recogniser(const char *rule, const char *text, size_t len);

/* ---- The tables ------------------------------------------------------------ */

static unsigned hex_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static octets read_octets(const json_t *value)
{
    const char *hex = json_string_value(value);
    octets ret = {{0}, 0};
    assert_non_null(hex);
    assert_true(strlen(hex) / 2 <= sizeof ret.data);
    for (; *hex != '\0'; hex += 2)
        ret.data[ret.length++] =
            (unsigned char)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
    return ret;
}

static int element(const json_t *array, size_t i)
{
    return (int)json_integer_value(json_array_get(array, i));
}

static void read_state(const json_t *table, state *ret)
{
    const json_t *runs = json_object_get(table, "runs");
    const json_t *suffixes = json_object_get(table, "identifiers");
    ret->access = read_octets(json_object_get(table, "access"));
    ret->end = json_string_value(json_object_get(table, "end"));
    ret->suffixes = json_array_size(suffixes);
    assert_true(ret->suffixes > 0 && ret->suffixes <= 48);
    for (size_t i = 0; i < ret->suffixes; i++)
        ret->suffix[i] = read_octets(json_array_get(suffixes, i));
    for (int c = 0; c < 256; c++)
        ret->next[c] = DEAD;
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *run = json_array_get(runs, i);
        for (int c = element(run, 0); c <= element(run, 1); c++)
            ret->next[c] = element(run, 2);
    }
}

static machine read_machine(const json_t *table)
{
    const json_t *states = json_object_get(table, "states");
    machine ret = {json_string_value(json_object_get(table, "rule")),
                   read_octets(json_object_get(table, "dead")),
                   json_array_size(states), NULL};
    assert_true(ret.states > 0 && ret.states <= STATES_MAX);
    ret.state = calloc(ret.states, sizeof *ret.state);
    assert_non_null(ret.state);
    for (size_t i = 0; i < ret.states; i++)
        read_state(json_array_get(states, i), &ret.state[i]);
    return ret;
}

/* The answer of the tables. */
static verdict walk(const machine *m, const unsigned char *text, size_t len)
{
    int at = 0;
    for (size_t i = 0; i < len; i++) {
        int next = m->state[at].next[text[i]];
        if (next == DEAD)
            return (verdict){NULL, i};
        at = next;
    }
    return (verdict){m->state[at].end, len};
}

/* ---- The library ------------------------------------------------------------ */

/* The kind as the answers of SPEC.md 7.3 name it. */
static const char *kind_name(const sbind_address *a)
{
    static const char *const names[] = {
        [SBIND_TCP_DEFAULT] = "tcp-default",
        [SBIND_TCP_IPV4] = "tcp-ipv4",
        [SBIND_TCP_IPV6] = "tcp-ipv6",
        [SBIND_TCP_NAME] = "tcp-name",
        [SBIND_TCP_ANY] = "tcp-any",
        [SBIND_UNIX_PATH] = "unix-path",
        [SBIND_UNIX_ABSTRACT] = "unix-abstract",
        [SBIND_FD_SINGLE] = "fd-single",
        [SBIND_FD_ALL] = "fd-all",
        [SBIND_FD_NUMBER] = "fd-number",
        [SBIND_FD_NAME] = "fd-name",
        [SBIND_NPIPE] = "npipe",
    };
    return names[a->kind];
}

static verdict recognise_address(const char *text, size_t len)
{
    sbind_address a;
    sbind_error e;
    if (sbind_parse(text, len, &a, &e) == SBIND_OK)
        return (verdict){kind_name(&a), len};
    return (verdict){NULL, e.offset};
}

/* A value is accepted if the library does not stop at its form. It then goes on
 * to the next variable, or to the numbers. */
static verdict recognise_value(const char *rule, const char *text, size_t len)
{
    sbind_activation_input in = {.self_pid = 1,
                                 .self_pidfdid = 1,
                                 .fd_limit = UINT32_MAX,
                                 .accept_missing_pid = true,
                                 .fds = {"1", 1}};
    const struct {
        const char *rule;
        sbind_env_value *value;
        sbind_status bad;
    } variables[] = {
        {"listen-pid", &in.pid, SBIND_BAD_LISTEN_PID},
        {"listen-pidfdid", &in.pidfdid, SBIND_BAD_LISTEN_PIDFDID},
        {"listen-fds", &in.fds, SBIND_BAD_LISTEN_FDS},
        {"listen-fdnames", &in.fdnames, SBIND_BAD_LISTEN_FDNAMES},
    };
    sbind_activation out;
    sbind_error e;
    size_t i = 0;
    while (strcmp(variables[i].rule, rule) != 0)
        i++;
    *variables[i].value = (sbind_env_value){text, len};
    if (sbind_activation_read(&in, &out, &e) == variables[i].bad)
        return (verdict){NULL, e.offset};
    return (verdict){rule, len};
}

static verdict recognise_notify(const char *rule, const char *text, size_t len)
{
    sbind_address a;
    sbind_error e;
    sbind_status s = strcmp(rule, "notify-socket") == 0
                         ? sbind_notify_address(text, len, &a, &e)
                         : sbind_notify_check(text, len, 0, &e);
    return s == SBIND_OK ? (verdict){rule, len} : (verdict){NULL, e.offset};
}

static verdict library(const char *rule, const char *text, size_t len)
{
    if (strncmp(rule, "notify-", 7) == 0)
        return recognise_notify(rule, text, len);
    return strcmp(rule, "address") == 0 ? recognise_address(text, len)
                                        : recognise_value(rule, text, len);
}

/* ---- Known-bad ones ----------------------------------------------------------- */

/* A lexer that takes the "~" of an abstract name for a control character. */
static verdict one_octet_of_notify_wrong(const char *rule, const char *text,
                                         size_t len)
{
    char copy[WORD_MAX];
    const char *tilde = memchr(text, '~', len);
    memcpy(copy, text, len);
    if (tilde != NULL)
        copy[tilde - text] = '\x01';
    return library(rule, copy, len);
}

/* A lexer that takes the "~" of a zone for a slash. */
static verdict one_octet_wrong(const char *rule, const char *text, size_t len)
{
    char copy[WORD_MAX];
    const char *percent = memchr(text, '%', len);
    const char *tilde =
        percent == NULL ? NULL
                        : memchr(percent, '~', (size_t)(text + len - percent));
    memcpy(copy, text, len);
    if (tilde != NULL)
        copy[tilde - text] = '/';
    return library(rule, copy, len);
}

/* A lexer with a wrong transition: after "npipe://" and a blank, it goes on as
 * if the text had begun with "\\A\PIPE\" and a blank. So it accepts a backslash
 * in the rest, although a text that begins with "npipe:" contains none. */
static verdict one_transition_wrong(const char *rule, const char *text,
                                    size_t len)
{
    static const char from[] = "npipe:// ", to[] = "\\\\A\\PIPE\\ ";
    const size_t skipped = sizeof from - 1, put = sizeof to - 1;
    char other[WORD_MAX];
    verdict ret;
    if (len < skipped || memcmp(text, from, skipped) != 0)
        return library(rule, text, len);
    memcpy(other, to, put);
    memcpy(other + put, text + skipped, len - skipped);
    ret = library(rule, other, put + len - skipped);
    ret.offset -= put - skipped;
    return ret;
}

/* A lexer with a wrong end: it does not accept a host name with a port that
 * ends in 65. */
static verdict one_end_wrong(const char *rule, const char *text, size_t len)
{
    verdict ret = library(rule, text, len);
    if (ret.kind != NULL && strcmp(ret.kind, "tcp-name") == 0 &&
        memcmp(text + len - 3, ":65", 3) == 0)
        ret.kind = NULL;
    return ret;
}

/* ---- The three loops --------------------------------------------------------- */

static char *guard; /* the page without access */
static const machine *current;
static size_t words, wrong;

static void show(const char *text, size_t len, verdict got, verdict wanted)
{
    fprintf(stderr, "%s: ", current->rule);
    for (size_t i = 0; i < len; i++)
        fprintf(stderr, "%02x", (unsigned char)text[i]);
    fprintf(stderr, ": %s at %zu, not %s at %zu\n",
            got.kind ? got.kind : "refused", got.offset,
            wanted.kind ? wanted.kind : "refused", wanted.offset);
}

static void try(recogniser *recognise, const octets *access, int octet,
                const octets *suffix)
{
    size_t len = access->length + (octet >= 0) + suffix->length;
    char *text = guard - len;
    verdict got, wanted;

    memcpy(text, access->data, access->length);
    if (octet >= 0)
        text[access->length] = (char)octet;
    memcpy(guard - suffix->length, suffix->data, suffix->length);
    wanted = walk(current, (const unsigned char *)text, len);
    got = recognise(current->rule, text, len);
    words++;
    if (got.offset == wanted.offset &&
        (got.kind == NULL) == (wanted.kind == NULL) &&
        (got.kind == NULL || strcmp(got.kind, wanted.kind) == 0))
        return;
    if (wrong++ == 0 && recognise == library)
        show(text, len, got, wanted);
}

static void run(recogniser *recognise, const machine *m, int stride)
{
    static const octets empty = {{0}, 0};
    current = m;
    for (size_t s = 0; s < m->states; s++) {
        try(recognise, &m->state[s].access, -1, &empty);
        for (size_t i = 0; i < m->state[s].suffixes; i++)
            try(recognise, &m->state[s].access, -1, &m->state[s].suffix[i]);
    }
    for (size_t s = 0; s < m->states; s++) {
        for (int c = 0; c < 256; c += stride) {
            int next = m->state[s].next[c];
            if (next == DEAD)
                try(recognise, &m->state[s].access, c, &empty);
            for (size_t i = 0; next != DEAD && i < m->state[next].suffixes; i++)
                try(recognise, &m->state[s].access, c,
                    &m->state[next].suffix[i]);
        }
    }
    for (int c = 0; c < 256; c++)
        try(recognise, &m->dead, c, &empty);
}

static void expect_caught(recogniser *known_bad, const machine *m)
{
    wrong = 0;
    run(known_bad, m, 1);
    assert_true(wrong > 0);
}

static void open_guard(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    guard = pages + page;
    assert_int_equal(mprotect(guard, page, PROT_NONE), 0);
}

static void test_every_word_is_answered_as_the_tables_say(void **unused)
{
    const int stride = getenv("SBIND_TEST_QUICK") ? 5 : 1;
    json_error_t error;
    json_t *document = json_load_file(SBIND_COMPLETE, 0, &error);
    const json_t *tables;
    (void)unused;
    if (document == NULL)
        fail_msg("%s: %s", SBIND_COMPLETE, error.text);
    open_guard();
    tables = json_object_get(document, "machines");
    assert_int_equal(json_array_size(tables), 7);
    for (size_t i = 0; i < json_array_size(tables); i++) {
        machine m = read_machine(json_array_get(tables, i));
        wrong = 0;
        run(library, &m, stride);
        assert_int_equal(wrong, 0);
        if (strcmp(m.rule, "address") == 0) {
            expect_caught(one_octet_wrong, &m);
            expect_caught(one_transition_wrong, &m);
            expect_caught(one_end_wrong, &m);
        } else if (strcmp(m.rule, "notify-socket") == 0) {
            expect_caught(one_octet_of_notify_wrong, &m);
        }
        free(m.state);
    }
    assert_true(words > 40000);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_word_is_answered_as_the_tables_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
