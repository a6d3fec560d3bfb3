/* alias.h - an alias: a path in /proc to the file that a descriptor refers to */
#ifndef SBIND_BIND_LINUX_ALIAS_H
#define SBIND_BIND_LINUX_ALIAS_H

#include <stdbool.h>

/* The size of the longest alias, with its NUL. An alias always fits in sun_path. */
#define SBIND__ALIAS_MAX 108

/* The hint for a path that would need an alias where there is no /proc. */
#define SBIND__NEEDS_PROC "without /proc, a path has at most 107 octets"

/* Writes "/proc/thread-self/fd/FD", and "/ENTRY" after it unless entry is empty.
 * This path leads to the file of the descriptor, even if the file was renamed or
 * removed. /proc/self would not do: it belongs to the first thread of the process,
 * which may have ended, or have other descriptors. */
void sbind__alias_of_fd(int fd, const char *entry, char ret[SBIND__ALIAS_MAX]);

/* Whether there is a /proc, so that aliases work. fd is any open descriptor. */
bool sbind__has_proc(int fd);

#endif
