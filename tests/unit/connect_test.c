/* connect_test.c - are the addresses of a name tried as RFC 8305 says? Does the
 * first address that answers win? Is every failure reported, and is nothing
 * left behind? The test connects at once and in steps, with answers of the
 * resolver and of the program.
 *
 * The resolver and connect are replaced. A test says which addresses exist, and
 * what happens at each. Real connections stay on loopback.
 *
 * The clock and poll are replaced as well. Time passes only while the library
 * waits for servers that will not answer, and exactly as long as it waits. So
 * the test can compare times for equality, even on a busy machine.
 *
 * Promises: P25 */
#define _DEFAULT_SOURCE /* syscall; _GNU_SOURCE has another connect */
/* with _FORTIFY_SOURCE poll would be inline, but this test replaces poll */
#undef _FORTIFY_SOURCE
#include "support.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

#include "resolver.h"

/* ---- What becomes of an address ------------------------------------------------ */

typedef enum fate {
    WINS = 1,   /* is accepted */
    HANGS,      /* no answer ever: the backlog of the listener is full */
    WAITS,      /* the backlog is full until all addresses have been tried */
    IS_REFUSED, /* poll says so: nobody listens */
    IS_SELF,    /* is connected to itself */
    NO_ROUTE    /* connect says so */
} fate;

/* What happens at each address, in the order in which the resolver gives
 * them. */
static const fate *fates;

enum { LOG_MAX = 128 };
static struct {
    char address[SBIND_ATTEMPT_TEXT_MAX];
    int fd;
    int64_t at; /* milliseconds */
} tried[LOG_MAX];
static size_t tried_count;
static int most_descriptors;

/* Sockets for IPv4 [0] and IPv6 [1]: a listener that accepts; a listener with a
 * full backlog, and the client that fills it; and a socket that is bound but
 * does not listen. */
static int open_server[2], full_server[2], filler[2], closed_server[2];

/* Milliseconds; soon more than 31 bits hold. */
static int64_t now = INT32_MAX - 100;

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    if (clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, ret);
    ret->tv_sec = (time_t)(now / 1000);
    ret->tv_nsec = (long)(now % 1000) * 1000000;
    return 0;
}

static int connect_to_server(int fd, int server)
{
    struct sockaddr_storage sa;
    socklen_t length = sizeof sa;
    assert_int_equal(getsockname(server, (struct sockaddr *)&sa, &length), 0);
    return (int)syscall(SYS_connect, fd, &sa, length);
}

static int connect_to_itself(int fd)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    return connect_to_server(fd, fd);
}

/* getpeername of other systems may leave anything in octets that mean nothing.
 * This replacement does so, too. */
int getpeername(int fd, struct sockaddr *sa, socklen_t *length)
{
    int failed = (int)syscall(SYS_getpeername, fd, sa, length);
    WRITTEN_BY_KERNEL(sa, *length);
    if (failed == 0 && sa->sa_family == AF_INET) {
        struct sockaddr_in *in = (void *)sa;
        memset(in->sin_zero, 'z', sizeof in->sin_zero);
    }
    return failed;
}

static void note(int fd, const struct sockaddr *sa)
{
    /* sockaddr_in6 has its port at the same place */
    const struct sockaddr_in *in = (const void *)sa;
    const void *ip = &in->sin_addr;
    char text[INET6_ADDRSTRLEN];
    bool six = sa->sa_family == AF_INET6;
    if (six)
        ip = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
    assert_non_null(inet_ntop(sa->sa_family, ip, text, sizeof text));
    assert_true(tried_count < LOG_MAX);
    snprintf(tried[tried_count].address, sizeof tried[0].address,
             six ? "tcp://[%s]:%u" : "tcp://%s:%u", text, ntohs(in->sin_port));
    tried[tried_count].fd = fd;
    tried[tried_count++].at = now;
}

static fate fate_of(const char *address)
{
    size_t i = 0;
    while (answers[i] != NULL && strcmp(answers[i], address) != 0)
        i++;
    assert_non_null(answers[i]);
    return fates[i];
}

int connect(int fd, const struct sockaddr *sa, socklen_t length)
{
    int six = sa->sa_family == AF_INET6;
    int open = open_descriptors();
    if (sa->sa_family == AF_UNIX)
        return (int)syscall(SYS_connect, fd, sa, length);
    note(fd, sa);
    most_descriptors = open > most_descriptors ? open : most_descriptors;
    switch (fate_of(tried[tried_count - 1].address)) {
    case WINS:
        return connect_to_server(fd, open_server[six]);
    case HANGS:
    case WAITS:
        return connect_to_server(fd, full_server[six]);
    case IS_REFUSED:
        return connect_to_server(fd, closed_server[six]);
    case IS_SELF:
        return connect_to_itself(fd);
    case NO_ROUTE:
        break;
    }
    errno = ENETUNREACH;
    return -1;
}

/* poll fails with this error if it is called with at least so many descriptors.
 * 0: it does not fail. */
static int poll_failure;
static nfds_t poll_failure_from;
/* A signal interrupts poll after so many milliseconds. 0: no signal comes. */
static int interruption;

static int wait_really(struct pollfd *polls, nfds_t n)
{
    const struct timespec limit = {20, 0};
    int ready = (int)syscall(SYS_ppoll, polls, n, &limit, NULL, 0);
    WRITTEN_BY_KERNEL(polls, n * sizeof *polls);
    assert_true(ready > 0);
    return ready;
}

static fate fate_of_descriptor(int fd)
{
    size_t i = tried_count;
    while (i > 0 && tried[i - 1].fd != fd)
        i--;
    assert_true(i > 0);
    return fate_of(tried[i - 1].address);
}

static bool has_room; /* there is room for one that waits */

static void make_room(bool six)
{
    has_room = true;
    int fd = accept(full_server[six], NULL, NULL);
    assert_true(fd >= 0);
    close(fd);
}

