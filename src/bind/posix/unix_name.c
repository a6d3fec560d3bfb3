/* posix/unix_name.c - struct sockaddr_un and its length, which go together */
#include "unix_name.h"

#include <string.h>

bool sbind__unix_path_name(const char *path, size_t length,
                           sbind__unix_name *ret)
{
    if (length >= sizeof ret->sa.sun_path)
        return false;
    memset(ret, 0, sizeof *ret);
    ret->sa.sun_family = AF_UNIX;
    memcpy(ret->sa.sun_path, path, length);
    ret->length =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    return true;
}
