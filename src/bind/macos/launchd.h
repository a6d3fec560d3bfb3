/* launchd.h - asking launchd for sockets */
#ifndef SBIND_BIND_MACOS_LAUNCHD_H
#define SBIND_BIND_MACOS_LAUNCHD_H

#include <stddef.h>

/* <launch.h> declares this function since macOS 10.10. "name" is a key of the
 * dictionary Sockets in launchd.plist(5), and one name can have many
 * descriptors. Returns 0, and then the caller has to free *fds. Otherwise it
 * returns ENOENT if the caller has no socket with that name, ESRCH if launchd
 * does not manage the caller, or EALREADY if the caller has asked for the name
 * before. tests/portability/macos.sh compares the declaration with Apple's. */
int launch_activate_socket(const char *name, int **fds, size_t *count);

#endif
