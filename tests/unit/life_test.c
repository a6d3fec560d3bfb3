/* life_test.c - the life of a listener after it was opened. Does a released
 * descriptor belong to the program, and the socket file still to the listener?
 * Does sbind_close end exactly the threads that wait for this listener? Does a
 * waiting thread never accept from the next socket with the same number? Does
 * sbind_accept say whether to go on, to wait or to stop?
 *
 * The library's calls go through the functions below, so that a listener can be
 * closed between any two of them. The test also makes these mistakes, and has
 * to catch them: waiting without a copy of the descriptor, closing without
 * shutdown(2), and a child that calls shutdown(2).
 *
 * Promises: P49 */
#define _GNU_SOURCE /* accept4, clone, pipe2 */
#include "support.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* ---- What comes in between --------------------------------------------------- */

typedef enum moment { NEVER, FCNTL, FSTAT, ACCEPT4, MOMENTS } moment;

static _Thread_local moment when; /* before this call of the library */
static void (*deed)(void);        /* once */
/* the errno of accept4; 0: it does not fail */
static int accept_error;

static void come_in(moment now)
{
    if (when != now)
        return;
    when = NEVER;
    deed();
}

int __real_fcntl(int fd, int command, int value);
int __wrap_fcntl(int fd, int command, int value);
int __wrap_fcntl(int fd, int command, int value)
{
    come_in(FCNTL);
    return __real_fcntl(fd, command, value);
}

int __real_fstat(int fd, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret)
{
    come_in(FSTAT);
    return __real_fstat(fd, ret);
}

#ifndef SBIND_PORTABLE
#define ACCEPT "accept4"
#else /* the portable library uses getsockname and accept */
#define ACCEPT "accept"
int __real_getsockname(int fd, struct sockaddr *sa, socklen_t *length);
int __wrap_getsockname(int fd, struct sockaddr *sa, socklen_t *length);
int __wrap_getsockname(int fd, struct sockaddr *sa, socklen_t *length)
{
    come_in(FSTAT);
    return __real_getsockname(fd, sa, length);
}

int __real_accept(int fd, struct sockaddr *sa, socklen_t *length);
int __wrap_accept(int fd, struct sockaddr *sa, socklen_t *length);
int __wrap_accept(int fd, struct sockaddr *sa, socklen_t *length)
{
    come_in(ACCEPT4);
    errno = accept_error;
    return errno != 0 ? -1 : __real_accept(fd, sa, length);
}
#endif

int __real_accept4(int fd, struct sockaddr *sa, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *sa, socklen_t *length, int flags)
{
    come_in(ACCEPT4);
    errno = accept_error;
    return errno != 0 ? -1 : __real_accept4(fd, sa, length, flags);
}

/* ---- What the tests share ---------------------------------------------------- */

static char directory[] = "/tmp/sbind-life-XXXXXX";

static const char *path(void)
{
    static char text[64];
    snprintf(text, sizeof text, "unix://%s/s", directory);
    return text;
}

static bool has_file(void)
{
    struct stat st;
    return lstat(path() + 7, &st) == 0 && S_ISSOCK(st.st_mode);
}

static bool is_open(int fd) { return __real_fcntl(fd, F_GETFD, 0) >= 0; }

static sbind_listener listening(const char *text, sbind_blocking blocking)
{
    sbind_address a = parsed(text);
    sbind_listen_options o;
    sbind_listener l;
    sbind_listen_options_init(&o);
    o.blocking = blocking;
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    return l;
}

/* The address to which a client connects. */
static sbind_address address_of(const sbind_listener *l)
{
    sbind_address own, any = parsed("tcp://127.0.0.1:0");
    assert_status(sbind_local_address(l, &own, NULL), SBIND_OK);
    any.port = own.port;
    return own.kind == SBIND_TCP_ANY ? any : own;
}

static sbind_stream connected(const sbind_listener *l)
{
    sbind_address own = address_of(l);
    sbind_stream s;
    assert_status(sbind_connect(&own, NULL, &s, NULL), SBIND_OK);
    return s;
}

static const char *abstract(void)
{
    static char text[64];
    snprintf(text, sizeof text, "unix://@sbind-life-%d", (int)getpid());
    return text;
}

