/* linux/explain.c - sbind explain: what listening does on Linux */
#include "../cli.h"

#include <string.h>

#define BACKLOG "4096"   /* SBIND_BACKLOG_DEFAULT */
#define ABSTRACT_MAX 107 /* octets; sun_path without the NUL before them */
#define BASE_MAX 255     /* octets of a file name */

static void say(const char *line) { cli_say(stdout, "  %s", line); }

static void explain_ipv4(const sbind_address *a)
{
    char ip[SBIND_IPV4_TEXT_MAX];
    sbind_format_ipv4(a->ip, ip);
    say("listens on this IPv4 address alone");
    say("socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)");
    say("setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)");
    cli_say(stdout, "  bind(%s, port %u)", ip, (unsigned)a->port);
    say("listen(" BACKLOG ")");
}

static void explain_ipv6(const sbind_address *a, bool dual)
{
    char ip[SBIND_IPV6_TEXT_MAX];
    sbind_format_ipv6(a->ip, ip);
    if (a->zone_length > 0)
        cli_explain_zone(a);
    say("socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)");
    cli_say(stdout, "  setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, %d)",
            dual ? 0 : 1);
    say("setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)");
    cli_say(stdout, "  bind(%s, port %u)", ip, (unsigned)a->port);
    say("listen(" BACKLOG ")");
}

static void explain_tcp(const sbind_address *a)
{
    if (a->kind == SBIND_TCP_DEFAULT) {
        say("the program's default address; sbind listen has none");
        return;
    }
    if (a->kind == SBIND_TCP_NAME) {
        cli_say(stdout,
                "  getaddrinfo(\"%s\"), then listens on each answer, or on "
                "none",
                a->host);
    } else if (a->kind == SBIND_TCP_IPV4) {
        explain_ipv4(a);
    } else if (a->kind == SBIND_TCP_IPV6) {
        say("listens on this IPv6 address alone");
        explain_ipv6(a, false);
    } else {
        say("one socket for IPv6 and IPv4 on every address; for IPv4 alone if");
        say("this machine has no IPv6");
        explain_ipv6(a, true);
    }
    if (a->port == 0)
        say("port 0: the system chooses a free port");
}

static void say_name(const char *before, const sbind_address *a,
                     const char *after)
{
    cli_say(stdout, "  %s%s%s", before, a->name, after);
}

static void explain_path(const sbind_address *a)
{
    const char *slash = strrchr(a->name, '/');
    if (strlen(slash == NULL ? a->name : slash + 1) > BASE_MAX) {
        say("refused: the last component has at most 255 octets");
        return;
    }
    say_name("makes the socket file ", a, ", mode 0600");
    if (a->name_length > PLAIN_PATH_MAX) {
        say("the path has more than 107 octets: many clients, curl and socat "
            "among them,");
        say("cannot reach it, and the system knows the socket by another name");
    }
    say("opens its directory, in which no other user may be able to replace "
        "files");
    say("locks .NAME.sbind in that directory until it listens, so that one "
        "starter wins");
    say("socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)");
    say("fchmod(0600), before there is a file");
    say("bind() to the path; if there is a file already:");
    say("  refuses if it is not a socket, or another user's");
    say("  asks whether a process listens there: connect() of a datagram "
        "socket,");
    say("  which that process does not notice; if so, refuses");
    say("  moves the stale socket aside, binds again, and removes it at the "
        "end");
    say("listen(" BACKLOG ")");
}

static void explain_unix(const sbind_address *a)
{
    if (a->kind == SBIND_UNIX_PATH) {
        explain_path(a);
        return;
    }
    if (a->name_length > ABSTRACT_MAX) {
        say("refused: an abstract name has at most 107 octets");
        return;
    }
    say("an abstract name: no file, no owner, no mode; every process of this");
    say("network namespace can connect, and take the name while it is free;");
    say("a client can ask for the server's user (sbind connect --unix-owner)");
    say("socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)");
    cli_say(stdout, "  bind(NUL and the %u octets of the name)",
            (unsigned)a->name_length);
    say("listen(" BACKLOG ")");
}

static void explain_fd(const sbind_address *a)
{
    if (a->kind == SBIND_FD_NUMBER && a->fd > SBIND_ADOPT_MAX) {
        say("refused: descriptors above 65535 are not adopted");
        return;
    }
    if (a->kind == SBIND_FD_NUMBER) {
        cli_say(stdout, "  adopts descriptor %d", (int)a->fd);
    } else {
        say("reads LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS, LISTEN_FDNAMES");
        if (a->kind == SBIND_FD_SINGLE)
            say("adopts the only listening socket that was passed; refuses "
                "several");
        else if (a->kind == SBIND_FD_ALL)
            say("adopts every listening socket that was passed");
        else
            say_name("adopts the listening sockets passed by the name ", a, "");
    }
    say("getsockopt(SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN): a "
        "listening");
    say(a->kind == SBIND_FD_NUMBER ? "stream socket of IPv4, IPv6 or unix; "
                                     "refuses any other descriptor"
                                   : "stream socket of IPv4, IPv6 or unix; any "
                                     "other stays as it came");
    say("fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)");
}

void cli_explain_address(const sbind_address *a)
{
    const char *scheme = sbind_scheme(a->kind);
    if (strcmp(scheme, "tcp") == 0)
        explain_tcp(a);
    else if (strcmp(scheme, "unix") == 0)
        explain_unix(a);
    else if (strcmp(scheme, "fd") == 0)
        explain_fd(a);
    else
        say("a named pipe of Windows; refused on this platform");
}
