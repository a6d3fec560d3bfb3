/* notify_test.c - does a service manager get exactly the message and its
 * descriptors? Does every failure say why, and leave nothing behind?
 *
 * The service manager is a socket of this process. The linker leads the system
 * calls of the library through the functions below (--wrap), which count them,
 * make one of them fail, or move the clock on. The test also runs senders that
 * write to files, wait for ever, keep their socket open, or hide an error. It
 * has to catch them.
 *
 * Promises: P47 */
#define _GNU_SOURCE /* memfd_create */
#include "support.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "../../src/bind/errno_name.h"

/* ---- The calls --------------------------------------------------------------- */

static struct {
    const char *names[64]; /* of the calls that were made */
    size_t made;
    size_t when; /* the number of the call that fails, from 1; 0: none fails */
    int error;
    const char *hit; /* its name, once it has failed */
    int64_t ahead;   /* how many seconds the clock goes on with each poll */
    bool is_armed;
} calls;

static bool strikes(const char *name)
{
    if (!calls.is_armed)
        return false;
    assert_true(calls.made < sizeof calls.names / sizeof *calls.names);
    calls.names[calls.made] = name;
    if (++calls.made != calls.when)
        return false;
    calls.hit = name;
    errno = calls.error;
    return true;
}

int __real_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol);
int __wrap_socket(int family, int type, int protocol)
{
    if (calls.is_armed)
        assert_int_equal(type,
                         is_portable ? SOCK_DGRAM : SOCK_DGRAM | SOCK_CLOEXEC);
    return strikes("socket") ? -1 : __real_socket(family, type, protocol);
}

int __real_connect(int fd, const struct sockaddr *sa, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *sa, socklen_t length)
{
    return strikes("connect") ? -1 : __real_connect(fd, sa, length);
}

ssize_t __real_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
    if (calls.is_armed)
        assert_int_equal(flags, MSG_NOSIGNAL | MSG_DONTWAIT);
    return strikes("sendmsg") ? -1 : __real_sendmsg(fd, m, flags);
}

static int64_t passed; /* seconds that the clock is ahead */
static void (*at_poll)(void);

int __real_poll(struct pollfd *polls, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *polls, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *polls, nfds_t n, int timeout)
{
    if (strikes("poll"))
        return -1;
    if (at_poll != NULL)
        at_poll();
    if (calls.is_armed && calls.ahead > 0) {
        passed += calls.ahead;
        return __real_poll(polls, n, 0);
    }
    return __real_poll(polls, n, timeout);
}

int __real_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
    int result = __real_clock_gettime(clock, ret);
    ret->tv_sec += (time_t)passed;
    return result;
}

static void arm(size_t when, int error)
{
    memset(&calls, 0, sizeof calls);
    calls.is_armed = true;
    calls.when = when;
    calls.error = error;
    at_poll = NULL;
    passed = 0;
}

static void disarm(void)
{
    calls.is_armed = false;
    at_poll = NULL;
}

/* ---- The service manager ------------------------------------------------------- */

static char directory[] = "/tmp/sbind-notify-XXXXXX";
static char path[64];

typedef struct manager {
    int fd;
    char value[108]; /* of NOTIFY_SOCKET */
} manager;

static void set(const char *value)
{
    if (value == NULL)
        unsetenv("NOTIFY_SOCKET");
    else
        setenv("NOTIFY_SOCKET", value, 1);
}

