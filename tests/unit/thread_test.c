/* thread_test.c - is the library safe from several threads, and is no socket
 * of it inherited by a program that another thread starts meanwhile
 *
 * The same storm with a socket that is made close-on-exec afterwards has to be
 * caught, or else this test could not fail. With --race, two threads write to
 * one variable: ThreadSanitizer has to see that. */
#define _GNU_SOURCE /* pipe2 */
#include "support.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { THREADS = 4, ROUNDS = 300, CHILDREN = 60 };

static atomic_bool stop;
static atomic_int failures;

/* Each kind of address, the path one that all threads want, and no address. */
static int text_of(int i, int thread, char *text, size_t cap)
{
    static const char *const kinds[] = {
        "tcp://127.0.0.1:0", "tcp://127.0.0.1:70000", "unix:///tmp/sbind-t-%d",
        "unix:///tmp/sbind-t-%d.%d", "unix://@sbind-t-%d.%d"};
    return snprintf(text, cap, kinds[i % 5], (int)getpid(), thread);
}

static void *work(void *context)
{
    char text[64];
    int thread = *(int *)context;
    for (int i = 0; i < ROUNDS; i++) {
        sbind_address a;
        sbind_error e;
        sbind_listener l;
        sbind_stream s;
        char report[SBIND_REPORT_MAX];
        size_t n;
        int length = text_of(i, thread, text, sizeof text);
        if (sbind_parse(text, (size_t)length, &a, &e) != SBIND_OK) {
            sbind_report(&e, text, (size_t)length, report, sizeof report, &n);
            continue;
        }
        if (sbind_listen(&a, NULL, &l, &e) != SBIND_OK) {
            if (i % 5 != 2 || e.status != SBIND_ADDRESS_IN_USE)
                atomic_fetch_add(&failures, 1);
            continue;
        }
        if (sbind_local_address(&l, &a, &e) != SBIND_OK ||
            sbind_connect(&a, NULL, &s, &e) != SBIND_OK) {
            atomic_fetch_add(&failures, 1);
            continue;
        }
        sbind_close_stream(&s);
        sbind_close(&l, &e);
    }
    return NULL;
}

static void remove_locks(void)
{
    char path[64];
    for (int i = -1; i < THREADS; i++) {
        int n = snprintf(path, sizeof path, "/tmp/sbind-t-%d", (int)getpid());
        if (i >= 0)
            n += snprintf(path + n, sizeof path - (size_t)n, ".%d", i);
        snprintf(path + n, sizeof path - (size_t)n, ".lock");
        assert_int_equal(unlink(path), 0);
    }
}

static void many_threads(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];
    (void)state;
    atomic_store(&failures, 0);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, work, &numbers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&failures), 0);
    remove_locks();
}

/* ---- Taking inherited descriptors ---------------------------------------------------
 *
 * All threads want the same descriptors at once: one gets them, the others are
 * told. A table that is read first and written afterwards lets two have them,
 * and has to be caught. */

enum { TAKE_ROUNDS = 400 };

static pthread_barrier_t start, end;
static atomic_int winners, strangers;
static atomic_bool naive_taken;
static sbind_listener won[3];
static const sbind_activation three = {SBIND_ACTIVATION_PASSED, 3, {NULL, 0}};

static void take_three(void)
{
    sbind_address a = parsed("fd://*");
    sbind_listen_options o;
    sbind_listener l[3];
    size_t n;
    sbind_status s;
    sbind_listen_options_init(&o);
    o.activation = &three;
    s = sbind_listen_all(&a, &o, l, 3, &n, NULL);
    if (s == SBIND_OK) {
        memcpy(won, l, sizeof won);
        atomic_fetch_add(&winners, 1);
    } else if (s != SBIND_FD_TAKEN) {
        atomic_fetch_add(&strangers, 1);
    }
}

