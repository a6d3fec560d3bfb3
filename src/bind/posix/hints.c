/* posix/hints.c - what a person can do about an error, on Linux
 *
 * Each hint names the cause that is likely for this call and this kind of
 * address, and one thing to do. tests/unit/hints_test.c has all of them. */
#define _XOPEN_SOURCE 700 /* S_ISSOCK */
#include "../hints.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

#include "../socket.h"
#include "rename.h"

#define TCP SBIND__TCP
#define PATH SBIND__PATH
#define ABSTRACT SBIND__ABSTRACT
#define UNIX SBIND__UNIX
#define FD SBIND__FD
#define ANY SBIND__ANY
#define LISTENING SBIND__LISTENING
#define CONNECTING SBIND__CONNECTING

/* ---- Texts that several rows share ------------------------------------------ */

static const char policy[] =
    "a security policy of this machine (seccomp, SELinux, AppArmor) forbids it";
static const char no_create[] =
    "this user may not create files in the directory of this path; see: namei "
    "-l PATH";
static const char no_change[] =
    "this user may not replace or remove files in the directory; see: ls -ld";
static const char no_entry[] =
    "this user may not enter a directory of this path; see: namei -l PATH";
static const char no_directory[] =
    "the directory of this path does not exist; create it first";
static const char no_server[] =
    "there is no socket at this path; start the server first";
static const char immutable[] =
    "the directory or a file in it cannot be changed; see: lsattr -d";
static const char no_sockets[] =
    "this file system has no sockets; use a path on another one";
static const char no_locks[] =
    "this file system has no locks; use a path on another one";
static const char fixed_mode[] =
    "this file system does not let the mode be set; use a path on another one";
static const char give_away[] =
    "giving a file to another user or group needs CAP_CHOWN; leave it as it is";
static const char mounted[] =
    "something is mounted on this path; unmount it, or use another path";
static const char no_route[] =
    "this machine has no route to this address; see: ip route";
static const char starting[] =
    "another process is starting or closing at this path; try again";
static const char closed[] = "the socket was closed or shut down meanwhile";
static const char no_files[] =
    "the system has as many files open as it can; see: sysctl fs.file-max";
static const char not_known[] =
    "this kernel does not know the option; leave it out";

/* ---- The table -------------------------------------------------------------- */

