/* launch.c - becoming another program, sockets passed as sd_listen_fds(3)
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

/* The target numbers may be taken by other sockets of the list; so all go out
 * of the way first. dup2 clears close-on-exec. */
static bool place_descriptors(const launch *l)
{
    int after = SBIND_LISTEN_FDS_START + (int)l->count;
    int *moved = calloc(l->count, sizeof *moved);
    bool ok = moved != NULL;
    for (size_t i = 0; ok && i < l->count; i++) {
        moved[i] = fcntl(l->fds[i], F_DUPFD_CLOEXEC, after);
        ok = moved[i] >= 0;
    }
    for (size_t i = 0; ok && i < l->count; i++)
        ok = dup2(moved[i], SBIND_LISTEN_FDS_START + (int)i) >= 0;
    free(moved);
    return ok;
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

/* Groups first: afterwards it is too late. */
static bool become(const launch *l)
{
    const struct passwd *entry;
    if (l->user == NULL)
        return true;
    entry = getpwuid(l->uid);
    if (entry == NULL || initgroups(entry->pw_name, l->gid) != 0)
        return false;
    return setgid(l->gid) == 0 && setuid(l->uid) == 0;
}

int launch_command(const launch *l)
{
    if (!place_descriptors(l))
        return cli_failed("placing the sockets");
    if (!become(l))
        return cli_failed("changing the user");
    if (!set_environment(l))
        return cli_failed("setenv");
    execvp(l->command[0], l->command);
    return cli_failed(l->command[0]);
}
