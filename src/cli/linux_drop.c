/* linux_drop.c - giving up privileges, for good and in the calling thread
 * alone */
#define _GNU_SOURCE
#include "drop.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli.h"

/* The C library's own would change every thread. Calls that end in 32 belong
 * to machines whose ids once had 16 bits. */
#ifdef SYS_setresuid32
enum {
    SET_GROUPS = SYS_setgroups32,
    SET_GID = SYS_setresgid32,
    SET_UID = SYS_setresuid32
};
#else
enum {
    SET_GROUPS = SYS_setgroups,
    SET_GID = SYS_setresgid,
    SET_UID = SYS_setresuid
};
#endif

enum { WORDS = _LINUX_CAPABILITY_U32S_3 };

/* An ambient capability does not outlive its inheritable one: all go at once. */
static long clear_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    const struct __user_cap_data_struct none[WORDS] = {{0, 0, 0}};
    return syscall(SYS_capset, &header, none);
}

static bool has_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct own[WORDS];
    if (syscall(SYS_capget, &header, own) != 0)
        return true;
    for (int i = 0; i < WORDS; i++)
        if (own[i].effective || own[i].permitted || own[i].inheritable)
            return true;
    return false;
}

static int by_number(const void *a, const void *b)
{
    gid_t left = *(const gid_t *)a, right = *(const gid_t *)b;
    return (left > right) - (left < right);
}

/* The system keeps them sorted. */
static bool has_groups(const identity *who)
{
    int count = getgroups(0, NULL);
    gid_t *own;
    bool same;
    if (count < 0 || (size_t)count != who->group_count)
        return false;
    own = calloc((size_t)count + 1, sizeof *own);
    if (own == NULL || getgroups(count, own) != count) {
        free(own);
        return false;
    }
    if (count > 0) {
        qsort(own, (size_t)count, sizeof *own, by_number);
        qsort(who->groups, who->group_count, sizeof *own, by_number);
    }
    same = true;
    for (int i = 0; i < count; i++)
        same = same && own[i] == who->groups[i];
    free(own);
    return same;
}

static bool has_uid(uid_t uid)
{
    uid_t real, effective, saved;
    return getresuid(&real, &effective, &saved) == 0 && real == uid &&
           effective == uid && saved == uid;
}

static bool has_gid(gid_t gid)
{
    gid_t real, effective, saved;
    return getresgid(&real, &effective, &saved) == 0 && real == gid &&
           effective == gid && saved == gid;
}

static bool can_be_root_again(void)
{
    return syscall(SET_UID, (uid_t)-1, 0, (uid_t)-1) == 0;
}

static int without_effect(const char *call)
{
    fprintf(stderr, "sbind: %s: no error, and no effect\n", call);
    return SYSTEM;
}

/* A filter or a module of the system may answer in its place. */
static int verify(const identity *who)
{
    if (!has_groups(who))
        return without_effect("setgroups");
    if (!has_gid(who->gid))
        return without_effect("setresgid");
    if (!has_uid(who->uid))
        return without_effect("setresuid");
    if (who->uid != 0 && has_capabilities())
        return without_effect("capset");
    if (who->uid != 0 && can_be_root_again()) {
        fprintf(stderr, "sbind: setresuid: there is a way back to root\n");
        return SYSTEM;
    }
    return DONE;
}

/* Groups first: who is no longer root cannot change them. */
int drop_to(const identity *who)
{
    if (syscall(SET_GROUPS, who->group_count, who->groups) != 0)
        return cli_failed("setgroups");
    if (syscall(SET_GID, who->gid, who->gid, who->gid) != 0)
        return cli_failed("setresgid");
    if (syscall(SET_UID, who->uid, who->uid, who->uid) != 0)
        return cli_failed("setresuid");
    if (who->uid != 0 && clear_capabilities() != 0)
        return cli_failed("capset");
    return verify(who);
}

int drop_new_privileges(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return cli_failed("prctl(PR_SET_NO_NEW_PRIVS)");
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return without_effect("prctl(PR_SET_NO_NEW_PRIVS)");
    return DONE;
}