/* Whether one of these servers will answer if the test does nothing more. */
static bool is_answer_on_its_way(const struct pollfd *polls, nfds_t n)
{
    for (nfds_t i = 0; i < n; i++) {
        fate f = fate_of_descriptor(polls[i].fd);
        if (f != HANGS && (f != WAITS || has_room))
            return true;
    }
    return false;
}

/* Makes room in a full backlog once all addresses have been tried. The client
 * in the queue sends its first packet again after a second (RFC 6298). */
static bool is_room_made(const struct pollfd *polls, nfds_t n)
{
    for (nfds_t i = 0; i < n && answers[tried_count] == NULL; i++)
        if (fate_of_descriptor(polls[i].fd) == WAITS) {
            make_room(strchr(answers[0], '[') != NULL);
            return true;
        }
    return false;
}

int poll(struct pollfd *polls, nfds_t n, int timeout)
{
    errno = n >= poll_failure_from ? poll_failure : 0;
    if (errno != 0)
        return -1;
    if (is_answer_on_its_way(polls, n) || is_room_made(polls, n))
        return wait_really(polls, n);
    assert_true(timeout >= 0); /* or this would be for ever */
    for (nfds_t i = 0; i < n; i++)
        polls[i].revents = 0;
    if (interruption == 0 || interruption >= timeout) {
        now += timeout;
        return 0;
    }
    now += interruption;
    errno = EINTR;
    return -1;
}

/* ---- The servers ----------------------------------------------------------------- */

static int bound(int six)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(six ? AF_INET6 : AF_INET,
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(six ? bind(fd, (struct sockaddr *)&in6, sizeof in6)
                         : bind(fd, (struct sockaddr *)&in, sizeof in),
                     0);
    return fd;
}

static int open_servers(void **state)
{
    (void)state;
    for (int six = 0; six < 2; six++) {
        open_server[six] = bound(six);
        full_server[six] = bound(six);
        closed_server[six] = bound(six);
        assert_int_equal(listen(open_server[six], 16), 0);
        assert_int_equal(listen(full_server[six], 0), 0);
        filler[six] =
            socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect_to_server(filler[six], full_server[six]), 0);
    }
    return 0;
}

static int close_servers(void **state)
{
    (void)state;
    for (int six = 0; six < 2; six++) {
        close(open_server[six]);
        close(full_server[six]);
        close(filler[six]);
        close(closed_server[six]);
    }
    return 0;
}

/* ---- Connecting ---------------------------------------------------------------------- */

static sbind_stream stream;
static sbind_error error;
static bool in_steps; /* connect as an event loop does */
static bool as_given; /* the program itself gives the answers */

/* Waits like an event loop: for the descriptors and the time that
 * sbind_connect_waits names. */
static void wait_as_named(const sbind_connecting *c)
{
    sbind_wait waits[SBIND_WAITS_MAX];
    struct pollfd polls[SBIND_WAITS_MAX];
    int64_t milliseconds;
    size_t n = sbind_connect_waits(c, waits, SBIND_WAITS_MAX, &milliseconds);
    assert_in_range(n, 0, SBIND_WAITS_MAX);
    assert_in_range(milliseconds, 0, INT_MAX);
    for (size_t i = 0; i < n; i++) {
        assert_true(waits[i].write && !waits[i].read);
        polls[i] = (struct pollfd){.fd = waits[i].fd, .events = POLLOUT};
    }
    if (n == 0)
        now += milliseconds;
    else
        poll(polls, n, (int)milliseconds); /* fails when a test says so */
}

static sbind_status connect_in_steps(const sbind_address *a,
                                     const sbind_connect_options *o,
                                     sbind_error *e)
{
    sbind_connecting c = SBIND_CONNECTING_INIT;
    sbind_status s = sbind_connect_start(a, o, &c, e);
    if (s != SBIND_OK) {
        assert_int_equal(c.kind, 0);
        return s;
    }
    do {
        sbind_error early;
        wait_as_named(&c);
        s = sbind_connect_step(&c, &stream, &early);
        if (s != SBIND_OK && s != SBIND_WOULD_BLOCK && e != NULL)
            *e = early;
    } while (s == SBIND_WOULD_BLOCK);
    assert_int_equal(c.kind, 0);
    return s;
}

static sbind_status connect_now(const sbind_address *a,
                                const sbind_connect_options *o, sbind_error *e)
{
    return in_steps ? connect_in_steps(a, o, e)
                    : sbind_connect(a, o, &stream, e);
}

static int64_t took;
static int descriptors; /* before connecting */

static sbind_status connect_as(const char *text, const sbind_connect_options *o)
{
    sbind_address a = parsed(text);
    sbind_status s;
    int64_t begin;
    tried_count = 0;
    has_room = false;
    descriptors = most_descriptors = open_descriptors();
    stream = (sbind_stream){-5, SBIND_NPIPE};
    memset(&error, 0x5A, sizeof error);
    begin = now;
    s = connect_now(&a, o, &error);
    took = now - begin;
    return s;
}

/* Answers as a program's own resolver may give them: each has a port. */
static struct addrinfo *given_answers(void)
{
    struct addrinfo *list = answer_list();
    uint16_t port = 1000;
    for (struct addrinfo *a = list; a != NULL; a = a->ai_next)
        ((struct sockaddr_in *)(void *)a->ai_addr)->sin_port = htons(port++);
    return list;
}

/* Connects with answers of the program, or with NULL. The system's resolver is
 * asked only with NULL. */
static sbind_status connect_name_with(struct addrinfo *given,
                                      sbind_connect_options *o)
{
    sbind_status s;
    o->answers = given;
    s = connect_as("tcp://name:7", o);
    assert_int_equal(asked, given == NULL);
    assert_int_equal(given_back, given == NULL);
    free_list(given);
    return s;
}

static sbind_status connect_name(const char *const *addresses, const fate *what,
                                 int64_t timeout, int delay)
{
    sbind_connect_options o;
    resolve_to(addresses);
    fates = what;
    sbind_connect_options_init(&o);
    o.timeout = timeout;
    o.attempt_delay = delay;
    return connect_name_with(as_given ? given_answers() : NULL, &o);
}

