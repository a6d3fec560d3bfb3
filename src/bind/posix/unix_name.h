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

/* False if the path is too long for sun_path. A path is never cut off. */
bool sbind__unix_path_name(const char *path, size_t length,
                           sbind__unix_name *ret);

/* The longest file name, with its NUL, that fits in sun_path behind an alias of
 * the directory (linux/alias.h). */
#define SBIND__ENTRY_MAX 76

#endif
