/* structure_test.c - is every value of a plain structure harmless: zeroed,
 * closed, set up for another size, or filled in by a program itself?
 *
 * Promises: P43 P45 */
#define _GNU_SOURCE /* openat */
#include "support.h"

#include <sys/stat.h>

/* ---- Empty ones ------------------------------------------------------------- */

/* What descriptor 0 refers to: a zeroed structure has this number. */
static struct stat standard_input(void)
{
    struct stat st = {0};
    if (fstat(STDIN_FILENO, &st) != 0)
        st.st_ino = 0;
    return st;
}

static int open_standard_input(void **state)
{
    int fd = openat(AT_FDCWD, "/dev/zero", O_RDONLY);
    (void)state;
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    return fd == STDIN_FILENO ? 0 : close(fd);
}

static void closing_a_zeroed_listener_does_nothing(void **state)
{
    sbind_listener l = SBIND_LISTENER_INIT, zero;
    struct stat before = standard_input(), after;
    sbind_error e;
    (void)state;
    memset(&zero, 0, sizeof zero);
    memset(&e, 0x5A, sizeof e);
    assert_status(sbind_close(&l, &e), SBIND_OK);
    assert_status(sbind_close(&zero, NULL), SBIND_OK);
    after = standard_input();
    assert_int_not_equal(after.st_ino, 0);
    assert_int_equal(after.st_ino, before.st_ino);
    assert_int_equal(e.status, 0x5A5A5A5A);
}

static void closing_a_zeroed_stream_does_nothing(void **state)
{
    sbind_stream s = SBIND_STREAM_INIT, zero;
    struct stat before = standard_input(), after;
    (void)state;
    memset(&zero, 0, sizeof zero);
    sbind_close_stream(&s);
    sbind_close_stream(&zero);
    after = standard_input();
    assert_int_not_equal(after.st_ino, 0);
    assert_int_equal(after.st_ino, before.st_ino);
}

/* Closes a listener and a stream twice. In between, their numbers are given to other
 * descriptors. */
static void nor_does_closing_a_closed_one(void **state)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listener l;
    sbind_stream s;
    int listener_fd, stream_fd;
    (void)state;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_status(sbind_local_address(&l, &a, NULL), SBIND_OK);
    assert_status(sbind_connect(&a, NULL, &s, NULL), SBIND_OK);
    listener_fd = l.fd;
    stream_fd = s.fd;
    sbind_close_stream(&s);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(dup2(STDIN_FILENO, listener_fd), listener_fd);
    assert_int_equal(dup2(STDIN_FILENO, stream_fd), stream_fd);
    sbind_close_stream(&s);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(close(listener_fd), 0);
    assert_int_equal(close(stream_fd), 0);
}

static void is_refused_as_empty(const sbind_listener *l)
{
    sbind_stream s = {-5, SBIND_NPIPE};
    sbind_error e;
    assert_status(sbind_accept(l, SBIND_BLOCKING, &s, &e), SBIND_FD_CLOSED);
    assert_int_equal(e.status, SBIND_FD_CLOSED);
    assert_string_equal(e.hint, "the listener is empty: it was never opened, "
                                "or it was closed");
    assert_null(e.call);
    assert_int_equal(s.fd, -5);
    assert_status(sbind_accept(l, SBIND_BLOCKING, &s, NULL), SBIND_FD_CLOSED);
}

/* Standard input is a listening socket, and a zeroed listener has its number.
 * This listener must still accept no client. */
static void an_empty_listener_accepts_nobody(void **state)
{
    sbind_address a = parsed("tcp://127.0.0.1:0"), own;
    sbind_listener l, empty = SBIND_LISTENER_INIT;
    sbind_stream s;
    sbind_error e;
    (void)state;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
    assert_status(sbind_connect(&own, NULL, &s, NULL), SBIND_OK);
    assert_int_equal(dup2(l.fd, STDIN_FILENO), STDIN_FILENO);
    is_refused_as_empty(&empty);
    own.port = 77;
    assert_status(sbind_local_address(&empty, &own, &e), SBIND_FD_CLOSED);
    assert_int_equal(own.port, 77);
    sbind_close_stream(&s);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    is_refused_as_empty(&l);
}

/* ---- Options of any size ------------------------------------------------------- */

enum { LONGEST = 512 };

