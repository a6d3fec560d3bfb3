/* macos/groups.c - the groups of a user. On macOS getgrouplist(3) takes ids of
 * type int. If the array is too short, getgrouplist does not say how many
 * groups there are. */
#include "../posix/groups.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_ROOM = 32, LARGEST_ROOM = 65536 };

/* Returns 1, or 0 if there is not enough room, or -1 if there is not enough memory. */
static int look_up(const char *name, identity *who, int room)
{
    int *groups = calloc((size_t)room, sizeof *groups);
    int count = room;
    if (groups == NULL)
        return -1;
    bool fits = getgrouplist(name, (int)who->gid, groups, &count) >= 0;
    if (fits) {
        who->groups = calloc((size_t)room, sizeof *who->groups);
        for (int i = 0; who->groups != NULL && i < count; i++)
            who->groups[i] = (uint32_t)groups[i];
        who->group_count = (size_t)count;
    }
    free(groups);
    return !fits ? 0 : who->groups != NULL ? 1 : -1;
}

bool groups_of_user(identity *who)
{
    const struct passwd *entry = getpwuid(who->uid);
    int result = 0;
    if (entry == NULL)
        return true;
    for (int room = FIRST_ROOM; result == 0 && room <= LARGEST_ROOM; room *= 2)
        result = look_up(entry->pw_name, who, room);
    return result > 0;
}
