/* posix/unix_name.c - struct sockaddr_un and its length, which go together */
#define _POSIX_C_SOURCE 200809L
#include "unix_name.h"

#include <string.h>
#include <unistd.h>

#include "../../status/writer.h"

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

void sbind__alias_of_fd(int fd, const char *entry, char ret[SBIND__ALIAS_MAX])
{
    sbind__writer to = {ret, SBIND__ALIAS_MAX, 0, false};
    sbind__put_text(&to, "/proc/thread-self/fd/");
    sbind__put_decimal(&to, (uint32_t)fd);
    if (entry[0] != '\0') {
        sbind__put_text(&to, "/");
        sbind__put_text(&to, entry);
    }
    sbind__put_end(&to);
}

bool sbind__has_proc(int fd)
{
    char alias[SBIND__ALIAS_MAX];
    sbind__alias_of_fd(fd, "", alias);
    return access(alias, F_OK) == 0;
}
