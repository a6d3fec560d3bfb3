/* posix/describe.c - what an inherited socket is, and the address by which others
 * connect to it */
#define _XOPEN_SOURCE 700 /* S_ISSOCK */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../family.h"
#include "nature.h"

/* ---- The path of a socket file ----------------------------------------------
 *
 * The kernel always knows a socket by the name that bind gave it. */

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether the path means another file in each process. Such a path leads to the
 * socket only in the process that bound the socket. */
static bool is_private(const char *path)
{
    return begins_with(path, "/proc/self/") ||
           begins_with(path, "/proc/thread-self/") ||
           begins_with(path, "/dev/fd/");
}

/* How many octets follow ".X.sbind" in a hidden name: "-new", or "-d/s" if the
 * system has POSIX only (portable/place.c). */
#define SUFFIX_LENGTH 4

static bool is_socket_file(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

static bool ends_with(const sbind_address *own, const char *suffix)
{
    const size_t n = strlen(suffix);
    return own->name_length >= n &&
           strcmp(own->name + own->name_length - n, suffix) == 0;
}

/* Where the last component of the path begins. The hidden name .X.sbind-d/s
 * counts as one component. */
static size_t base_of(const sbind_address *own)
{
    size_t i = own->name_length;
    if (ends_with(own, "-d/s"))
        i -= SUFFIX_LENGTH;
    while (i > 0 && own->name[i - 1] != '/')
        i--;
    return i;
}

/* Whether the name holds a hash instead of X: .sbind-, 16 digits and the
 * suffix. If X is long, its hidden names have such a hash, which does not tell
 * X. */
static bool is_hashed(const sbind_address *own)
{
    const char *base = own->name + base_of(own);
    return begins_with(base, ".sbind-") &&
           strlen(base) == 7 + 16 + SUFFIX_LENGTH &&
           (ends_with(own, "-new") || ends_with(own, "-d/s"));
}

/* If the socket was bound under the hidden name of X, uses DIR/X instead. The
 * socket got that name when it began to listen, and clients use it. */
static void use_public_name(sbind_address *own)
{
    const size_t suffix = strlen(".sbind") + SUFFIX_LENGTH;
    size_t base = base_of(own);
    size_t length = own->name_length - base; /* of .X.sbind-new */
    sbind_address public = *own;
    if (length < suffix + 2 || own->name[base] != '.' ||
        (!ends_with(own, ".sbind-new") && !ends_with(own, ".sbind-d/s")))
        return;
    length -= suffix + 1;
    memcpy(public.name + base, own->name + base + 1, length);
    memset(public.name + base + length, 0, sizeof public.name - base - length);
    public.name_length = (uint16_t)(base + length);
    if (sbind_valid(&public) && is_socket_file(public.name))
        *own = public;
}

/* ---- Any socket -------------------------------------------------------------- */

static bool is_dual_stack(int fd, const sbind_address *own)
{
    int only = 1;
    socklen_t length = sizeof only;
    return own->kind == SBIND_TCP_IPV6 &&
           memcmp(own->ip, &in6addr_any, 16) == 0 &&
           getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length) == 0 &&
           only == 0;
}

static sbind_kind kind_of_family(int fd)
{
    const int domain = sbind__domain_of(fd);
    return domain == AF_INET    ? SBIND_TCP_IPV4
           : domain == AF_INET6 ? SBIND_TCP_IPV6
                                : SBIND_UNIX_PATH;
}

static void number_address(int fd, sbind_address *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->kind = SBIND_FD_NUMBER;
    ret->fd = fd;
}

/* The address by which other processes can reach the socket. False if the
 * socket has no address, or one that no text expresses, or one that other
 * processes cannot use. */
static bool find_address(int fd, sbind_address *ret)
{
    if (sbind__socket_address(fd, ret, NULL) != SBIND_OK)
        return false;
    if (ret->kind == SBIND_UNIX_PATH) {
        if (is_private(ret->name) || is_hashed(ret))
            return false;
        use_public_name(ret);
    }
    if (is_dual_stack(fd, ret))
        ret->kind = SBIND_TCP_ANY;
    return true;
}

void sbind__describe_fd(int fd, sbind_listener *ret)
{
    sbind_address own;
    bool has_address = find_address(fd, &own);
    if (!has_address)
        number_address(fd, &own);
    sbind__new_listener(ret, fd, &own, SBIND_AS_INHERITED);
    if (!has_address)
        ret->kind = kind_of_family(fd);
    ret->inherited = true;
}
