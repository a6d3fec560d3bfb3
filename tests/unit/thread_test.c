/* thread_test.c - may several threads use the library at once? If another
 * thread starts a program, does it never inherit a socket of the library?
 *
 * The test also runs with a socket that becomes close-on-exec only after it was
 * made, and has to catch this. Otherwise it could not fail. With --race, two
 * threads write to one variable, and ThreadSanitizer has to report that.
 *
 * Promises: P3 P4 P5 P21 */
#define _GNU_SOURCE /* pipe2, unshare */
#include "support.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { THREADS = 4, ROUNDS = 300, CHILDREN = 60 };

static atomic_bool stop;
static atomic_int failures;

/* Every kind of address, a path that all threads want, and a text that is not
 * an address. */
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
            if (i % 5 != 1 || e.status != SBIND_PORT_RANGE)
                atomic_fetch_add(&failures, 1);
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
}

/* ---- Taking inherited descriptors ---------------------------------------------------
 *
 * Two threads want the same descriptor at the same moment. One gets it, and the
 * other gets SBIND_FD_TAKEN. A bad table, which a thread reads first and writes
 * afterwards, gives the descriptor to both. The test has to catch it. */

enum { TAKERS = 2, TAKE_ROUNDS = 20000, TAKE_SECONDS = 2 };

static atomic_uint arrived;
static atomic_int winners, strangers;
static atomic_ulong naive;
static sbind_listener won;
static int wanted;

/* Waits until all threads have arrived for the n-th time. The wait spins, so
 * that they go on at the same moment. */
static void meet(unsigned n)
{
    atomic_fetch_add(&arrived, 1);
    for (unsigned turn = 1; atomic_load(&arrived) < n * TAKERS; turn++)
        if (turn % 1000 == 0)
            sched_yield(); /* the others may need this processor */
}

static void take(void)
{
    sbind_address a = {.kind = SBIND_FD_NUMBER, .fd = wanted};
    sbind_listener l;
    sbind_status s = sbind_listen(&a, NULL, &l, NULL);
    if (s == SBIND_OK) {
        won = l;
        atomic_fetch_add(&winners, 1);
    } else if (s != SBIND_FD_TAKEN) {
        atomic_fetch_add(&strangers, 1);
    }
}

static void take_naively(void)
{
    struct stat st;
    fstat(wanted, &st);
    if (atomic_load(&naive) == (unsigned long)st.st_ino)
        return;
    sched_yield(); /* or it would take many more rounds */
    atomic_store(&naive, (unsigned long)st.st_ino);
    atomic_fetch_add(&winners, 1);
}

typedef struct contest {
    void (*taker)(void);
    int spare;       /* another descriptor of the socket */
    int bad;         /* rounds that did not have one winner */
    unsigned rounds; /* so far */
    atomic_bool ended;
} contest;

static void *contend(void *context)
{
    contest *c = context;
    for (unsigned i = 1; !atomic_load(&c->ended); i += 2) {
        meet(i);
        c->taker();
        meet(i + 1);
    }
    return NULL;
}

/* Checks that the descriptor is as it was, and not adopted. */
static void begin_again(contest *c)
{
    c->rounds++;
    c->bad += atomic_load(&winners) != 1;
    atomic_store(&winners, 0);
    atomic_store(&naive, 0);
    if (c->taker == take) {
        sbind_close(&won, NULL);
        dup2(c->spare, wanted);
    }
}

/* The work of one of the two threads. It repeats rounds until one is bad, and
 * cleans up before the other thread may go on. On a busy machine the time is up
 * before the last round. */
static void contend_and_judge(contest *c)
{
    time_t end = time(NULL) + TAKE_SECONDS;
    for (unsigned i = 1; !atomic_load(&c->ended); i += 2) {
        meet(i);
        c->taker();
        while (atomic_load(&arrived) < (i + 1) * TAKERS - 1)
            sched_yield();
        begin_again(c);
        atomic_store(&c->ended, c->bad > 0 || c->rounds == TAKE_ROUNDS ||
                                    time(NULL) > end);
        meet(i + 1);
    }
}