/* A listener of each kind on which a program can wait. */
static const char *text_of(int i)
{
    return i == 0   ? "tcp://127.0.0.1:0"
           : i == 1 ? "tcp://*:0"
           : i == 2 ? path()
                    : abstract();
}

enum { KINDS = 4 };

static void pause_for(int milliseconds)
{
    struct timespec t = {milliseconds / 1000,
                         (long)(milliseconds % 1000) * 1000000};
    nanosleep(&t, NULL);
}

/* ---- Released ---------------------------------------------------------------- */

static void a_released_descriptor_is_the_programs(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * KINDS; i++) {
        sbind_listener l = listening(text_of(i / 2), i % 2 ? SBIND_BLOCKING
                                                           : SBIND_NONBLOCKING);
        sbind_stream s, client = connected(&l);
        int own = l.fd, fd = sbind_release(&l);
        assert_true(fd >= 0 && fd == own && l.fd == -1);
        assert_int_equal(sbind_release(&l), -1);
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &s, NULL),
                      SBIND_FD_CLOSED);
        assert_int_equal(has_file(), i / 2 == 2);
        assert_status(sbind_close(&l, NULL), SBIND_OK);
        assert_false(has_file());
        assert_true(is_open(fd)); /* and listens still */
        s = (sbind_stream){__real_accept4(fd, NULL, NULL, 0), SBIND_TCP_IPV4};
        assert_true(s.fd >= 0);
        sbind_close_stream(&s);
        sbind_close_stream(&client);
        assert_status(sbind_close(&l, NULL), SBIND_OK);
        assert_int_equal(close(fd), 0);
    }
}

/* An event loop has closed the descriptor, and another file has its number. The
 * socket file is still removed. */
static void its_file_goes_whatever_becomes_of_it(void **state)
{
    int before = open_descriptors(), other;
    (void)state;
    for (int i = 0; i < 2; i++) {
        sbind_listener l = listening(path(), SBIND_NONBLOCKING);
        int fd = sbind_release(&l);
        assert_int_equal(close(fd), 0);
        other = i == 0 ? -1 : dup2(STDERR_FILENO, fd);
        assert_true(has_file());
        assert_status(sbind_close(&l, NULL), SBIND_OK);
        assert_false(has_file());
        assert_int_equal(is_open(fd), i == 1);
        if (i == 1)
            close(other);
    }
    assert_int_equal(open_descriptors(), before);
}

static void a_released_stream_is_the_programs(void **state)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_NONBLOCKING);
    sbind_stream s = connected(&l), empty = SBIND_STREAM_INIT;
    int own = s.fd, fd = sbind_release_stream(&s);
    (void)state;
    assert_true(fd >= 0 && fd == own && s.fd == -1);
    sbind_close_stream(&s);
    assert_true(is_open(fd));
    assert_int_equal(sbind_release_stream(&s), -1);
    assert_int_equal(sbind_release_stream(&empty), -1);
    assert_int_equal(close(fd), 0);
    sbind_close(&l, NULL);
}

static void nothing_is_released_of_an_empty_one(void **state)
{
    sbind_listener l = SBIND_LISTENER_INIT, closed;
    (void)state;
    assert_int_equal(sbind_release(&l), -1);
    assert_int_equal(l.fd, 0);
    sbind_own(&l);
    assert_int_equal(l.creator, 0);
    closed = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_close(&closed, NULL);
    assert_int_equal(sbind_release(&closed), -1);
}

/* A descriptor can be adopted only once. Otherwise two owners would close
 * it. */
static void an_inherited_one_stays_adopted(void **state)
{
    sbind_listener passer = listening("tcp://127.0.0.1:0", SBIND_AS_INHERITED);
    sbind_address a = {.kind = SBIND_FD_NUMBER, .fd = dup(passer.fd)};
    sbind_listener l;
    int fd;
    (void)state;
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    fd = sbind_release(&l);
    assert_int_equal(fd, a.fd);
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_FD_TAKEN);
    close(fd);
    sbind_close(&passer, NULL);
}

/* ---- Owned ------------------------------------------------------------------- */

