/* posix/launch.c - becomes another program, and passes sockets like
 * sbind_pass_here does to a child */
#define _POSIX_C_SOURCE 200809L
#include "../launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sbind/pass.h>

#include "../cli.h"
#include "drop.h"
#include "leave.h"

extern char **environ;

/* ---- Descriptors -------------------------------------------------------------- */

/* Whether the error says that the limit on descriptors is reached. The error is
 * EMFILE if the system may choose the number. If a given number is too high, it is
 * EINVAL (fcntl) or EBADF (dup2). */
static bool is_for_want_of_room(int error)
{
    return error == EMFILE || error == EINVAL || error == EBADF;
}

/* Reports a failed call that makes a descriptor. */
static int no_descriptor(const char *call)
{
    int error = errno;
    struct rlimit limit;
    if (!is_for_want_of_room(error) || getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        errno = error;
        return cli_failed(call);
    }
    cli_say(stderr,
            "sbind: %s: %s; at most %ju descriptors can be open "
            "(RLIMIT_NOFILE, ulimit -n)",
            call, strerror(error), (uintmax_t)limit.rlim_cur);
    return SYSTEM;
}

/* Gives a listener another descriptor, if its number is needed for a socket that is
 * passed. For the library it stays the same listener. */
static bool move_up(int *fd, int least)
{
    if (*fd < 0 || *fd >= least)
        return true;
    int moved = fcntl(*fd, F_DUPFD_CLOEXEC, least);
    if (moved < 0)
        return false;
    close(*fd);
    *fd = moved;
    return true;
}

/* Moves the descriptors of the listeners up. So passing does not overwrite them, and
 * they can still be closed properly if the command cannot be run. A socket that was
 * passed as standard input is replaced by /dev/null. */
int launch_clear_places(sbind_listener *listeners, size_t count)
{
    int least = SBIND_LISTEN_FDS_START + (int)count;
    for (size_t i = 0; i < count; i++)
        if (!move_up(&listeners[i].fd, least) ||
            !move_up(&listeners[i].directory_fd, least) ||
            !move_up(&listeners[i].file_fd, least))
            return no_descriptor("fcntl F_DUPFD_CLOEXEC");
    if (cli_fill_standard_descriptors() != DONE)
        return no_descriptor("open /dev/null");
    return DONE;
}

/* Sets close-on-exec for the sockets that were passed to us, because the command does
 * not get them. Otherwise they would stay open in the command without its
 * knowledge. */
void launch_drop_passed(const sbind_activation *passed)
{
    for (uint32_t i = 0; i < passed->count; i++)
        fcntl(SBIND_LISTEN_FDS_START + (int)i, F_SETFD, FD_CLOEXEC);
}

static size_t count_variables(void)
{
    size_t n = 0;
    while (environ[n] != NULL)
        n++;
    return n;
}

/* How many descriptors are passed from 3 on. With --inetd there are none. */
static size_t count_passed(const launch *l) { return l->inetd ? 0 : l->count; }

/* Makes the environment of the command, and gives the descriptors their numbers. */
static int pass_listeners(const launch *l, char ***ret_environment)
{
    static sbind_passed passed;
    const sbind_listener *listeners[SBIND_PASS_MAX];
    const size_t count = count_passed(l);
    sbind_error error;
    for (size_t i = 0; i < count; i++)
        listeners[i] = &l->listeners[i];
    if (sbind_pass(listeners, l->names, count, &passed, &error) != SBIND_OK)
        return cli_report(&error, "");
    passed.room_count = count_variables() + 5;
    passed.room = calloc(passed.room_count, sizeof *passed.room);
    if (passed.room == NULL)
        return cli_failed("calloc");
    if (sbind_pass_here(&passed, environ, ret_environment) == SBIND_OK)
        return DONE;
    errno = passed.os_error;
    return no_descriptor(passed.call);
}

/* Makes the socket standard input and output. The listener keeps its own
 * descriptor, which exec closes. */
static int become_standard(int fd)
{
    if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
        return cli_failed("dup2");
    return DONE;
}

/* ---- Becoming the command ---------------------------------------------------- */

/* Does what needs the rights of the present user, and then becomes the other user. */
static int become(const identity *who)
{
    int status = leave_terminal();
    if (status == DONE)
        status = leave_keyring();
    return status == DONE ? drop_to(who) : status;
}

/* exec comes last, after everything that limits what the command can gain. */
static int drop_and_execute(const launch *l, char **environment)
{
    int status = l->who->user != NULL ? become(l->who) : DONE;
    if (status == DONE && l->no_new_privs)
        status = drop_new_privileges();
    if (status != DONE)
        return status;
    environ = environment;
    execvp(l->command[0], l->command);
    return launch_failed(l->command[0]);
}

typedef struct attempt {
    const launch *launch;
    char **environment;
} attempt;

static int run_attempt(void *context)
{
    const attempt *a = context;
    return drop_and_execute(a->launch, a->environment);
}

static int execute_aside(const launch *l, char **environment)
{
    attempt a = {l, environment};
    return drop_aside(run_attempt, &a);
}

/* Does everything except becoming the user and the command. */
static int hand_over(const launch *l, char ***ret_environment)
{
    int status = pass_listeners(l, ret_environment);
    if (status == DONE && l->inetd)
        status = become_standard(l->listeners[0].fd);
    if (status == DONE && l->close_fds)
        status =
            leave_descriptors(SBIND_LISTEN_FDS_START + (int)count_passed(l));
    return status;
}

int launch_command(const launch *l)
{
    char **environment;
    launch_drop_passed(l->passed);
    int status = launch_clear_places(l->listeners, l->count);
    if (status == DONE)
        status = hand_over(l, &environment);
    if (status != DONE)
        return status;
    return l->who->user != NULL ? execute_aside(l, environment)
                                : drop_and_execute(l, environment);
}

int launch_child(const launch *l)
{
    char **environment = NULL;
    int status = hand_over(l, &environment);
    return status == DONE ? drop_and_execute(l, environment) : status;
}

int launch_failed(const char *command)
{
    int status = errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
    cli_failed(command);
    return status;
}
