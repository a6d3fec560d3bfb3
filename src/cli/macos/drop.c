/* macos/drop.c - gives up privileges for good. On macOS all threads have the same
 * privileges, so no thread can keep them to clean up. */
#undef _DARWIN_C_SOURCE /* its getgroups asks the user database instead */
#include "../posix/drop.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "../cli.h"

static bool is_in(gid_t group, const gid_t *groups, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return false;
}

/* The primary group may be missing, because it gives the same rights anyway. */
static bool are_in(const gid_t *groups, size_t count, const gid_t *in,
                   size_t in_count, gid_t primary)
{
    for (size_t i = 0; i < count; i++)
        if (groups[i] != primary && !is_in(groups[i], in, in_count))
            return false;
    return true;
}

static bool has_groups(const identity *who)
{
    gid_t own[NGROUPS_MAX + 1];
    int count = getgroups(NGROUPS_MAX + 1, own);
    return count >= 0 &&
           are_in(own, (size_t)count, who->groups, who->group_count,
                  who->gid) &&
           are_in(who->groups, who->group_count, own, (size_t)count, who->gid);
}

/* Tries to become root, because macOS has no call that reads the saved id. */
static bool can_be_root_again(void)
{
    return seteuid(0) == 0 || setuid(0) == 0;
}

static int verify_identity(const identity *who)
{
    if (!has_groups(who))
        return cli_without_effect("setgroups");
    if (getgid() != who->gid || getegid() != who->gid)
        return cli_without_effect("setgid");
    if (getuid() != who->uid || geteuid() != who->uid)
        return cli_without_effect("setuid");
    if (who->uid != 0 && can_be_root_again()) {
        cli_say(stderr, "sbind: setuid: there is a way back to root");
        return SYSTEM;
    }
    return DONE;
}

static int refused(const char *call, const char *hint)
{
    cli_failed(call);
    cli_say(stderr, "  hint: %s", hint);
    return SYSTEM;
}

/* Groups come first: a process that is no longer root cannot change them. */
int drop_to(const identity *who)
{
    if (setgroups((int)who->group_count, who->groups) != 0 &&
        (errno != EPERM || !has_groups(who)))
        return refused(
            "setgroups",
            "to change the groups needs root, and a process has 16 at "
            "most; see --supplementary-groups");
    if (setgid(who->gid) != 0)
        return refused("setgid", "to change the group needs root");
    if (setuid(who->uid) != 0)
        return refused("setuid", "to become another user needs root");
    return verify_identity(who);
}

int drop_aside(int (*become)(void *context), void *context)
{
    return become(context);
}

int drop_check(const char *self, bool no_new_privs)
{
    return no_new_privs ? cli_usage(self, "there is no --no-new-privs on macOS")
                        : DONE;
}

/* Never called, because drop_check refuses the option on macOS. */
int drop_new_privileges(void) { return SYSTEM; }