/* Runs a function in a child. Returns the exit status of the child. */
static int in_child(int (*child)(void *), void *context)
{
    int status = -1;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child(context));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int close_it(void *listener)
{
    return sbind_close(listener, NULL) != SBIND_OK;
}

static int own_and_close(void *listener)
{
    sbind_own(listener);
    return close_it(listener);
}

static int own_release_and_close(void *listener)
{
    close(sbind_release(listener));
    return own_and_close(listener);
}

static void the_owner_removes_the_file(void **state)
{
    sbind_listener l = listening(path(), SBIND_NONBLOCKING);
    (void)state;
    assert_int_equal(in_child(close_it, &l), 0);
    assert_true(has_file());
    assert_int_equal(in_child(own_and_close, &l), 0);
    assert_false(has_file());
    sbind_close(&l, NULL);
    l = listening(path(), SBIND_BLOCKING);
    assert_int_equal(in_child(own_release_and_close, &l), 0);
    assert_false(has_file());
    sbind_close(&l, NULL);
}

/* Runs a function in a process that is the first in its own PID namespace, so
 * that its number is 1. */
static int in_namespace(int (*child)(void *), void *context)
{
    enum { STACK = 1 << 18 };
    char *stack = malloc(STACK);
    int status = -1;
    pid_t pid = stack == NULL ? -1
                              : clone(child, stack + STACK,
                                      CLONE_NEWPID | SIGCHLD, context);
    free(stack);
    if (pid < 0)
        return -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : -2;
}

/* A process with the owner's number, but in another namespace. It closes the
 * listener, and must remove no file and end no wait. */
static int own_as_the_first(void *listener)
{
    sbind_listener tcp = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    int listens = 0;
    socklen_t length = sizeof listens;
    if (getpid() != 1)
        return 2;
    sbind_own(listener);
    if (sbind_own_pidfdid() != 0 && /* else they cannot be told apart */
        (in_namespace(close_it, listener) != 0 || !has_file()))
        return 3;
    if (sbind_own_pidfdid() != 0 &&
        (in_namespace(close_it, &tcp) != 0 ||
         getsockopt(tcp.fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) !=
             0 ||
         listens != 1))
        return 4;
    sbind_close(&tcp, NULL);
    return close_it(listener) != 0 || has_file();
}

static void so_it_does_in_another_namespace(void **state)
{
    (void)state;
    weaker("P11");
    sbind_listener l = listening(path(), SBIND_NONBLOCKING);
    int status = in_namespace(own_as_the_first, &l);
    sbind_close(&l, NULL);
    if (status == -1)
        leave_out("no PID namespace can be made here");
    assert_int_equal(status, 0);
    assert_false(has_file());
}

/* ---- Waiting, and closing meanwhile -------------------------------------------- */

typedef struct waiter {
    const sbind_listener *listener;
    sbind_status (*accept)(const sbind_listener *l, sbind_stream *ret);
    sbind_status status;
    sbind_stream stream;
    atomic_bool has_ended;
    pthread_t thread;
} waiter;

static sbind_status accept_well(const sbind_listener *l, sbind_stream *ret)
{
    return sbind_accept(l, SBIND_BLOCKING, ret, NULL);
}

static void *await_client(void *context)
{
    waiter *w = context;
    w->status = w->accept(w->listener, &w->stream);
    atomic_store(&w->has_ended, true);
    return NULL;
}

static void begin(waiter *w, const sbind_listener *l)
{
    *w = (waiter){.listener = l, .accept = accept_well, .stream = {-5, 0}};
    assert_int_equal(pthread_create(&w->thread, NULL, await_client, w), 0);
}

/* Whether the thread ends within this time. If it does not, it waits for
 * ever. */
static bool ends(const waiter *w, int milliseconds)
{
    while (!atomic_load(&w->has_ended) && milliseconds-- > 0)
        pause_for(1);
    return atomic_load(&w->has_ended);
}

enum { WAITERS = 3, LONG = 20000 };

