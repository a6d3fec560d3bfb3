/* structure_test.c - is no value of a plain structure harmful: one that is
 * zeroed or closed, one that was set up for another size, one that a program has
 * filled in by itself
 *
 * Promises: P43 */
#define _GNU_SOURCE /* openat */
#include "support.h"

#include <sys/stat.h>

/* ---- Empty ones ------------------------------------------------------------- */

/* Descriptor 0, which the handle of a zeroed structure is. */
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

/* Closes them twice; in between another descriptor gets the number. */
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

/* Standard input is a listening socket: a zeroed listener has nothing to do with
 * it. */
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
