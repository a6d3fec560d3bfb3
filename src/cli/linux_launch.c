/* linux_launch.c - becoming another program, sockets passed as sd_listen_fds(3)
 * expects them: descriptors 3, 4, 5 ... and LISTEN_PID, LISTEN_FDS,
 * LISTEN_FDNAMES */
#define _GNU_SOURCE
#include "launch.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "cli.h"

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
 * properly if the command cannot be run. dup2 clears close-on-exec. */
static bool place_descriptors(const launch *l)
{
    int least = SBIND_LISTEN_FDS_START + (int)l->count;
    for (size_t i = 0; i < l->count; i++)
        if (!move_up(&l->listeners[i].fd, least) ||
            !move_up(&l->listeners[i].directory_fd, least) ||
            !move_up(&l->listeners[i].lock_fd, least))
            return false;
    for (size_t i = 0; i < l->count; i++)
        if (dup2(l->listeners[i].fd, SBIND_LISTEN_FDS_START + (int)i) < 0)
            return false;
    return true;
}

static bool set_number(const char *variable, unsigned long value)
{
    char text[24];
    snprintf(text, sizeof text, "%lu", value);
    return setenv(variable, text, 1) == 0;
}

static bool set_environment(const launch *l)
{
    bool ok = set_number("LISTEN_PID", (unsigned long)getpid()) &&
              set_number("LISTEN_FDS", (unsigned long)l->count) &&
              unsetenv("LISTEN_PIDFDID") == 0;
    if (!ok)
        return false;
    if (l->fdnames == NULL)
        return unsetenv("LISTEN_FDNAMES") == 0;
    return setenv("LISTEN_FDNAMES", l->fdnames, 1) == 0;
}

/* Groups first: afterwards it is too late. The saved ids stay until exec, which
 * replaces them by the effective ones: until then there is a way back. */
static bool become(const launch *l)
{
    const struct passwd *entry;
    if (l->user == NULL)
        return true;
    entry = getpwuid(l->uid);
    if (entry == NULL || initgroups(entry->pw_name, l->gid) != 0)
        return false;
    return setresgid(l->gid, l->gid, (gid_t)-1) == 0 &&
           setresuid(l->uid, l->uid, (uid_t)-1) == 0;
}

/* The way back, to clear up what was made before. */
static void become_again(uid_t uid, gid_t gid)
{
    if (seteuid(uid) != 0 || setegid(gid) != 0)
        cli_failed("changing the user back");
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

int launch_command(const launch *l)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int status;
    drop_passed();
    if (!place_descriptors(l))
        return cli_failed("placing the sockets");
    if (!become(l)) {
        status = cli_failed("changing the user");
    } else if (!set_environment(l)) {
        status = cli_failed("setenv");
    } else {
        execvp(l->command[0], l->command);
        status = cli_failed(l->command[0]);
    }
    become_again(uid, gid);
    return status;
}