/* Checks that the address that was tried last is connected, and that nothing
 * else is open. */
static void check_connected(sbind_kind kind)
{
    int fd = accept(open_server[kind == SBIND_TCP_IPV6], NULL, NULL);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(stream.kind, kind);
    assert_int_equal(open_descriptors(), descriptors + 1);
    assert_true(fcntl(stream.fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(fcntl(stream.fd, F_GETFD), FD_CLOEXEC);
    for (size_t i = 0; i < sizeof error; i++)
        assert_int_equal(((unsigned char *)&error)[i], 0x5A);
    sbind_close_stream(&stream);
}

static void check_failed(sbind_status got, sbind_status wanted)
{
    assert_status(got, wanted);
    assert_int_equal(error.status, wanted);
    assert_int_equal(stream.fd, -5);
    assert_int_equal(open_descriptors(), descriptors);
}

static void check_order(const char *const *wanted)
{
    size_t n = 0;
    for (; wanted[n] != NULL; n++)
        assert_string_equal(tried[n].address, wanted[n]);
    assert_int_equal(tried_count, n);
}

/* ---- The order ------------------------------------------------------------------------- */

static void families_take_turns(void **state)
{
    static const char *const six_first[] = {
        "tcp://[2001:db8::1]:7", "tcp://[2001:db8::2]:7",
        "tcp://[2001:db8::3]:7", "tcp://192.0.2.1:7",
        "tcp://[2001:db8::1]:7", "tcp://192.0.2.2:7",
        "tcp://[2001:db8::4]:7", NULL};
    static const char *const six_first_wanted[] = {"tcp://[2001:db8::1]:7",
                                                   "tcp://192.0.2.1:7",
                                                   "tcp://[2001:db8::2]:7",
                                                   "tcp://192.0.2.2:7",
                                                   "tcp://[2001:db8::3]:7",
                                                   "tcp://[2001:db8::4]:7",
                                                   NULL};
    static const char *const four_first[] = {
        "tcp://192.0.2.1:7", "tcp://192.0.2.1:7",     "tcp://192.0.2.2:7",
        "tcp://192.0.2.3:7", "tcp://[2001:db8::1]:7", NULL};
    static const char *const four_first_wanted[] = {
        "tcp://192.0.2.1:7", "tcp://[2001:db8::1]:7", "tcp://192.0.2.2:7",
        "tcp://192.0.2.3:7", NULL};
    static const fate none[7] = {NO_ROUTE, NO_ROUTE, NO_ROUTE, NO_ROUTE,
                                 NO_ROUTE, NO_ROUTE, NO_ROUTE};
    (void)state;
    check_failed(connect_name(six_first, none, 0, 0), SBIND_SYSTEM);
    check_order(six_first_wanted);
    check_failed(connect_name(four_first, none, 0, 0), SBIND_SYSTEM);
    check_order(four_first_wanted);
}

/* ---- When the next starts ---------------------------------------------------------------- */

static const char *const three[] = {"tcp://[2001:db8::1]:7",
                                    "tcp://192.0.2.1:7",
                                    "tcp://[2001:db8::2]:7", NULL};

static int64_t between(size_t i) { return tried[i + 1].at - tried[i].at; }

static void the_next_starts_beside_one_that_hangs(void **state)
{
    static const fate what[] = {HANGS, HANGS, WINS};
    (void)state;
    assert_status(connect_name(three, what, 0, 0), SBIND_OK);
    check_order(three);
    assert_int_equal(between(0), 250); /* RFC 8305 8 */
    assert_int_equal(between(1), 250);
    check_connected(SBIND_TCP_IPV6);
    assert_status(connect_name(three, what, 0, 50), SBIND_OK);
    assert_int_equal(between(0), 50);
    assert_int_equal(between(1), 50);
    check_connected(SBIND_TCP_IPV6);
}

static void the_next_starts_as_soon_as_one_has_failed(void **state)
{
    static const fate refused[] = {IS_REFUSED, NO_ROUTE, WINS};
    static const fate hangs_first[] = {HANGS, IS_REFUSED, WINS};
    (void)state;
    assert_status(connect_name(three, refused, 0, 20000), SBIND_OK);
    check_order(three);
    assert_int_equal(took, 0);
    check_connected(SBIND_TCP_IPV6);
    assert_status(connect_name(three, hangs_first, 0, 1000), SBIND_OK);
    check_order(three);
    assert_int_equal(between(0), 1000);
    assert_int_equal(between(1), 0);
    check_connected(SBIND_TCP_IPV6);
}

static void none_is_tried_after_one_has_won(void **state)
{
    static const fate what[] = {NO_ROUTE, WINS, WINS};
    (void)state;
    assert_status(connect_name(three, what, 0, 10), SBIND_OK);
    assert_int_equal(tried_count, 2);
    check_connected(SBIND_TCP_IPV4);
}

static void the_first_still_wins_when_the_next_has_started(void **state)
{
    static const char *const list[] = {"tcp://[2001:db8::1]:7",
                                       "tcp://192.0.2.1:7", "tcp://192.0.2.2:7",
                                       NULL};
    static const fate what[] = {WAITS, HANGS, HANGS};
    int fd;
    (void)state;
    assert_status(connect_name(list, what, 20000, 100), SBIND_OK);
    check_order(list);
    assert_int_equal(took, 200);
    assert_int_equal(stream.kind, SBIND_TCP_IPV6);
    assert_int_equal(open_descriptors(), descriptors + 1);
    sbind_close_stream(&stream);
    fd = accept(full_server[1], NULL, NULL);
    assert_true(fd >= 0);
    close(fd);
    close_servers(NULL);
    open_servers(NULL);
}

static void signals_change_nothing(void **state)
{
    static const fate what[] = {HANGS, HANGS, HANGS};
    sbind_status s;
    (void)state;
    interruption = 7;
    s = connect_name(three, what, 1500, 80);
    interruption = 0;
    check_failed(s, SBIND_TIMED_OUT);
    check_order(three);
    assert_int_equal(between(0), 80);
    assert_int_equal(between(1), 80);
    assert_int_equal(took, 1500);
}

/* ---- The deadline ------------------------------------------------------------------------- */

static void all_have_a_turn_before_the_deadline(void **state)
{
    static const fate what[] = {HANGS, HANGS, HANGS};
    (void)state;
    check_failed(connect_name(three, what, 300, 20000), SBIND_TIMED_OUT);
    check_order(three);
    assert_int_equal(between(0), 100);
    assert_int_equal(between(1), 100);
    assert_int_equal(took, 300);
    assert_int_equal(error.attempt_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(error.attempts[i].address, three[i]);
        assert_status(error.attempts[i].status, SBIND_TIMED_OUT);
        assert_null(error.attempts[i].call);
    }
    /* too little time for all addresses: attempts start no faster than RFC 8305
     * 5 allows */
    check_failed(connect_name(three, what, 20, 20000), SBIND_TIMED_OUT);
    assert_int_equal(tried_count, 2);
    assert_int_equal(between(0), 10);
    assert_int_equal(took, 20);
    assert_int_equal(error.attempt_count, 2);
}

static void the_deadline_unless_given(void **state)
{
    static const fate what[] = {HANGS, HANGS, HANGS};
    (void)state;
    check_failed(connect_name(three, what, 0, 0), SBIND_TIMED_OUT);
    check_order(three);
    assert_int_equal(took, 30000);
}

/* poll(2) can wait for 24 days at most. An event loop does its own waiting. */
static void a_deadline_after_months(void **state)
{
    static const fate what[] = {HANGS, HANGS, HANGS};
    const int64_t months = INT64_C(6000000000);
    (void)state;
    if (in_steps)
        return;
    check_failed(connect_name(three, what, months, 0), SBIND_TIMED_OUT);
    check_order(three);
    assert_true(took == months);
}

/* More attempts than can run at once: each new one abandons the oldest. */
static void many_that_hang_do_not_hide_one_that_answers(void **state)
{
    enum { MANY = 75 };
    static char texts[MANY][32];
    static const char *list[MANY + 1];
    static fate what[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "tcp://192.0.2.%d:7", i + 1);
        list[i] = texts[i];
        what[i] = i == MANY - 1 ? WINS : HANGS;
    }
    assert_status(connect_name(list, what, 60000, 10), SBIND_OK);
    check_order(list);
    assert_in_range(most_descriptors, descriptors + 64, descriptors + 65);
    check_connected(SBIND_TCP_IPV4);
}

/* ---- What is told -------------------------------------------------------------------------- */

static void check_attempt(size_t i, const char *address, sbind_status status,
                          const char *call, const char *os_name)
{
    const sbind_attempt *a = &error.attempts[i];
    assert_string_equal(a->address, address);
    assert_status(a->status, status);
    assert_int_equal(a->call != NULL, call != NULL);
    assert_int_equal(a->os_name != NULL, os_name != NULL);
    assert_int_equal(a->os_error != 0, os_name != NULL);
    if (call != NULL)
        assert_string_equal(a->call, call);
    if (os_name != NULL)
        assert_string_equal(a->os_name, os_name);
}

static void every_failure_is_told(void **state)
{
    static const char *const list[] = {
        "tcp://192.0.2.1:7", "tcp://[2001:db8::1]:7", "tcp://0.0.0.0:7",
        "tcp://192.0.2.3:7", "tcp://192.0.2.4:7",     NULL};
    static const fate what[] = {HANGS, NO_ROUTE, WINS, IS_SELF, IS_REFUSED};
    char report[SBIND_REPORT_MAX];
    size_t length;
    (void)state;
    check_failed(connect_name(list, what, 300, 50), SBIND_TIMED_OUT);
    assert_int_equal(error.attempt_count, 5);
    check_attempt(0, list[1], SBIND_SYSTEM, "connect", "ENETUNREACH");
    check_attempt(1, list[2], SBIND_UNUSABLE_ADDRESS, NULL, NULL);
    check_attempt(2, list[3], SBIND_SELF_CONNECTED, NULL, NULL);
    check_attempt(3, list[4], SBIND_SYSTEM, "connect", "ECONNREFUSED");
    check_attempt(4, list[0], SBIND_TIMED_OUT, NULL, NULL);
    assert_status(sbind_report(&error, "tcp://name:7", 12, report,
                               sizeof report, &length),
                  SBIND_OK);
    assert_string_equal(
        report,
        "the deadline has passed (timed-out)\n"
        "  tcp://name:7\n"
        "  tcp://[2001:db8::1]:7: connect: ENETUNREACH; this machine has no "
        "route to this address; see: ip route\n"
        "  tcp://0.0.0.0:7: this address cannot be used this way; 0.0.0.0 is "
        "for listening only; connect to 127.0.0.1\n"
        "  tcp://192.0.2.3:7: the socket was connected to itself; no "
        "server listens on this port; start the server first\n"
        "  tcp://192.0.2.4:7: connect: ECONNREFUSED; no server listens on "
        "this port of this address\n"
        "  tcp://192.0.2.1:7: the deadline has passed; no answer came: the "
        "host may be down, or a firewall drops the packets\n");
}

/* Checks the error of "many" failed attempts. The last attempt fails
 * differently. */
static void check_many(size_t many, const char *more)
{
    static char texts[12][40];
    static const char *list[12 + 1];
    static fate what[12];
    char report[SBIND_REPORT_MAX];
    size_t length;
    for (size_t i = 0; i < many; i++) {
        snprintf(texts[i], sizeof texts[i], "tcp://192.0.2.%zu:7", i + 1);
        list[i] = texts[i];
        what[i] = i == many - 1 ? IS_REFUSED : NO_ROUTE;
    }
    list[many] = NULL;
    check_failed(connect_name(list, what, 0, 0), SBIND_SYSTEM);
    assert_int_equal(error.attempt_count, many);
    for (size_t i = 0; i < SBIND_ATTEMPTS_MAX && i < many - 1; i++)
        check_attempt(i, list[i], SBIND_SYSTEM, "connect", "ENETUNREACH");
    assert_string_equal(error.os_name, "ECONNREFUSED"); /* of the last */
    assert_status(sbind_report(&error, "tcp://name:7", 12, report,
                               sizeof report, &length),
                  SBIND_OK);
    assert_non_null(strstr(report, "\n  tcp://192.0.2.8:7: connect:"));
    assert_int_equal(strstr(report, "\n  and ") != NULL, more != NULL);
    if (more != NULL)
        assert_non_null(strstr(report, more));
}

static void of_very_many_the_number_is_told(void **state)
{
    (void)state;
    check_many(SBIND_ATTEMPTS_MAX, NULL);
    check_many(SBIND_ATTEMPTS_MAX + 1, "\n  and 1 more\n");
    check_many(12, "\n  and 4 more\n");
}

static void one_that_is_refused_by_this_machine_is_told_too(void **state)
{
    static const fate what[] = {WINS, WINS, WINS};
    struct rlimit before, few;
    sbind_status s;
    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 0;
    descriptors = open_descriptors();
    setrlimit(RLIMIT_NOFILE, &few);
    resolve_to(three);
    fates = what;
    tried_count = 0;
    {
        sbind_address a = parsed("tcp://name:7");
        s = connect_now(&a, NULL, &error);
    }
    setrlimit(RLIMIT_NOFILE, &before);
    assert_status(s, SBIND_SYSTEM);
    assert_int_equal(tried_count, 0);
    assert_int_equal(error.attempt_count, 3);
    check_attempt(2, three[2], SBIND_SYSTEM, "socket", "EMFILE");
    assert_int_equal(open_descriptors(), descriptors);
}

static void when_poll_fails_nothing_is_left(void **state)
{
    static const fate what[] = {HANGS, HANGS, HANGS};
    sbind_status s;
    (void)state;
    poll_failure = ENOMEM;
    s = connect_name(three, what, 0, 0);
    poll_failure = 0;
    check_failed(s, SBIND_SYSTEM);
    assert_int_equal(error.attempt_count, 3);
    check_attempt(1, three[1], SBIND_SYSTEM, "poll", "ENOMEM");
}

/* poll fails with two descriptors, so the first attempt is lost while the
 * second is under way. */
static sbind_status connect_after_a_loss(const char *const *two,
                                         const fate *what)
{
    poll_failure = ENOMEM;
    poll_failure_from = 2;
    sbind_status s = connect_name(two, what, 0, 0);
    poll_failure = 0;
    poll_failure_from = 0;
    return s;
}

/* After the first attempt is lost, the second takes its place in the tables. */
static void the_kind_is_that_of_the_winner(void **state)
{
    static const char *const two[] = {"tcp://[2001:db8::1]:7",
                                      "tcp://192.0.2.1:7", NULL};
    static const fate what[] = {HANGS, WINS};
    (void)state;
    assert_status(connect_after_a_loss(two, what), SBIND_OK);
    check_order(two);
    check_connected(SBIND_TCP_IPV4);
}

static void who_still_waits_is_not_taken_for_ready(void **state)
{
    static const char *const two[] = {"tcp://192.0.2.1:7", "tcp://192.0.2.2:7",
                                      NULL};
    static const fate what[] = {HANGS, WAITS};
    (void)state;
    assert_status(connect_after_a_loss(two, what), SBIND_OK);
    sbind_close_stream(&stream);
    close_servers(NULL);
    open_servers(NULL);
}

static void nobody_has_to_ask_why(void **state)
{
    static const fate what[] = {NO_ROUTE, IS_REFUSED, IS_REFUSED};
    sbind_address name = parsed("tcp://name:7"), ip = parsed(three[1]);
    int before = open_descriptors();
    (void)state;
    resolve_to(three);
    fates = what;
    assert_status(connect_now(&name, NULL, NULL), SBIND_SYSTEM);
    assert_status(connect_now(&ip, NULL, NULL), SBIND_SYSTEM);
    assert_int_equal(open_descriptors(), before);
}

/* ---- One address ------------------------------------------------------------------------------ */

/* A signal comes every 7 ms. */
static void one_that_hangs_has_until_the_deadline(void **state)
{
    static const char *const one[] = {"tcp://[2001:db8::1]:7", NULL};
    static const fate what[] = {HANGS};
    sbind_connect_options o;
    (void)state;
    resolve_to(one);
    fates = what;
    sbind_connect_options_init(&o);
    o.timeout = 300;
    interruption = 7;
    check_failed(connect_as(one[0], &o), SBIND_TIMED_OUT);
    interruption = 0;
    assert_int_equal(took, 300);
    assert_int_equal(error.attempt_count, 1);
    check_attempt(0, one[0], SBIND_TIMED_OUT, NULL, NULL);
    poll_failure = ENOMEM;
    check_failed(connect_as(one[0], &o), SBIND_SYSTEM);
    poll_failure = 0;
    check_attempt(0, one[0], SBIND_SYSTEM, "poll", "ENOMEM");
}

static void one_that_answers_is_connected(void **state)
{
    static const char *const one[] = {"tcp://192.0.2.1:7", NULL};
    static const fate what[] = {WINS};
    (void)state;
    resolve_to(one);
    fates = what;
    assert_status(connect_as(one[0], NULL), SBIND_OK);
    check_connected(SBIND_TCP_IPV4);
}

static void an_address_of_its_own_is_told_as_well(void **state)
{
    static const char *const one[] = {"tcp://192.0.2.1:7", NULL};
    static const fate self[] = {IS_SELF}, refused[] = {IS_REFUSED};
    sbind_connect_options o;
    sbind_address meaning = parsed(one[0]);
    char report[SBIND_REPORT_MAX];
    size_t length;
    (void)state;
    resolve_to(one);
    fates = self;
    check_failed(connect_as(one[0], NULL), SBIND_SELF_CONNECTED);
    check_attempt(0, one[0], SBIND_SELF_CONNECTED, NULL, NULL);
    fates = refused;
    sbind_connect_options_init(&o);
    o.tcp_default = &meaning;
    check_failed(connect_as("tcp://", &o), SBIND_SYSTEM);
    assert_int_equal(error.attempt_count, 1);
    check_attempt(0, one[0], SBIND_SYSTEM, "connect", "ECONNREFUSED");
    sbind_report(&error, "tcp://", 6, report, sizeof report, &length);
    assert_string_equal(report,
                        "the system refused (system); at "
                        "tcp://192.0.2.1:7; connect: ECONNREFUSED\n"
                        "  tcp://\n"
                        "  hint: no server listens on this port of this "
                        "address\n");
    sbind_report(&error, one[0], 17, report, sizeof report, &length);
    assert_string_equal(report,
                        "the system refused (system); connect: "
                        "ECONNREFUSED\n"
                        "  tcp://192.0.2.1:7\n"
                        "  hint: no server listens on this port of this "
                        "address\n");
}

static void the_longest_address_is_told_whole(void **state)
{
    static const char longest[] = "tcp://[fe80:1111:1111:1111:1111:1111:1111:"
                                  "1111%none-such-zone0]:65535";
    (void)state;
    assert_int_equal(strcspn(strchr(longest, '%') + 1, "]"), SBIND_ZONE_MAX);
    check_failed(connect_as(longest, NULL), SBIND_NO_SUCH_ZONE);
    assert_string_equal(error.attempts[0].address, longest);
    assert_in_range(sizeof error, 1, 1024); /* as status.h says */
}

static void the_winner_blocks_when_asked_to(void **state)
{
    static const fate what[] = {HANGS, WINS, WINS};
    sbind_connect_options o;
    (void)state;
    resolve_to(three);
    fates = what;
    sbind_connect_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    o.attempt_delay = SBIND_ATTEMPT_DELAY_MIN;
    assert_status(connect_as("tcp://name:7", &o), SBIND_OK);
    assert_false(fcntl(stream.fd, F_GETFL) & O_NONBLOCK);
    sbind_close_stream(&stream);
    close(accept(open_server[0], NULL, NULL));
}

static void the_delay_is_sound(void **state)
{
    static const char *const one[] = {"tcp://192.0.2.1:7", NULL};
    static const fate refused[] = {IS_REFUSED};
    sbind_connect_options o;
    (void)state;
    resolve_to(one);
    fates = refused;
    sbind_connect_options_init(&o);
    for (int delay = -20; delay < 20; delay++) {
        bool is_sound = delay == 0 || delay >= 10;
        o.attempt_delay = delay;
        assert_status(connect_as(one[0], &o),
                      is_sound ? SBIND_SYSTEM : SBIND_BAD_OPTION);
        assert_int_equal(tried_count, is_sound);
    }
    assert_status(connect_as("unix:///none", &o), SBIND_OPTION_NOT_APPLICABLE);
}

/* ---- Answers of the program ---------------------------------------------------------------------- */

/* Connects with a list of two answers: a valid one, and the given one. */
static sbind_status connect_to_second(const void *sa, socklen_t length)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct addrinfo second = {.ai_addrlen = length};
    struct addrinfo first = {.ai_addr = (struct sockaddr *)&in,
                             .ai_addrlen = sizeof in,
                             .ai_next = &second};
    struct sockaddr_storage copy;
    sbind_connect_options o;
    sbind_connect_options_init(&o);
    o.answers = &first;
    if (sa != NULL) {
        memcpy(&copy, sa, length);
        second.ai_addr = (struct sockaddr *)&copy;
    }
    return connect_as("tcp://name:7", &o);
}