/* Receives messages at a path, or with "@" at an abstract name. */
static manager manage(const char *value, int type)
{
    manager m;
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    size_t n = strlen(value);
    snprintf(m.value, sizeof m.value, "%s", value);
    memcpy(un.sun_path, value, n);
    if (value[0] == '@')
        un.sun_path[0] = '\0';
    m.fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    assert_true(m.fd >= 0);
    assert_int_equal(
        bind(m.fd, (struct sockaddr *)&un,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
        0);
    set(value);
    return m;
}

static void dismiss(manager *m)
{
    close(m->fd);
    if (m->value[0] == '/')
        unlink(m->value);
    set(NULL);
}

typedef struct received {
    char text[8192];
    size_t length;
    int fds[300];
    size_t count;
} received;

/* Reads the next message. False if there is none. */
static bool receive(const manager *m, received *ret)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * 300)];
    } control;
    struct iovec part = {ret->text, sizeof ret->text - 1};
    struct msghdr h = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg(m->fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    ret->count = 0;
    if (n < 0) {
        assert_int_equal(errno, EAGAIN);
        return false;
    }
    assert_int_equal(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC), 0);
    assert_int_equal(h.msg_namelen, 0); /* the sender has no name */
    ret->length = (size_t)n;
    ret->text[n] = '\0';
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c != NULL;
         c = CMSG_NXTHDR(&h, c)) {
        assert_int_equal(c->cmsg_type, SCM_RIGHTS);
        ret->count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(ret->fds, CMSG_DATA(c), ret->count * sizeof(int));
    }
    return true;
}

static void assert_received(const manager *m, const char *text)
{
    received got;
    assert_true(receive(m, &got));
    assert_string_equal(got.text, text);
    assert_int_equal(got.length, strlen(text));
    assert_int_equal(got.count, 0);
}

static void assert_nothing(const manager *m)
{
    received got;
    assert_false(receive(m, &got));
}

/* ---- Sending ------------------------------------------------------------------- */

typedef sbind_status sender(const char *state, const int *fds, size_t count,
                            sbind_error *reterr);

/* Checks that a refused message sets the error, and that an accepted one leaves
 * it untouched. No descriptor is left open. */
static sbind_error refused_by(sender *send, const char *state, const int *fds,
                              size_t count, sbind_status wanted)
{
    int before = open_descriptors();
    sbind_error e, untouched;
    memset(&e, 0xA5, sizeof e);
    untouched = e;
    sbind_status s = send(state, fds, count, &e);
    disarm();
    assert_status(s, wanted);
    if (s == SBIND_OK)
        assert_memory_equal(&e, &untouched, sizeof e);
    else
        assert_status(e.status, wanted);
    assert_int_equal(open_descriptors(), before);
    return e;
}

static sbind_error refused(const char *state, const int *fds, size_t count,
                           sbind_status wanted)
{
    return refused_by(sbind_notify, state, fds, count, wanted);
}

static void sends(const char *state)
{
    refused(state, NULL, 0, SBIND_OK);
    assert_status(sbind_notify(state, NULL, 0, NULL), SBIND_OK);
}

static void test_each_state_arrives_as_one_message(void **state)
{
    const char *const names[] = {path, "@sbind-notify-test", NULL};
    (void)state;
    for (size_t i = 0; names[i] != NULL; i++) {
        manager m = manage(names[i], SOCK_DGRAM);
        sends(SBIND_NOTIFY_READY);
        assert_received(&m, "READY=1");
        assert_received(&m, "READY=1");
        sends(SBIND_NOTIFY_READY "\nSTATUS=serving");
        assert_received(&m, "READY=1\nSTATUS=serving");
        assert_received(&m, "READY=1\nSTATUS=serving");
        assert_status(sbind_notify(SBIND_NOTIFY_STOPPING, NULL, 0, NULL),
                      SBIND_OK);
        assert_received(&m, "STOPPING=1");
        assert_nothing(&m);
        dismiss(&m);
    }
}

static void test_the_longest_addresses(void **state)
{
    char value[SBIND_NOTIFY_SOCKET_MAX + 1];
    (void)state;
    memset(value, 'n', sizeof value);
    value[SBIND_NOTIFY_SOCKET_MAX] = '\0';
    for (size_t i = 0; i < 2; i++) {
        memcpy(value, i == 0 ? path : "@", i == 0 ? strlen(path) : 1);
        manager m = manage(value, SOCK_DGRAM);
        refused("READY=1", NULL, 0, SBIND_OK);
        assert_received(&m, "READY=1");
        dismiss(&m);
    }
}

