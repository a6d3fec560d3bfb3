/* identity.h - the user and groups as which the command runs (--user) */
#ifndef SBIND_CLI_IDENTITY_H
#define SBIND_CLI_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

typedef struct identity {
    /* the command line */
    const char *user;          /* NULL: nothing changes */
    const char *primary_group; /* NULL: the user's own */
    /* separated by commas; "" for none, NULL for those of the user database */
    const char *supplementary_groups;
    /* what it means */
    uint32_t uid, gid;
    uint32_t *groups; /* for setgroups; of malloc */
    size_t group_count;
} identity;

/* Looks up the user and groups, before anything is opened: the new user is
 * perhaps not able to read the files of the user database. DONE, USAGE or
 * SYSTEM. The caller frees groups, but only after DONE. */
int identity_resolve(const char *self, identity *who);

#endif
