/* win32/hints.c - what a person can do about an error, on Windows
 *
 * Each hint names the cause that is likely for this call and this kind of
 * address, and one thing to do. tests/win32/hints_test.c has all of them. */
#include "win32.h"

#include "../hints.h"

#define TCP SBIND__TCP
#define UNIX SBIND__UNIX
#define PIPE SBIND__PIPE
#define ANY SBIND__ANY

static const char no_pipe[] =
    "no server listens on this pipe; start the server first";
static const char no_memory[] =
    "the system has no memory left for this; try again later";
static const char closed[] =
    "the listener was closed meanwhile, as another thread can do";
static const char no_route[] =
    "this machine has no route to this address; see: route print";
static const char no_directory[] =
    "the directory of this path does not exist; create it first";
static const char no_new_files[] =
    "this user may not create files in the directory of this path";
static const char no_unix_server[] =
    "no server listens at this path; start the server first";

// clang-format off
const sbind__advice sbind__advices[] = {
    /* TCP */
    {TCP, SBIND_TIMED_OUT, NULL, 0,
     "no answer came: the host may be down, or a firewall drops the packets"},
    {TCP, SBIND_UNSUPPORTED, NULL, WSAEAFNOSUPPORT,
     "this Windows has no such family, as without IPv6; use an IPv4 address"},
    {TCP, SBIND_NO_SUCH_ZONE, NULL, 0,
     "write the index of an interface; see: netsh interface ipv6 show interface"},
    {TCP, SBIND_NOT_RESOLVED, "getaddrinfo", WSATRY_AGAIN,
     "no name server answered; see: ipconfig /all, or try again later"},
    {TCP, SBIND_NOT_RESOLVED, "getaddrinfo", WSANO_RECOVERY,
     "the name server reports a failure of its own; try again later"},
    {TCP, SBIND_NOT_RESOLVED, "getaddrinfo", WSA_NOT_ENOUGH_MEMORY, no_memory},
    {TCP, SBIND_NOT_RESOLVED, "getaddrinfo", WSANO_DATA,
     "the name exists, but has no IPv4 or IPv6 address"},
    {TCP, SBIND_NOT_RESOLVED, "getaddrinfo", WSAHOST_NOT_FOUND,
     "neither the hosts file nor a name server has this name; check it"},
    {TCP, SBIND_ADDRESS_IN_USE, NULL, WSAEACCES,
     "another program has the port to itself, or Windows reserves it; see: "
     "netsh int ip show excludedportrange tcp"},
    {TCP, SBIND_ADDRESS_IN_USE, NULL, 0,
     "another program listens there, or connections of the last server are "
     "still open; see: netstat -ano"},
    {TCP, SBIND_SYSTEM, NULL, WSAEACCES,
     "a firewall of this machine forbids it"},
    {TCP, SBIND_SYSTEM, NULL, WSAEADDRNOTAVAIL,
     "no interface of this machine has this address; see: ipconfig"},
    {TCP, SBIND_SYSTEM, NULL, WSAECONNREFUSED,
     "no server listens on this port of this address"},
    {TCP, SBIND_SYSTEM, NULL, WSAECONNRESET,
     "the server closed the connection at once; see the server's log"},
    {TCP, SBIND_SYSTEM, NULL, WSAENETDOWN,
     "the network of this machine is down; see: ipconfig /all"},
    {TCP, SBIND_SYSTEM, NULL, WSAENETUNREACH, no_route},
    {TCP, SBIND_SYSTEM, NULL, WSAEHOSTUNREACH, no_route},

    /* socket files */
    {UNIX, SBIND_TIMED_OUT, NULL, 0,
     "the server's queue is full: it accepts too slowly, or hangs"},
    {UNIX, SBIND_SYSTEM, "connect", WSAEACCES,
     "this user may not use the socket file; see its access list"},
    {UNIX, SBIND_SYSTEM, NULL, WSAEACCES, no_new_files},
    {UNIX, SBIND_SYSTEM, NULL, WSAECONNREFUSED, no_unix_server},
    {UNIX, SBIND_SYSTEM, "CreateFileW directory", ERROR_FILE_NOT_FOUND,
     no_directory},
    {UNIX, SBIND_SYSTEM, "CreateFileW directory", ERROR_PATH_NOT_FOUND,
     no_directory},
    {UNIX, SBIND_SYSTEM, "CreateFileW directory", ERROR_ACCESS_DENIED,
     "this user may not read the access list of the directory"},
    {UNIX, SBIND_SYSTEM, "CreateFileW lock", ERROR_PATH_NOT_FOUND,
     no_directory},
    {UNIX, SBIND_SYSTEM, "CreateFileW lock", ERROR_ACCESS_DENIED,
     no_new_files},
    {UNIX, SBIND_SYSTEM, NULL, ERROR_FILE_NOT_FOUND,
     "the socket file is gone; another program has removed it"},
    {UNIX, SBIND_SYSTEM, NULL, ERROR_SHARING_VIOLATION,
     "another program has the socket file open; end it first"},
    {UNIX, SBIND_SYSTEM, NULL, ERROR_ACCESS_DENIED,
     "this user may not remove the socket file; see its access list"},

    {UNIX, SBIND_ADDRESS_IN_USE, "CreateFileW lock", ERROR_SHARING_VIOLATION,
     "another process listens at this path, or is just starting or closing"},

    /* pipes */
    {PIPE, SBIND_BAD_OPTION,
     "ConvertStringSecurityDescriptorToSecurityDescriptorA", 0,
     "pipe_sddl: write a security descriptor, such as D:P(A;;GA;;;OW)"},
    {PIPE, SBIND_BAD_OPTION, "ConvertStringSidToSidA", 0,
     "pipe_owner: write SIDs such as S-1-5-18, or self, with commas between "
     "them"},
    {PIPE, SBIND_BAD_OPTION, "CreateNamedPipeW", ERROR_ACCESS_DENIED,
     "pipe_sddl does not let this process make more instances; add "
     "(A;;GA;;;OW)"},
    {PIPE, SBIND_TIMED_OUT, NULL, 0,
     "every instance of the pipe has a client: the server accepts too slowly"},
    {PIPE, SBIND_SYSTEM, NULL, ERROR_FILE_NOT_FOUND, no_pipe},
    {PIPE, SBIND_SYSTEM, "CreateNamedPipeW", ERROR_ACCESS_DENIED,
     "Windows does not let this process use the name; in an AppContainer, "
     "begin it with LOCAL\\"},
    {PIPE, SBIND_SYSTEM, "CreateFileW", ERROR_ACCESS_DENIED,
     "the access list of the pipe does not let this user in"},
    {PIPE, SBIND_SYSTEM, NULL, ERROR_BAD_NETPATH,
     "no server of this name was found in the network; check the name"},
    {PIPE, SBIND_SYSTEM, NULL, ERROR_BAD_NET_NAME,
     "the other machine has no pipes to share, or no such pipe"},
    {PIPE, SBIND_SYSTEM, NULL, ERROR_LOGON_FAILURE,
     "the other machine does not know this user or this password"},
    {PIPE, SBIND_SYSTEM, NULL, ERROR_INVALID_NAME,
     "Windows does not accept this name for a pipe"},

    /* any address */
    {ANY, SBIND_SYSTEM, NULL, ERROR_OPERATION_ABORTED, closed},
    {ANY, SBIND_SYSTEM, NULL, WSAENOTSOCK, closed},
    {ANY, SBIND_SYSTEM, NULL, ERROR_ACCESS_DENIED,
     "this user is not allowed to do this"},
    {ANY, SBIND_SYSTEM, NULL, ERROR_NOT_ENOUGH_MEMORY, no_memory},
    {ANY, SBIND_SYSTEM, NULL, ERROR_NO_SYSTEM_RESOURCES, no_memory},
    {ANY, SBIND_SYSTEM, NULL, WSAENOBUFS, no_memory},
    {ANY, SBIND_SYSTEM, NULL, WSAEMFILE,
     "this process has too many sockets open; close some"},
    {ANY, SBIND_SYSTEM, NULL, ERROR_TOO_MANY_OPEN_FILES,
     "this process has too many files open; close some"},
    {0, SBIND_OK, NULL, 0, NULL},
};
// clang-format on
