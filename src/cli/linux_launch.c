/* linux_launch.c - becoming another program, sockets passed as sd_listen_fds(3)
 * expects them: descriptors 3, 4, 5 ... and LISTEN_PID, LISTEN_PIDFDID,
 * LISTEN_FDS, LISTEN_FDNAMES */
#define _POSIX_C_SOURCE 200809L
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "drop.h"
#include "leave.h"

/* Out of the way of the passed descriptors, and still the same to the library. */
static bool move_up(int *fd, int least)
{
    int moved;
    if (*fd < 0 || *fd >= least)
        return true;
    moved = fcntl(*fd, F_DUPFD_CLOEXEC, least);
    if (moved < 0)
        return false;
    close(*fd);
    *fd = moved;
    return true;
}

/* What the listeners have moves up first, so that they can still be closed
 * properly if the command cannot be run; a socket that was passed as standard
 * input leaves /dev/null there. dup2 clears close-on-exec. */
static int place_descriptors(const launch *l)
{
    int least = SBIND_LISTEN_FDS_START + (int)l->count;
    for (size_t i = 0; i < l->count; i++)
        if (!move_up(&l->listeners[i].fd, least) ||
            !move_up(&l->listeners[i].directory_fd, least) ||
            !move_up(&l->listeners[i].file_fd, least))
            return cli_failed("fcntl");
    if (cli_fill_standard_descriptors() != DONE)
        return cli_failed("open");
    for (size_t i = 0; i < l->count; i++)
        if (dup2(l->listeners[i].fd, SBIND_LISTEN_FDS_START + (int)i) < 0)
            return cli_failed("dup2");
    return DONE;
}

static bool set_number(const char *variable, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return setenv(variable, text, 1) == 0;
}

/* The id stays the same over exec. Where there is none, one that came from
 * outside must not be taken for ours. */
static bool set_pidfdid(void)
{
    uint64_t id = sbind_own_pidfdid();
    return id == 0 ? unsetenv("LISTEN_PIDFDID") == 0
                   : set_number("LISTEN_PIDFDID", id);
}

static bool set_environment(const launch *l)
{
    bool ok = set_number("LISTEN_PID", (uint64_t)getpid()) && set_pidfdid() &&
              set_number("LISTEN_FDS", l->count);
    if (!ok)
        return false;
    if (l->fdnames == NULL)
        return unsetenv("LISTEN_FDNAMES") == 0;
    return setenv("LISTEN_FDNAMES", l->fdnames, 1) == 0;
}

/* Of the sockets that were passed to us, the command gets those it was asked
 * for; the others would be open in it and nobody's. */
static void drop_passed(void)
{
    sbind_activation a;
    if (sbind_activation_take(0, &a, NULL) != SBIND_OK)
        return;
    for (uint32_t i = 0; i < a.count; i++)
        fcntl(SBIND_LISTEN_FDS_START + (int)i, F_SETFD, FD_CLOEXEC);
}

/* ---- Becoming the command ---------------------------------------------------- */

/* What belongs to the user that we still are goes first. */
static int become(const identity *who)
{
    int status = leave_terminal();
    if (status == DONE)
        status = leave_keyring();
    return status == DONE ? drop_to(who) : status;
}

/* exec comes last, after all that limits what it can give. */
static int drop_and_execute(const launch *l)
{
    int status = l->who->user != NULL ? become(l->who) : DONE;
    if (status == DONE && l->no_new_privs)
        status = drop_new_privileges();
    if (status != DONE)
        return status;
    execvp(l->command[0], l->command);
    status = errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
    cli_failed(l->command[0]);
    return status;
}

typedef struct attempt {
    const launch *launch;
    int status;
} attempt;

static void *run_attempt(void *context)
{
    attempt *a = context;
    a->status = drop_and_execute(a->launch);
    return NULL;
}

/* Privileges are a thread's own in Linux. One gives them up for good and
 * becomes the command, which ends the other: that one keeps them until then, to
 * remove the socket files if there will be no command. */
static int execute_aside(const launch *l)
{
    attempt a = {l, SYSTEM};
    pthread_t thread;
    errno = pthread_create(&thread, NULL, run_attempt, &a);
    if (errno != 0)
        return cli_failed("pthread_create");
    pthread_join(thread, NULL);
    return a.status;
}

int launch_command(const launch *l)
{
    int status;
    drop_passed();
    status = place_descriptors(l);
    if (status == DONE && l->close_fds)
        status = leave_descriptors(SBIND_LISTEN_FDS_START + (int)l->count);
    if (status != DONE)
        return status;
    if (!set_environment(l))
        return cli_failed("setenv");
    return l->who->user != NULL ? execute_aside(l) : drop_and_execute(l);
}