static void take_naively(void)
{
    if (atomic_load(&naive_taken))
        return;
    sched_yield();
    atomic_store(&naive_taken, true);
    atomic_fetch_add(&winners, 1);
}

static void *contend(void *context)
{
    void (*const *take)(void) = context;
    for (int i = 0; i < TAKE_ROUNDS; i++) {
        pthread_barrier_wait(&start);
        (*take)();
        pthread_barrier_wait(&end);
    }
    return NULL;
}

static void open_three(void)
{
    for (int fd = 3; fd < 6; fd++) {
        int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sa_family_t family = AF_UNIX;
        assert_int_equal(bind(made, (struct sockaddr *)&family, sizeof family),
                         0);
        assert_int_equal(listen(made, 1), 0);
        if (made != fd) {
            dup2(made, fd);
            close(made);
        }
    }
}

/* How many rounds did not have one winner. */
static int bad_rounds(void (*take)(void), bool real)
{
    pthread_t threads[THREADS];
    int bad = 0;
    pthread_barrier_init(&start, NULL, THREADS + 1);
    pthread_barrier_init(&end, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, contend, &take);
    for (int i = 0; i < TAKE_ROUNDS; i++) {
        if (real)
            open_three();
        atomic_store(&winners, 0);
        atomic_store(&naive_taken, false);
        pthread_barrier_wait(&start);
        pthread_barrier_wait(&end);
        bad += atomic_load(&winners) != 1;
        for (int k = 0; real && k < 3; k++)
            sbind_close(&won[k], NULL);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    pthread_barrier_destroy(&end);
    return bad;
}

static void one_of_many_takes_a_descriptor(void **state)
{
    (void)state;
    for (int fd = 3; fd < 64; fd++) /* what we were started with */
        close(fd);
    assert_int_equal(bad_rounds(take_three, true), 0);
    assert_int_equal(atomic_load(&strangers), 0);
    assert_int_not_equal(bad_rounds(take_naively, false), 0);
}

/* ---- The storm -------------------------------------------------------------------- */

static void *make_ours(void *context)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    (void)context;
    while (!atomic_load(&stop)) {
        sbind_listener l;
        if (sbind_listen(&a, NULL, &l, NULL) == SBIND_OK)
            sbind_close(&l, NULL);
    }
    return NULL;
}

static void *make_bad(void *context)
{
    (void)context;
    while (!atomic_load(&stop)) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        close(fd);
    }
    return NULL;
}

/* Starts a program that lists its descriptors: whether one is a socket. */
static bool child_has_socket(void)
{
    char line[4096];
    bool found = false;
    FILE *out = popen("ls -l /proc/self/fd 2>/dev/null", "re");
    assert_non_null(out);
    while (fgets(line, sizeof line, out) != NULL)
        found = found || strstr(line, "socket:") != NULL;
    pclose(out);
    return found;
}

static int leaks(void *(*maker)(void *), int most)
{
    pthread_t threads[THREADS];
    int n = 0;
    atomic_store(&stop, false);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, maker, NULL);
    for (int i = 0; i < most && n == 0; i++)
        n += child_has_socket();
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return n;
}

static void no_child_inherits_a_socket(void **state)
{
    (void)state;
    for (int fd = 3; fd < 64; fd++) /* what we were started with */
        close(fd);
    assert_false(child_has_socket());
    assert_int_equal(leaks(make_ours, CHILDREN), 0);
    assert_int_not_equal(leaks(make_bad, 100 * CHILDREN), 0);
}

/* ---- What ThreadSanitizer has to see ------------------------------------------------ */

static int raced;

static void *write_to_it(void *context)
{
    raced++;
    return context;
}

static int race(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, write_to_it, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return raced != 2;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads),
        cmocka_unit_test(one_of_many_takes_a_descriptor),
        cmocka_unit_test(no_child_inherits_a_socket),
    };
    if (argc == 2 && strcmp(argv[1], "--race") == 0)
        return race();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
