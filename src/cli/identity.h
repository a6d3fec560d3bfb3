/* identity.h - who the command runs as: --user and its groups */
#ifndef SBIND_CLI_IDENTITY_H
#define SBIND_CLI_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

typedef struct identity {
    /* the command line */
    const char *user;                 /* NULL: nothing changes */
    const char *primary_group;        /* NULL: the user's own */
    const char *supplementary_groups; /* with commas; "": none; NULL: those of
                                         the user database */
    /* what it means */
    uint32_t uid, gid;
    uint32_t *groups; /* for setgroups; of malloc */
    size_t group_count;
} identity;

/* Looks everything up. It needs files that the user may not be able to read,
 * and comes before anything is opened. DONE, USAGE or SYSTEM; only after DONE
 * are groups the caller's to free. */
int identity_resolve(const char *self, identity *who);

#endif
