/* macos/leave.c - what the command must not get from the process that launches it.
 * macOS has no session keyrings. */
#include "../posix/leave.h"

#include "../cli.h"

int leave_keyring(void) { return DONE; }

int leave_descriptors(int first) { return leave_listed("/dev/fd", first); }
