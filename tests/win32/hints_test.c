/* hints_test.c - does each error of opening give one remedy that fits the kind
 * of address? The test compares the whole table of Windows. */
#include "check.h"

#include "../../src/bind/hints.h"

typedef struct example {
    sbind_kind kind;
    sbind_status status;
    const char *call; /* NULL: no call failed */
    int error;
    const char *hint; /* NULL: the status's own, or none */
} example;

// clang-format off
static const example examples[] = {
    {SBIND_TCP_IPV4, SBIND_TIMED_OUT, NULL, 0,
     "no answer came: the host may be down, or a firewall drops the "
     "packets"},
    {SBIND_TCP_IPV4, SBIND_UNSUPPORTED, "connect", WSAEAFNOSUPPORT,
     "this Windows has no such family, as without IPv6; use an IPv4 "
     "address"},
    {SBIND_TCP_IPV4, SBIND_NO_SUCH_ZONE, NULL, 0,
     "write the index of an interface; see: netsh interface ipv6 show "
     "interface"},
    {SBIND_TCP_IPV4, SBIND_NOT_RESOLVED, "getaddrinfo", WSATRY_AGAIN,
     "no name server answered; see: ipconfig /all, or try again later"},
    {SBIND_TCP_IPV4, SBIND_NOT_RESOLVED, "getaddrinfo", WSANO_RECOVERY,
     "the name server reports a failure of its own; try again later"},
    {SBIND_TCP_IPV4, SBIND_NOT_RESOLVED, "getaddrinfo", WSA_NOT_ENOUGH_MEMORY,
     "the system has no memory left for this; try again later"},
    {SBIND_TCP_IPV4, SBIND_NOT_RESOLVED, "getaddrinfo", WSANO_DATA,
     "the name exists, but has no IPv4 or IPv6 address"},
    {SBIND_TCP_IPV4, SBIND_NOT_RESOLVED, "getaddrinfo", WSAHOST_NOT_FOUND,
     "neither the hosts file nor a name server has this name; check it"},
    {SBIND_TCP_IPV4, SBIND_ADDRESS_IN_USE, "bind", WSAEACCES,
     "another program has the port to itself, or Windows reserves it; "
     "see: netsh int ip show excludedportrange tcp"},
    {SBIND_TCP_IPV4, SBIND_ADDRESS_IN_USE, "bind", WSAEADDRINUSE,
     "another program listens there, or connections of the last server "
     "are still open; see: netstat -ano"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "connect", WSAEACCES,
     "a firewall of this machine forbids it"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "connect", WSAEADDRNOTAVAIL,
     "no interface of this machine has this address; see: ipconfig"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "connect", WSAECONNREFUSED,
     "no server listens on this port of this address"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "connect", WSAECONNRESET,
     "the server closed the connection at once; see the server's log"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "connect", WSAENETUNREACH,
     "this machine has no route to this address; see: route print"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "connect", WSAEHOSTUNREACH,
     "this machine has no route to this address; see: route print"},
    {SBIND_UNIX_PATH, SBIND_TIMED_OUT, NULL, 0,
     "the server's queue is full: it accepts too slowly, or hangs"},
    {SBIND_UNIX_PATH, SBIND_ADDRESS_IN_USE, "CreateFileW lock",
     ERROR_SHARING_VIOLATION,
     "another process listens at this path, or is just starting or closing"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "connect", WSAEACCES,
     "this user may not use the socket file; see its access list"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "bind", WSAEACCES,
     "this user may not create files in the directory of this path"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "connect", WSAECONNREFUSED,
     "no server listens at this path; start the server first"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW directory",
     ERROR_FILE_NOT_FOUND,
     "the directory of this path does not exist; create it first"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW directory",
     ERROR_PATH_NOT_FOUND,
     "the directory of this path does not exist; create it first"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW directory",
     ERROR_ACCESS_DENIED,
     "this user may not read the access list of the directory"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW lock", ERROR_PATH_NOT_FOUND,
     "the directory of this path does not exist; create it first"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW lock", ERROR_ACCESS_DENIED,
     "this user may not create files in the directory of this path"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW", ERROR_FILE_NOT_FOUND,
     "the socket file is gone; another program has removed it"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW", ERROR_SHARING_VIOLATION,
     "another program has the socket file open; end it first"},
    {SBIND_UNIX_PATH, SBIND_SYSTEM, "CreateFileW", ERROR_ACCESS_DENIED,
     "this user may not remove the socket file; see its access list"},
    {SBIND_NPIPE, SBIND_BAD_OPTION,
     "ConvertStringSecurityDescriptorToSecurityDescriptorA", 0,
     "pipe_sddl: write a security descriptor, such as D:P(A;;GA;;;OW)"},
    {SBIND_NPIPE, SBIND_BAD_OPTION, "ConvertStringSidToSidA", 0,
     "pipe_owner: write SIDs such as S-1-5-18, or self, with commas between "
     "them"},
    {SBIND_NPIPE, SBIND_BAD_OPTION, "CreateNamedPipeW", ERROR_ACCESS_DENIED,
     "pipe_sddl does not let this process make more instances; add "
     "(A;;GA;;;OW)"},
    {SBIND_NPIPE, SBIND_SYSTEM, "CreateNamedPipeW", ERROR_ACCESS_DENIED,
     "Windows does not let this process use the name; in an AppContainer, "
     "begin it with LOCAL\\"},
    {SBIND_NPIPE, SBIND_TIMED_OUT, NULL, 0,
     "every instance of the pipe has a client: the server accepts too "
     "slowly"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", ERROR_FILE_NOT_FOUND,
     "no server listens on this pipe; start the server first"},
    {SBIND_NPIPE, SBIND_SYSTEM, "CreateFileW", ERROR_ACCESS_DENIED,
     "the access list of the pipe does not let this user in"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", ERROR_BAD_NETPATH,
     "no server of this name was found in the network; check the name"},
    {SBIND_NPIPE, SBIND_SYSTEM, "CreateFileW", ERROR_BAD_NET_NAME,
     "the other machine has no pipes to share, or no such pipe"},
    {SBIND_NPIPE, SBIND_SYSTEM, "CreateFileW", ERROR_LOGON_FAILURE,
     "the other machine does not know this user or this password"},
    {SBIND_NPIPE, SBIND_SYSTEM, "CreateFileW", ERROR_INVALID_NAME,
     "Windows does not accept this name for a pipe"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", ERROR_OPERATION_ABORTED,
     "the listener was closed meanwhile, as another thread can do"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", WSAENOTSOCK,
     "the listener was closed meanwhile, as another thread can do"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", ERROR_ACCESS_DENIED,
     "this user is not allowed to do this"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", ERROR_NOT_ENOUGH_MEMORY,
     "the system has no memory left for this; try again later"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", ERROR_NO_SYSTEM_RESOURCES,
     "the system has no memory left for this; try again later"},
    {SBIND_NPIPE, SBIND_SYSTEM, "connect", WSAENOBUFS,
     "the system has no memory left for this; try again later"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "WSASocketW", WSAEMFILE,
     "this process has too many sockets open; close some"},
    {SBIND_NPIPE, SBIND_SYSTEM, "CreateNamedPipeW", ERROR_TOO_MANY_OPEN_FILES,
     "this process has too many files open; close some"},
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "connect", WSAENETDOWN,
     "the network of this machine is down; see: ipconfig /all"},

    /* nothing to say that would help */
    {SBIND_TCP_IPV4, SBIND_SYSTEM, "bind", ERROR_FILE_NOT_FOUND, NULL},
    {SBIND_NPIPE, SBIND_SYSTEM, "CreateNamedPipeW", WSAECONNREFUSED, NULL},
    {SBIND_NPIPE, SBIND_ADDRESS_IN_USE, "CreateNamedPipeW", 5, NULL},
};
// clang-format on

