/* groups.h - the groups of a user (POSIX) */
#ifndef SBIND_CLI_POSIX_GROUPS_H
#define SBIND_CLI_POSIX_GROUPS_H

#include <stdbool.h>

#include "../identity.h"

/* Fills in the groups that the user database has for the user. If the database lacks
 * the user, there are no groups. Returns false if there is not enough memory. The
 * caller has to free the groups in either case. */
bool groups_of_user(identity *who);

#endif