typedef void (*set_up)(void *structure, size_t size);

static void set_up_listen(void *o, size_t size)
{
    sbind_listen_options_init_sized(o, size);
}

static void set_up_connect(void *o, size_t size)
{
    sbind_connect_options_init_sized(o, size);
}

static void set_up_policy(void *p, size_t size)
{
    sbind_policy_init_sized(p, size);
}

static void set_up_strict(void *p, size_t size)
{
    sbind_policy_init_strict_sized(p, size);
}

/* Takes the place of a program that was built when the structure had "size"
 * octets. The library must write only to these octets. */
static void check_size(set_up init, size_t known, size_t size)
{
    unsigned char whole[LONGEST], *part = malloc(size > 0 ? size : 1);
    size_t common = size < known ? size : known, first = sizeof(size_t);
    assert_non_null(part);
    memset(whole, 0x5A, sizeof whole); /* also what pads the structure */
    init(whole, known);
    memset(part, 0x5A, size);
    init(part, size);
    if (size > first)
        assert_memory_equal(part + first, whole + first, common - first);
    if (size >= first)
        assert_memory_equal(part, &size, first);
    for (size_t i = common; i < size; i++)
        assert_int_equal(part[i], 0);
    free(part);
}

static void structures_of_every_size_are_set_up(void **state)
{
    static const struct {
        set_up init;
        size_t known;
    } structures[] = {{set_up_listen, sizeof(sbind_listen_options)},
                      {set_up_connect, sizeof(sbind_connect_options)},
                      {set_up_policy, sizeof(sbind_policy)},
                      {set_up_strict, sizeof(sbind_policy)}};
    (void)state;
    for (size_t i = 0; i < sizeof structures / sizeof *structures; i++)
        for (size_t size = 0; size < LONGEST; size++)
            check_size(structures[i].init, structures[i].known, size);
}

/* If the structure of a program is shorter, the library neither reads nor changes
 * anything past its end. */
static void check_keeping(size_t size, sbind_kind kind)
{
    enum { AFTER = 16 };
    unsigned char *l = malloc(size + AFTER), *c = malloc(size + AFTER);
    assert_true(l != NULL && c != NULL);
    memset(l, 0x5A, size + AFTER);
    memset(c, 0x5A, size + AFTER);
    memcpy(l, &size, sizeof size);
    memcpy(c, &size, sizeof size);
    sbind_listen_options_keep((void *)l, kind);
    sbind_connect_options_keep((void *)c, kind);
    assert_memory_equal(l, &size, sizeof size);
    assert_memory_equal(c, &size, sizeof size);
    for (size_t i = size; i < size + AFTER; i++)
        assert_true(l[i] == 0x5A && c[i] == 0x5A);
    free(l);
    free(c);
}

static void options_of_every_size_are_kept(void **state)
{
    (void)state;
    for (size_t size = sizeof(size_t); size <= LONGEST; size++)
        for (int kind = -1; kind <= SBIND_NPIPE + 1; kind++)
            check_keeping(size, (sbind_kind)kind);
}

/* ---- Options of any value ------------------------------------------------------ */

static void zeroed_options_are_refused(void **state)
{
    char directory[] = "/tmp/sbind-zeroed-XXXXXX", path[40];
    const char *const texts[] = {path, "tcp://127.0.0.1:0", "fd://3"};
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "unix://%s/s", directory);
    for (int i = 0; i < 3; i++) {
        sbind_address a = parsed(texts[i]);
        sbind_listen_options o;
        sbind_listener l;
        sbind_error e;
        memset(&o, 0, sizeof o);
        o.size = sizeof o;
        o.blocking = SBIND_BLOCKING;
        assert_status(sbind_listen(&a, &o, &l, &e), SBIND_BAD_OPTION);
        assert_string_equal(e.hint,
                            "set up the options with the _init function first");
    }
    assert_int_equal(rmdir(directory), 0); /* fails unless it is empty */
}

/* One or two members that are 0 do not make zeroed options: a mode may be 0, and so may
 * the numbers of a user and a group. Listening fails only for want of the directory. */
static void each_zero_alone_is_none_of_that(void **state)
{
    sbind_address a = parsed("unix:///nowhere/s");
    sbind_listener l;
    (void)state;
    for (int i = 0; i < 3; i++) {
        sbind_listen_options o;
        sbind_listen_options_init(&o);
        o.mode = i == 0 ? -1 : 0;
        o.owner = i == 1 ? SBIND_NO_ID : 0;
        o.group = i == 2 ? SBIND_NO_ID : 0;
        assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_SYSTEM);
    }
}