static void test_the_longest_state(void **state)
{
    static char text[SBIND_NOTIFY_STATE_MAX + 2];
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    memset(text, 'x', SBIND_NOTIFY_STATE_MAX);
    memcpy(text, "STATUS=", 7);
    refused(text, NULL, 0, SBIND_OK);
    assert_received(&m, text);
    text[SBIND_NOTIFY_STATE_MAX] = 'x';
    sbind_error e = refused(text, NULL, 0, SBIND_BAD_NOTIFY_STATE);
    assert_int_equal(e.offset, SBIND_NOTIFY_STATE_MAX);
    assert_nothing(&m);
    dismiss(&m);
}

/* Without a service manager, the message is checked but not sent. */
static void test_unset_sends_nothing(void **state)
{
    (void)state;
    set(NULL);
    arm(0, 0);
    refused("READY=1", NULL, 0, SBIND_OK);
    assert_int_equal(calls.made, 0);
    sbind_error e = refused("READY", NULL, 0, SBIND_BAD_NOTIFY_STATE);
    assert_int_equal(e.offset, 5);
    refused("", NULL, 0, SBIND_BAD_NOTIFY_STATE);
    refused("READY=1", (const int[]){0}, 1, SBIND_BAD_NOTIFY_STATE);
}

static void test_a_variable_that_is_no_address_is_named(void **state)
{
    const struct {
        const char *value;
        size_t offset;
    } rows[] = {{"", 0},  {"run/notify", 0}, {"vsock:2:1", 0}, {"/", 1},
                {"@", 1}, {"/run/", 5},      {"/a\n", 2}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set(rows[i].value);
        arm(0, 0);
        sbind_error e = refused("READY=1", NULL, 0, SBIND_BAD_NOTIFY_SOCKET);
        assert_int_equal(calls.made, 0);
        assert_string_equal(e.variable, "NOTIFY_SOCKET");
        assert_int_equal(e.offset, rows[i].offset);
    }
    set(NULL);
}

static void test_a_bad_state_is_not_sent(void **state)
{
    static const char *const states[] = {"",        "READY",      "ready=1",
                                         "=1",      "\nREADY=1",  "A=1\n\nB=2",
                                         "A=1\r\n", "STATUS=\tx", "A=1\nB"};
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        refused(states[i], NULL, 0, SBIND_BAD_NOTIFY_STATE);
        assert_status(sbind_notify(states[i], NULL, 0, NULL),
                      SBIND_BAD_NOTIFY_STATE);
    }
    assert_nothing(&m);
    dismiss(&m);
}

/* ---- Reloading ------------------------------------------------------------------ */

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Checks a message to which the library has added the time. "before" is the
 * text before it. The time must lie between two looks at the clock: systemd
 * compares it with the microsecond in which it asked for the reload. */
static void assert_timed(const manager *m, const char *state,
                         const char *before)
{
    received got;
    char *end;
    uint64_t first = now(), time;
    refused(state, NULL, 0, SBIND_OK);
    assert_true(receive(m, &got));
    assert_memory_equal(got.text, before, strlen(before));
    time = strtoull(got.text + strlen(before), &end, 10);
    assert_int_equal(*end, '\0');
    assert_true(first <= time && time <= now());
}

static void test_reloading_has_the_time(void **state)
{
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    assert_timed(&m, SBIND_NOTIFY_RELOADING, "RELOADING=1\nMONOTONIC_USEC=");
    assert_timed(&m, "RELOADING=1\n", "RELOADING=1\nMONOTONIC_USEC=");
    assert_timed(&m, "STATUS=x\nRELOADING=1\nX=MONOTONIC_USEC=1",
                 "STATUS=x\nRELOADING=1\nX=MONOTONIC_USEC=1\nMONOTONIC_USEC=");
    static const char *const as_they_are[] = {"RELOADING=1\nMONOTONIC_USEC=7",
                                              "MONOTONIC_USEC=7\nRELOADING=1",
                                              "RELOADING=10",
                                              "RELOADING=",
                                              "STATUS=RELOADING=1",
                                              "X_RELOADING=1"};
    for (size_t i = 0; i < sizeof as_they_are / sizeof *as_they_are; i++) {
        refused(as_they_are[i], NULL, 0, SBIND_OK);
        assert_received(&m, as_they_are[i]);
    }
    dismiss(&m);
}

