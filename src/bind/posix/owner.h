/* owner.h - which process a listener belongs to
 *
 * Each system has its own owner.c. */
#ifndef SBIND_BIND_POSIX_OWNER_H
#define SBIND_BIND_POSIX_OWNER_H

#include <sbind/listen.h>

/* Whether this process made the listener, or has become its owner by sbind_own.
 * A forked child has done neither. fd is the descriptor that the listener has
 * or had. */
bool sbind__is_owner(const sbind_listener *listener, int fd);

#endif
