/* linux/explain.c - sbind explain: what listening does on Linux */
#include "../explain.h"

#include <sbind/listen.h>
#include <string.h>

#define ABSTRACT_MAX 107 /* octets; sun_path without the NUL before them */
#define BASE_MAX 255     /* octets of a file name */

void explain_tcp_socket(const sbind_address *a)
{
    explain_say("socket(%s, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
                explain_family(a));
    explain_ipv6_only(a);
    explain_say("setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)");
}

static void say_name(const char *before, const sbind_address *a,
                     const char *after)
{
    explain_say("%s%s%s", before, a->name, after);
}

static void explain_path(const sbind_address *a)
{
    const char *slash = strrchr(a->name, '/');
    if (strlen(slash == NULL ? a->name : slash + 1) > BASE_MAX) {
        explain_refused("refused: the last component has at most 255 octets");
        return;
    }
    say_name("makes the socket file ", a, ", mode 0600");
    if (a->name_length > PLAIN_PATH_MAX) {
        explain_say(
            "the path has more than 107 octets: many clients, curl and socat "
            "among them,");
        explain_say(
            "cannot reach it, and the system knows the socket by another name");
    }
    explain_say(
        "opens its directory, in which no other user may be able to replace "
        "files");
    explain_say(
        "locks .NAME.sbind in that directory until it listens, so that one "
        "starter wins");
    explain_say(
        "socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)");
    explain_say("fchmod(0600), before there is a file");
    explain_say("bind() to the path; if there is a file already:");
    explain_say("  refuses if it is not a socket, or another user's");
    explain_say(
        "  asks whether a process listens there: connect() of a datagram "
        "socket,");
    explain_say("  which that process does not notice; if so, refuses");
    explain_say(
        "  moves the stale socket aside, binds again, and removes it at the "
        "end");
    explain_say("listen(%d)", SBIND_BACKLOG_DEFAULT);
}

void explain_unix(const sbind_address *a)
{
    if (a->kind == SBIND_UNIX_PATH) {
        explain_path(a);
        return;
    }
    if (a->name_length > ABSTRACT_MAX) {
        explain_refused("refused: an abstract name has at most 107 octets");
        return;
    }
    explain_say(
        "an abstract name: no file, no owner, no mode; every process of this");
    explain_say(
        "network namespace can connect, and take the name while it is free;");
    explain_say(
        "a client can ask for the server's user (sbind connect --unix-owner)");
    explain_say(
        "socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)");
    explain_say("bind(NUL and the %u octets of the name)",
                (unsigned)a->name_length);
    explain_say("listen(%d)", SBIND_BACKLOG_DEFAULT);
}

void explain_fd(const sbind_address *a)
{
    if (a->kind == SBIND_FD_NUMBER && a->fd > SBIND_ADOPT_MAX) {
        explain_refused("refused: descriptors above 65535 are not adopted");
        return;
    }
    if (a->kind == SBIND_FD_NUMBER) {
        explain_say("adopts descriptor %d", (int)a->fd);
    } else {
        explain_say(
            "reads LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS, LISTEN_FDNAMES");
        if (a->kind == SBIND_FD_SINGLE)
            explain_say(
                "adopts the only listening socket that was passed; refuses "
                "several");
        else if (a->kind == SBIND_FD_ALL)
            explain_say("adopts every listening socket that was passed");
        else
            say_name("adopts the listening sockets passed by the name ", a, "");
    }
    explain_say("getsockopt(SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN): a "
                "listening");
    explain_say(a->kind == SBIND_FD_NUMBER
                    ? "stream socket of IPv4, IPv6 or unix; "
                      "refuses any other descriptor"
                    : "stream socket of IPv4, IPv6 or unix; any "
                      "other stays as it came");
    explain_say("fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)");
}

void explain_pipe(const sbind_address *a)
{
    (void)a;
    explain_refused("a named pipe of Windows; refused on this platform");
}