static void test_no_room_for_the_time(void **state)
{
    static char text[SBIND_NOTIFY_STATE_MAX + 1];
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    memset(text, 'x', SBIND_NOTIFY_STATE_MAX);
    memcpy(text, "RELOADING=1\nSTATUS=", 19);
    sbind_error e = refused(text, NULL, 0, SBIND_BAD_NOTIFY_STATE);
    assert_int_equal(e.offset, SBIND_NOTIFY_STATE_MAX);
    assert_nothing(&m);
    dismiss(&m);
}

/* After 31 years the time in microseconds has 16 digits, and after 317 years
 * 17. The longest message has room for 16 digits. */
static void test_the_time_fills_the_room(void **state)
{
    static char text[SBIND_NOTIFY_STATE_MAX + 1];
    const size_t most =
        SBIND_NOTIFY_STATE_MAX - strlen("\nMONOTONIC_USEC=") - 16;
    manager m = manage(path, SOCK_DGRAM);
    received got;
    (void)state;
    passed = 1000000000;
    memset(text, 'x', most + 1);
    memcpy(text, "RELOADING=1\nSTATUS=", 19);
    sbind_error e = refused(text, NULL, 0, SBIND_BAD_NOTIFY_STATE);
    assert_int_equal(e.offset, most + 1);
    assert_nothing(&m);
    text[most] = '\0';
    refused(text, NULL, 0, SBIND_OK);
    assert_true(receive(&m, &got));
    assert_int_equal(strlen(got.text), SBIND_NOTIFY_STATE_MAX);
    passed = 0;
    dismiss(&m);
}

/* ---- Descriptors ----------------------------------------------------------------- */

