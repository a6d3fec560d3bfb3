/* drop.h - gives up privileges for good (POSIX)
 *
 * On Linux only the calling thread gives them up. */
#ifndef SBIND_CLI_POSIX_DROP_H
#define SBIND_CLI_POSIX_DROP_H

#include <stdbool.h>

#include "../identity.h"

/* Becomes this user: sets the groups and the effective, real and saved ids. Unless
 * the user is root, it also gives up all capabilities. Verifies the result. Returns
 * DONE, or SYSTEM after a message. After a failure the thread must end. */
int drop_to(const identity *who);

/* Calls the function, which gives up privileges and becomes the command. If that
 * fails on Linux, this process still has its privileges, and can remove its socket
 * files. Returns what the function has returned. */
int drop_aside(int (*become)(void *context), void *context);

/* DONE. USAGE, after a message, if no_new_privs is wanted and the system does not
 * have it. self is argv[0]. */
int drop_check(const char *self, bool no_new_privs);

/* From now on no program gains privileges, not even a set-user-id program. DONE
 * or SYSTEM. */
int drop_new_privileges(void);

#endif
