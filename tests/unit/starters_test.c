/* starters_test.c - when several processes start on one path at the same moment,
 * does exactly one of them listen, and does the path lead to it?
 *
 * Every other round begins with a stale socket. The test also runs starters as
 * they are often written, and has to catch them. Otherwise it could not fail.
 *
 * Promises: P8 P9 P20 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { STARTERS = 4, ROUNDS = 3000, ROUNDS_BAD = 20000 };

static char directory[] = "/tmp/sbind-starters-XXXXXX";
static sbind_address address;

static struct shared {
    pthread_barrier_t gate;
    bool has_won[STARTERS];
    bool is_done; /* no round follows */
} * shared;

/* ---- Starters ----------------------------------------------------------------- */

/* A way to start, which gives a listening descriptor or -1, and a way to end,
 * which may leave the socket file. */
typedef struct way {
    int (*start)(sbind_listener *l);
    void (*end)(sbind_listener *l, bool leaves_file);
} way;

static int start_ours(sbind_listener *l)
{
    sbind_error e;
    sbind_status s = sbind_listen(&address, NULL, l, &e);
    if (s != SBIND_OK && s != SBIND_ADDRESS_IN_USE)
        fprintf(stderr, "%s: %s\n", sbind_status_name(s),
                e.call == NULL ? "" : e.call);
    return s == SBIND_OK ? l->fd : -1;
}

static void end_ours(sbind_listener *l, bool leaves_file)
{
    if (leaves_file) {
        close(l->fd);
        close(l->directory_fd);
        close(l->file_fd);
    } else {
        sbind_close(l, NULL);
    }
}

static int bind_and_listen(sbind_listener *l)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(name.sun_path, address.name, address.name_length);
    if (bind(l->fd, (const struct sockaddr *)&name, sizeof name) == 0 &&
        listen(l->fd, 8) == 0)
        return l->fd;
    close(l->fd);
    return l->fd = -1;
}

/* A bad starter: it removes whatever is at the path, even if a process listens
 * on it. */
static int start_by_force(sbind_listener *l)
{
    unlink(address.name);
    return bind_and_listen(l);
}

/* A bad starter: it probes, and removes the file if no process listens. Between
 * the probe and the removal, another starter may make the file. */
static int start_after_asking(sbind_listener *l)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_live;
    memcpy(name.sun_path, address.name, address.name_length);
    is_live = connect(fd, (const struct sockaddr *)&name, sizeof name) == 0;
    close(fd);
    if (is_live)
        return -1;
    unlink(address.name);
    return bind_and_listen(l);
}

static void end_theirs(sbind_listener *l, bool leaves_file)
{
    close(l->fd);
    if (!leaves_file)
        unlink(address.name);
}

/* ---- A round ------------------------------------------------------------------ */

static void start_on_and_on(const way *w, int i)
{
    for (int round = 0;; round++) {
        sbind_listener l;
        pthread_barrier_wait(&shared->gate); /* all go */
        if (shared->is_done)
            _exit(0);
        shared->has_won[i] = w->start(&l) >= 0;
        pthread_barrier_wait(&shared->gate); /* this is looked at, */
        pthread_barrier_wait(&shared->gate); /* and then given up */
        if (shared->has_won[i])
            w->end(&l, round % 2 == 0);
    }
}

static bool is_reachable(void)
{
    sbind_stream s;
    if (sbind_connect(&address, NULL, &s, NULL) != SBIND_OK)
        return false;
    sbind_close_stream(&s);
    return true;
}

static size_t file_count(void)
{
    DIR *d = opendir(directory);
    size_t n = 0;
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n - 2; /* . and .. */
}

/* Checks that exactly one starter has won, that the path leads to its socket,
 * and that the directory holds nothing else. */
static bool is_right(void)
{
    int winners = 0;
    for (int i = 0; i < STARTERS; i++)
        winners += shared->has_won[i];
    return winners == 1 && is_reachable() && file_count() == 1;
}

/* Runs so many rounds, and returns how many went wrong. If "is_bad", stops at
 * the first of these. */
static int rounds(const way *w, int most, bool is_bad)
{
    pid_t starters[STARTERS];
    int wrong = 0;
    shared->is_done = false;
    for (int i = 0; i < STARTERS; i++) {
        starters[i] = fork();
        if (starters[i] == 0)
            start_on_and_on(w, i);
        assert_true(starters[i] > 0);
    }
    for (int i = 0; i < most && !(is_bad && wrong > 0); i++) {
        pthread_barrier_wait(&shared->gate);
        pthread_barrier_wait(&shared->gate);
        wrong += !is_right();
        pthread_barrier_wait(&shared->gate);
    }
    shared->is_done = true;
    pthread_barrier_wait(&shared->gate);
    for (int i = 0; i < STARTERS; i++)
        waitpid(starters[i], NULL, 0);
    unlink(address.name);
    return wrong;
}

/* ---- The tests ---------------------------------------------------------------- */

static void of_several_starters_one_wins(void **state)
{
    static const way ours = {start_ours, end_ours};
    (void)state;
    assert_int_equal(rounds(&ours, ROUNDS, false), 0);
    assert_int_equal(file_count(), 0);
}

static void starters_without_a_lock_are_caught(void **state)
{
    static const way force = {start_by_force, end_theirs};
    static const way asking = {start_after_asking, end_theirs};
    (void)state;
    assert_int_not_equal(rounds(&force, ROUNDS_BAD, true), 0);
    assert_int_not_equal(rounds(&asking, ROUNDS_BAD, true), 0);
}

static int prepare(void **state)
{
    pthread_barrierattr_t attributes;
    char text[64];
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || mkdtemp(directory) == NULL)
        return -1;
    snprintf(text, sizeof text, "unix://%s/s", directory);
    address = parsed(text);
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    return pthread_barrier_init(&shared->gate, &attributes, STARTERS + 1);
}

static int clear_up(void **state)
{
    (void)state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_several_starters_one_wins),
        cmocka_unit_test(starters_without_a_lock_are_caught),
    };
    alarm(250); /* otherwise the test would wait for a starter that has died */
    return cmocka_run_group_tests(tests, prepare, clear_up);
}
