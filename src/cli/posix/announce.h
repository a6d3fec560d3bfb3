/* announce.h - tells other processes that the sockets listen (POSIX) */
#ifndef SBIND_CLI_POSIX_ANNOUNCE_H
#define SBIND_CLI_POSIX_ANNOUNCE_H

#include "../listen.h"

/* Checks --ready-fd before anything is opened, and sets close-on-exec for its
 * descriptor. DONE or USAGE. */
int announce_check(const char *self, const request *r);

/* Does what --print-address and --ready-fd ask for. DONE or SYSTEM. */
int announce(const request *r, const opened *o);

#endif
