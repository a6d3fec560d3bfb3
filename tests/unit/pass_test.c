/* pass_test.c - does a child get every descriptor under its number, whichever
 * numbers they had before? Does it get its own environment?
 *
 * Up to five descriptors can have each other's numbers. The test tries each
 * such arrangement in a child of its own. It also runs bad children, and has to
 * catch them: they move descriptors in plain order, keep close-on-exec, or use
 * the environment of their parent.
 *
 * Promises: P48 */
#define _GNU_SOURCE /* memfd_create */
#include "support.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

/* ---- The calls ------------------------------------------------------------------ */

static struct {
    /* the number of the call that fails, from 1; 0: none fails */
    size_t made, when;
    int error;
    const char *hit;
    bool is_armed;
} calls;

static bool strikes(const char *name)
{
    if (!calls.is_armed || ++calls.made != calls.when)
        return false;
    calls.hit = name;
    errno = calls.error;
    return true;
}

int __real_dup2(int fd, int to);
int __wrap_dup2(int fd, int to);
int __wrap_dup2(int fd, int to)
{
    return strikes("dup2") ? -1 : __real_dup2(fd, to);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
    const char *name = command == F_DUPFD_CLOEXEC ? "fcntl F_DUPFD_CLOEXEC"
                       : command == F_SETFD       ? "fcntl F_SETFD"
                                                  : "fcntl";
    void *value;
    va_list more;
    va_start(more, command);
    value = va_arg(more, void *); /* whatever it is */
    va_end(more);
    return strikes(name) ? -1 : __real_fcntl(fd, command, value);
}

/* ---- Listeners ------------------------------------------------------------------ */

/* the descriptors are made with the numbers HIGH + i */
enum { MOST = 5, HIGH = 40 };

static sbind_listener listener_of(int fd)
{
    sbind_listener l = SBIND_LISTENER_INIT;
    l.kind = SBIND_TCP_IPV4;
    l.fd = fd;
    return l;
}

/* Listeners with these descriptors. */
typedef struct set {
    sbind_listener listeners[SBIND_PASS_MAX + 1];
    const sbind_listener *pointers[SBIND_PASS_MAX + 1];
    size_t count;
} set;

static set these;

static void make_set(const int *fds, size_t count)
{
    these.count = count;
    for (size_t i = 0; i < count; i++) {
        these.listeners[i] = listener_of(fds[i]);
        these.pointers[i] = &these.listeners[i];
    }
}

static sbind_passed passed; /* too large for some stacks */

/* ---- In a child ------------------------------------------------------------------- */

typedef sbind_status passer(sbind_passed *passed, char *const envp[],
                            char ***ret_envp);

