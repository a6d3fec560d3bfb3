/* unix_name.h - struct sockaddr_un and its length, which go together */
#ifndef SBIND_BIND_POSIX_UNIX_NAME_H
#define SBIND_BIND_POSIX_UNIX_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

typedef struct sbind__unix_name {
    struct sockaddr_un sa;
    socklen_t length;
} sbind__unix_name;

/* False when the path is too long for sun_path; it is never truncated. */
bool sbind__unix_path_name(const char *path, size_t length,
                           sbind__unix_name *ret);

/* Longest alias, its NUL included: it always fits in sun_path. */
#define SBIND__ALIAS_MAX 108
#define SBIND__ENTRY_MAX 76 /* longest entry in an alias, its NUL included */

/* The hint for a path that would need an alias where there is no /proc. */
#define SBIND__NEEDS_PROC "without /proc, a path has at most 107 octets"

/* "/proc/thread-self/fd/FD", or that with "/ENTRY": another path to what a
 * descriptor refers to, whatever became of its name. /proc/self is the thread
 * that began the process, which may have ended, or have other descriptors. */
void sbind__alias_of_fd(int fd, const char *entry, char ret[SBIND__ALIAS_MAX]);

/* Whether there is a /proc for aliases, seen by a descriptor that is open. */
bool sbind__has_proc(int fd);

#endif
