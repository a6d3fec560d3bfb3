/* posix/identity.c - the user and the groups that the command runs as: --user and
 * the options for groups */
#define _GNU_SOURCE /* strsep */
#include "../identity.h"

#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "../number.h"
#include "groups.h"

static size_t count_items(const char *list)
{
    size_t count = *list != '\0';
    for (; *list != '\0'; list++)
        count += *list == ',';
    return count;
}

/* DONE, USAGE or SYSTEM. */
static int listed_groups(const char *self, identity *who)
{
    char *copy = strdup(who->supplementary_groups);
    char *rest = copy;
    size_t count = count_items(who->supplementary_groups);
    int status = DONE;
    who->groups = calloc(count + 1, sizeof *who->groups);
    if (copy == NULL || who->groups == NULL)
        status = cli_failed("malloc");
    for (size_t i = 0; status == DONE && i < count; i++)
        if (!number_read_group(strsep(&rest, ","), &who->groups[i]))
            status =
                cli_usage(self, "--supplementary-groups takes groups of "
                                "this machine, each a name or " NUMBER_OF_AN_ID
                                ", separated by commas");
    who->group_count = count;
    free(copy);
    return status;
}

static int resolve_groups(const char *self, identity *who)
{
    int status = DONE;
    if (who->supplementary_groups != NULL)
        status = listed_groups(self, who);
    else if (!groups_of_user(who))
        status = cli_failed("getgrouplist");
    if (status != DONE)
        free(who->groups);
    return status;
}

int identity_resolve(const char *self, identity *who)
{
    if (who->user == NULL &&
        (who->primary_group != NULL || who->supplementary_groups != NULL))
        return cli_usage(self, "--primary-group and --supplementary-groups go "
                               "with --user");
    if (who->user == NULL)
        return DONE;
    if (!number_read_user(who->user, &who->uid, &who->gid))
        return cli_usage(
            self, "--user takes a user of this machine, or " NUMBER_OF_AN_ID);
    if (who->primary_group != NULL &&
        !number_read_group(who->primary_group, &who->gid))
        return cli_usage(self, "--primary-group takes a group of this machine, "
                               "or " NUMBER_OF_AN_ID);
    if (who->gid == SBIND_NO_ID)
        return cli_usage(self,
                         "the user database does not know %s: give "
                         "--primary-group as well",
                         who->user);
    return resolve_groups(self, who);
}
