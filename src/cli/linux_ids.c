/* linux_ids.c - users and groups on the command line */
#define _POSIX_C_SOURCE 200809L /* uid_t */
#include "number.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>

bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
    int64_t value;
    const struct passwd *entry;
    if (number_read_digits(text, 10, UINT32_MAX - 1, &value))
        entry = getpwuid((uid_t)value);
    else
        entry = getpwnam(text);
    if (entry == NULL)
        return false;
    *ret_uid = entry->pw_uid;
    *ret_gid = entry->pw_gid;
    return true;
}

bool number_read_group(const char *text, uint32_t *ret_gid)
{
    int64_t value;
    const struct group *entry;
    if (number_read_digits(text, 10, UINT32_MAX - 1, &value)) {
        *ret_gid = (uint32_t)value;
        return true;
    }
    entry = getgrnam(text);
    if (entry == NULL)
        return false;
    *ret_gid = entry->gr_gid;
    return true;
}
