/* linux_ids.c - users and groups on the command line */
#define _POSIX_C_SOURCE 200809L /* uid_t */
#include "number.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>

#include <sbind/listen.h>

bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
    int64_t value;
    const struct passwd *entry;
    bool number = number_read_digits(text, 10, UINT32_MAX - 1, &value);
    entry = number ? getpwuid((uid_t)value) : getpwnam(text);
    if (entry == NULL && !number)
        return false;
    *ret_uid = number ? (uint32_t)value : entry->pw_uid;
    *ret_gid = entry != NULL ? entry->pw_gid : SBIND_NO_ID;
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
