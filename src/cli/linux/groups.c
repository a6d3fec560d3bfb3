/* linux/groups.c - the groups of a user */
#define _GNU_SOURCE /* getgrouplist */
#include "../posix/groups.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

bool groups_of_user(identity *who)
{
    const struct passwd *entry = getpwuid(who->uid);
    int count = 0;
    if (entry == NULL)
        return true;
    getgrouplist(entry->pw_name, who->gid, NULL, &count);
    who->groups = calloc((size_t)count + 1, sizeof *who->groups);
    if (who->groups == NULL ||
        getgrouplist(entry->pw_name, who->gid, who->groups, &count) < 0)
        return false;
    who->group_count = (size_t)count;
    return true;
}