static void assert_same_file(int a, int b)
{
    struct stat one, other;
    assert_int_equal(fstat(a, &one), 0);
    assert_int_equal(fstat(b, &other), 0);
    assert_true(one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

static void open_files(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fds[i] = memfd_create("kept", MFD_CLOEXEC);
        assert_true(fds[i] >= 0);
    }
}

static void close_files(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

/* sendmsg of musl 1.2.3 refuses more than 1024 octets beside the message, with
 * ENOMEM. That is one descriptor less than the kernel accepts. */
#ifdef __GLIBC__
enum { GO_ALONG_MAX = SBIND_NOTIFY_FDS_MAX };
#else
enum { GO_ALONG_MAX = SBIND_NOTIFY_FDS_MAX - 1 };
#endif

static void test_descriptors_go_along(void **state)
{
    const size_t counts[] = {1, 2, GO_ALONG_MAX};
    int fds[SBIND_NOTIFY_FDS_MAX + 1];
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    open_files(fds, SBIND_NOTIFY_FDS_MAX + 1);
    for (size_t c = 0; c < 3; c++) {
        received got;
        refused("FDSTORE=1\nFDNAME=a", fds, counts[c], SBIND_OK);
        assert_true(receive(&m, &got));
        assert_string_equal(got.text, "FDSTORE=1\nFDNAME=a");
        assert_int_equal(got.count, counts[c]);
        for (size_t i = 0; i < got.count; i++)
            assert_same_file(got.fds[i], fds[i]);
        close_files(got.fds, got.count);
    }
    sbind_error e = refused("FDSTORE=1", fds, SBIND_NOTIFY_FDS_MAX + 1,
                            SBIND_TOO_MANY_PASSED);
    assert_string_equal(e.hint,
                        "send at most 253 descriptors with one message");
    e = refused("READY=1", fds, 1, SBIND_BAD_NOTIFY_STATE);
    assert_string_equal(e.hint, "descriptors need the line FDSTORE=1, or the "
                                "service manager closes them");
    assert_int_equal(e.offset, SBIND_NO_OFFSET);
    assert_nothing(&m);
    received got;
    refused("BARRIER=1", fds, 1, SBIND_OK);
    assert_true(receive(&m, &got));
    assert_int_equal(got.count, 1);
    close_files(got.fds, 1);
    close_files(fds, SBIND_NOTIFY_FDS_MAX + 1);
    dismiss(&m);
}

static void test_a_closed_descriptor_is_named(void **state)
{
    int fds[3];
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    open_files(fds, 3);
    close(fds[1]);
    sbind_error e = refused("FDSTORE=1", fds, 3, SBIND_FD_CLOSED);
    assert_int_equal(e.fds[0], fds[1]);
    assert_string_equal(e.hint, "descriptors are passed while they are open");
    e = refused("FDSTORE=1", (const int[]){-1}, 1, SBIND_FD_CLOSED);
    assert_int_equal(e.fds[0], -1);
    e = refused("FDSTORE=1", (const int[]){fds[0], fds[1]}, 2, SBIND_FD_CLOSED);
    assert_int_equal(e.fds[0], fds[1]);
    assert_nothing(&m);
    close(fds[0]);
    close(fds[2]);
    dismiss(&m);
}

/* More descriptors are on their way than this user may have (RLIMIT_NOFILE). */
static void test_too_many_under_way(void **state)
{
    int fds[3];
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    open_files(fds, 3);
    arm(3, ETOOMANYREFS); /* root is not limited */
    sbind_error e = refused("FDSTORE=1", fds, 3, SBIND_SYSTEM);
    assert_string_equal(e.call, "sendmsg");
    assert_string_equal(e.hint,
                        "too many descriptors are on their way to other "
                        "processes; see: ulimit -n");
    close_files(fds, 3);
    dismiss(&m);
}

/* ---- What is at the address -------------------------------------------------------- */

static void assert_call(const sbind_error *e, const char *call,
                        const char *os_name, const char *hint)
{
    assert_string_equal(e->call, call);
    assert_string_equal(e->os_name, os_name);
    assert_string_equal(e->hint, hint);
}

static void test_who_is_not_there(void **state)
{
    static const char gone[] = "no service manager listens at NOTIFY_SOCKET";
    sbind_error e;
    (void)state;
    set(path);
    e = refused("READY=1", NULL, 0, SBIND_SYSTEM);
    assert_call(&e, "connect", "ENOENT", gone);
    assert_null(e.variable);
    manager m = manage(path, SOCK_DGRAM);
    close(m.fd);
    e = refused("READY=1", NULL, 0, SBIND_SYSTEM);
    assert_call(&e, "connect", "ECONNREFUSED", gone);
    unlink(path);
    set("@sbind-notify-nobody");
    e = refused("READY=1", NULL, 0, SBIND_SYSTEM);
    assert_call(&e, "connect", "ECONNREFUSED", gone);
    m = manage(path, SOCK_STREAM);
    listen(m.fd, 1);
    e = refused("READY=1", NULL, 0, SBIND_SYSTEM);
    assert_call(&e, "connect", "EPROTOTYPE",
                "NOTIFY_SOCKET leads to a socket that takes no datagrams");
    arm(2, EACCES);
    e = refused("READY=1", NULL, 0, SBIND_SYSTEM);
    assert_call(&e, "connect", "EACCES",
                "this user may not write to the socket of NOTIFY_SOCKET");
    dismiss(&m);
}

/* A file that is not a socket stays as it is, and a FIFO with a reader gets
 * nothing. */
static void leaves_files(sender *send)
{
    struct stat before, after;
    char text[16];
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600), reader;
    assert_int_equal(write(fd, "kept", 4), 4);
    fstat(fd, &before);
    set(path);
    send("READY=1", NULL, 0, NULL);
    fstat(fd, &after);
    close(fd);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    send("READY=1", NULL, 0, NULL);
    ssize_t n = read(reader, text, sizeof text);
    close(reader);
    unlink(path);
    set(NULL);
    assert_int_equal(n, 0);
    assert_int_equal(after.st_size, before.st_size);
    assert_memory_equal(&after.st_mtim, &before.st_mtim, sizeof after.st_mtim);
}

static void test_nothing_is_written_to_a_file(void **state)
{
    (void)state;
    leaves_files(sbind_notify);
}

/* ---- A full queue ------------------------------------------------------------------ */

static void fill_queue(const manager *m)
{
    struct sockaddr_un un;
    socklen_t length = sizeof un;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    getsockname(m->fd, (struct sockaddr *)&un, &length);
    while (sendto(fd, "F", 1, 0, (struct sockaddr *)&un, length) == 1)
        ;
    assert_int_equal(errno, EAGAIN);
    close(fd);
}

static const manager *slow;

static void take_one(void)
{
    received got;
    receive(slow, &got);
}

static void test_it_waits_for_room_but_not_for_ever(void **state)
{
    manager m = manage(path, SOCK_DGRAM);
    (void)state;
    fill_queue(&m);
    arm(0, 0);
    calls.ahead = SBIND_NOTIFY_WAIT / 1000;
    sbind_error e = refused("READY=1", NULL, 0, SBIND_TIMED_OUT);
    assert_string_equal(e.hint, "the queue of the service manager is full: it "
                                "is too busy, or hangs");
    assert_int_equal(calls.made,
                     5); /* socket, connect, sendmsg, poll, sendmsg */

    slow = &m; /* the manager takes a message as soon as the library waits */
    arm(0, 0);
    at_poll = take_one;
    refused("READY=1", NULL, 0, SBIND_OK);

    /* the manager makes room at the last moment, and that is still used */
    fill_queue(&m);
    arm(0, 0);
    calls.ahead = SBIND_NOTIFY_WAIT / 1000;
    at_poll = take_one;
    refused("READY=1", NULL, 0, SBIND_OK);
    dismiss(&m);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
    (void)signal;
    if (++alarms == 5)
        take_one();
}

/* Uses the real clock. A signal handler runs all the time. */
static void test_signals_do_not_end_the_wait(void **state)
{
    manager m = manage(path, SOCK_DGRAM);
    struct sigaction act = {.sa_handler = on_alarm}, before;
    const struct itimerval often = {{0, 20000}, {0, 20000}},
                           never = {{0, 0}, {0, 0}};
    (void)state;
    fill_queue(&m);
    slow = &m;
    sigaction(SIGALRM, &act, &before);
    setitimer(ITIMER_REAL, &often, NULL);
    refused("READY=1", NULL, 0, SBIND_OK);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    assert_true(alarms >= 5);
    limit_time();
    dismiss(&m);
}

/* ---- Every call fails --------------------------------------------------------------- */

static const int errors[] = {EACCES,  EAGAIN,       EBADF,        EINTR,  EIO,
                             EMFILE,  ECONNREFUSED, ETOOMANYREFS, ENOMEM, EPERM,
                             ENOBUFS, ENOENT,       ENOSYS};

/* The status that this fault has to give. SBIND_OK means that the message is
 * sent anyway. */
static sbind_status outcome_of(const char *call, int error)
{
    if (strcmp(call, "sendmsg") == 0 && error == EAGAIN)
        return SBIND_OK;
    if (strcmp(call, "poll") == 0 && error == EINTR)
        return SBIND_OK;
    return SBIND_SYSTEM;
}

static void fails_well(sender *send, size_t when, int error)
{
    manager m = manage(path, SOCK_DGRAM);
    int fd = memfd_create("kept", MFD_CLOEXEC);
    if (when == 4) /* for the sake of poll */
        fill_queue(&m);
    slow = &m;
    arm(when, error);
    at_poll = take_one;
    int before = open_descriptors();
    sbind_error e;
    sbind_status s = send("FDSTORE=1", &fd, 1, &e);
    const char *hit = calls.hit;
    disarm();
    assert_non_null(hit);
    sbind_status wanted = outcome_of(hit, error);
    assert_status(s, wanted);
    assert_int_equal(open_descriptors(), before);
    if (wanted == SBIND_SYSTEM) {
        assert_string_equal(e.call, hit);
        assert_int_equal(e.os_error, error);
        assert_string_equal(e.os_name, sbind__errno_name(error));
    }
    close(fd);
    dismiss(&m);
}

static void test_every_call_fails_with_every_errno(void **state)
{
    (void)state;
    for (size_t when = 1; when <= 4; when++)
        for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
            fails_well(sbind_notify, when, errors[i]);
}

/* ---- Known-bad senders --------------------------------------------------------------- */

/* Runs a test in a child. Returns whether it failed. *ret_hung says whether the
 * child had to be killed. */
static bool is_caught(void (*test)(sender *), sender *bad, bool *ret_hung)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        alarm(3);
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDERR_FILENO);
        dup2(null, STDOUT_FILENO);
        signal(SIGABRT, SIG_DFL);
        setenv("CMOCKA_TEST_ABORT", "1", 1);
        test(bad);
        _exit(0);
    }
    assert_true(child > 0);
    waitpid(child, &status, 0);
    *ret_hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    unlink(path);
    return status != 0;
}

