/* win32_ids.c - users and groups have no numbers on Windows */
#include "number.h"

bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
    (void)text, (void)ret_uid, (void)ret_gid;
    return false;
}

bool number_read_group(const char *text, uint32_t *ret_gid)
{
    (void)text, (void)ret_gid;
    return false;
}
