/* activation_test.c - does sbind_activation_take read the real environment,
 * process id and limit, and does it change nothing when it refuses?
 *
 * Promises: P13 P22 */
#define _GNU_SOURCE /* syscall */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>

/* Like assert_true, for a child process, in which cmocka cannot report a
 * failure. */
#define MUST(condition)                                                        \
    ((condition) ? (void)0 : (dprintf(2, "line %d\n", __LINE__), _exit(1)))

static sbind_activation a;
static sbind_error e;

static void in_child(void (*body)(void))
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        unsetenv("LISTEN_PID");
        unsetenv("LISTEN_PIDFDID");
        unsetenv("LISTEN_FDS");
        unsetenv("LISTEN_FDNAMES");
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void set_number(const char *variable, unsigned long value)
{
    char text[32];
    snprintf(text, sizeof text, "%lu", value);
    setenv(variable, text, 1);
}

static void pids(void)
{
    a.decided_by = "";
    setenv("LISTEN_FDS", "2", 1);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_NONE);
    MUST(sbind_activation_take(SBIND_ACCEPT_MISSING_PID, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_PASSED && a.count == 2);
    set_number("LISTEN_PID", (unsigned long)getpid());
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_PASSED && a.names.text == NULL);
    MUST(a.decided_by == NULL);
    set_number("LISTEN_PID", (unsigned long)getppid());
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_OTHER_PROCESS);
    MUST(strcmp(a.decided_by, "LISTEN_PID") == 0);
    setenv("LISTEN_PIDFDID", "1", 1); /* decides after LISTEN_PID */
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(strcmp(a.decided_by, "LISTEN_PID") == 0);
}

/* Before Linux 6.9, pidfds shared a file system with many other kinds of
 * descriptors, and all of them had the same inode. This variable makes the
 * system look like that. */
static bool is_before_pidfs;

int fstatfs(int fd, struct statfs *ret)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (statfs(path, ret) != 0)
        return -1;
    if (is_before_pidfs)
        ret->f_type = 0x09041934; /* ANON_INODE_FS_MAGIC */
    return 0;
}

/* The id for LISTEN_PIDFDID, found without the library. 0 if this system has no
 * such id. */
static unsigned long pidfdid(void)
{
    struct stat st;
    struct statfs fs;
    int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    if (fd < 0 || fstatfs(fd, &fs) != 0 || fs.f_type != 0x50494446)
        return 0;
    return fstat(fd, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

static void pidfdids(void)
{
    unsigned long id = pidfdid();
    set_number("LISTEN_PID", (unsigned long)getpid());
    setenv("LISTEN_FDS", "1", 1);
    set_number("LISTEN_PIDFDID", id == 0 ? 1 : id);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_PASSED);
    if (id == 0)
        return; /* a system without such ids ignores the variable */
    set_number("LISTEN_PIDFDID", id + 1);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_OTHER_PROCESS);
    MUST(strcmp(a.decided_by, "LISTEN_PIDFDID") == 0);
    setenv("LISTEN_PIDFDID", "x", 1);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_BAD_LISTEN_PIDFDID);
}

static void the_id_costs_no_descriptor(void **state)
{
    int before = dup(STDIN_FILENO), after;
    (void)state;
    close(before);
    sbind_own_pidfdid();
    after = dup(STDIN_FILENO);
    close(after);
    assert_int_equal(after, before);
}

/* ---- A process id that is used again ---------------------------------------- */

/* Forks a child with this process id, which must be free. Returns 0 in the
 * child. */
static pid_t fork_as(pid_t pid)
{
    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
        uint64_t stack, stack_size, tls, set_tid, set_tid_size;
    } arguments = {.exit_signal = SIGCHLD,
                   .set_tid = (uint64_t)(uintptr_t)&pid,
                   .set_tid_size = 1};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* Runs a child to its end. Returns its process id, and the id of its pidfd. */
static pid_t predecessor(uint64_t *ret_id)
{
    int ends[2], status;
    pid_t pid;
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        uint64_t id = pidfdid();
        _exit(write(ends[1], &id, sizeof id) != sizeof id);
    }
    assert_int_equal(read(ends[0], ret_id, sizeof *ret_id), sizeof *ret_id);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(ends[0]);
    close(ends[1]);
    return pid;
}

/* This process has the process id and the environment of the process before it.
 * A program that looks at LISTEN_PID alone takes the sockets for its own. */
