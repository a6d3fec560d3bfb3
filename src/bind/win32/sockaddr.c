/* win32/sockaddr.c - converts socket addresses of Winsock to values, and
 * back */
#include "win32.h"

#include <afunix.h>
#include <string.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../endpoint.h"

/* ---- From the system's addresses to ours ----------------------------------- */

void sbind__name_zone(sbind_address *a, uint32_t index)
{
    sbind__writer number = {a->zone, sizeof a->zone, 0, false};
    sbind__put_decimal(&number, index);
    sbind__put_end(&number);
    a->zone_length = (uint8_t)number.length;
}

/* Windows has no abstract names: a socket without a name has an empty path. */
sbind_status sbind__from_unix(const struct sockaddr_storage *sa, size_t length,
                              sbind_address *ret)
{
    const struct sockaddr_un *un = (const void *)sa;
    const char *end = memchr(un->sun_path, '\0', sizeof un->sun_path);
    size_t n = end == NULL ? sizeof un->sun_path : (size_t)(end - un->sun_path);
    (void)length;
    ret->kind = SBIND_UNIX_PATH;
    memcpy(ret->name, un->sun_path, n);
    ret->name_length = (uint16_t)n;
    return sbind_valid(ret) ? SBIND_OK : SBIND_INVALID_ADDRESS;
}

/* ---- From our addresses to the system's ------------------------------------ */

sbind_status sbind__to_unix(const sbind_address *a, sbind__endpoint *ret,
                            sbind_error *reterr)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (a->kind == SBIND_UNIX_ABSTRACT)
        return sbind__fail(SBIND_UNSUPPORTED, reterr);
    if (a->name_length >= sizeof un.sun_path)
        return sbind__fail(SBIND_PATH_TOO_LONG, reterr);
    memcpy(un.sun_path, a->name, a->name_length);
    memset(ret, 0, sizeof *ret);
    memcpy(&ret->sa, &un, sizeof un);
    ret->length = sizeof un;
    return SBIND_OK;
}
