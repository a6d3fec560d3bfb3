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

/* Looks everything up, before anything is opened. It reads files that the new
 * user may not be able to read. DONE, USAGE or SYSTEM. Only after DONE does the
 * caller have to free groups. */
int identity_resolve(const char *self, identity *who);

#endif