static void each_answer_has_to_be_an_ip_address(void **state)
{
    static const struct sockaddr_in in = {.sin_family = AF_INET};
    static const struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    static const struct sockaddr local = {AF_UNIX, "/x"};
    static const struct sockaddr odd = {AF_APPLETALK, ""};
    static const struct {
        const void *sa;
        socklen_t length;
    } wrong[] = {{NULL, sizeof in},      {&in, 0},
                 {&in, sizeof in - 1},   {&in6, sizeof in6 - 1},
                 {&local, sizeof local}, {&odd, sizeof odd}};
    (void)state;
    resolve_to(three);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        check_failed(connect_to_second(wrong[i].sa, wrong[i].length),
                     SBIND_BAD_OPTION);
        assert_string_equal(error.option, "answers");
        assert_string_equal(
            error.hint,
            "answers: each has to be a whole IPv4 or IPv6 socket address");
        assert_int_equal(tried_count + (size_t)asked, 0);
    }
    /* these are whole addresses, but no program can connect to them */
    check_failed(connect_to_second(&in, sizeof in), SBIND_UNUSABLE_ADDRESS);
    assert_int_equal(error.attempt_count, 1);
    check_failed(connect_to_second(&in6, sizeof in6), SBIND_UNUSABLE_ADDRESS);
    assert_int_equal(error.attempt_count, 2);
}