/* Closes the listener itself, or a copy. */
static void closing_ends_those_that_wait(void **state)
{
    int before = open_descriptors();
    (void)state;
    for (int i = 0; i < 2 * KINDS; i++) {
        sbind_listener l = listening(text_of(i / 2), SBIND_BLOCKING), copy = l;
        waiter w[WAITERS];
        for (int n = 0; n < WAITERS; n++)
            begin(&w[n], &l);
        pause_for(20);
        assert_status(sbind_close(i % 2 ? &copy : &l, NULL), SBIND_OK);
        for (int n = 0; n < WAITERS; n++) {
            assert_true(ends(&w[n], LONG));
            pthread_join(w[n].thread, NULL);
            assert_int_equal(w[n].stream.fd, -5);
            if (w[n].status != SBIND_FD_CLOSED) /* it came too late */
                assert_status(w[n].status, SBIND_CLOSED);
        }
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &w[0].stream, NULL),
                      i % 2 ? SBIND_CLOSED : SBIND_FD_CLOSED);
    }
    assert_int_equal(open_descriptors(), before);
}

/* close(2) alone does not end the waits: the threads wait for the next
 * client. */
static void closing_without_shutdown_is_caught(void **state)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    int spare = dup(l.fd);
    waiter w;
    (void)state;
    begin(&w, &l);
    pause_for(20);
    close(l.fd);
    assert_false(ends(&w, 200));
    shutdown(spare, SHUT_RDWR);
    assert_true(ends(&w, LONG));
    pthread_join(w.thread, NULL);
    close(spare);
}

/* Whether a child ends a wait in this process. */
static bool child_ends_wait(int (*child)(void *), bool as_owner)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_stream client;
    waiter w;
    bool has_ended;
    if (as_owner)
        sbind_own(&l);
    begin(&w, &l);
    pause_for(20);
    assert_int_equal(in_child(child, &l), 0);
    has_ended = ends(&w, 200);
    if (!has_ended) {
        client = connected(&l);
        assert_true(ends(&w, LONG));
        assert_status(w.status, SBIND_OK);
        sbind_close_stream(&w.stream);
        sbind_close_stream(&client);
    }
    pthread_join(w.thread, NULL);
    sbind_close(&l, NULL);
    return has_ended;
}

static int shut_down(void *context)
{
    const sbind_listener *l = context;
    return shutdown(l->fd, SHUT_RDWR);
}

static void a_child_ends_no_wait_of_its_parent(void **state)
{
    (void)state;
    assert_false(child_ends_wait(close_it, false));
    assert_false(child_ends_wait(close_it, true));
    assert_true(child_ends_wait(own_and_close, false)); /* as it says */
    assert_true(child_ends_wait(shut_down, false));     /* the bad one */
}

/* A service manager that has passed a socket still listens on it, so
 * sbind_close must not shut it down. */
