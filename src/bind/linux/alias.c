/* linux/alias.c - an alias: a path in /proc to the file that a descriptor refers
 * to */
#define _POSIX_C_SOURCE 200809L
#include "alias.h"

#include <unistd.h>

#include "../../status/writer.h"

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