/* Rounds that did not have one winner. */
static int bad_rounds(void (*taker)(void), int spare)
{
    pthread_t other;
    contest c = {.taker = taker, .spare = spare};
    atomic_store(&arrived, 0);
    pthread_create(&other, NULL, contend, &c);
    contend_and_judge(&c);
    pthread_join(other, NULL);
    return c.bad;
}

static void one_of_many_takes_a_descriptor(void **state)
{
    const sa_family_t family = AF_UNIX;
    int spare = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)state;
    assert_int_equal(
        bind(spare, (const struct sockaddr *)&family, sizeof family), 0);
    assert_int_equal(listen(spare, 1), 0);
    wanted = dup(spare);
    assert_int_equal(bad_rounds(take_naively, spare), 1);
    assert_int_equal(bad_rounds(take, spare), 0);
    assert_int_equal(atomic_load(&strangers), 0);
    close(wanted);
    close(spare);
}

/* ---- The storm -------------------------------------------------------------------- */

static atomic_int made; /* sockets, until now */

static void *make_ours(void *context)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    (void)context;
    while (!atomic_load(&stop)) {
        sbind_listener l;
        if (sbind_listen(&a, NULL, &l, NULL) != SBIND_OK ||
            sbind_close(&l, NULL) != SBIND_OK)
            atomic_fetch_add(&failures, 1);
        atomic_fetch_add(&made, 1);
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
        atomic_fetch_add(&made, 1);
    }
    return NULL;
}

/* Starts a program that lists its descriptors. Returns whether one of them is a
 * socket. */
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
    for (int i = 0; i < most && n == 0; i++) {
        int before = atomic_load(&made);
        while (atomic_load(&made) == before) /* on a busy machine, too */
            sched_yield();
        n += child_has_socket();
    }
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
    weaker("P3");
    atomic_store(&failures, 0);
    assert_int_equal(leaks(make_ours, CHILDREN), 0);
    assert_int_equal(atomic_load(&failures), 0);
    assert_int_not_equal(leaks(make_bad, 100 * CHILDREN), 0);
}

/* ---- A thread that shares no descriptors --------------------------------------- */

enum { VICTIMS = 32 };

static pthread_barrier_t turn;

/* The umask has narrowed the mode of the file, so the library has to change it,
 * by a path through /proc. */
static void *listen_alone(void *text)
{
    sbind_address a = parsed(text);
    sbind_listen_options o;
    sbind_listener l;
    struct stat st = {0};
    sbind_listen_options_init(&o);
    o.mode = 0666;
    if (unshare(CLONE_FILES) != 0)
        atomic_fetch_add(&failures, 1);
    pthread_barrier_wait(&turn); /* now the other descriptors are opened */
    pthread_barrier_wait(&turn);
    if (sbind_listen(&a, &o, &l, NULL) != SBIND_OK || stat(a.name, &st) != 0 ||
        st.st_mode != (S_IFSOCK | 0666) || sbind_close(&l, NULL) != SBIND_OK)
        atomic_fetch_add(&failures, 1);
    return NULL;
}

/* In this thread, descriptor numbers mean other files than in the rest of the
 * process. */
static void a_thread_with_descriptors_of_its_own(void **state)
{
    char text[64], victim[] = "/tmp/sbind-victim-XXXXXX";
    int fds[VICTIMS], n = 0;
    mode_t own = umask(022);
    struct stat st;
    pthread_t thread;
    (void)state;
    snprintf(text, sizeof text, "unix:///tmp/sbind-alone-%d", (int)getpid());
    atomic_store(&failures, 0);
    assert_int_equal(pthread_barrier_init(&turn, NULL, 2), 0);
    assert_int_equal(pthread_create(&thread, NULL, listen_alone, text), 0);
    pthread_barrier_wait(&turn);
    fds[n++] = mkstemp(victim);
    while (n < VICTIMS)
        fds[n++] = dup(fds[0]);
    pthread_barrier_wait(&turn);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&failures), 0);
    assert_int_equal(fstat(fds[0], &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0600);
    while (n > 0)
        close(fds[--n]);
    unlink(victim);
    umask(own);
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
        cmocka_unit_test(a_thread_with_descriptors_of_its_own),
    };
    if (argc == 2 && strcmp(argv[1], "--race") == 0)
        return race();
    limit_time();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