static void successor(uint64_t id_before)
{
    set_number("LISTEN_PID", (unsigned long)getpid());
    setenv("LISTEN_FDS", "1", 1);
    unsetenv("LISTEN_FDNAMES");
    unsetenv("LISTEN_PIDFDID");
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_PASSED);
    set_number("LISTEN_PIDFDID", id_before);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_OTHER_PROCESS && a.count == 0);
    set_number("LISTEN_PIDFDID", sbind_own_pidfdid());
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_PASSED);
    _exit(0);
}

static void a_recycled_process_id_is_told_apart(void **state)
{
    uint64_t id_before;
    pid_t before, after;
    int status, tries = 100;
    (void)state;
    assert_int_equal(sbind_own_pidfdid(), pidfdid());
    if (getenv("SBIND_TEST_QUICK") != NULL) /* valgrind has no clone3 */
        return;
    if (pidfdid() == 0)
        leave_out("this kernel gives a process no id of its own (Linux 6.9)");
    do {
        before = predecessor(&id_before);
        after = fork_as(before);
        if (after == 0)
            successor(id_before);
    } while (after < 0 && errno == EEXIST && --tries > 0); /* somebody's now */
    if (after < 0 && (errno == EPERM || errno == ENOSYS))
        leave_out("no process id can be chosen here: that takes clone3 and "
                  "CAP_CHECKPOINT_RESTORE");
    assert_int_equal(after, before);
    assert_int_equal(waitpid(after, &status, 0), after);
    assert_int_equal(status, 0);
}

/* ---- Limits, clearing --------------------------------------------------------- */

static void limits(void)
{
    struct rlimit limit;
    set_number("LISTEN_PID", (unsigned long)getpid());
    MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = 10;
    MUST(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    setenv("LISTEN_FDS", "7", 1);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK && a.count == 7);
    setenv("LISTEN_FDS", "8", 1);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_TOO_MANY_FDS);
    MUST(strcmp(e.variable, "LISTEN_FDS") == 0 && e.offset == 1);
}

static void clearing(void)
{
    sbind_env_value names, name;
    set_number("LISTEN_PID", (unsigned long)getpid());
    setenv("LISTEN_FDS", "2x", 1);
    setenv("LISTEN_FDNAMES", "a:b", 1);
    MUST(sbind_activation_take(SBIND_CLEAR_ENVIRONMENT, &a, &e) ==
         SBIND_BAD_LISTEN_FDS);
    MUST(e.offset == 1 && getenv("LISTEN_PID") != NULL);
    setenv("LISTEN_FDS", "2", 1);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(getenv("LISTEN_FDS") != NULL);
    MUST(sbind_activation_take(4, &a, &e) == SBIND_BAD_OPTION);
    MUST(sbind_activation_take(SBIND_CLEAR_ENVIRONMENT, &a, &e) == SBIND_OK);
    MUST(getenv("LISTEN_PID") == NULL && getenv("LISTEN_FDS") == NULL);
    MUST(getenv("LISTEN_FDNAMES") == NULL && a.count == 2);
    names = a.names;
    MUST(sbind_activation_next_name(&names, &name) && name.length == 1);
    MUST(sbind_activation_take(0, &a, &e) == SBIND_OK);
    MUST(a.outcome == SBIND_ACTIVATION_NONE);
}

static void the_environment_of_this_process(void **state)
{
    (void)state;
    in_child(pids);
    in_child(pidfdids);
    in_child(limits);
    in_child(clearing);
}

static void an_inode_that_all_pidfds_have_is_no_id(void **state)
{
    uint64_t id;
    (void)state;
    is_before_pidfs = true;
    id = sbind_own_pidfdid();
    is_before_pidfs = false;
    assert_int_equal(id, 0);
}

static void names_one_by_one(void **state)
{
    static const char text[] = "web::x y:";
    static const char *const wanted[] = {"web", "", "x y", ""};
    sbind_env_value left = {text, sizeof text - 1}, name;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_true(sbind_activation_next_name(&left, &name));
        assert_int_equal(name.length, strlen(wanted[i]));
        assert_memory_equal(name.text, wanted[i], name.length);
    }
    assert_false(sbind_activation_next_name(&left, &name));
    left = (sbind_env_value){"", 0};
    assert_true(sbind_activation_next_name(&left, &name));
    assert_false(sbind_activation_next_name(&left, &name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_environment_of_this_process),
        cmocka_unit_test(the_id_costs_no_descriptor),
        cmocka_unit_test(a_recycled_process_id_is_told_apart),
        cmocka_unit_test(an_inode_that_all_pidfds_have_is_no_id),
        cmocka_unit_test(names_one_by_one),
    };
    limit_time();
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