static void an_inherited_one_is_not_shut_down(void **state)
{
    sbind_listener passer = listening("tcp://127.0.0.1:0", SBIND_AS_INHERITED);
    sbind_address a = {.kind = SBIND_FD_NUMBER, .fd = dup(passer.fd)};
    sbind_listen_options o;
    sbind_listener l;
    sbind_stream client, later, taken;
    waiter w;
    (void)state;
    sbind_listen_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    assert_status(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    begin(&w, &l);
    pause_for(20);
    /* this makes us the owner, but the socket is still the manager's */
    sbind_own(&l);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_false(ends(&w, 100));
    client = connected(&passer); /* ends that wait */
    assert_true(ends(&w, LONG));
    pthread_join(w.thread, NULL);
    assert_status(w.status, SBIND_OK);
    later = connected(&passer);
    assert_status(sbind_accept(&passer, SBIND_BLOCKING, &taken, NULL),
                  SBIND_OK);
    sbind_close_stream(&taken);
    sbind_close_stream(&w.stream);
    sbind_close_stream(&client);
    sbind_close_stream(&later);
    sbind_close(&passer, NULL);
}

/* A launcher passes its sockets on, and closes its own descriptors. */
static void nor_is_one_that_nobody_was_to_wait_for(void **state)
{
    static const sbind_blocking others[] = {SBIND_NONBLOCKING,
                                            SBIND_AS_INHERITED};
    (void)state;
    for (int i = 0; i < 2; i++) {
        sbind_listener l = listening("tcp://127.0.0.1:0", others[i]);
        int listens = 0, passed = dup(l.fd);
        socklen_t length = sizeof listens;
        assert_status(sbind_close(&l, NULL), SBIND_OK);
        assert_int_equal(
            getsockopt(passed, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length),
            0);
        assert_int_equal(listens, 1);
        close(passed);
    }
}

/* ---- A number that another socket gets ---------------------------------------- */

static sbind_listener ours, strangers;
static sbind_stream their_client;
static bool by_copy, at_one_address;

/* Closes the listener as if in another thread, and opens a socket with the same
 * number, as if in a third. A client of that socket is already waiting. */
static void close_and_reuse(void)
{
    sbind_listener copy = ours;
    int fd = ours.fd;
    char text[SBIND_FORMAT_MAX] = "tcp://127.0.0.1:0";
    sbind_address own;
    size_t length;
    if (at_one_address && sbind_local_address(&ours, &own, NULL) == SBIND_OK)
        sbind_format(&own, text, sizeof text, &length);
    assert_status(sbind_close(by_copy ? &copy : &ours, NULL), SBIND_OK);
    strangers = listening(text, SBIND_AS_INHERITED);
    if (strangers.fd != fd) {
        assert_int_equal(dup3(strangers.fd, fd, O_CLOEXEC), fd);
        close(strangers.fd);
        strangers.fd = fd;
    }
    their_client = connected(&strangers);
}

static sbind_status accept_badly(const sbind_listener *l, sbind_stream *ret)
{
    int fd = __wrap_accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return SBIND_CLOSED;
    *ret = (sbind_stream){fd, SBIND_TCP_IPV4};
    return SBIND_OK;
}

/* Whether the other socket still has its own client afterwards. */
static bool leaves_the_stranger_alone(moment at, waiter *w)
{
    sbind_stream theirs = SBIND_STREAM_INIT;
    bool is_left;
    ours = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    deed = close_and_reuse;
    when = at;
    w->status = w->accept(&ours, &w->stream);
    assert_int_equal(when, NEVER); /* the moment came */
    is_left = w->status != SBIND_OK;
    if (is_left)
        assert_status(sbind_accept(&strangers, SBIND_BLOCKING, &theirs, NULL),
                      SBIND_OK);
    else
        sbind_close_stream(&w->stream);
    sbind_close_stream(&theirs);
    sbind_close_stream(&their_client);
    sbind_close(&strangers, NULL);
    return is_left;
}

static void a_wait_is_for_its_own_socket_only(void **state)
{
    int before = open_descriptors();
    (void)state;
    for (int i = 0; i < 2; i++) {
        by_copy = i == 1;
        for (moment at = FCNTL; at < MOMENTS; at++) {
            waiter w = {.accept = accept_well, .stream = {-5, 0}};
            assert_true(leaves_the_stranger_alone(at, &w));
            assert_status(w.status, SBIND_CLOSED);
            assert_int_equal(w.stream.fd, -5);
        }
    }
    assert_int_equal(open_descriptors(), before);
}

/* The next server listens at the address of the last one. */
static void nor_for_one_that_takes_its_address(void **state)
{
    (void)state;
    weaker("P49");
    at_one_address = true;
    a_wait_is_for_its_own_socket_only(NULL);
    at_one_address = false;
}

static void a_wait_by_the_number_is_caught(void **state)
{
    waiter w = {.accept = accept_badly, .stream = {-5, 0}};
    (void)state;
    by_copy = true;
    assert_false(leaves_the_stranger_alone(ACCEPT4, &w));
}

/* A program has closed the descriptor itself. sbind_close must not close the
 * next socket with that number. */
static void closing_leaves_another_socket_alone(void **state)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING), other;
    int listens = 0;
    socklen_t length = sizeof listens;
    (void)state;
    close(l.fd);
    other = listening("tcp://127.0.0.1:0", SBIND_NONBLOCKING);
    assert_int_equal(other.fd, l.fd);
    assert_status(sbind_close(&l, NULL), SBIND_OK);
    assert_int_equal(
        getsockopt(other.fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length), 0);
    assert_int_equal(listens, 1);
    sbind_close(&other, NULL);
}

