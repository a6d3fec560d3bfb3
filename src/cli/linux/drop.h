/* drop.h - giving up privileges, for good and in the calling thread alone */
#ifndef SBIND_CLI_LINUX_DROP_H
#define SBIND_CLI_LINUX_DROP_H

#include <stdbool.h>

#include "../identity.h"

/* Becomes who, in groups, effective, real and saved ids, and for any but root
 * without capabilities. That it has come to pass is verified. DONE, or SYSTEM
 * after a message; the thread is then good for nothing but to end. */
int drop_to(const identity *who);

/* From now on no program gets more than we have, set-user-id or not. DONE or
 * SYSTEM. */
int drop_new_privileges(void);

/* Whether this process has no such effective capability; it is below 32. */
bool drop_lacks(int capability);

#endif
