/* win32/explain.c - sbind explain: what listening does on Windows */
#include "../explain.h"

#include <sbind/listen.h>
#include <string.h>

void explain_tcp_socket(const sbind_address *a)
{
    explain_say("WSASocketW(%s, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT)",
                explain_family(a));
    explain_say(
        "setsockopt(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1): nobody takes the "
        "port");
    explain_ipv6_only(a);
    explain_say("ioctlsocket(FIONBIO, 1)");
}

void explain_unix(const sbind_address *a)
{
    if (a->kind == SBIND_UNIX_ABSTRACT) {
        explain_refused(
            "only Linux has abstract sockets; refused on this platform");
        return;
    }
    explain_say(
        "a socket file of Windows 10 or later, with the access list of its");
    explain_say("directory, which is refused if others can write in it");
    explain_say("WSASocketW(AF_UNIX, SOCK_STREAM, WSA_FLAG_NO_HANDLE_INHERIT)");
    explain_say("CreateFileW(\".X.sbind\", FILE_FLAG_DELETE_ON_CLOSE): the "
                "lock of the");
    explain_say("  name X, as long as the listener exists");
    explain_say(
        "bind(); if there is a socket of this user that refuses connections,");
    explain_say("  that is removed, and bind() again");
    explain_say("listen(%d)", SBIND_BACKLOG_DEFAULT);
}

void explain_pipe(const sbind_address *a)
{
    if (strcmp(a->host, ".") != 0) {
        explain_refused("a pipe of another machine can only be connected to");
        return;
    }
    explain_say("CreateNamedPipeW(PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED |");
    explain_say("  FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE |");
    explain_say("  PIPE_REJECT_REMOTE_CLIENTS, PIPE_UNLIMITED_INSTANCES)");
    explain_say("  refuses if the name is taken; no child inherits it");
    explain_say(
        "this user owns the pipe; only this user and SYSTEM may connect "
        "or serve:");
    explain_say("  " SBIND_PIPE_SDDL_DEFAULT);
    explain_say("if this process is elevated, this user may connect, and only "
                "SYSTEM and");
    explain_say("administrators may serve:");
    explain_say("  " SBIND_PIPE_SDDL_ELEVATED);
    explain_say(
        "three more instances, so that four clients can wait; another for "
        "each");
    explain_say("that is accepted, so that the name never vanishes");
    explain_say("ConnectNamedPipe() on each");
}

void explain_fd(const sbind_address *a)
{
    (void)a;
    explain_refused("for service managers of Unix; refused on this platform");
}