/* A bad sender: it takes the variable for the name of a file. */
static sbind_status writes(const char *state, const int *fds, size_t count,
                           sbind_error *reterr)
{
    int fd = open(getenv("NOTIFY_SOCKET"), O_WRONLY | O_APPEND | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, state, strlen(state));
    (void)fds;
    (void)count;
    (void)reterr;
    close(fd);
    return n < 0 ? SBIND_SYSTEM : SBIND_OK;
}

/* Waits for ever, like libsystemd. */
static sbind_status waits(const char *state, const int *fds, size_t count,
                          sbind_error *reterr)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    (void)fds;
    (void)count;
    (void)reterr;
    snprintf(un.sun_path, sizeof un.sun_path, "%s", getenv("NOTIFY_SOCKET"));
    int fd = __real_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&un,
           sizeof un);
    close(fd);
    return SBIND_OK;
}

/* Keeps its socket when it fails. */
static sbind_status keeps(const char *state, const int *fds, size_t count,
                          sbind_error *reterr)
{
    sbind_status s = sbind_notify(state, fds, count, reterr);
    if (s != SBIND_OK)
        open("/dev/null", O_RDONLY | O_CLOEXEC);
    return s;
}

/* Says nothing of a failure. */
static sbind_status hides(const char *state, const int *fds, size_t count,
                          sbind_error *reterr)
{
    (void)sbind_notify(state, fds, count, reterr);
    return SBIND_OK;
}