static int is_same_file(int a, int b)
{
    struct stat one, other;
    return fstat(a, &one) == 0 && fstat(b, &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static const char *value_in(char **envp, const char *name, size_t *ret_count)
{
    const char *found = NULL;
    *ret_count = 0;
    for (; *envp != NULL; envp++)
        if (strncmp(*envp, name, strlen(name)) == 0 &&
            (*envp)[strlen(name)] == '=') {
            found = *envp + strlen(name) + 1;
            ++*ret_count;
        }
    return found;
}

static sbind_env_value once(char **envp, const char *name)
{
    size_t count;
    const char *text = value_in(envp, name, &count);
    return (sbind_env_value){count == 1 ? text : NULL,
                             count == 1 ? strlen(text) : 0};
}

/* Whether the library itself reads the environment as right. */
static bool is_activated(char **envp, uint32_t count)
{
    const sbind_activation_input in = {.pid = once(envp, "LISTEN_PID"),
                                       .pidfdid = once(envp, "LISTEN_PIDFDID"),
                                       .fds = once(envp, "LISTEN_FDS"),
                                       .fdnames = once(envp, "LISTEN_FDNAMES"),
                                       .self_pid = (int32_t)getpid(),
                                       .self_pidfdid = sbind_own_pidfdid(),
                                       .fd_limit = 1000};
    sbind_activation a;
    return (in.pidfdid.text != NULL) == (in.self_pidfdid != 0) &&
           sbind_activation_read(&in, &a, NULL) == SBIND_OK &&
           a.outcome == SBIND_ACTIVATION_PASSED && a.count == count;
}

/* Checks what a child gets: each descriptor has its number and no other, and
 * stays open over exec. Returns 0 if all is right. */
static int verdict(passer *pass, const int *fds, size_t count)
{
    char **envp;
    make_set(fds, count);
    if (sbind_pass(these.pointers, NULL, count, &passed, NULL) != SBIND_OK)
        return 1;
    int before = open_descriptors(), missing = 0;
    for (size_t i = 0; i < count; i++)
        missing += __real_fcntl(3 + (int)i, F_GETFD) < 0;
    if (pass(&passed, environ, &envp) != SBIND_OK)
        return 2;
    for (size_t i = 0; i < count; i++)
        if (!is_same_file(3 + (int)i, HIGH + (int)i))
            return 3;
    for (size_t i = 0; i < count; i++)
        if (__real_fcntl(3 + (int)i, F_GETFD) != 0)
            return 4;
    if (open_descriptors() != before + missing)
        return 5;
    return is_activated(envp, (uint32_t)count) ? 0 : 6;
}

static int in_child(passer *pass, const int *fds, size_t count)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        for (int fd = 3; fd < HIGH; fd++)
            close(fd);
        for (size_t i = 0; i < count; i++)
            if (fds[i] != HIGH + (int)i &&
                dup3(HIGH + (int)i, fds[i], O_CLOEXEC) < 0)
                _exit(7);
        _exit(verdict(pass, fds, count));
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- All orders -------------------------------------------------------------------- */

static size_t tried, wrong;

/* Tries every choice of numbers for the descriptors from i on, and runs a child
 * for each choice. The number of a descriptor is that of a place, or one of the
 * two numbers after the places, or the number with which the descriptor was
 * made. No number is used twice. */
static void try_all(passer *pass, int *fds, size_t i, size_t count)
{
    if (i == count) {
        tried++;
        wrong += in_child(pass, fds, count) != 0;
        return;
    }
    for (int fd = 3; fd < 3 + (int)count + (count < 4 ? 2 : 0); fd++) {
        bool is_free = true;
        for (size_t k = 0; k < i; k++)
            is_free = is_free && fds[k] != fd;
        fds[i] = fd;
        if (is_free)
            try_all(pass, fds, i + 1, count);
    }
    fds[i] = HIGH + (int)i;
    try_all(pass, fds, i + 1, count);
}

static size_t wrong_of(passer *pass, size_t most)
{
    int fds[MOST];
    tried = wrong = 0;
    for (size_t count = 1; count <= most; count++)
        try_all(pass, fds, 0, count);
    return wrong;
}

static void test_every_order_of_up_to_five(void **state)
{
    const bool is_quick = getenv("SBIND_TEST_QUICK") != NULL; /* valgrind */
    (void)state;
    assert_int_equal(wrong_of(sbind_pass_here, is_quick ? 3 : MOST), 0);
    if (!is_quick)
        assert_true(tried >= 1546 + 209 + 136); /* of five, four and three */
}

/* A bad child: it moves the descriptors in plain order. */
static sbind_status plainly(sbind_passed *p, char *const envp[],
                            char ***ret_envp)
{
    sbind_passed *none = calloc(1, sizeof *none);
    for (size_t i = 0; i < p->count; i++)
        dup2(p->fds[i], 3 + (int)i);
    for (size_t i = 0; i < p->count; i++)
        __real_fcntl(3 + (int)i, F_SETFD, (void *)0);
    *none = *p;
    for (size_t i = 0; i < p->count; i++)
        none->fds[i] = 3 + (int)i;
    return sbind_pass_here(none, envp, ret_envp);
}

/* A bad child: it uses dup2 alone, which leaves close-on-exec set if the
 * descriptor has its number already. */
static sbind_status by_dup2_alone(sbind_passed *p, char *const envp[],
                                  char ***ret_envp)
{
    sbind_status s = sbind_pass_here(p, envp, ret_envp);
    for (size_t i = 0; i < p->count; i++)
        if (p->fds[i] == 3 + (int)i)
            __real_fcntl(3 + (int)i, F_SETFD, (void *)FD_CLOEXEC);
    return s;
}

static sbind_status leaving_one(sbind_passed *p, char *const envp[],
                                char ***ret_envp)
{
    sbind_status s = sbind_pass_here(p, envp, ret_envp);
    return dup(3) < 0 ? SBIND_SYSTEM : s;
}

static char parent_pid[32];

static sbind_status as_the_parent(sbind_passed *p, char *const envp[],
                                  char ***ret_envp)
{
    sbind_status s = sbind_pass_here(p, envp, ret_envp);
    for (char **e = *ret_envp; *e != NULL; e++)
        if (strncmp(*e, "LISTEN_PID=", 11) == 0)
            *e = parent_pid;
    return s;
}

static void test_children_with_mistakes_are_caught(void **state)
{
    (void)state;
    snprintf(parent_pid, sizeof parent_pid, "LISTEN_PID=%d", (int)getpid());
    assert_int_not_equal(wrong_of(plainly, 2), 0);
    assert_int_not_equal(wrong_of(by_dup2_alone, 1), 0);
    wrong_of(leaving_one, 2);
    assert_int_equal(wrong, tried);
    wrong_of(as_the_parent, 2);
    assert_int_equal(wrong, tried);
    assert_int_equal(wrong_of(sbind_pass_here, 2), 0);
}

/* One socket has two numbers, one is standard input, or there are many
 * descriptors. */
static int same_twice(passer *pass)
{
    char **envp;
    dup3(HIGH, 4, O_CLOEXEC);
    make_set((const int[]){4, 4, 0}, 3);
    dup3(HIGH + 1, 0, 0);
    if (sbind_pass(these.pointers, NULL, 3, &passed, NULL) != SBIND_OK ||
        pass(&passed, environ, &envp) != SBIND_OK)
        return 1;
    for (int fd = 3; fd <= 5; fd++)
        if (__real_fcntl(fd, F_GETFD) != 0)
            return 2;
    return is_same_file(3, HIGH) && is_same_file(4, HIGH) &&
                   is_same_file(5, HIGH + 1) && is_same_file(0, HIGH + 1)
               ? 0
               : 3;
}

static int reversed(passer *pass)
{
    int fds[SBIND_PASS_MAX], made[SBIND_PASS_MAX];
    struct rlimit limit;
    char **envp;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 1000)
        return 0;
    for (int i = 0; i < SBIND_PASS_MAX; i++) {
        int fd = memfd_create("many", MFD_CLOEXEC);
        made[i] =
            __real_fcntl(fd, F_DUPFD_CLOEXEC, (void *)(intptr_t)(400 + i));
        fds[i] = 3 + SBIND_PASS_MAX - 1 - i;
        close(fd);
    }
    for (int i = 0; i < SBIND_PASS_MAX; i++)
        dup3(made[i], fds[i], O_CLOEXEC);
    make_set(fds, SBIND_PASS_MAX);
    if (sbind_pass(these.pointers, NULL, SBIND_PASS_MAX, &passed, NULL) !=
            SBIND_OK ||
        pass(&passed, environ, &envp) != SBIND_OK)
        return 1;
    for (int i = 0; i < SBIND_PASS_MAX; i++)
        if (!is_same_file(3 + i, made[i]))
            return 2;
    return 0;
}

static void assert_child(int (*what)(passer *))
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(what(sbind_pass_here));
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_one_socket_twice_and_256(void **state)
{
    (void)state;
    assert_child(same_twice);
    assert_child(reversed);
}

/* ---- The environment ----------------------------------------------------------------- */

static char *const before[] = {"LISTEN_PID=1",
                               "A=1",
                               "LISTEN_FDS=9",
                               "LISTEN_FDSX=stays",
                               "LISTEN_FDNAMES=x",
                               "LISTEN_PIDFDID=7",
                               "LISTEN_PID=2",
                               "LISTEN",
                               "LISTEN_FDNAMES=",
                               "B=2",
                               NULL};

static int has_its_own_environment(passer *pass)
{
    const char *const names[] = {"web", "admin"};
    static char *const wanted[] = {"A=1", "LISTEN_FDSX=stays", "LISTEN", "B=2"};
    char **envp;
    size_t count, i;
    make_set((const int[]){HIGH, HIGH + 1}, 2);
    if (sbind_pass(these.pointers, names, 2, &passed, NULL) != SBIND_OK ||
        pass(&passed, before, &envp) != SBIND_OK)
        return 1;
    for (i = 0; i < 4; i++)
        if (envp[i] != before[0] && strcmp(envp[i], wanted[i]) != 0)
            return 2;
    if (!is_activated(envp, 2) ||
        strcmp(value_in(envp, "LISTEN_FDNAMES", &count), "web:admin") != 0)
        return 3;
    for (i = 4; envp[i] != NULL; i++)
        ;
    return i == 7 + (sbind_own_pidfdid() != 0) ? 0 : 4;
}

static int has_nothing_of_listeners(passer *pass)
{
    char **envp;
    if (sbind_pass(NULL, NULL, 0, &passed, NULL) != SBIND_OK ||
        pass(&passed, before, &envp) != SBIND_OK || envp[4] != NULL)
        return 1;
    return pass(&passed, NULL, &envp) == SBIND_OK && envp[0] == NULL ? 0 : 2;
}

/* The environment has one variable more than there is room for. */
static int has_no_room(passer *pass)
{
    static char *many[SBIND_PASS_VARIABLES_MAX + 2];
    static char *room[SBIND_PASS_VARIABLES_MAX + 6];
    char **envp = many;
    close(3);
    for (size_t i = 0; i <= SBIND_PASS_VARIABLES_MAX; i++)
        many[i] = "A=1";
    make_set((const int[]){HIGH}, 1);
    sbind_pass(these.pointers, NULL, 1, &passed, NULL);
    if (pass(&passed, many, &envp) != SBIND_BUFFER_TOO_SMALL || envp != many ||
        __real_fcntl(3, F_GETFD) >= 0)
        return 1;
    passed.room = room;
    passed.room_count = 4;
    if (pass(&passed, (char *const[]){NULL}, &envp) != SBIND_BUFFER_TOO_SMALL)
        return 2;
    passed.room_count = SBIND_PASS_VARIABLES_MAX + 5;
    if (pass(&passed, many, &envp) != SBIND_BUFFER_TOO_SMALL)
        return 3;
    passed.room_count++;
    if (pass(&passed, many, &envp) != SBIND_OK || envp != room ||
        !is_activated(envp, 1))
        return 4;
    passed.room = NULL;
    many[SBIND_PASS_VARIABLES_MAX] = NULL;
    return pass(&passed, many, &envp) == SBIND_OK && is_activated(envp, 1) ? 0
                                                                           : 5;
}

static void test_the_environment(void **state)
{
    (void)state;
    assert_child(has_its_own_environment);
    assert_child(has_nothing_of_listeners);
    assert_child(has_no_room);
}

/* ---- What is refused ------------------------------------------------------------------ */

static sbind_error refused(const char *const *names, size_t count,
                           sbind_status wanted)
{
    static sbind_passed kept, untouched;
    sbind_error e;
    memset(&kept, 0xA5, sizeof kept);
    untouched = kept;
    assert_status(sbind_pass(these.pointers, names, count, &kept, &e), wanted);
    assert_status(e.status, wanted);
    assert_status(sbind_pass(these.pointers, names, count, &kept, NULL),
                  wanted);
    assert_memory_equal(&kept, &untouched, sizeof kept);
    return e;
}

static void test_names_that_nobody_can_ask_for(void **state)
{
    static char long_name[257];
    const struct {
        const char *name;
        size_t offset;
    } rows[] = {{"", 0},    {"a:b", 1},        {":", 0},   {" a", 0},
                {"a ", 2},  {"*", 0},          {"a\n", 1}, {"7", 0},
                {"007", 0}, {"2147483648", 0}, {"é", 0},   {long_name, 255}};
    (void)state;
    make_set((const int[]){HIGH, HIGH + 1}, 2);
    memset(long_name, 'a', sizeof long_name - 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const names[] = {"web", rows[i].name};
        sbind_error e = refused(names, 2, SBIND_BAD_FD_NAME);
        assert_int_equal(e.fds[0], HIGH + 1);
        if (rows[i].offset != 0)
            assert_int_equal(e.offset, rows[i].offset);
    }
    const char *const star[] = {"*", "a"};
    assert_string_equal(refused(star, 2, SBIND_BAD_FD_NAME).hint,
                        "numbers, * and nothing are no names");
    long_name[255] = '\0'; /* the longest */
    const char *const longest[] = {long_name, "a b"};
    assert_status(sbind_pass(these.pointers, longest, 2, &passed, NULL),
                  SBIND_OK);
    assert_int_equal(strlen(passed.names), 15 + 255 + 4);
}

static void test_room_for_the_longest_names(void **state)
{
    static char long_name[256];
    static const char *names[SBIND_PASS_MAX];
    int fds[SBIND_PASS_MAX + 1];
    (void)state;
    memset(long_name, 'a', sizeof long_name - 1);
    for (size_t i = 0; i < SBIND_PASS_MAX; i++) {
        names[i] = long_name;
        fds[i] = HIGH;
    }
    fds[SBIND_PASS_MAX] = HIGH;
    make_set(fds, SBIND_PASS_MAX + 1);
    assert_status(
        sbind_pass(these.pointers, names, SBIND_PASS_MAX, &passed, NULL),
        SBIND_OK);
    assert_int_equal(strlen(passed.names), 15 + SBIND_PASS_MAX * 256 - 1);
    sbind_error e = refused(names, SBIND_PASS_MAX + 1, SBIND_TOO_MANY_PASSED);
    assert_string_equal(e.hint, "pass at most 256 descriptors to a child");
}

static void test_listeners_that_are_not_open(void **state)
{
    sbind_error e;
    (void)state;
    make_set((const int[]){HIGH, HIGH + 1}, 2);
    these.listeners[1] = (sbind_listener)SBIND_LISTENER_INIT;
    e = refused(NULL, 2, SBIND_FD_CLOSED);
    assert_string_equal(e.hint,
                        "the listener is empty: it was never opened, or "
                        "it was closed");
    these.listeners[1] = listener_of(-1);
    refused(NULL, 2, SBIND_FD_CLOSED);
    these.listeners[1] = listener_of(999);
    e = refused(NULL, 2, SBIND_FD_CLOSED);
    assert_int_equal(e.fds[0], 999);
    assert_string_equal(e.hint, "descriptors are passed while they are open");
}

/* ---- Every call fails ------------------------------------------------------------------- */

/* Two descriptors have each other's numbers, and a third already has its right
 * number. */
static int fails_at(size_t when, int error)
{
    char **envp = NULL;
    for (int fd = 3; fd < HIGH; fd++)
        close(fd);
    dup3(HIGH, 4, O_CLOEXEC);
    dup3(HIGH + 1, 3, O_CLOEXEC);
    dup3(HIGH + 2, 5, O_CLOEXEC);
    make_set((const int[]){4, 3, 5}, 3);
    sbind_pass(these.pointers, NULL, 3, &passed, NULL);
    calls.when = when;
    calls.error = error;
    calls.made = 0;
    calls.hit = NULL;
    calls.is_armed = true;
    sbind_status s = sbind_pass_here(&passed, before, &envp);
    calls.is_armed = false;
    if (calls.hit == NULL)
        return s == SBIND_OK && calls.made == 4 ? 10 : 1;
    if (strcmp(calls.hit, "dup2") == 0 && error == EINTR)
        return s == SBIND_OK ? 0 : 2;
    return s == SBIND_SYSTEM && strcmp(passed.call, calls.hit) == 0 &&
                   passed.os_error == error && envp == NULL
               ? 0
               : 3;
}

static void test_every_call_fails(void **state)
{
    const int errors[] = {EMFILE, EINVAL, EBADF, EBUSY, EINTR};
    (void)state;
    for (size_t when = 1; when <= 5; when++)
        for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
            int status;
            pid_t child = fork();
            if (child == 0)
                _exit(fails_at(when, errors[i]));
            waitpid(child, &status, 0);
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), when == 5 ? 10 : 0);
        }
}

/* ---- ----------------------------------------------------------------------------------- */

/* Descriptors that are opened later do not get the numbers of passed
 * descriptors. */
static int set_up(void **state)
{
    (void)state;
    for (int i = 0; i < MOST; i++) {
        int fd = memfd_create("passed", MFD_CLOEXEC);
        if (fd < 0 || dup3(fd, HIGH + i, O_CLOEXEC) < 0 || close(fd) != 0)
            return -1;
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_order_of_up_to_five),
        cmocka_unit_test(test_children_with_mistakes_are_caught),
        cmocka_unit_test(test_one_socket_twice_and_256),
        cmocka_unit_test(test_the_environment),
        cmocka_unit_test(test_names_that_nobody_can_ask_for),
        cmocka_unit_test(test_room_for_the_longest_names),
        cmocka_unit_test(test_listeners_that_are_not_open),
        cmocka_unit_test(test_every_call_fails),
    };
    limit_time();
    return exit_status(cmocka_run_group_tests(tests, set_up, NULL));
}