// clang-format off
const sbind__advice sbind__advices[] = {
    /* statuses without a call, or with a call that says nothing more */
    {TCP, SBIND_TIMED_OUT, NULL, 0,
     "no answer came: the host may be down, or a firewall drops the packets"},
    {UNIX, SBIND_TIMED_OUT, NULL, 0,
     "the server's queue is full: it accepts too slowly, or hangs"},
    {TCP, SBIND_UNSUPPORTED, NULL, EAFNOSUPPORT,
     "the kernel lacks this address family (IPv6 is off?), or a sandbox hides "
     "it"},
    {UNIX, SBIND_UNSUPPORTED, NULL, EAFNOSUPPORT,
     "a sandbox hides unix sockets; systemd: RestrictAddressFamilies=AF_UNIX"},
    {PATH, SBIND_PATH_TOO_LONG, NULL, ENAMETOOLONG,
     "each part of a path has at most 255 octets, on some file systems fewer"},

    /* TCP */
    {TCP, SBIND_SYSTEM, "bind", EACCES,
     "ports below 1024 need root or CAP_NET_BIND_SERVICE; use a higher port"},
    {TCP, SBIND_SYSTEM, "connect", EACCES,
     "a route or a firewall of this machine prohibits it; see: ip route"},
    {TCP, SBIND_SYSTEM, "connect", EPERM,
     "a firewall of this machine forbids it; see: nft list ruleset"},
    {TCP, SBIND_SYSTEM, "setsockopt SO_BINDTODEVICE", EPERM,
     "choosing an interface needs CAP_NET_RAW; leave the device out"},
    {TCP, SBIND_SYSTEM, "setsockopt SO_BINDTODEVICE", ENODEV,
     "no interface has this name; see: ip link"},
    {TCP, SBIND_SYSTEM, "setsockopt TCP_USER_TIMEOUT", ENOPROTOOPT,
     "this kernel cannot combine user_timeout and mptcp; leave one of them out"},
    {TCP, SBIND_SYSTEM, "connect", EADDRNOTAVAIL,
     "no interface, or none of that zone, has an address and a free port to "
     "connect from"},
    {TCP, SBIND_SYSTEM, NULL, EADDRNOTAVAIL, sbind__absent_address},
    {TCP, SBIND_SYSTEM, NULL, ENETDOWN,
     "the interface is down; see: ip link"},
    {TCP, SBIND_SYSTEM, NULL, ENETUNREACH, no_route},
    {TCP, SBIND_SYSTEM, NULL, EHOSTUNREACH,
     "the host does not answer, or a router refuses; see: ip route get"},
    {TCP, SBIND_SYSTEM, "connect", ECONNREFUSED,
     "no server listens on this port of this address"},
    {TCP, SBIND_SYSTEM, NULL, ECONNRESET,
     "the server closed the connection at once; see the server's log"},
    {TCP, SBIND_SYSTEM, "getpeername", ENOTCONN,
     "the server closed the connection at once; see the server's log"},
    {TCP, SBIND_SYSTEM, NULL, ENODEV,
     "the interface of the zone is gone; see: ip link"},
    {TCP, SBIND_SYSTEM, "if_nametoindex", ENOENT,
     "the interface could not be looked up; write its index as the zone"},
    {TCP, SBIND_SYSTEM, "if_indextoname", ENOENT,
     "the interface could not be looked up; write its name as the zone"},
    {TCP, SBIND_SYSTEM, "getaddrinfo", ENOENT,
     "a file of the resolver is missing; see: man nsswitch.conf"},

    /* opening the directory (listening), or the socket (connecting) */
    {PATH | LISTENING, SBIND_SYSTEM, "open", EACCES, no_entry},
    {PATH | LISTENING, SBIND_SYSTEM, "open", ENOENT, no_directory},
    {PATH | CONNECTING, SBIND_SYSTEM, "open", EACCES, no_entry},
    {PATH | CONNECTING, SBIND_SYSTEM, "open", ENOENT, no_server},
    {PATH | CONNECTING, SBIND_SYSTEM, "connect", EACCES,
     "this user may not write to the socket, or not enter a directory of it"},
    {PATH | CONNECTING, SBIND_SYSTEM, "connect", ENOENT, no_server},
    {PATH | CONNECTING, SBIND_SYSTEM, "connect", ECONNREFUSED,
     "the server has ended, and its socket file is left; start it again"},
    {ABSTRACT, SBIND_SYSTEM, "connect", ECONNREFUSED,
     "no server of this network namespace listens on this name"},
    {UNIX, SBIND_SYSTEM, "connect", EPROTOTYPE,
     "the server's socket is not a stream socket, but of another type"},

    /* making and removing a socket file */
    {PATH, SBIND_SYSTEM, "openat", EACCES, no_create},
    {PATH, SBIND_SYSTEM, "mkdirat", EACCES, no_create},
    {PATH, SBIND_SYSTEM, "bind", EACCES, no_create},
    {PATH, SBIND_SYSTEM, "connect", EACCES,
     "this user may not connect to the socket file there; if no server uses "
     "it, remove it"},
    {PATH, SBIND_SYSTEM, "unlinkat", EACCES, no_change},
    {PATH, SBIND_SYSTEM, SBIND__RENAME, EACCES, no_change},
    {PATH, SBIND_SYSTEM, "renameat", EACCES, no_change},
    {PATH, SBIND_SYSTEM, "linkat", EACCES, no_change},
    {PATH, SBIND_SYSTEM, "openat", EPERM, immutable},
    {PATH, SBIND_SYSTEM, "mkdirat", EPERM, immutable},
    {PATH, SBIND_SYSTEM, "unlinkat", EPERM, immutable},
    {PATH, SBIND_SYSTEM, SBIND__RENAME, EPERM, immutable},
    {PATH, SBIND_SYSTEM, "renameat", EPERM, immutable},
    {PATH, SBIND_SYSTEM, "linkat", EPERM, immutable},
    {PATH, SBIND_SYSTEM, "bind", EPERM,
     "this file system has no sockets, or the directory cannot be changed"},
    {PATH, SBIND_SYSTEM, "bind", EOPNOTSUPP, no_sockets},
    {PATH, SBIND_SYSTEM, "chmod", EPERM, fixed_mode},
    {PATH, SBIND_SYSTEM, "chmod", EOPNOTSUPP, fixed_mode},
    {PATH, SBIND_SYSTEM, "fchmodat", EPERM, fixed_mode},
    {PATH, SBIND_SYSTEM, "fchmodat", EOPNOTSUPP, fixed_mode},
    {PATH, SBIND_SYSTEM, "fchmodat2", EPERM, fixed_mode},
    {PATH, SBIND_SYSTEM, "fchmodat2", EOPNOTSUPP, fixed_mode},
    {PATH, SBIND_SYSTEM, "fchownat", EPERM, give_away},
    {PATH, SBIND_SYSTEM, "fchownat", EINVAL,
     "this file system or user namespace does not have this user or group"},
    {PATH, SBIND_SYSTEM, "flock", EAGAIN, starting},
    {PATH, SBIND_SYSTEM, "flock", ENOLCK, no_locks},
    {PATH, SBIND_SYSTEM, "flock", ENOSYS, no_locks},
    {PATH, SBIND_SYSTEM, "flock", EOPNOTSUPP, no_locks},
    {PATH, SBIND_SYSTEM, NULL, ENOENT, no_directory},
    {PATH, SBIND_SYSTEM, NULL, EBUSY, mounted},
    {PATH, SBIND_SYSTEM, NULL, ENOTDIR,
     "a part of this path is a file, not a directory"},
    {PATH, SBIND_SYSTEM, NULL, ELOOP,
     "a symbolic link of this path is not followed, or leads in a circle; see: "
     "namei -l PATH"},
    {PATH, SBIND_SYSTEM, NULL, EROFS,
     "the file system is mounted read-only; use a path on another one"},
    {PATH, SBIND_SYSTEM, NULL, ENOSPC,
     "the file system is full; see: df, df -i"},
    {PATH, SBIND_SYSTEM, NULL, EDQUOT,
     "this user's share of the file system is used up; see: quota"},
    {PATH, SBIND_SYSTEM, NULL, EIO,
     "the disk or file system itself failed; see: dmesg"},
    {PATH, SBIND_SYSTEM, NULL, ESTALE,
     "the network file system has lost the directory; mount it again"},

    /* any address */
    {FD, SBIND_SYSTEM, NULL, EBADF, closed},
    {ANY, SBIND_SYSTEM, "getpeername", EBADF, closed},
    {UNIX, SBIND_SYSTEM, "getsockopt SO_PEERCRED", ENOPROTOOPT,
     "this kernel, or a sandbox, does not tell which user is at the other end"},
    {ANY, SBIND_SYSTEM, NULL, ENOPROTOOPT, not_known},
    {ANY, SBIND_SYSTEM, NULL, EACCES, policy},
    {ANY, SBIND_SYSTEM, NULL, EPERM, policy},
    {ANY, SBIND_SYSTEM, NULL, ENOSYS,
     "this kernel does not have the call, or a sandbox hides it"},
    {ANY, SBIND_EXHAUSTED, NULL, EMFILE,
     "this process has as many descriptors open as it may: close some, or raise "
     "ulimit -n"},
    {ANY, SBIND_SYSTEM, NULL, EMFILE,
     "this process has as many descriptors open as it may; see: ulimit -n"},
    {ANY, SBIND_EXHAUSTED, NULL, ENFILE, no_files},
    {ANY, SBIND_SYSTEM, NULL, ENFILE, no_files},
    {ANY, SBIND_SYSTEM, NULL, ENOMEM,
     "the system has no memory left for this; try again later"},
    {ANY, SBIND_SYSTEM, NULL, ENOBUFS,
     "the system has no memory left for this; try again later"},
    {0, SBIND_OK, NULL, 0, NULL},
};
// clang-format on

/* ---- Hints about a file ----------------------------------------------------- */

const char *sbind__occupied_hint(const struct stat *file)
{
    if (S_ISDIR(file->st_mode))
        return "a directory is there; Docker makes one when it mounts a path "
               "that does not exist. Remove it";
    if (S_ISLNK(file->st_mode))
        return "a symbolic link is there, and is not followed; remove it, or "
               "use the path that it leads to";
    return NULL;
}

const char *sbind__not_socket_hint(const struct stat *file)
{
    if (S_ISSOCK(file->st_mode))
        return NULL;
    return S_ISDIR(file->st_mode) ? "this path is a directory, not a socket"
                                  : "the file at this path is not a socket";
}
