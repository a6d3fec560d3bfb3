/* system.h - errors of system calls, and closing descriptors after an error */
#ifndef SBIND_BIND_SYSTEM_H
#define SBIND_BIND_SYSTEM_H

#include <sbind/listen.h>
#include <sbind/status.h>

/* Makes the error of the call that has just failed: its name, and errno or (on
 * Windows) GetLastError, which also covers WSAGetLastError. The status is the
 * one that this error number means, or SBIND_SYSTEM. The hint is added later
 * (hints.h). */
sbind_status sbind__fail_call(const char *call, sbind_error *reterr);

/* The same error, with this status. */
sbind_status sbind__fail_call_as(sbind_status status, const char *call,
                                 sbind_error *reterr);

/* Makes the error of a call that returns its error number instead of setting
 * errno. */
sbind_status sbind__fail_code(const char *call, int code, sbind_error *reterr);

/* Closes a descriptor, or a socket on Windows. Does nothing for -1. Leaves
 * errno as it was. */
void sbind__close_fd(sbind_handle fd);

#endif
