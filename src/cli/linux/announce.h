/* announce.h - telling others that the sockets listen (Linux) */
#ifndef SBIND_CLI_LINUX_ANNOUNCE_H
#define SBIND_CLI_LINUX_ANNOUNCE_H

#include "../listen.h"

/* Whether --ready-fd can be done: before anything is opened. Then the descriptor is
 * closed when the command begins. DONE or USAGE. */
int announce_check(const char *self, const request *r);

/* --print-address and --ready-fd. DONE or SYSTEM. */
int announce(const request *r, const opened *o);

#endif
