/* linux/drop.c - gives up privileges for good, but only those of the calling
 * thread */
#define _GNU_SOURCE
#include "../posix/drop.h"

#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../cli.h"
#include "lacks.h"

/* These are system calls, because the functions of the C library would change every
 * thread. On machines whose ids once had 16 bits, the names of the calls end in
 * 32. */
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

/* Clears all sets of capabilities. The ambient ones need no call of their own: the
 * kernel removes them together with the inheritable ones. */
static long clear_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    const struct __user_cap_data_struct none[WORDS] = {{0, 0, 0}};
    return syscall(SYS_capset, &header, none);
}

static bool read_capabilities(struct __user_cap_data_struct own[WORDS])
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capget, &header, own) == 0;
}

static bool has_capabilities(void)
{
    struct __user_cap_data_struct own[WORDS];
    if (!read_capabilities(own))
        return true;
    for (int i = 0; i < WORDS; i++)
        if (own[i].effective || own[i].permitted || own[i].inheritable)
            return true;
    return false;
}

bool drop_lacks(int capability)
{
    struct __user_cap_data_struct own[WORDS];
    return read_capabilities(own) &&
           (own[0].effective & CAP_TO_MASK(capability)) == 0;
}

static int by_number(const void *a, const void *b)
{
    gid_t left = *(const gid_t *)a, right = *(const gid_t *)b;
    return (left > right) - (left < right);
}

/* Whether the list "in" has each of the groups. This function sorts "in". The
 * primary group may be missing, because it gives the same rights anyway. */
static bool are_in(const gid_t *groups, size_t count, gid_t *in,
                   size_t in_count, gid_t primary)
{
    if (in_count > 0)
        qsort(in, in_count, sizeof *in, by_number);
    for (size_t i = 0; i < count; i++)
        if (groups[i] != primary &&
            (in_count == 0 ||
             bsearch(&groups[i], in, in_count, sizeof *in, by_number) == NULL))
            return false;
    return true;
}

static bool has_groups(const identity *who)
{
    int count = getgroups(0, NULL);
    gid_t *own = count < 0 ? NULL : calloc((size_t)count + 1, sizeof *own);
    bool same =
        own != NULL && getgroups(count, own) == count &&
        are_in(own, (size_t)count, who->groups, who->group_count, who->gid) &&
        are_in(who->groups, who->group_count, own, (size_t)count, who->gid);
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

/* Asks the kernel whether the calls had their effect, because a filter of system
 * calls or a security module may have pretended success. */
static int verify_identity(const identity *who)
{
    if (!has_groups(who))
        return cli_without_effect("setgroups");
    if (!has_gid(who->gid))
        return cli_without_effect("setresgid");
    if (!has_uid(who->uid))
        return cli_without_effect("setresuid");
    if (who->uid != 0 && has_capabilities())
        return cli_without_effect("capset");
    if (who->uid != 0 && can_be_root_again()) {
        cli_say(stderr, "sbind: setresuid: there is a way back to root");
        return SYSTEM;
    }
    return DONE;
}

/* A process without privileges cannot set its groups. That is not a failure if it
 * already has these groups. */
static bool set_groups(const identity *who)
{
    if (syscall(SET_GROUPS, who->group_count, who->groups) == 0)
        return true;
    int error = errno;
    if (error == EPERM && has_groups(who))
        return true;
    errno = error;
    return false;
}

static int refused(const char *call, int capability, const char *lacking)
{
    const char *hint = NULL;
    if (errno == EPERM)
        hint = drop_lacks(capability)
                   ? lacking
                   : "the user namespace of this process, or a filter, forbids "
                     "it";
    if (errno == EINVAL)
        hint = "the user namespace of this process lacks that id";
    cli_failed(call);
    if (hint != NULL)
        cli_say(stderr, "  hint: %s", hint);
    return SYSTEM;
}

/* Groups come first: a process that is no longer root cannot change them. */
int drop_to(const identity *who)
{
    if (!set_groups(who))
        return refused("setgroups", CAP_SETGID,
                       "this process has other groups than that user; to "
                       "change them needs CAP_SETGID");
    if (syscall(SET_GID, who->gid, who->gid, who->gid) != 0)
        return refused("setresgid", CAP_SETGID,
                       "to change the group needs CAP_SETGID");
    if (syscall(SET_UID, who->uid, who->uid, who->uid) != 0)
        return refused("setresuid", CAP_SETUID,
                       "to become another user needs CAP_SETUID");
    if (who->uid != 0 && clear_capabilities() != 0)
        return cli_failed("capset");
    return verify_identity(who);
}

int drop_new_privileges(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return cli_failed("prctl(PR_SET_NO_NEW_PRIVS)");
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return cli_without_effect("prctl(PR_SET_NO_NEW_PRIVS)");
    return DONE;
}

int drop_check(const char *self, bool no_new_privs)
{
    (void)self, (void)no_new_privs;
    return DONE;
}

typedef struct side {
    int (*become)(void *context);
    void *context;
    int status;
} side;

static void *run_side(void *context)
{
    side *s = context;
    s->status = s->become(s->context);
    return NULL;
}

/* In Linux each thread has its own privileges. A new thread gives them up for good
 * and becomes the command, which ends the first thread. Until then the first
 * thread keeps its privileges: it has to remove the socket files if the command
 * cannot be run. */
int drop_aside(int (*become)(void *context), void *context)
{
    side s = {become, context, SYSTEM};
    pthread_t thread;
    errno = pthread_create(&thread, NULL, run_side, &s);
    if (errno != 0)
        return cli_failed("pthread_create");
    pthread_join(thread, NULL);
    return s.status;
}
