/* number.c - numbers and ids on the command line */
#define _POSIX_C_SOURCE 200809L /* uid_t */
#include "number.h"

#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>

#include <sbind/listen.h>

/* Digits below "base", up to most. */
static bool read_digits(const char *text, int64_t base, int64_t most,
                        int64_t *ret)
{
    int64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text >= '0' + base)
            return false;
        value = value * base + (*text - '0');
        if (value > most)
            return false;
    }
    *ret = value;
    return true;
}

bool number_read(const char *text, int least, int most, int *ret)
{
    int64_t value;
    if (!read_digits(text, 10, most, &value) || value < least)
        return false;
    *ret = (int)value;
    return true;
}

bool number_read_mode(const char *text, int32_t *ret)
{
    int64_t value;
    if (!read_digits(text, 8, 0777, &value))
        return false;
    *ret = (int32_t)value;
    return true;
}

bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
    int64_t value;
    const struct passwd *entry;
    bool number = read_digits(text, 10, UINT32_MAX - 1, &value);
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
    if (read_digits(text, 10, UINT32_MAX - 1, &value)) {
        *ret_gid = (uint32_t)value;
        return true;
    }
    entry = getgrnam(text);
    if (entry == NULL)
        return false;
    *ret_gid = entry->gr_gid;
    return true;
}
