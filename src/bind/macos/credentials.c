/* macos/credentials.c - which user and process the other end of a unix socket is
 *
 * unix(4): the kernel notes user and process when the connection is made. For a
 * client, the kernel notes the process that called connect. For a server, it
 * notes the process that called listen. */
#include "../posix/credentials.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sbind/peer.h>

#include "../system.h"

const char sbind__unknown_user[] =
    "the system does not tell which user the server is";

/* The process may have ended, and another process may have its number. So the
 * number is only reported, and nothing is decided by it. */
static int32_t process_of(int fd)
{
    pid_t pid = 0;
    socklen_t length = sizeof pid;
    return getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, &pid, &length) == 0 &&
                   pid > 0
               ? pid
               : SBIND_NO_PID;
}

sbind_status sbind__credentials_of(int fd, sbind__credentials *ret,
                                   sbind_error *reterr)
{
    uid_t uid;
    gid_t gid;
    if (getpeereid(fd, &uid, &gid) != 0)
        return sbind__fail_call("getpeereid", reterr);
    *ret = (sbind__credentials){uid, gid, process_of(fd)};
    return SBIND_OK;
}