static void one_fault(sender *send) { fails_well(send, 2, EACCES); }

static void full_queue(sender *send)
{
    manager m = manage(path, SOCK_DGRAM);
    fill_queue(&m);
    arm(0, 0);
    calls.ahead = SBIND_NOTIFY_WAIT / 1000;
    refused_by(send, "READY=1", NULL, 0, SBIND_TIMED_OUT);
}

static void test_known_bad_senders_are_caught(void **state)
{
    bool hung;
    (void)state;
    assert_true(is_caught(leaves_files, writes, &hung) && !hung);
    assert_true(is_caught(full_queue, waits, &hung) && hung);
    assert_true(is_caught(one_fault, keeps, &hung) && !hung);
    assert_true(is_caught(one_fault, hides, &hung) && !hung);
    assert_false(is_caught(leaves_files, sbind_notify, &hung));
    assert_false(is_caught(full_queue, sbind_notify, &hung));
    assert_false(is_caught(one_fault, sbind_notify, &hung));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_state_arrives_as_one_message),
        cmocka_unit_test(test_the_longest_addresses),
        cmocka_unit_test(test_the_longest_state),
        cmocka_unit_test(test_unset_sends_nothing),
        cmocka_unit_test(test_a_variable_that_is_no_address_is_named),
        cmocka_unit_test(test_a_bad_state_is_not_sent),
        cmocka_unit_test(test_reloading_has_the_time),
        cmocka_unit_test(test_no_room_for_the_time),
        cmocka_unit_test(test_the_time_fills_the_room),
        cmocka_unit_test(test_descriptors_go_along),
        cmocka_unit_test(test_a_closed_descriptor_is_named),
        cmocka_unit_test(test_too_many_under_way),
        cmocka_unit_test(test_who_is_not_there),
        cmocka_unit_test(test_nothing_is_written_to_a_file),
        cmocka_unit_test(test_it_waits_for_room_but_not_for_ever),
        cmocka_unit_test(test_signals_do_not_end_the_wait),
        cmocka_unit_test(test_every_call_fails_with_every_errno),
        cmocka_unit_test(test_known_bad_senders_are_caught),
    };
    limit_time();
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/s", directory);
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(directory);
    return exit_status(failures);
}
