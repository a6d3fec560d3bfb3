/* win32/explain.c - sbind explain: what listening does on Windows */
#include "../cli.h"

#include <string.h>

static void say(const char *line) { cli_say(stdout, "  %s", line); }

static void explain_socket(const sbind_address *a)
{
    char ip[SBIND_IPV6_TEXT_MAX];
    bool ipv4 = a->kind == SBIND_TCP_IPV4;
    if (ipv4)
        sbind_format_ipv4(a->ip, ip);
    else
        sbind_format_ipv6(a->ip, ip);
    if (a->zone_length > 0)
        cli_explain_zone(a);
    cli_say(stdout, "  WSASocketW(%s, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT)",
            ipv4 ? "AF_INET" : "AF_INET6");
    say("setsockopt(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1): nobody takes the "
        "port");
    if (!ipv4)
        cli_say(stdout, "  setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, %d)",
                a->kind == SBIND_TCP_ANY ? 0 : 1);
    say("ioctlsocket(FIONBIO, 1)");
    cli_say(stdout, "  bind(%s, port %u)", ip, (unsigned)a->port);
    say("listen(4096)");
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
    } else {
        if (a->kind == SBIND_TCP_ANY)
            say("one socket for IPv6 and IPv4, or for IPv4 alone if there is "
                "no IPv6");
        explain_socket(a);
    }
    if (a->port == 0)
        say("port 0: the system chooses a free port");
}

static void explain_unix(const sbind_address *a)
{
    if (a->kind == SBIND_UNIX_ABSTRACT) {
        say("only Linux has abstract sockets; refused on this platform");
        return;
    }
    say("a socket file of Windows 10 or later, with the access list of its");
    say("directory; an existing file is never replaced");
    say("WSASocketW(AF_UNIX, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT)");
    say("bind(), listen(4096)");
}

static void explain_pipe(const sbind_address *a)
{
    if (strcmp(a->host, ".") != 0) {
        say("a pipe of another machine can only be connected to");
        return;
    }
    say("CreateNamedPipeW(PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED |");
    say("  FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE |");
    say("  PIPE_REJECT_REMOTE_CLIENTS, PIPE_UNLIMITED_INSTANCES)");
    say("  refuses if the name is taken; for this user, who owns it, and "
        "SYSTEM alone,");
    say("  " SBIND_PIPE_SDDL_DEFAULT "; no child inherits it");
    say("three more instances, so that four clients can wait; another for "
        "each");
    say("that is accepted, so that the name never vanishes");
    say("ConnectNamedPipe() on each");
}

void cli_explain_address(const sbind_address *a)
{
    const char *scheme = sbind_scheme(a->kind);
    if (strcmp(scheme, "tcp") == 0)
        explain_tcp(a);
    else if (strcmp(scheme, "unix") == 0)
        explain_unix(a);
    else if (strcmp(scheme, "npipe") == 0)
        explain_pipe(a);
    else
        say("for service managers of Unix; refused on this platform");
}
