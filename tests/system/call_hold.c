/* call_hold.c FILE CALL:entry|exit[:N] COMMAND [ARG...]
 *
 * Runs the command, and stops it at its first call with that name, or at the
 * N-th: before the call is made (entry), or after the call (exit). FILE exists
 * while the command is stopped. When FILE is removed, the command goes on. So a
 * test can act at exactly that moment, even on a busy machine. The exit status
 * is that of the command, or 125 if this program cannot do its work. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT = 125, TASKS_MAX = 64 };

static const struct {
    const char *name;
    unsigned long number;
} calls[] = {
#ifdef SYS_chmod
    {"chmod", SYS_chmod},         {"rename", SYS_rename},
    {"open", SYS_open},
#endif
    {"accept4", SYS_accept4},     {"bind", SYS_bind},
    {"close", SYS_close},         {"connect", SYS_connect},
    {"fchmod", SYS_fchmod},       {"fchmodat", SYS_fchmodat},
    {"fchownat", SYS_fchownat},   {"flock", SYS_flock},
    {"listen", SYS_listen},       {"openat", SYS_openat},
    {"renameat2", SYS_renameat2}, {"unlinkat", SYS_unlinkat},
    {"linkat", SYS_linkat},       {"renameat", SYS_renameat},
};

/* Where to stand still. */
static struct {
    const char *file;
    unsigned long call;
    bool at_exit;
    /* how many such calls are still to come, with the chosen one; 0: the chosen
     * call has come */
    long left;
} place;

/* The call that each task is in. */
static struct task {
    pid_t pid;
    unsigned long call;
} tasks[TASKS_MAX];

static int give_up(const char *why)
{
    fprintf(stderr, "call_hold: %s: %s\n", why, strerror(errno));
    return CANNOT;
}

static bool read_call(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0) {
            place.call = calls[i].number;
            return true;
        }
    return false;
}

static bool read_place(char *text)
{
    char *side = strchr(text, ':'), *number;
    if (side == NULL)
        return false;
    *side++ = '\0';
    number = strchr(side, ':');
    if (number != NULL)
        *number++ = '\0';
    place.left = number == NULL ? 1 : strtol(number, NULL, 10);
    place.at_exit = strcmp(side, "exit") == 0;
    return place.left > 0 && (place.at_exit || strcmp(side, "entry") == 0) &&
           read_call(text);
}

static struct task *task_of(pid_t pid)
{
    for (size_t i = 0; i < TASKS_MAX; i++)
        if (tasks[i].pid == pid || tasks[i].pid == 0) {
            tasks[i].pid = pid;
            return &tasks[i];
        }
    errno = ENOMEM;
    exit(give_up("tasks"));
}

/* Whether this stop is the chosen call. */
static bool is_the_place(pid_t pid)
{
    struct __ptrace_syscall_info info;
    struct task *task = task_of(pid);
    memset(&info, 0, sizeof info);
    ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
        task->call = info.entry.nr;
    return task->call == place.call && place.left > 0 &&
           (info.op == PTRACE_SYSCALL_INFO_EXIT) == place.at_exit &&
           --place.left == 0;
}

static void stand_still(void)
{
    int fd = open(place.file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        exit(give_up(place.file));
    close(fd);
    while (access(place.file, F_OK) == 0)
        usleep(1000);
}

/* The signal with which a stopped task goes on. */
static int signal_after(pid_t pid, int status)
{
    int number = WSTOPSIG(status);
    if (number == (SIGTRAP | 0x80)) {
        if (is_the_place(pid))
            stand_still();
        return 0;
    }
    /* the stops at an exec, at a new task, and at the beginning of that task */
    return status >> 16 != 0 || number == SIGSTOP ? 0 : number;
}

static int follow(pid_t first)
{
    int status;
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0)
            return give_up("waitpid");
        if (WIFSTOPPED(status))
            ptrace(PTRACE_SYSCALL, pid, NULL,
                   (void *)(intptr_t)signal_after(pid, status));
        else if (pid == first)
            break;
    }
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    int status;
    pid_t pid;
    if (argc < 4 || !read_place(argv[2]))
        return give_up("usage");
    place.file = argv[1];
    pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execvp(argv[3], argv + 3);
        _exit(give_up(argv[3]));
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, NULL,
               (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD |
                        PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE |
                        PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK)) != 0)
        return give_up("ptrace");
    ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    return follow(pid);
}
