/* system.h - errors of the system, and descriptors on the way out */
#ifndef SBIND_BIND_SYSTEM_H
#define SBIND_BIND_SYSTEM_H

#include <sbind/status.h>

/* The error of a call that has just failed: its name and errno. The status is
 * SBIND_SYSTEM or the one that errno means. The hint comes later (hints.h). */
sbind_status sbind__fail_call(const char *call, sbind_error *reterr);

/* The same, as this status. */
sbind_status sbind__fail_call_as(sbind_status status, const char *call,
                                 sbind_error *reterr);

/* Closes a descriptor, if it is one, and leaves errno as it was. */
void sbind__close_fd(int fd); /* not on Windows: win32.h */

#endif