/* The same IP address on two interfaces counts as two answers. */
static void the_same_in_another_zone_is_another(void **state)
{
    static const char *const list[] = {"tcp://[fe80::1]:7", "tcp://[fe80::1]:7",
                                       "tcp://[fe80::1]:7", NULL};
    static const fate what[] = {NO_ROUTE};
    struct addrinfo *given;
    sbind_connect_options o;
    uint32_t zone = 1;
    (void)state;
    resolve_to(list);
    fates = what;
    given = given_answers();
    for (struct addrinfo *a = given; a != NULL; a = a->ai_next, zone = 4000000)
        ((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_scope_id = zone;
    sbind_connect_options_init(&o);
    check_failed(connect_name_with(given, &o), SBIND_NO_SUCH_ZONE);
    assert_int_equal(error.attempt_count, 2);
    check_attempt(0, "tcp://[fe80::1%lo]:7", SBIND_SYSTEM, "connect",
                  "ENETUNREACH");
    check_attempt(1, "tcp://[fe80::1%4000000]:7", SBIND_NO_SUCH_ZONE, NULL,
                  NULL);
}

static void answers_are_for_what_tcp_means_as_well(void **state)
{
    static const fate what[] = {NO_ROUTE, NO_ROUTE, NO_ROUTE};
    sbind_address meaning = parsed("tcp://name:7"), ip = parsed(three[1]);
    sbind_connect_options o;
    struct addrinfo *given;
    (void)state;
    resolve_to(three);
    fates = what;
    given = given_answers();
    sbind_connect_options_init(&o);
    o.answers = given;
    o.tcp_default = &meaning;
    check_failed(connect_as("tcp://", &o), SBIND_SYSTEM);
    check_order(three);
    assert_int_equal(asked, 0);
    o.tcp_default = &ip;
    check_failed(connect_as("tcp://", &o), SBIND_OPTION_NOT_APPLICABLE);
    free_list(given);
}

/* ---- In steps ------------------------------------------------------------------------------------ */

static void an_empty_one_is_harmless(void **state)
{
    sbind_connecting c = SBIND_CONNECTING_INIT;
    int64_t milliseconds = 5;
    (void)state;
    sbind_connect_cancel(&c);
    assert_int_equal(sbind_connect_waits(&c, NULL, 0, &milliseconds), 0);
    assert_int_equal(milliseconds, 0);
    assert_status(sbind_connect_step(&c, &stream, NULL), SBIND_FD_CLOSED);
    assert_status(sbind_connect_step(&c, &stream, &error), SBIND_FD_CLOSED);
    assert_string_equal(error.hint,
                        "no connection is being made: start one first");
}

static void what_is_given_up_leaves_nothing(void **state)
{
    static const fate what[] = {HANGS, HANGS, HANGS};
    sbind_address a = parsed("tcp://name:7");
    sbind_connecting c;
    sbind_wait waits[2];
    int64_t milliseconds;
    (void)state;
    resolve_to(three);
    fates = what;
    tried_count = 0;
    descriptors = open_descriptors();
    assert_status(sbind_connect_start(&a, NULL, &c, &error), SBIND_OK);
    assert_status(sbind_connect_step(&c, &stream, &error), SBIND_WOULD_BLOCK);
    assert_status(error.status, SBIND_WOULD_BLOCK);
    assert_int_equal(tried_count, 1);
    assert_int_equal(sbind_connect_waits(&c, waits, 1, &milliseconds), 1);
    assert_int_equal(milliseconds, SBIND_ATTEMPT_DELAY_DEFAULT);
    now += milliseconds;
    assert_status(sbind_connect_step(&c, &stream, NULL), SBIND_WOULD_BLOCK);
    assert_int_equal(sbind_connect_waits(&c, waits, 1, &milliseconds), 2);
    assert_int_equal(waits[0].fd, tried[0].fd);
    assert_int_equal(open_descriptors(), descriptors + 2);
    assert_int_equal(given_back, 0);
    sbind_connect_cancel(&c);
    sbind_connect_cancel(&c);
    assert_int_equal(open_descriptors(), descriptors);
    assert_int_equal(given_back, 1);
}

static void without_a_limit_only_the_next_start_is_waited_for(void **state)
{
    static const fate what[] = {HANGS, HANGS, HANGS};
    sbind_address a = parsed("tcp://name:7");
    sbind_connecting c;
    sbind_connect_options o;
    int64_t milliseconds;
    (void)state;
    resolve_to(three);
    fates = what;
    tried_count = 0;
    sbind_connect_options_init(&o);
    o.timeout = -1;
    assert_status(sbind_connect_start(&a, &o, &c, &error), SBIND_OK);
    for (int i = 0; i < 2; i++) {
        sbind_connect_waits(&c, NULL, 0, &milliseconds);
        assert_int_equal(milliseconds, SBIND_ATTEMPT_DELAY_DEFAULT);
        now += milliseconds;
        assert_status(sbind_connect_step(&c, &stream, NULL), SBIND_WOULD_BLOCK);
    }
    assert_int_equal(sbind_connect_waits(&c, NULL, 0, &milliseconds), 3);
    assert_int_equal(milliseconds, -1);
    sbind_connect_cancel(&c);
}

/* ---- In steps, to a unix socket ------------------------------------------------------------------ */

static sbind_listener busy;

/* Listens with a backlog of one client. Returns that client. */
static int begin_busy(void)
{
    char text[64];
    sbind_address a;
    sbind_listen_options o;
    sbind_stream first;
    snprintf(text, sizeof text, "unix://@connect-%d", (int)getpid());
    a = parsed(text);
    sbind_listen_options_init(&o);
    o.backlog = 1;
    assert_status(sbind_listen(&a, &o, &busy, NULL), SBIND_OK);
    for (int i = 0; i < 2; i++)
        assert_status(sbind_connect(&a, NULL, i == 0 ? &first : &stream, NULL),
                      SBIND_OK);
    close(stream.fd);
    return first.fd;
}

static void check_busy_wait(const sbind_connecting *c, int64_t most)
{
    int64_t milliseconds;
    assert_int_equal(sbind_connect_waits(c, NULL, 0, &milliseconds), 0);
    assert_int_equal(milliseconds, most);
}

static void a_busy_server_is_asked_again(void **state)
{
    int full = begin_busy(), before = open_descriptors();
    sbind_connecting c;
    sbind_stream taken;
    (void)state;
    for (int blocking = 0; blocking < 2; blocking++) {
        sbind_connect_options o;
        sbind_connect_options_init(&o);
        o.blocking = blocking ? SBIND_BLOCKING : SBIND_NONBLOCKING;
        assert_status(sbind_connect_start(&busy.address, &o, &c, &error),
                      SBIND_OK);
        check_busy_wait(&c, 10);
        assert_status(sbind_connect_step(&c, &stream, &error),
                      SBIND_WOULD_BLOCK);
        assert_int_equal(open_descriptors(), before);
        assert_status(sbind_accept(&busy, SBIND_BLOCKING, &taken, NULL),
                      SBIND_OK);
        sbind_close_stream(&taken);
        assert_status(sbind_connect_step(&c, &stream, &error), SBIND_OK);
        assert_int_equal(c.kind, 0);
        assert_int_equal(!(fcntl(stream.fd, F_GETFL) & O_NONBLOCK), blocking);
        assert_int_equal(fcntl(stream.fd, F_GETFD), FD_CLOEXEC);
        sbind_close_stream(&stream);
    }
    sbind_close(&busy, NULL);
    close(full);
}

static void a_busy_server_is_not_asked_for_ever(void **state)
{
    int full = begin_busy(), before = open_descriptors();
    sbind_connect_options o;
    sbind_connecting c;
    (void)state;
    sbind_connect_options_init(&o);
    o.timeout = 25;
    assert_status(sbind_connect_start(&busy.address, &o, &c, &error), SBIND_OK);
    for (int left = 25; left > 0; left -= 10) {
        check_busy_wait(&c, left < 10 ? left : 10);
        assert_status(sbind_connect_step(&c, &stream, &error),
                      SBIND_WOULD_BLOCK);
        now += left < 10 ? left : 10;
    }
    assert_status(sbind_connect_step(&c, &stream, &error), SBIND_TIMED_OUT);
    assert_int_equal(c.kind, 0);
    assert_int_equal(open_descriptors(), before);
    assert_status(sbind_connect_start(&busy.address, &o, &c, &error), SBIND_OK);
    sbind_connect_cancel(&c);
    sbind_close(&busy, NULL);
    assert_status(sbind_connect_start(&busy.address, &o, &c, &error),
                  SBIND_SYSTEM);
    assert_string_equal(error.os_name, "ECONNREFUSED");
    close(full);
}

/* A connection that needs no waiting is handed out by the first step. */
static void what_is_there_at_once_waits_for_nothing(void **state)
{
    int full = begin_busy(), before;
    sbind_connecting c;
    sbind_stream taken;
    int64_t milliseconds = 5;
    (void)state;
    assert_status(sbind_accept(&busy, SBIND_BLOCKING, &taken, NULL), SBIND_OK);
    before = open_descriptors();
    for (int given_up = 0; given_up < 2; given_up++) {
        assert_status(sbind_connect_start(&busy.address, NULL, &c, &error),
                      SBIND_OK);
        assert_int_equal(open_descriptors(), before + 1);
        assert_int_equal(sbind_connect_waits(&c, NULL, 0, &milliseconds), 0);
        assert_int_equal(milliseconds, 0);
        if (given_up) {
            sbind_connect_cancel(&c);
        } else {
            assert_status(sbind_connect_step(&c, &stream, NULL), SBIND_OK);
            assert_int_equal(stream.kind, SBIND_UNIX_ABSTRACT);
            sbind_close_stream(&stream);
        }
        assert_int_equal(open_descriptors(), before);
        sbind_close_stream(&taken);
        before = open_descriptors();
        assert_status(sbind_accept(&busy, SBIND_BLOCKING, &taken, NULL),
                      SBIND_OK);
        before = open_descriptors();
    }
    sbind_close_stream(&taken);
    sbind_close(&busy, NULL);
    close(full);
}

int main(void)
{
    const struct CMUnitTest steps[] = {
        cmocka_unit_test(an_empty_one_is_harmless),
        cmocka_unit_test(what_is_given_up_leaves_nothing),
        cmocka_unit_test(without_a_limit_only_the_next_start_is_waited_for),
        cmocka_unit_test(a_busy_server_is_asked_again),
        cmocka_unit_test(a_busy_server_is_not_asked_for_ever),
        cmocka_unit_test(what_is_there_at_once_waits_for_nothing),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_take_turns),
        cmocka_unit_test(the_next_starts_beside_one_that_hangs),
        cmocka_unit_test(the_next_starts_as_soon_as_one_has_failed),
        cmocka_unit_test(none_is_tried_after_one_has_won),
        cmocka_unit_test(the_first_still_wins_when_the_next_has_started),
        cmocka_unit_test(signals_change_nothing),
        cmocka_unit_test(all_have_a_turn_before_the_deadline),
        cmocka_unit_test(the_deadline_unless_given),
        cmocka_unit_test(a_deadline_after_months),
        cmocka_unit_test(many_that_hang_do_not_hide_one_that_answers),
        cmocka_unit_test(every_failure_is_told),
        cmocka_unit_test(of_very_many_the_number_is_told),
        cmocka_unit_test(one_that_is_refused_by_this_machine_is_told_too),
        cmocka_unit_test(when_poll_fails_nothing_is_left),
        cmocka_unit_test(the_kind_is_that_of_the_winner),
        cmocka_unit_test(who_still_waits_is_not_taken_for_ready),
        cmocka_unit_test(nobody_has_to_ask_why),
        cmocka_unit_test(the_longest_address_is_told_whole),
        cmocka_unit_test(one_that_hangs_has_until_the_deadline),
        cmocka_unit_test(one_that_answers_is_connected),
        cmocka_unit_test(an_address_of_its_own_is_told_as_well),
        cmocka_unit_test(the_winner_blocks_when_asked_to),
        cmocka_unit_test(the_delay_is_sound),
        cmocka_unit_test(each_answer_has_to_be_an_ip_address),
        cmocka_unit_test(the_same_in_another_zone_is_another),
        cmocka_unit_test(answers_are_for_what_tcp_means_as_well),
    };
    int failures = 0;
    limit_time();
    for (int i = 0; i < 4; i++) {
        in_steps = i % 2 != 0;
        as_given = i / 2 != 0;
        failures += cmocka_run_group_tests(tests, open_servers, close_servers);
    }
    failures += cmocka_run_group_tests(steps, open_servers, close_servers);
    return failures;
}