/* ---- The storm ----------------------------------------------------------------- */

enum { ROUNDS = 60 };

static void *accept_until_stopped(void *context)
{
    waiter *w = context;
    do {
        w->status = sbind_accept(w->listener, SBIND_BLOCKING, &w->stream, NULL);
        if (w->status == SBIND_OK)
            sbind_close_stream(&w->stream);
    } while (w->status == SBIND_OK || w->status == SBIND_WOULD_BLOCK ||
             w->status == SBIND_EXHAUSTED);
    return NULL;
}

static void *connect_until_refused(void *context)
{
    const sbind_address *a = context;
    sbind_stream s;
    while (sbind_connect(a, NULL, &s, NULL) == SBIND_OK)
        sbind_close_stream(&s);
    return NULL;
}

/* Opens sockets, which get numbers that are free. No thread may accept their
 * clients. */
static void *reuse_numbers(void *context)
{
    atomic_bool *stop = context;
    size_t lost = 0;
    while (!atomic_load(stop)) {
        sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_NONBLOCKING);
        sbind_stream client = connected(&l), s;
        sched_yield();
        if (sbind_accept(&l, SBIND_NONBLOCKING, &s, NULL) == SBIND_OK)
            sbind_close_stream(&s);
        else
            lost++;
        sbind_close_stream(&client);
        sbind_close(&l, NULL);
    }
    return lost == 0 ? NULL : context;
}

static void closing_is_safe_at_any_time(void **state)
{
    atomic_bool stop = false;
    pthread_t thief, client;
    void *lost;
    (void)state;
    pthread_create(&thief, NULL, reuse_numbers, &stop);
    for (int i = 0; i < ROUNDS; i++) {
        sbind_listener l = listening(text_of(i % KINDS), SBIND_BLOCKING);
        sbind_address own = address_of(&l);
        waiter w[WAITERS];
        for (int n = 0; n < WAITERS; n++) {
            w[n] = (waiter){.listener = &l};
            pthread_create(&w[n].thread, NULL, accept_until_stopped, &w[n]);
        }
        pthread_create(&client, NULL, connect_until_refused, &own);
        pause_for(i % 5);
        assert_status(sbind_close(&l, NULL), SBIND_OK);
        for (int n = 0; n < WAITERS; n++) {
            pthread_join(w[n].thread, NULL);
            assert_true(w[n].status == SBIND_CLOSED ||
                        w[n].status == SBIND_FD_CLOSED);
        }
        pthread_join(client, NULL);
    }
    atomic_store(&stop, true);
    pthread_join(thief, &lost);
    assert_null(lost);
}

/* ---- Signals ------------------------------------------------------------------- */

static volatile sig_atomic_t handled;

static void handle(int number)
{
    (void)number;
    handled++;
}

static void install(int flags)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = flags};
    handled = 0;
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
}

static void raise_it(void) { raise(SIGUSR1); }

/* A signal ends the wait. It is sent again and again, until it comes during the
 * wait. */
static void a_signal_ends_a_wait(void **state)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    waiter w;
    (void)state;
    install(0);
    begin(&w, &l);
    do
        pthread_kill(w.thread, SIGUSR1);
    while (!ends(&w, 20));
    pthread_join(w.thread, NULL);
    assert_status(w.status, SBIND_INTERRUPTED);
    assert_int_equal(w.stream.fd, -5);
    sbind_close(&l, NULL);
}

static void one_that_restarts_does_not(void **state)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_stream client;
    waiter w;
    (void)state;
    install(SA_RESTART);
    begin(&w, &l);
    for (int i = 0; i < 5; i++) {
        pause_for(10);
        pthread_kill(w.thread, SIGUSR1);
    }
    assert_false(ends(&w, 50));
    client = connected(&l);
    pthread_join(w.thread, NULL);
    assert_true(handled > 0); /* ThreadSanitizer has it wait for accept4 */
    assert_status(w.status, SBIND_OK);
    sbind_close_stream(&w.stream);
    sbind_close_stream(&client);
    sbind_close(&l, NULL);
}

