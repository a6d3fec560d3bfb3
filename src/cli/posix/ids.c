/* posix/ids.c - users and groups on the command line */
#define _POSIX_C_SOURCE 200809L /* uid_t */
#include "../number.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>

#include <sbind/listen.h>

/* UINT32_MAX is not an id, but it is read as a number and not as a name. The caller
 * refuses it. */
static bool is_number(const char *text, int64_t *ret)
{
    return number_read_digits(text, 10, UINT32_MAX, ret);
}

bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
    int64_t value;
    bool number = is_number(text, &value);
    const struct passwd *entry =
        number ? getpwuid((uid_t)value) : getpwnam(text);
    if (entry == NULL && !number)
        return false;
    *ret_uid = number ? (uint32_t)value : entry->pw_uid;
    *ret_gid = entry != NULL ? entry->pw_gid : SBIND_NO_ID;
    return *ret_uid != SBIND_NO_ID;
}

bool number_read_group(const char *text, uint32_t *ret_gid)
{
    int64_t value;
    bool number = is_number(text, &value);
    const struct group *entry = number ? NULL : getgrnam(text);
    if (entry == NULL && !number)
        return false;
    *ret_gid = number ? (uint32_t)value : entry->gr_gid;
    return *ret_gid != SBIND_NO_ID;
}