static const int64_t extremes[] = {
    INT64_MIN, INT32_MIN, -2, -1, 0, 1, 2, 3, 512, INT32_MAX, INT64_MAX};

static int64_t extreme(uint32_t *chance)
{
    return extremes[next_random(chance) % (sizeof extremes / sizeof *extremes)];
}

/* Sets a member to an extreme value, in one of four cases. Otherwise the member keeps
 * its default, so that not everything is refused. */
#define DRAW(member)                                                           \
    ((void)(next_random(&chance) % 4 == 0 &&                                   \
            ((member) = (__typeof__(member))extreme(&chance), true)))

static size_t listen_with_any_options(const sbind_address *a, uint32_t chance)
{
    sbind_listen_options o;
    sbind_listener l;
    sbind_error e;
    sbind_status s;
    sbind_listen_options_init(&o);
    DRAW(o.blocking);
    DRAW(o.backlog);
    o.in_use_timeout = (int)(next_random(&chance) % 4) - 1;
    DRAW(o.existing);
    DRAW(o.mode);
    DRAW(o.owner);
    DRAW(o.reuse_address);
    DRAW(o.v6only);
    DRAW(o.nodelay);
    DRAW(o.keepalive_idle);
    DRAW(o.keepalive_count);
    DRAW(o.user_timeout);
    DRAW(o.mptcp);
    DRAW(o.receive_buffer);
    DRAW(o.send_buffer);
    s = sbind_listen(a, &o, &l, &e);
    assert_true(s == SBIND_OK || e.status == s);
    if (s == SBIND_OK)
        sbind_close(&l, NULL);
    return s == SBIND_OK;
}

static size_t connect_with_any_options(const sbind_address *a, uint32_t chance)
{
    sbind_connect_options o;
    sbind_stream stream;
    sbind_error e;
    sbind_status s;
    sbind_connect_options_init(&o);
    DRAW(o.blocking);
    DRAW(o.timeout);
    DRAW(o.attempt_delay);
    DRAW(o.nodelay);
    DRAW(o.keepalive_interval);
    DRAW(o.mptcp);
    DRAW(o.receive_buffer);
    DRAW(o.pipe_server);
    DRAW(o.unix_owner);
    s = sbind_connect(a, &o, &stream, &e);
    assert_true(s == SBIND_OK || e.status == s);
    if (s == SBIND_OK)
        sbind_close_stream(&stream);
    return s == SBIND_OK;
}

static void options_of_any_value_are_taken_or_refused(void **state)
{
    sbind_address a = parsed("tcp://127.0.0.1:0"), own;
    sbind_listener l;
    uint32_t chance = 4711;
    int descriptors = open_descriptors();
    size_t listened = 0, connected = 0;
    (void)state;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    assert_status(sbind_local_address(&l, &own, NULL), SBIND_OK);
    for (int i = 0; i < 1000; i++) {
        listened += listen_with_any_options(&a, next_random(&chance));
        connected += connect_with_any_options(&own, next_random(&chance));
    }
    sbind_close(&l, NULL);
    assert_true(listened > 0 && listened < 1000);
    assert_true(connected > 0 && connected < 1000);
    assert_int_equal(open_descriptors(), descriptors);
}

/* ---- Texts in the value --------------------------------------------------------- */

/* The text and the value share memory. The text may begin before the value or within
 * it. */
static void check_text_in_value(const char *text, size_t at)
{
    struct {
        char before[64];
        sbind_address value;
    } both;
    size_t n = strlen(text);
    char *place = (char *)&both + at;
    sbind_address alone = parsed(text);
    memset(&both, 0x5A, sizeof both);
    memcpy(place, text, n);
    assert_status(sbind_parse(place, n, &both.value, NULL), SBIND_OK);
    assert_true(same_members(&both.value, &alone));
    memset(&both, 0x5A, sizeof both);
    memcpy(place, text, n);
    place[n - 1] = '\0'; /* no address contains NUL; the value is untouched */
    assert_true(sbind_parse(place, n, &both.value, NULL) != SBIND_OK);
    assert_memory_equal(place, text, n - 1);
}

