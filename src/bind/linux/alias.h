/* alias.h - paths that lead to what a descriptor refers to */
#ifndef SBIND_BIND_LINUX_ALIAS_H
#define SBIND_BIND_LINUX_ALIAS_H

#include <stdbool.h>

/* Longest alias, its NUL included: it always fits in sun_path. */
#define SBIND__ALIAS_MAX 108

/* The hint for a path that would need an alias where there is no /proc. */
#define SBIND__NEEDS_PROC "without /proc, a path has at most 107 octets"

/* "/proc/thread-self/fd/FD", or that with "/ENTRY": another path to what a
 * descriptor refers to, whatever became of its name. /proc/self is the thread
 * that began the process, which may have ended, or have other descriptors. */
void sbind__alias_of_fd(int fd, const char *entry, char ret[SBIND__ALIAS_MAX]);

/* Whether there is a /proc for aliases, seen by a descriptor that is open. */
bool sbind__has_proc(int fd);

#endif
