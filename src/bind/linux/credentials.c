/* linux/credentials.c - which user and process the other end of a unix socket is
 *
 * The credentials of a server are those of the process that called listen. The
 * credentials of a client are those of the process that called connect.
 * (unix(7)) */
#define _GNU_SOURCE /* struct ucred */
#include "../posix/credentials.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sbind/peer.h>

#include "../system.h"

/* ---- Users that this user namespace lacks ----------------------------------- */

#define OVERFLOW_DEFAULT 65534 /* user_namespaces(7) */

/* The decimal number at the beginning of text[0 .. n), or the default if there is
 * no number. The kernel allows at most 65535. */
static uint32_t read_number(const char *text, size_t n)
{
    uint32_t number = 0;
    size_t i = 0;
    while (i < n && i < 9 && text[i] >= '0' && text[i] <= '9')
        number = number * 10 + (uint32_t)(text[i++] - '0');
    return i > 0 ? number : OVERFLOW_DEFAULT;
}

/* The number that the kernel reports for each id that this user namespace does not
 * map. An administrator can change the number, even to 0. */
static uint32_t overflow_id(const char *path)
{
    char text[16];
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        n = pread(fd, text, sizeof text, 0);
    sbind__close_fd(fd);
    return n > 0 ? read_number(text, (size_t)n) : OVERFLOW_DEFAULT;
}

static uint32_t known_id(uint32_t id, const char *path)
{
    return id == overflow_id(path) ? SBIND_NO_ID : id;
}

const char sbind__unknown_user[] = "the system does not tell which user the "
                                   "server is: it is none of this user "
                                   "namespace";

/* ---- SO_PEERCRED -------------------------------------------------------------- */

/* No kernel gives a shorter answer. If one did, the rest would stay unknown. */
sbind_status sbind__credentials_of(int fd, sbind__credentials *ret,
                                   sbind_error *reterr)
{
    struct ucred found = {0, SBIND_NO_ID, SBIND_NO_ID};
    socklen_t length = sizeof found;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &length) != 0)
        return sbind__fail_call("getsockopt SO_PEERCRED", reterr);
    ret->uid = known_id(found.uid, "/proc/sys/kernel/overflowuid");
    ret->gid = known_id(found.gid, "/proc/sys/kernel/overflowgid");
    ret->pid = found.pid > 0 ? found.pid : SBIND_NO_PID;
    return SBIND_OK;
}