static void a_text_may_lie_in_the_value(void **state)
{
    static const char *const texts[] = {"tcp://",
                                        "tcp://127.0.0.1:8080",
                                        "tcp://[fe80::1%eth0]:80",
                                        "tcp://LOCALHOST.example.:80",
                                        "tcp://*:80",
                                        "unix:///run/some/where/app.sock",
                                        "unix://@abstract",
                                        "fd://",
                                        "fd://4711",
                                        "fd://the name",
                                        "npipe://name",
                                        "npipe:////server/pipe/a/b",
                                        "\\\\.\\pipe\\name"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t at = 0; at + strlen(texts[i]) <= 64 + sizeof(sbind_address);
             at++)
            check_text_in_value(texts[i], at);
}

/* ---- Errors of any value --------------------------------------------------------- */

static void make_error(sbind_error *e, uint32_t chance)
{
    static const char *const words[] = {NULL, "", "bind", "LISTEN_FDS"};
    unsigned char *octets = (unsigned char *)e;
    for (size_t i = 0; i < sizeof *e; i++)
        octets[i] = (unsigned char)next_random(&chance);
    e->variable = words[next_random(&chance) % 4];
    e->option = words[next_random(&chance) % 4];
    e->hint = words[next_random(&chance) % 4];
    e->call = words[next_random(&chance) % 4];
    e->os_name = words[next_random(&chance) % 4];
    e->os_error = (int)extreme(&chance);
    e->attempt_count = (size_t)extreme(&chance);
    for (size_t i = 0; i < SBIND_ATTEMPTS_MAX; i++) {
        e->attempts[i].hint = words[next_random(&chance) % 4];
        e->attempts[i].call = words[next_random(&chance) % 4];
        e->attempts[i].os_name = words[next_random(&chance) % 4];
    }
}

static void an_error_of_any_value_has_a_report(void **state)
{
    char report[SBIND_REPORT_MAX];
    size_t length;
    uint32_t chance = 4711;
    sbind_error *e = malloc(sizeof *e); /* to notice a read past its end */
    (void)state;
    assert_non_null(e);
    for (int i = 0; i < 5000; i++) {
        make_error(e, next_random(&chance));
        length = 0;
        assert_status(sbind_report(e, NULL, 0, report, sizeof report, &length),
                      SBIND_OK);
        assert_int_equal(strnlen(report, sizeof report) > 0, true);
        assert_status(
            sbind_report(e, "fd://", 5, report, sizeof report, &length),
            SBIND_OK);
        assert_status(
            sbind_report_line(e, "fd://\n", 6, report, sizeof report, &length),
            SBIND_OK);
        for (size_t n = 0; n < length; n++)
            assert_in_range(report[n], 0x20, 0x7E);
    }
    memset(e, 0, sizeof *e);
    e->attempt_count = 1; /* its address is empty, like the text */
    assert_status(sbind_report(e, NULL, 0, report, sizeof report, &length),
                  SBIND_OK);
    assert_null(strstr(report, "; at"));
    memset(e->attempts[0].address, 'a', sizeof e->attempts[0].address);
    memset(&e->attempts[0].status, 'a', sizeof e->attempts[0].status);
    assert_status(sbind_report(e, NULL, 0, report, sizeof report, &length),
                  SBIND_OK);
    assert_int_equal(strspn(strstr(report, "; at ") + 5, "a"),
                     SBIND_ATTEMPT_TEXT_MAX);
    free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(closing_a_zeroed_listener_does_nothing,
                               open_standard_input),
        cmocka_unit_test_setup(closing_a_zeroed_stream_does_nothing,
                               open_standard_input),
        cmocka_unit_test_setup(nor_does_closing_a_closed_one,
                               open_standard_input),
        cmocka_unit_test_setup(an_empty_listener_accepts_nobody,
                               open_standard_input),
        cmocka_unit_test(structures_of_every_size_are_set_up),
        cmocka_unit_test(options_of_every_size_are_kept),
        cmocka_unit_test(zeroed_options_are_refused),
        cmocka_unit_test(each_zero_alone_is_none_of_that),
        cmocka_unit_test(options_of_any_value_are_taken_or_refused),
        cmocka_unit_test(a_text_may_lie_in_the_value),
        cmocka_unit_test(an_error_of_any_value_has_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
