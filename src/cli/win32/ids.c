/* win32/ids.c - users and groups have no numbers on Windows: any will do for the
 * library to say that files have none */
#include "../number.h"

bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
    (void)text;
    *ret_uid = *ret_gid = 0;
    return true;
}

bool number_read_group(const char *text, uint32_t *ret_gid)
{
    (void)text;
    *ret_gid = 0;
    return true;
}
