/* posix/sockaddr.c - addresses as the system has them, and as values */
#define _GNU_SOURCE /* strnlen */
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../../status/error.h"
#include "../../status/writer.h"
#include "../endpoint.h"
#include "../family.h"
#include "../net.h"

/* ---- From the system's addresses to ours ----------------------------------- */

static bool is_zone_octet(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           c == '-' || c == '.' || c == '_' || c == '~';
}

/* Whether the name of an interface can be a zone in the grammar. Linux allows
 * other names, too. For these, the index becomes the zone. */
static bool is_zone(const char *name)
{
    size_t n = strlen(name), i = 0;
    while (i < n && is_zone_octet(name[i]))
        i++;
    return n > 0 && i == n && n <= SBIND_ZONE_MAX &&
           strspn(name, "0123456789") < n && strncmp(name, "25", 2) != 0;
}

void sbind__name_zone(sbind_address *a, uint32_t index)
{
    char name[IF_NAMESIZE];
    if (if_indextoname(index, name) == NULL || !is_zone(name)) {
        sbind__writer number = {name, sizeof name, 0, false};
        sbind__put_decimal(&number, index);
        sbind__put_end(&number);
    }
    a->zone_length = (uint8_t)strlen(name);
    memcpy(a->zone, name, strlen(name) + 1);
}

/* unix(7): A name that begins with NUL is abstract, and its length counts. A
 * path may fill sun_path to the last octet, without a NUL. Even then the system
 * counts the NUL. */
sbind_status sbind__from_unix(const struct sockaddr_storage *sa, size_t length,
                              sbind_address *ret)
{
    const struct sockaddr_un *un = (const void *)sa;
    const size_t begin = offsetof(struct sockaddr_un, sun_path);
    size_t n = length > begin ? length - begin : 0;
    const char *octets = un->sun_path;
    if (n == 0 || length > sizeof *un + (octets[0] != '\0'))
        return SBIND_INVALID_ADDRESS;
    if (octets[0] == '\0' && !SBIND__HAS_ABSTRACT) /* no name */
        return SBIND_INVALID_ADDRESS;
    ret->kind = octets[0] == '\0' ? SBIND_UNIX_ABSTRACT : SBIND_UNIX_PATH;
    if (ret->kind == SBIND_UNIX_ABSTRACT) {
        octets++;
        n--;
    } else {
        n = strnlen(octets, n < sizeof un->sun_path ? n : sizeof un->sun_path);
    }
    memcpy(ret->name, octets, n);
    ret->name_length = (uint16_t)n;
    return sbind_valid(ret) ? SBIND_OK : SBIND_INVALID_ADDRESS;
}

/* ---- From our addresses to the system's ------------------------------------ */

/* A path has a NUL after it. An abstract name has a NUL before it. */
sbind_status sbind__to_unix(const sbind_address *a, sbind__endpoint *ret,
                            sbind_error *reterr)
{
    const size_t begin = offsetof(struct sockaddr_un, sun_path);
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (a->kind == SBIND_UNIX_ABSTRACT && !SBIND__HAS_ABSTRACT)
        return sbind__fail(SBIND_UNSUPPORTED, reterr);
    if (a->name_length >= sizeof un.sun_path)
        return sbind__fail(SBIND_PATH_TOO_LONG, reterr);
    memcpy(un.sun_path + (a->kind == SBIND_UNIX_ABSTRACT), a->name,
           a->name_length);
    memset(ret, 0, sizeof *ret);
    memcpy(&ret->sa, &un, sizeof un);
    ret->length = (socklen_t)(begin + 1 + a->name_length);
    return SBIND_OK;
}
