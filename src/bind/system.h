/* system.h - errors of the system, and closing descriptors after an error */
#ifndef SBIND_BIND_SYSTEM_H
#define SBIND_BIND_SYSTEM_H

#include <sbind/listen.h>
#include <sbind/status.h>

/* The error of a call that has just failed: its name and errno, or on Windows
 * GetLastError, which WSAGetLastError is as well. The status is SBIND_SYSTEM or
 * the one that errno means. The hint comes later (hints.h). */
sbind_status sbind__fail_call(const char *call, sbind_error *reterr);

/* The same, with this status. */
sbind_status sbind__fail_call_as(sbind_status status, const char *call,
                                 sbind_error *reterr);

/* The same, for a call that does not set errno. */
sbind_status sbind__fail_code(const char *call, int code, sbind_error *reterr);

/* Closes a descriptor, on Windows a socket, if it is one, and leaves errno as it
 * was. */
void sbind__close_fd(sbind_handle fd);

#endif
