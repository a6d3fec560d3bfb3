/* owner.h - which process a listener belongs to
 *
 * A seam: each system has an owner.c. */
#ifndef SBIND_BIND_POSIX_OWNER_H
#define SBIND_BIND_POSIX_OWNER_H

#include <sbind/listen.h>

/* Whether this process made the listener, or has declared it its own; its
 * descriptor is, or was, fd. A forked child did not. */
bool sbind__is_owner(const sbind_listener *listener, int fd);

#endif