/* A signal that comes at any other point changes nothing. */
static void a_signal_before_the_wait_is_not_seen(void **state)
{
    int before = open_descriptors();
    (void)state;
    install(0);
    for (moment at = FCNTL; at < MOMENTS; at++) {
        sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
        sbind_stream client = connected(&l), s;
        deed = raise_it;
        when = at;
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &s, NULL), SBIND_OK);
        assert_int_equal(handled, (int)at);
        sbind_close_stream(&s);
        sbind_close_stream(&client);
        sbind_close(&l, NULL);
    }
    assert_int_equal(open_descriptors(), before);
}

/* ---- Nothing left -------------------------------------------------------------- */

/* The process has no free descriptor. The client stays in the queue. */
static void a_full_process_is_told_to_wait(void **state)
{
    (void)state;
    if (getenv("SBIND_TEST_QUICK") != NULL) /* valgrind has its own limit */
        return;
    for (int i = 0; i < 2; i++) {
        sbind_listener l = listening("tcp://127.0.0.1:0",
                                     i ? SBIND_BLOCKING : SBIND_NONBLOCKING);
        sbind_stream client = connected(&l), s = {-5, 0};
        struct rlimit all, none;
        sbind_error e;
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
        none = (struct rlimit){3, all.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        for (int n = 0; n < 3; n++)
            assert_status(sbind_accept(&l, SBIND_NONBLOCKING, &s, &e),
                          SBIND_EXHAUSTED);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
        assert_int_equal(e.os_error, EMFILE);
        assert_string_equal(e.call, i ? "fcntl F_DUPFD_CLOEXEC" : ACCEPT);
        assert_non_null(e.hint);
        assert_int_equal(s.fd, -5);
        assert_status(sbind_accept(&l, SBIND_NONBLOCKING, &s, &e), SBIND_OK);
        sbind_close_stream(&s);
        sbind_close_stream(&client);
        sbind_close(&l, NULL);
    }
}

static void and_so_is_a_full_system(void **state)
{
    static const int errors[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_stream s;
    int before = open_descriptors();
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        sbind_error e;
        accept_error = errors[i];
        assert_status(sbind_accept(&l, SBIND_BLOCKING, &s, &e),
                      SBIND_EXHAUSTED);
        accept_error = 0;
        assert_int_equal(e.os_error, errors[i]);
    }
    assert_int_equal(open_descriptors(), before);
    sbind_close(&l, NULL);
}

/* ---- All of it ----------------------------------------------------------------- */

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL;
}

/* Empty: whatever was made there is gone. */
static int tear_down(void **state)
{
    (void)state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_released_descriptor_is_the_programs),
        cmocka_unit_test(its_file_goes_whatever_becomes_of_it),
        cmocka_unit_test(a_released_stream_is_the_programs),
        cmocka_unit_test(nothing_is_released_of_an_empty_one),
        cmocka_unit_test(an_inherited_one_stays_adopted),
        cmocka_unit_test(the_owner_removes_the_file),
        cmocka_unit_test(so_it_does_in_another_namespace),
        cmocka_unit_test(closing_ends_those_that_wait),
        cmocka_unit_test(closing_without_shutdown_is_caught),
        cmocka_unit_test(a_child_ends_no_wait_of_its_parent),
        cmocka_unit_test(an_inherited_one_is_not_shut_down),
        cmocka_unit_test(nor_is_one_that_nobody_was_to_wait_for),
        cmocka_unit_test(a_wait_is_for_its_own_socket_only),
        cmocka_unit_test(nor_for_one_that_takes_its_address),
        cmocka_unit_test(a_wait_by_the_number_is_caught),
        cmocka_unit_test(closing_leaves_another_socket_alone),
        cmocka_unit_test(closing_is_safe_at_any_time),
        cmocka_unit_test(a_signal_ends_a_wait),
        cmocka_unit_test(one_that_restarts_does_not),
        cmocka_unit_test(a_signal_before_the_wait_is_not_seen),
        cmocka_unit_test(a_full_process_is_told_to_wait),
        cmocka_unit_test(and_so_is_a_full_system),
    };
    limit_time();
    return exit_status(cmocka_run_group_tests(tests, set_up, tear_down));
}