enum { EXAMPLES = sizeof examples / sizeof *examples };

static void each_error_says_what_to_do(void)
{
    for (size_t i = 0; i < EXAMPLES; i++) {
        const example *x = &examples[i];
        sbind_error e = {
            .status = x->status, .call = x->call, .os_error = x->error};
        sbind__advise(x->status, x->kind, SBIND__TO_CONNECT, &e);
        if (x->hint == NULL)
            CHECK(e.hint == NULL);
        else
            CHECK(e.hint != NULL && strcmp(e.hint, x->hint) == 0);
    }
}

static bool shows(const example *x, const sbind__advice *a)
{
    return x->hint != NULL && strcmp(x->hint, a->hint) == 0 &&
           x->status == a->status &&
           (a->os_error == 0 || a->os_error == x->error) &&
           (a->call == NULL ||
            (x->call != NULL && strcmp(a->call, x->call) == 0));
}

static void no_row_is_without_an_example(void)
{
    for (const sbind__advice *a = sbind__advices; a->hint != NULL; a++) {
        size_t n = 0;
        for (size_t i = 0; i < EXAMPLES; i++)
            n += shows(&examples[i], a);
        CHECK(n > 0 && strlen(a->hint) < 120);
    }
}

/* Words that would mislead in a hint about this kind of address. */
static void a_hint_fits_the_kind_of_address(void)
{
    static const struct {
        unsigned where;
        const char *words[6];
    } strangers[] = {
        {SBIND__TCP, {"path", "directory", "socket file", "pipe"}},
        {SBIND__PATH, {"port ", "packet", "ipconfig", "route", "pipe"}},
        {SBIND__PIPE, {"port ", "packet", "ipconfig", "route", "path"}},
    };
    for (const sbind__advice *a = sbind__advices; a->hint != NULL; a++)
        for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
            for (const char *const *w = strangers[i].words; *w != NULL; w++)
                CHECK((a->where & strangers[i].where) == 0 ||
                      strstr(a->hint, *w) == NULL);
}

int main(int argc, char **argv)
{
    static const check_test tests[] = {
        TEST(each_error_says_what_to_do),
        TEST(no_row_is_without_an_example),
        TEST(a_hint_fits_the_kind_of_address),
    };
    return check_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
