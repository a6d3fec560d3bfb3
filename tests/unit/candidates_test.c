/* candidates_test.c - which passed descriptors does fd:// mean? If it means
 * none, does the error say why? Do other descriptors stay as they came?
 *
 * Promises: P12 */
#define _GNU_SOURCE /* memfd_create */
#include "support.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum { FIRST = SBIND_LISTEN_FDS_START, MOST = 6 };

/* Like assert_true, for a child process, in which cmocka cannot report a
 * failure. */
#define MUST(condition)                                                        \
    ((condition) ? (void)0                                                     \
                 : (dprintf(2, "%s, line %d\n", running, __LINE__), _exit(1)))

static const char *running = ""; /* what is passed, and the address */

/* ---- What can be passed ------------------------------------------------------- */

static int listening(int family, int type)
{
    struct sockaddr_storage any = {.ss_family = (sa_family_t)family};
    int fd = socket(family, type, 0);
    socklen_t n = family == AF_UNIX ? sizeof(sa_family_t) /* its own name */
                                    : sizeof(struct sockaddr_in6);
    MUST(bind(fd, (struct sockaddr *)&any, n) == 0 && listen(fd, 8) == 0);
    return fd;
}

static int connected(void)
{
    int ends[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    MUST(fcntl(ends[1], F_DUPFD, 100) >= 0); /* open until the child ends */
    close(ends[1]);
    return ends[0];
}

static int one_of(char kind)
{
    switch (kind) {
    case 'L':
        return listening(AF_UNIX, SOCK_STREAM);
    case 'T':
        return listening(AF_INET6, SOCK_STREAM);
    case 'S':
        return listening(AF_UNIX, SOCK_SEQPACKET);
    case 'C':
        return connected();
    case 'I': /* idle: neither listening nor connected */
        return socket(AF_INET, SOCK_STREAM, 0);
    case 'U':
        return socket(AF_INET, SOCK_DGRAM, 0);
    case 'D':
        return socket(AF_UNIX, SOCK_DGRAM, 0);
    case 'F':
        return memfd_create("stored", 0);
    case 'E':
        return eventfd(0, 0);
    default:
        return -1; /* closed */
    }
}

static void pass(int fd, char kind)
{
    int made = one_of(kind), aside;
    if (made < 0) {
        close(fd);
        return;
    }
    aside = fcntl(made, F_DUPFD, 100);
    close(made);
    MUST(dup2(aside, fd) == fd);
    close(aside);
    if (fd % 2 == 0) /* every combination of flags has to stay as it is */
        MUST(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
    if (fd % 3 == 0)
        MUST(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

typedef struct condition {
    struct stat st;
    int own, shared; /* flags */
} condition;

static condition condition_of(int fd)
{
    condition c;
    memset(&c, 0, sizeof c);
    if (fstat(fd, &c.st) != 0)
        c.st.st_ino = 0;
    c.own = fcntl(fd, F_GETFD);
    c.shared = fcntl(fd, F_GETFL);
    return c;
}

static bool is_same(const condition *a, const condition *b)
{
    return a->st.st_ino == b->st.st_ino && a->own == b->own &&
           a->shared == b->shared;
}

/* ---- The table ------------------------------------------------------------------ */

typedef enum call { LISTEN, LISTEN_ALL, CONNECT } call;

#define ACCEPT                                                                 \
    "it is a connection, as Accept=yes passes them; use Accept=no, or "        \
    "connect to fd://"
#define NO_ACCEPT                                                              \
    "it is listening, as Accept=no passes them; use Accept=yes, or listen on " \
    "fd://"

static const struct {
    const char *kinds, *names, *address;
    call call;
    sbind_status status;
    const char *fds;  /* handed out, or named by the error */
    const char *hint; /* NULL: whatever it is */
} cases[] = {
    /* a TCP and a UDP socket have the same name, as for HTTP/3 and DNS */
    {"TU", "web:web", "fd://web", LISTEN, SBIND_OK, "3", NULL},
    {"UT", "web:web", "fd://web", LISTEN, SBIND_OK, "4", NULL},
    {"TU", NULL, "fd://", LISTEN, SBIND_OK, "3", NULL},
    {"UTU", NULL, "fd://*", LISTEN_ALL, SBIND_OK, "4", NULL},
    {"TUL", "w:w:w", "fd://w", LISTEN_ALL, SBIND_OK, "35", NULL},
    {"TUL", "w:w:w", "fd://w", LISTEN, SBIND_AMBIGUOUS_FD_NAME, "35", NULL},
    {"TUL", NULL, "fd://", LISTEN, SBIND_NOT_ONE_FD, "35", NULL},
    {"TUL", NULL, "fd://*", LISTEN, SBIND_SEVERAL, "35", NULL},
    {"UTU", NULL, "fd://*", LISTEN, SBIND_OK, "4", NULL},
    /* a descriptor store beside the listener */
    {"TFEC", "web:stored:stored:stored", "fd://", LISTEN, SBIND_OK, "3", NULL},
    {"TFEC", "web:stored:stored:stored", "fd://web", LISTEN, SBIND_OK, "3",
     NULL},
    {"FECT", "stored:stored:stored:web", "fd://*", LISTEN_ALL, SBIND_OK, "6",
     NULL},
    {"FDSITL", NULL, "fd://*", LISTEN_ALL, SBIND_OK, "78", NULL},
    /* a closed descriptor is not a candidate either */
    {"LXT", NULL, "fd://*", LISTEN_ALL, SBIND_OK, "35", NULL},
    {"XT", NULL, "fd://", LISTEN, SBIND_OK, "4", NULL},
    /* If no descriptor fits, the error is about the one that comes nearest. If
     * several come equally near, the error is about the first of these. */
    {"XX", NULL, "fd://", LISTEN, SBIND_FD_CLOSED, "3", NULL},
    {"XFE", NULL, "fd://*", LISTEN_ALL, SBIND_FD_NOT_SOCKET, "4", NULL},
    {"FUD", NULL, "fd://*", LISTEN, SBIND_FD_NOT_STREAM, "4", NULL},
    {"UIF", NULL, "fd://", LISTEN, SBIND_FD_NOT_LISTENING, "4",
     "the starter of this program has to call listen on it first"},
    {"SCI", NULL, "fd://", LISTEN, SBIND_FD_NOT_LISTENING, "4", ACCEPT},
    {"TUF", "web:h3:x", "fd://h3", LISTEN, SBIND_FD_NOT_STREAM, "4", NULL},
    {"TU", "web:h3", "fd://x", LISTEN, SBIND_NO_SUCH_FD_NAME, "", NULL},
    {"TU", NULL, "fd://x", LISTEN, SBIND_NO_SUCH_FD_NAME, "",
     "LISTEN_FDNAMES is not set"},
    /* a number always means that descriptor */
    {"TU", NULL, "fd://4", LISTEN, SBIND_FD_NOT_STREAM, "4", NULL},
    {"TX", NULL, "fd://4", LISTEN_ALL, SBIND_FD_CLOSED, "4", NULL},
    {"TC", NULL, "fd://4", LISTEN, SBIND_FD_NOT_LISTENING, "4", ACCEPT},
    /* a client looks for connections */
    {"C", "connection", "fd://", CONNECT, SBIND_OK, "3", NULL},
    {"TUC", NULL, "fd://", CONNECT, SBIND_OK, "5", NULL},
    {"CFT", "a:a:a", "fd://a", CONNECT, SBIND_OK, "3", NULL},
    {"CUC", "a:a:a", "fd://a", CONNECT, SBIND_AMBIGUOUS_FD_NAME, "35", NULL},
    {"UCTC", NULL, "fd://", CONNECT, SBIND_NOT_ONE_FD, "46", NULL},
    {"UT", NULL, "fd://", CONNECT, SBIND_FD_NOT_CONNECTED, "4", NO_ACCEPT},
    {"UI", NULL, "fd://", CONNECT, SBIND_FD_NOT_CONNECTED, "4",
     "the starter of this program has to connect the socket first"},
};

static sbind_listener listeners[MOST];
static sbind_stream stream;
static sbind_error error;

static sbind_activation passed(const char *kinds, const char *names)
{
    sbind_activation a = {.outcome = SBIND_ACTIVATION_PASSED};
    a.count = (uint32_t)strlen(kinds);
    a.names = (sbind_env_value){names, names == NULL ? 0 : strlen(names)};
    return a;
}

/* Listens or connects. *count is the number of sockets that were handed out. */
static sbind_status ask(call what, const char *text, const sbind_activation *a,
                        size_t *count)
{
    sbind_address address;
    sbind_listen_options lo;
    sbind_connect_options co;
    MUST(sbind_parse(text, strlen(text), &address, NULL) == SBIND_OK);
    sbind_listen_options_init(&lo);
    sbind_connect_options_init(&co);
    lo.activation = co.activation = a;
    *count = 1;
    if (what == CONNECT)
        return sbind_connect(&address, &co, &stream, &error);
    if (what == LISTEN)
        return sbind_listen(&address, &lo, listeners, &error);
    return sbind_listen_all(&address, &lo, listeners, MOST, count, &error);
}

static bool is_among(const char *fds, int fd)
{
    return fds[0] != '\0' && strchr(fds, '0' + fd) != NULL;
}

static void check_handed_out(size_t i, size_t count)
{
    MUST(count == strlen(cases[i].fds));
    for (size_t j = 0; j < count; j++) {
        int fd = cases[i].fds[j] - '0';
        if (cases[i].call == CONNECT) {
            MUST(stream.fd == fd);
        } else {
            MUST(listeners[j].fd == fd && listeners[j].inherited);
        }
        MUST(fcntl(fd, F_GETFD) == FD_CLOEXEC);
        MUST((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    }
}

static void check_error(size_t i)
{
    size_t named = strlen(cases[i].fds);
    const char *hint =
        error.hint != NULL ? error.hint : sbind_status_hint(error.status);
    MUST(error.status == cases[i].status);
    for (size_t j = 0; j < 2; j++)
        MUST(error.fds[j] == (j < named ? cases[i].fds[j] - '0' : -1));
    MUST(cases[i].hint == NULL || strcmp(cases[i].hint, hint) == 0);
}

static void check_case(size_t i)
{
    sbind_activation a = passed(cases[i].kinds, cases[i].names);
    condition before[MOST];
    size_t count;
    sbind_status s;
    for (int fd = FIRST; fd < FIRST + (int)a.count; fd++) {
        pass(fd, cases[i].kinds[fd - FIRST]);
        before[fd - FIRST] = condition_of(fd);
    }
    s = ask(cases[i].call, cases[i].address, &a, &count);
    if (s != cases[i].status)
        dprintf(2, "%s\n", sbind_status_name(s));
    MUST(s == cases[i].status);
    if (s == SBIND_OK)
        check_handed_out(i, count);
    else
        check_error(i);
    for (int fd = FIRST; fd < FIRST + (int)a.count; fd++) {
        condition after = condition_of(fd);
        MUST((s == SBIND_OK && is_among(cases[i].fds, fd)) ||
             is_same(&before[fd - FIRST], &after));
    }
}

/* Runs the test in a child, which has descriptors 3 to 8 for itself. */
static void in_child(void (*body)(size_t), size_t which)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        body(which);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void of_what_is_passed_the_candidates_are_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", cases[i].kinds, cases[i].address);
        running = text;
        in_child(check_case, i);
    }
}

/* ---- Rooms and owners ----------------------------------------------------------- */

static void only_candidates_need_room(size_t unused)
{
    sbind_activation three = passed("UTF", NULL), two = passed("TL", NULL);
    sbind_listen_options o;
    sbind_address all;
    size_t count = 77;
    (void)unused;
    sbind_parse("fd://*", 6, &all, NULL);
    sbind_listen_options_init(&o);
    pass(3, 'U');
    pass(4, 'T');
    pass(5, 'F');
    o.activation = &three;
    MUST(sbind_listen_all(&all, &o, listeners, 0, &count, &error) ==
         SBIND_TOO_MANY_LISTENERS);
    MUST(error.fds[0] == 4 && error.fds[1] == -1 && count == 77);
    MUST(sbind_listen_all(&all, &o, listeners, 1, &count, &error) == SBIND_OK);
    MUST(count == 1 && listeners[0].fd == 4);
    sbind_close(&listeners[0], NULL);
    pass(3, 'T');
    pass(4, 'L');
    o.activation = &two;
    MUST(sbind_listen_all(&all, &o, listeners, 1, &count, &error) ==
         SBIND_TOO_MANY_LISTENERS);
    MUST(error.fds[0] == 3 && error.fds[1] == 4);
}

/* A descriptor that does not fit can be adopted later, by a call that it fits.
 * After a descriptor was adopted, the descriptor no longer fits. */
static void only_candidates_have_to_be_free(size_t unused)
{
    sbind_activation a = passed("TC", NULL);
    size_t count;
    (void)unused;
    pass(3, 'T');
    pass(4, 'C');
    MUST(ask(CONNECT, "fd://", &a, &count) == SBIND_OK && stream.fd == 4);
    MUST(ask(LISTEN, "fd://", &a, &count) == SBIND_OK);
    MUST(listeners[0].fd == 3);
    MUST(ask(LISTEN, "fd://", &a, &count) == SBIND_FD_TAKEN);
    MUST(error.fds[0] == 3);
}

/* A program may set a count of descriptors above the limit. The search for
 * candidates still ends. */
static void above_the_highest_there_is_an_end(size_t unused)
{
    sbind_activation a = passed("T", NULL);
    size_t count;
    (void)unused;
    pass(3, 'T');
    a.count = UINT32_MAX;
    MUST(ask(LISTEN_ALL, "fd://*", &a, &count) == SBIND_FD_TOO_HIGH);
    MUST(error.fds[0] == SBIND_ADOPT_MAX + 1);
    a.names = (sbind_env_value){"web", 3}; /* fewer names than descriptors */
    MUST(ask(LISTEN, "fd://web", &a, &count) == SBIND_OK);
}

static void rooms_and_owners(void **state)
{
    (void)state;
    running = "rooms and owners";
    in_child(only_candidates_need_room, 0);
    in_child(only_candidates_have_to_be_free, 0);
    in_child(above_the_highest_there_is_an_end, 0);
}

/* ---- Many, on a small stack -------------------------------------------------------- */

static size_t many;
static sbind_listener *room;

static void *listen_on_many(void *context)
{
    sbind_activation a = {.outcome = SBIND_ACTIVATION_PASSED};
    sbind_listen_options o;
    sbind_address all;
    size_t count = 0;
    (void)context;
    a.count = (uint32_t)many;
    sbind_parse("fd://*", 6, &all, NULL);
    sbind_listen_options_init(&o);
    o.activation = &a;
    MUST(sbind_listen_all(&all, &o, room, many, &count, &error) == SBIND_OK);
    MUST(count == many);
    return NULL;
}

static bool may_open_many(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > FIRST + many + 8;
}

static void pass_many(void)
{
    for (int fd = FIRST; fd < FIRST + (int)many; fd++) {
        int made = listening(AF_UNIX, SOCK_STREAM);
        if (made != fd) {
            MUST(dup2(made, fd) == fd);
            close(made);
        }
    }
    room = calloc(many, sizeof *room);
    MUST(room != NULL);
}

static void on_a_stack_of(size_t octets)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pass_many();
    MUST(pthread_attr_init(&attributes) == 0);
    MUST(pthread_attr_setstacksize(&attributes, octets) == 0);
    MUST(pthread_create(&thread, &attributes, listen_on_many, NULL) == 0);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < many; i++)
        MUST(room[i].fd == FIRST + (int)i);
}

static void many_need_no_more_stack_than_one(void **state)
{
    (void)state;
    running = "many";
    many = 700;
    assert_true(may_open_many());
    in_child(on_a_stack_of, 128 * 1024);
    if (getenv("SBIND_TEST_QUICK") != NULL) /* valgrind */
        return;
    many = 7000;
    if (!may_open_many())
        leave_out("7000 descriptors are too many here");
    in_child(on_a_stack_of, 1024 * 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_what_is_passed_the_candidates_are_meant),
        cmocka_unit_test(rooms_and_owners),
        cmocka_unit_test(many_need_no_more_stack_than_one),
    };
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
