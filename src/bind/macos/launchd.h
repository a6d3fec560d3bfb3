/* launchd.h - asking launchd for sockets */
#ifndef SBIND_BIND_MACOS_LAUNCHD_H
#define SBIND_BIND_MACOS_LAUNCHD_H

#include <stddef.h>

/* Of <launch.h>, since macOS 10.10. "name" is a key of the dictionary Sockets in
 * launchd.plist(5); one name can have many descriptors. 0, and the caller frees
 * *fds; or ENOENT: the caller has no socket of that name, ESRCH: launchd does not
 * manage the caller, EALREADY: the caller has asked for it before.
 * tests/portability/macos.sh compares the declaration with Apple's. */
int launch_activate_socket(const char *name, int **fds, size_t *count);

#endif
