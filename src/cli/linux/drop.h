/* drop.h - giving up privileges, for good and in the calling thread alone */
#ifndef SBIND_CLI_LINUX_DROP_H
#define SBIND_CLI_LINUX_DROP_H

#include <stdbool.h>

#include "../identity.h"

/* Becomes this user: groups, effective, real and saved ids. Unless the user is
 * root, all capabilities go. Verifies the result. DONE, or SYSTEM after a
 * message; then the thread must end. */
int drop_to(const identity *who);

/* From now on no program gains privileges, not even a set-user-id program. DONE
 * or SYSTEM. */
int drop_new_privileges(void);

/* Whether this process lacks this effective capability, which is below 32. */
bool drop_lacks(int capability);

#endif
