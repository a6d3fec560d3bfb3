/* groups.h - the groups of a user (POSIX) */
#ifndef SBIND_CLI_POSIX_GROUPS_H
#define SBIND_CLI_POSIX_GROUPS_H

#include <stdbool.h>

#include "../identity.h"

/* Fills in the groups that the user database has for the user. A user that it lacks
 * is in no groups. False without memory; the caller frees the groups in either
 * case. */
bool groups_of_user(identity *who);

#endif
