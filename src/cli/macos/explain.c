/* macos/explain.c - sbind explain: what listening does on macOS */
#include "../explain.h"

#include <sbind/listen.h>

#define PATH_MAX_HERE 92 /* sun_path has 104 octets; see portable/place.c */

static void say_socket(const char *family)
{
    explain_say("socket(%s, SOCK_STREAM, 0)", family);
    explain_say("fcntl(F_SETFD, FD_CLOEXEC), fcntl(F_SETFL, O_NONBLOCK)");
}

void explain_tcp_socket(const sbind_address *a)
{
    say_socket(explain_family(a));
    explain_ipv6_only(a);
    explain_say("setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)");
}

static void explain_path(const sbind_address *a)
{
    if (a->name_length > PATH_MAX_HERE) {
        explain_say("refused on macOS: such a path has at most 92 octets");
        return;
    }
    explain_say("makes the socket file %s, mode 0600", a->name);
    explain_say("opens its directory, in which no other user may be able to "
                "replace files");
    explain_say("locks .NAME.sbind in that directory until it listens, so that "
                "one starter wins");
    explain_say("if there is a file already:");
    explain_say("  refuses if it is not a socket, or another user's");
    explain_say("  asks whether a process listens there: connect() of a "
                "datagram socket,");
    explain_say("  which that process does not notice; if so, refuses");
    explain_say("  moves the stale socket aside, and removes it at the end");
    explain_say("makes the directory .NAME.sbind-d for this user alone");
    say_socket("AF_UNIX");
    explain_say("bind() in that directory, chmod(0600)");
    explain_say("listen(%d), then gives the socket its path",
                SBIND_BACKLOG_DEFAULT);
}

void explain_unix(const sbind_address *a)
{
    if (a->kind == SBIND_UNIX_PATH)
        explain_path(a);
    else
        explain_say("an abstract name of Linux; refused on macOS");
}

static void explain_launchd(const sbind_address *a)
{
    explain_say("reads LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES; without them:");
    explain_say("launch_activate_socket(\"%s\")",
                a->kind == SBIND_FD_NAME ? a->name : "Listeners");
    if (a->kind == SBIND_FD_SINGLE)
        explain_say("adopts the only listening socket; refuses several");
    else
        explain_say("adopts every listening socket of these");
}

void explain_fd(const sbind_address *a)
{
    if (a->kind == SBIND_FD_NUMBER && a->fd > SBIND_ADOPT_MAX) {
        explain_refused("refused: descriptors above 65535 are not adopted");
        return;
    }
    if (a->kind == SBIND_FD_NUMBER)
        explain_say("adopts descriptor %d", (int)a->fd);
    else
        explain_launchd(a);
    explain_say("proc_pidfdinfo(): a listening stream socket of IPv4, IPv6 or "
                "unix");
    explain_say("fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)");
}

void explain_pipe(const sbind_address *a)
{
    (void)a;
    explain_refused("a named pipe of Windows; refused on this platform");
}
