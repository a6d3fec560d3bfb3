/* calls_test.c - checks the arguments of Win32 calls, because wine does not
 * enforce what they ask for. Also makes each call fail once.
 *
 * The linker uses __imp_X in place of the import of X. So the library calls the
 * functions of this file, which make the real calls.
 *
 * Promises: P2 P16 P19 P31 P32 P33 P35 P36 P46 P49 P52 */
#include "check.h"

#include <aclapi.h>
#include <afunix.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <sddl.h>

/* ---- Failing ------------------------------------------------------------------ */

static struct {
    /* the number of the call that fails, from 1; 0: none fails */
    unsigned at;
    unsigned times;     /* how many calls fail from then on; 0: one */
    const char *only;   /* count only calls with this name; NULL: count all */
    unsigned count;     /* calls so far */
    const char *failed; /* the call that did, */
    bool is_of_peer;    /* the failed call asks about the peer */
} fault;

static bool asks_who_is_there;

enum { CALLS_MAX = 80 };

/* The calls that can be made to fail, and those that have failed in some
 * test. */
static const char *faked[CALLS_MAX], *failed[CALLS_MAX];
static size_t faked_count, failed_count;

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

#define CAN_FAIL(name)                                                         \
    __attribute__((constructor)) static void register_##name(void)             \
    {                                                                          \
        faked[faked_count++] = #name;                                          \
    }

static bool fails(const char *name)
{
    if (fault.at == 0 || (fault.only != NULL && strcmp(name, fault.only) != 0))
        return false;
    const unsigned times = fault.times == 0 ? 1 : fault.times;
    if (++fault.count < fault.at || fault.count >= fault.at + times)
        return false;
    fault.failed = name;
    fault.is_of_peer = asks_who_is_there;
    if (!is_among(name, failed, failed_count))
        failed[failed_count++] = name;
    return true;
}

static DWORD waited_for;             /* milliseconds, for an instance */
static int listened_with;            /* the backlog */
static DWORD no_port = WSAENOBUFS;   /* with which bind fails */
static int no_answer = WSATRY_AGAIN; /* with which getaddrinfo fails */
static DWORD no_pipe = ERROR_NO_SYSTEM_RESOURCES; /* and CreateNamedPipeW */

static void *real(const char *module, const char *name)
{
    void *f = (void *)(UINT_PTR)GetProcAddress(LoadLibraryA(module), name);
    if (f == NULL)
        printf("FAILED: there is no %s\n", name);
    return f;
}

/* Counts a call of "name" by the library, records it with "record", and makes
 * it. */
#define FAKE(record, module, result, convention, name, parameters, arguments,  \
             failure, code)                                                    \
    CAN_FAIL(name)                                                             \
    typedef result convention name##_call parameters;                          \
    static result convention fake_##name parameters                            \
    {                                                                          \
        static name##_call *call;                                              \
        if (call == NULL)                                                      \
            call = (name##_call *)(UINT_PTR)real(#module, #name);              \
        if (fails(#name)) {                                                    \
            SetLastError(code);                                                \
            return failure;                                                    \
        }                                                                      \
        record;                                                                \
        return call arguments;                                                 \
    }                                                                          \
    void *__imp_##name = (void *)(UINT_PTR)fake_##name;

#define PLAIN(...) FAKE((void)0, __VA_ARGS__)

/* Calls that cannot fail, or whose failure does not matter to the library.
 * calls_complete.py compares them with the imports of the library. */
static const char *const cannot_fail[] = {"AcquireSRWLockExclusive",
                                          "ReleaseSRWLockExclusive",
                                          "CancelIoEx",
                                          "CloseHandle",
                                          "DeleteFileW",
                                          "DisconnectNamedPipe",
                                          "EqualSid",
                                          "GetCurrentProcess",
                                          "GetCurrentThread",
                                          "GetLastError",
                                          "GetProcessHeap",
                                          "GetTickCount64",
                                          "HeapFree",
                                          "IsWellKnownSid",
                                          "LocalFree",
                                          "SetEvent",
                                          "GetSidIdentifierAuthority",
                                          "GetSidSubAuthority",
                                          "GetSidSubAuthorityCount",
                                          "SetLastError",
                                          "Sleep",
                                          "SwitchToThread",
                                          "WSAGetLastError",
                                          "closesocket",
                                          "freeaddrinfo",
                                          "htons",
                                          "ntohs",
                                          "if_nametoindex",
                                          "if_indextoname"};

/* ---- Recording ------------------------------------------------------------------ */

enum { RECORDS_MAX = 64 };

static struct {
    DWORD open_mode, pipe_mode, instances;
    BOOL inherit;
    char sddl[256]; /* "" for none */
} made[RECORDS_MAX];
static size_t made_count;

static struct {
    wchar_t name[300];
    DWORD access, share, flags;
    bool attributes;
} opened;

static struct {
    int level, name, value;
} options[RECORDS_MAX];
static size_t options_count;

static struct {
    DWORD access;
    BOOL as_self;
    HANDLE token; /* the last that was opened */
} thread_token;

static DWORD socket_flags;
static SOCKET unselected; /* which is to have no event */

static void record_CreateNamedPipeW(LPCWSTR name, DWORD open_mode,
                                    DWORD pipe_mode, DWORD instances,
                                    LPSECURITY_ATTRIBUTES a)
{
    size_t i = made_count++ % RECORDS_MAX;
    char *sddl = NULL;
    (void)name;
    made[i].open_mode = open_mode;
    made[i].pipe_mode = pipe_mode;
    made[i].instances = instances;
    made[i].inherit = a != NULL && a->bInheritHandle;
    made[i].sddl[0] = '\0';
    if (a != NULL && a->lpSecurityDescriptor != NULL &&
        ConvertSecurityDescriptorToStringSecurityDescriptorA(
            a->lpSecurityDescriptor, SDDL_REVISION_1,
            OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION |
                SACL_SECURITY_INFORMATION,
            &sddl, NULL)) {
        snprintf(made[i].sddl, sizeof made[i].sddl, "%s", sddl);
        LocalFree(sddl);
    }
}

static void record_CreateFileW(LPCWSTR name, DWORD access, DWORD share,
                               LPSECURITY_ATTRIBUTES a, DWORD flags)
{
    wcsncpy(opened.name, name, 299);
    opened.access = access;
    opened.share = share;
    opened.flags = flags;
    opened.attributes = a != NULL;
}

/* The errors with which the next wait and the next opening fail. 0: they do not
 * fail. */
static DWORD end_of_waiting, end_of_opening;

static bool waits_in_vain(DWORD milliseconds)
{
    waited_for = milliseconds;
    SetLastError(end_of_waiting);
    return end_of_waiting != 0;
}

static bool is_not_opened(LPCWSTR name, DWORD access, DWORD share,
                          LPSECURITY_ATTRIBUTES a, DWORD flags)
{
    record_CreateFileW(name, access, share, a, flags);
    SetLastError(end_of_opening);
    return end_of_opening != 0;
}

static void record_setsockopt(int level, int name, const char *value,
                              int length)
{
    size_t i = options_count++ % RECORDS_MAX;
    options[i].level = level;
    options[i].name = name;
    options[i].value = 0;
    memcpy(&options[i].value, value, length > 4 ? 4 : (size_t)length);
}

/* as if a connection got no option of its listener */
static bool are_forgotten;

static void forget_option(SOCKET s, int level, int name)
{
    typedef int WSAAPI setter(SOCKET, int, int, const char *, int);
    setter *set = (setter *)(UINT_PTR)real("ws2_32", "setsockopt");
    int off = 0;
    CHECK(set(s, level, name, (const char *)&off, sizeof off) == 0);
}

static void record_unselected(SOCKET s, WSAEVENT event, long events)
{
    if (event == NULL && events == 0)
        unselected = s;
    if (are_forgotten) {
        forget_option(s, IPPROTO_TCP, TCP_NODELAY);
        forget_option(s, SOL_SOCKET, SO_KEEPALIVE);
    }
}

/* The security descriptors of every directory, and of every file. NULL: the
 * real ones. */
static const char *of_directory, *of_file;

static bool tells_security(SE_OBJECT_TYPE type, SECURITY_INFORMATION what,
                           PSID *ret_owner, PACL *ret_list,
                           PSECURITY_DESCRIPTOR *ret)
{
    const bool is_directory = (what & DACL_SECURITY_INFORMATION) != 0;
    const char *sddl = is_directory ? of_directory : of_file;
    BOOL present, defaulted;
    if (type != SE_FILE_OBJECT || sddl == NULL)
        return false;
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorA(
        sddl, SDDL_REVISION_1, ret, NULL));
    CHECK(GetSecurityDescriptorOwner(*ret, ret_owner, &defaulted));
    if (is_directory)
        CHECK(GetSecurityDescriptorDacl(*ret, &present, ret_list, &defaulted));
    return true;
}

/* The tag and the attributes of socket files. */
static DWORD reparse_tag = 0x80000023;
static DWORD attributes = FILE_ATTRIBUTE_REPARSE_POINT;

static bool tells_tag(FILE_INFO_BY_HANDLE_CLASS which, LPVOID ret, DWORD room)
{
    FILE_ATTRIBUTE_TAG_INFO *tag = ret;
    CHECK(which == FileAttributeTagInfo && room == sizeof *tag);
    tag->FileAttributes = attributes;
    tag->ReparseTag = reparse_tag;
    return true;
}

static const char *own_package; /* if not NULL, of its AppContainer */

/* Puts the SID behind the structure, like the system. */
static bool tells_package(TOKEN_INFORMATION_CLASS which, LPVOID ret, DWORD room)
{
    TOKEN_APPCONTAINER_INFORMATION *at = ret;
    PSID sid = NULL;
    if (which != TokenAppContainerSid || own_package == NULL)
        return false;
    CHECK(ConvertStringSidToSidA(own_package, &sid));
    CHECK(room >= sizeof *at + GetLengthSid(sid));
    at->TokenAppContainer = at + 1;
    CHECK(CopySid(room - (DWORD)sizeof *at, at + 1, sid));
    LocalFree(sid);
    return true;
}

/* the error with which the next overlapped call ends; 0: the real result */
static DWORD end_of_wait;

static bool ends_badly(LPOVERLAPPED o)
{
    DWORD code = end_of_wait;
    if (code == 0)
        return false;
    end_of_wait = 0;
    while (!HasOverlappedIoCompleted(o))
        WaitForSingleObjectEx(o->hEvent, INFINITE, FALSE); /* not counted */
    SetLastError(code);
    return true;
}

/* ---- A name with two addresses ---------------------------------------------------- */

/* If this port is not 0, each name has the addresses 127.0.0.1 and 127.0.0.2. A
 * connection to the first address goes to this port, where a listener has a
 * full backlog. */
static u_short full_port;

static struct sockaddr_in answers[2];
static ADDRINFOA nodes[2];

static int give_two_answers(PADDRINFOA *ret)
{
    for (unsigned i = 0; i < 2; i++) {
        answers[i] = (struct sockaddr_in){.sin_family = AF_INET};
        answers[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK + i);
        nodes[i] = (ADDRINFOA){.ai_family = AF_INET,
                               .ai_addr = (struct sockaddr *)&answers[i],
                               .ai_addrlen = sizeof answers[i],
                               .ai_next = i == 0 ? &nodes[1] : NULL};
    }
    *ret = nodes;
    return 0;
}

static void WSAAPI fake_freeaddrinfo(PADDRINFOA list)
{
    typedef void WSAAPI free_call(PADDRINFOA);
    if (list != nodes)
        ((free_call *)(UINT_PTR)real("ws2_32", "freeaddrinfo"))(list);
}
void *__imp_freeaddrinfo = (void *)(UINT_PTR)fake_freeaddrinfo;

/* ---- The calls ------------------------------------------------------------------- */
// clang-format off
FAKE(record_CreateNamedPipeW(name, open, mode, most, a), kernel32, HANDLE, WINAPI, CreateNamedPipeW,
     (LPCWSTR name, DWORD open, DWORD mode, DWORD most, DWORD out, DWORD in, DWORD timeout, LPSECURITY_ATTRIBUTES a),
     (name, open, mode, most, out, in, timeout, a), INVALID_HANDLE_VALUE, no_pipe)
FAKE(if (is_not_opened(name, access, share, a, flags)) return INVALID_HANDLE_VALUE, kernel32, HANDLE, WINAPI, CreateFileW,
     (LPCWSTR name, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES a, DWORD how, DWORD flags, HANDLE t),
     (name, access, share, a, how, flags, t), INVALID_HANDLE_VALUE, ERROR_ACCESS_DENIED)
PLAIN(kernel32, BOOL, WINAPI, ConnectNamedPipe, (HANDLE h, LPOVERLAPPED o), (h, o), FALSE, ERROR_NO_SYSTEM_RESOURCES)
PLAIN(kernel32, HANDLE, WINAPI, CreateEventW, (LPSECURITY_ATTRIBUTES a, BOOL m, BOOL i, LPCWSTR n), (a, m, i, n), NULL, ERROR_NOT_ENOUGH_MEMORY)
FAKE(if (ends_badly(o)) return FALSE, kernel32, BOOL, WINAPI, GetOverlappedResult, (HANDLE h, LPOVERLAPPED o, LPDWORD n, BOOL w), (h, o, n, w), FALSE, ERROR_NO_SYSTEM_RESOURCES)
PLAIN(kernel32, BOOL, WINAPI, GetNamedPipeHandleStateW, (HANDLE h, LPDWORD s, LPDWORD i, LPDWORD c, LPDWORD t, LPWSTR u, DWORD n),
      (h, s, i, c, t, u, n), FALSE, ERROR_NO_SYSTEM_RESOURCES)
PLAIN(kernel32, BOOL, WINAPI, GetNamedPipeServerProcessId, (HANDLE h, PULONG p), (h, p), FALSE, ERROR_NOT_SUPPORTED)
PLAIN(kernel32, BOOL, WINAPI, GetNamedPipeInfo, (HANDLE h, LPDWORD f, LPDWORD o, LPDWORD i, LPDWORD m), (h, f, o, i, m), FALSE, ERROR_INVALID_HANDLE)
PLAIN(kernel32, BOOL, WINAPI, GetNamedPipeClientProcessId, (HANDLE h, PULONG p), (h, p), FALSE, ERROR_NOT_SUPPORTED)
PLAIN(kernel32, BOOL, WINAPI, GetNamedPipeClientSessionId, (HANDLE h, PULONG s), (h, s), FALSE, ERROR_NOT_SUPPORTED)
PLAIN(kernel32, BOOL, WINAPI, GetNamedPipeServerSessionId, (HANDLE h, PULONG s), (h, s), FALSE, ERROR_NOT_SUPPORTED)
FAKE(if (waits_in_vain(t)) return FALSE, kernel32, BOOL, WINAPI, WaitNamedPipeW, (LPCWSTR n, DWORD t), (n, t), FALSE, ERROR_FILE_NOT_FOUND)
PLAIN(kernel32, DWORD, WINAPI, WaitForSingleObject, (HANDLE h, DWORD t), (h, t), WAIT_FAILED, ERROR_INVALID_HANDLE)
PLAIN(kernel32, LPVOID, WINAPI, HeapAlloc, (HANDLE h, DWORD f, SIZE_T n), (h, f, n), NULL, ERROR_NOT_ENOUGH_MEMORY)
PLAIN(kernel32, int, WINAPI, MultiByteToWideChar, (UINT c, DWORD f, LPCCH s, int n, LPWSTR t, int m), (c, f, s, n, t, m), 0, ERROR_NO_UNICODE_TRANSLATION)
PLAIN(kernel32, DWORD, WINAPI, GetFullPathNameW, (LPCWSTR f, DWORD n, LPWSTR t, LPWSTR *p), (f, n, t, p), 0, ERROR_NOT_ENOUGH_MEMORY)
PLAIN(kernel32, BOOL, WINAPI, GetFileInformationByHandle, (HANDLE h, LPBY_HANDLE_FILE_INFORMATION i), (h, i), FALSE, ERROR_ACCESS_DENIED)
FAKE(if (tells_tag(c, p, n)) return TRUE, kernel32, BOOL, WINAPI, GetFileInformationByHandleEx, (HANDLE h, FILE_INFO_BY_HANDLE_CLASS c, LPVOID p, DWORD n), (h, c, p, n), FALSE, ERROR_ACCESS_DENIED)
PLAIN(kernel32, BOOL, WINAPI, SetFileInformationByHandle, (HANDLE h, FILE_INFO_BY_HANDLE_CLASS c, LPVOID p, DWORD n), (h, c, p, n), FALSE, ERROR_ACCESS_DENIED)
PLAIN(kernel32, BOOL, WINAPI, InitOnceExecuteOnce, (PINIT_ONCE o, PINIT_ONCE_FN f, PVOID p, LPVOID *c), (o, f, p, c), FALSE, ERROR_NOT_ENOUGH_MEMORY)
PLAIN(advapi32, BOOL, WINAPI, OpenProcessToken, (HANDLE h, DWORD a, PHANDLE t), (h, a, t), FALSE, ERROR_ACCESS_DENIED)
PLAIN(advapi32, BOOL, WINAPI, CreateWellKnownSid, (WELL_KNOWN_SID_TYPE t, PSID d, PSID s, DWORD *n), (t, d, s, n), FALSE, ERROR_NOT_ENOUGH_MEMORY)
PLAIN(advapi32, BOOL, WINAPI, ImpersonateNamedPipeClient, (HANDLE h), (h), FALSE, ERROR_CANNOT_IMPERSONATE)
PLAIN(advapi32, BOOL, WINAPI, RevertToSelf, (void), (), FALSE, ERROR_NOT_ENOUGH_MEMORY)
FAKE(if (tells_package(c, p, n)) return TRUE, advapi32, BOOL, WINAPI, GetTokenInformation, (HANDLE h, TOKEN_INFORMATION_CLASS c, LPVOID p, DWORD n, PDWORD r), (h, c, p, n, r), FALSE, ERROR_ACCESS_DENIED)
PLAIN(advapi32, BOOL, WINAPI, ConvertSidToStringSidA, (PSID s, LPSTR *t), (s, t), FALSE, ERROR_NOT_ENOUGH_MEMORY)
PLAIN(advapi32, BOOL, WINAPI, GetSecurityDescriptorOwner, (PSECURITY_DESCRIPTOR d, PSID *o, LPBOOL f), (d, o, f), FALSE, ERROR_INVALID_PARAMETER)
PLAIN(advapi32, BOOL, WINAPI, GetAce, (PACL a, DWORD i, LPVOID *p), (a, i, p), FALSE, ERROR_INVALID_ACL)
PLAIN(advapi32, BOOL, WINAPI, GetSecurityDescriptorControl, (PSECURITY_DESCRIPTOR d, PSECURITY_DESCRIPTOR_CONTROL c, LPDWORD r), (d, c, r), FALSE, ERROR_INVALID_PARAMETER)
PLAIN(advapi32, BOOL, WINAPI, GetSecurityDescriptorDacl, (PSECURITY_DESCRIPTOR d, LPBOOL p, PACL *a, LPBOOL f), (d, p, a, f), FALSE, ERROR_INVALID_PARAMETER)
PLAIN(advapi32, BOOL, WINAPI, ConvertStringSecurityDescriptorToSecurityDescriptorA, (LPCSTR s, DWORD r, PSECURITY_DESCRIPTOR *d, PULONG n),
      (s, r, d, n), FALSE, ERROR_NOT_ENOUGH_MEMORY)
PLAIN(advapi32, BOOL, WINAPI, ConvertStringSidToSidA, (LPCSTR s, PSID *p), (s, p), FALSE, ERROR_INVALID_SID)
FAKE(if (tells_security(t, i, o, d, r)) return ERROR_SUCCESS, advapi32, DWORD, WINAPI, GetSecurityInfo, (HANDLE h, SE_OBJECT_TYPE t, SECURITY_INFORMATION i, PSID *o, PSID *g, PACL *d, PACL *s, PSECURITY_DESCRIPTOR *r),
      (h, t, i, o, g, d, s, r), ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED)
PLAIN(ws2_32, int, WSAAPI, WSAStartup, (WORD v, LPWSADATA d), (v, d), WSASYSNOTREADY, WSASYSNOTREADY)
FAKE(record_setsockopt(l, n, v, z), ws2_32, int, WSAAPI, setsockopt, (SOCKET s, int l, int n, const char *v, int z), (s, l, n, v, z), SOCKET_ERROR, WSAENOBUFS)
PLAIN(ws2_32, int, WSAAPI, ioctlsocket, (SOCKET s, long c, u_long *a), (s, c, a), SOCKET_ERROR, WSAENOBUFS)
FAKE(listened_with = n, ws2_32, int, WSAAPI, listen, (SOCKET s, int n), (s, n), SOCKET_ERROR, WSAENOBUFS)
PLAIN(ws2_32, int, WSAAPI, select, (int n, fd_set *r, fd_set *w, fd_set *e, const PTIMEVAL t), (n, r, w, e, t), SOCKET_ERROR, WSAENOBUFS)
PLAIN(ws2_32, int, WSAAPI, getsockopt, (SOCKET s, int l, int o, char *v, int *n), (s, l, o, v, n), SOCKET_ERROR, WSAENOBUFS)
FAKE(record_unselected(s, e, n), ws2_32, int, WSAAPI, WSAEventSelect, (SOCKET s, WSAEVENT e, long n), (s, e, n), SOCKET_ERROR, WSAENOBUFS)
FAKE(if (full_port != 0) return give_two_answers(r), ws2_32, int, WSAAPI, getaddrinfo, (PCSTR n, PCSTR s, const ADDRINFOA *h, PADDRINFOA *r), (n, s, h, r), no_answer, (DWORD)no_answer)
// clang-format on

CAN_FAIL(CheckTokenMembership)

/* whether this process is elevated; under wine it always is */
static BOOL is_administrator;
/* a group in which this process is, too; NULL: none */
static const char *own_group;

static bool is_sid(PSID sid, const char *text)
{
    char *own = NULL;
    CHECK(ConvertSidToStringSidA(sid, &own));
    bool is = text != NULL && strcmp(own, text) == 0;
    LocalFree(own);
    return is;
}

static BOOL WINAPI fake_CheckTokenMembership(HANDLE token, PSID sid, BOOL *ret)
{
    CHECK(token == NULL);
    if (fails("CheckTokenMembership")) {
        SetLastError(ERROR_ACCESS_DENIED);
        return FALSE;
    }
    *ret = IsWellKnownSid(sid, WinBuiltinAdministratorsSid)
               ? is_administrator
               : is_sid(sid, own_group);
    return TRUE;
}
void *__imp_CheckTokenMembership = (void *)(UINT_PTR)fake_CheckTokenMembership;

CAN_FAIL(OpenThreadToken)

typedef BOOL WINAPI token_call(HANDLE, DWORD, BOOL, PHANDLE);

static BOOL WINAPI fake_OpenThreadToken(HANDLE thread, DWORD access,
                                        BOOL as_self, PHANDLE token)
{
    token_call *call =
        (token_call *)(UINT_PTR)real("advapi32", "OpenThreadToken");
    if (fails("OpenThreadToken")) {
        SetLastError(ERROR_ACCESS_DENIED);
        return FALSE;
    }
    thread_token.access = access;
    thread_token.as_self = as_self;
    if (!call(thread, access, as_self, token))
        return FALSE;
    thread_token.token = *token;
    return TRUE;
}
void *__imp_OpenThreadToken = (void *)(UINT_PTR)fake_OpenThreadToken;

/* Whether the thread's token was closed: nothing may be left open. */
static bool is_token_closed(void)
{
    DWORD flags;
    return !GetHandleInformation(thread_token.token, &flags);
}

/* ---- Accepting -------------------------------------------------------------------- */

static LPFN_ACCEPTEX real_AcceptEx;
static unsigned taken;           /* sockets that a connection was taken with */
static bool one_was_inheritable; /* among them, before it was connected */
/* the error with which the next AcceptEx ends; 0: the real result */
static DWORD end_of_taking;
static DWORD takes_long;         /* if not 0, each AcceptEx begins so many
                                    milliseconds later, or when it is
                                    cancelled */
static const char *fails_then;   /* if not NULL, the call that fails next,
                                    once an AcceptEx is waiting to begin */
static volatile LONG on_its_way; /* that have not begun */
static unsigned called_off;      /* of those */
static HANDLE calling_off;       /* an event */
static HANDLE taker;             /* the thread that began the last AcceptEx */
static HANDLE has_begun;         /* if not NULL, an event */

CAN_FAIL(AcceptEx)
CAN_FAIL(WSAIoctl)

typedef BOOL WINAPI cancel_call(HANDLE, LPOVERLAPPED);

/* Cancels an AcceptEx. If it has not begun yet, makes it begin: then it is too
 * late to cancel it. */
static BOOL WINAPI fake_CancelIoEx(HANDLE h, LPOVERLAPPED o)
{
    cancel_call *call = (cancel_call *)(UINT_PTR)real("kernel32", "CancelIoEx");
    const bool is_early = on_its_way != 0;
    BOOL done = call(h, o);
    if (is_early) {
        called_off++;
        SetEvent(calling_off);
    }
    return done;
}
void *__imp_CancelIoEx = (void *)(UINT_PTR)fake_CancelIoEx;

typedef struct taking {
    SOCKET listener, socket;
    PVOID addresses;
    DWORD length;
    LPOVERLAPPED overlapped;
} taking;

/* Begins AcceptEx late, in a thread of its own. The thread must not end early:
 * the system would cancel the call. */
static DWORD WINAPI take_later(void *context)
{
    taking t = *(taking *)context;
    DWORD unused;
    free(context);
    WaitForSingleObjectEx(calling_off, takes_long, FALSE);
    InterlockedDecrement(&on_its_way);
    real_AcceptEx(t.listener, t.socket, t.addresses, 0, t.length, t.length,
                  &unused, t.overlapped);
    Sleep(100);
    return 0;
}

static void take_in_a_while(taking t)
{
    taking *copy = malloc(sizeof t);
    CHECK(copy != NULL);
    *copy = t;
    t.overlapped->Internal = STATUS_PENDING;
    InterlockedIncrement(&on_its_way);
    if (fails_then != NULL) {
        fault.at = 1;
        fault.only = fails_then;
    }
    taker = CreateThread(NULL, 0, take_later, copy, 0, NULL);
}

static BOOL PASCAL fake_AcceptEx(SOCKET l, SOCKET s, PVOID p, DWORD n, DWORD a,
                                 DWORD b, LPDWORD got, LPOVERLAPPED o)
{
    DWORD flags = HANDLE_FLAG_INHERIT;
    BOOL done;
    taken++;
    if (!GetHandleInformation((HANDLE)s, &flags) || flags != 0)
        one_was_inheritable = true;
    if (fails("AcceptEx") || end_of_taking != 0) {
        SetLastError(end_of_taking != 0 ? end_of_taking : WSAENOBUFS);
        end_of_taking = 0;
        return FALSE;
    }
    if (takes_long != 0) {
        take_in_a_while((taking){l, s, p, a, o});
        SetLastError(ERROR_IO_PENDING);
        return FALSE;
    }
    done = real_AcceptEx(l, s, p, n, a, b, got, o);
    if (has_begun != NULL)
        SetEvent(has_begun);
    return done;
}

typedef int WSAAPI ioctl_call(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD,
                              LPDWORD, LPWSAOVERLAPPED, void *);

static unsigned asked_once; /* connections whose port is asked only once */

static int ask_once(const TCP_INITIAL_RTO_PARAMETERS *once, DWORD size)
{
    CHECK(size == sizeof *once);
    CHECK(once->MaxSynRetransmissions ==
          TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS);
    asked_once++;
    SetLastError(WSAEOPNOTSUPP);
    return SOCKET_ERROR; /* as before Windows 10 */
}

/* The others are to ask for AcceptEx. */
static int WSAAPI fake_WSAIoctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size,
                                LPVOID out, DWORD out_size, LPDWORD got,
                                LPWSAOVERLAPPED o, void *routine)
{
    ioctl_call *call = (ioctl_call *)(UINT_PTR)real("ws2_32", "WSAIoctl");
    int result;
    if (code == SIO_TCP_INITIAL_RTO)
        return ask_once(in, in_size);
    CHECK(code == SIO_GET_EXTENSION_FUNCTION_POINTER);
    CHECK(out_size == sizeof real_AcceptEx);
    if (fails("WSAIoctl")) {
        SetLastError(WSAENOBUFS);
        return SOCKET_ERROR;
    }
    result = call(s, code, in, in_size, &real_AcceptEx, sizeof real_AcceptEx,
                  got, o, routine);
    *(LPFN_ACCEPTEX *)out = fake_AcceptEx;
    return result;
}
void *__imp_WSAIoctl = (void *)(UINT_PTR)fake_WSAIoctl;

/* ---- Unix sockets for systems without ------------------------------------------- */

/* Pretends that this system has unix sockets. A TCP port on 127.0.0.1 stands
 * for the file that bind makes. */
static bool pretend_unix;
static u_short unix_port;

static struct sockaddr_in stand_in(u_short port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return in;
}

static bool is_unix(const struct sockaddr *a)
{
    return pretend_unix && a->sa_family == AF_UNIX;
}

static bool is_full(const struct sockaddr *a)
{
    const struct sockaddr_in *in = (const void *)a;
    return full_port != 0 && a->sa_family == AF_INET &&
           in->sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

CAN_FAIL(WSASocketW)
CAN_FAIL(bind)
CAN_FAIL(connect)
CAN_FAIL(getsockname)
CAN_FAIL(getpeername)

typedef SOCKET WSAAPI socket_call(int, int, int, LPWSAPROTOCOL_INFOW, GROUP,
                                  DWORD);
typedef int WSAAPI address_call(SOCKET, const struct sockaddr *, int);

static SOCKET WSAAPI fake_WSASocketW(int family, int type, int protocol,
                                     LPWSAPROTOCOL_INFOW info, GROUP group,
                                     DWORD flags)
{
    socket_call *call = (socket_call *)(UINT_PTR)real("ws2_32", "WSASocketW");
    if (fails("WSASocketW")) {
        SetLastError(WSAENOBUFS);
        return INVALID_SOCKET;
    }
    socket_flags = flags;
    return call(pretend_unix && family == AF_UNIX ? AF_INET : family, type,
                protocol, info, group, flags);
}
void *__imp_WSASocketW = (void *)(UINT_PTR)fake_WSASocketW;

typedef int WSAAPI name_call(SOCKET, struct sockaddr *, int *);

static int bind_file(SOCKET s, const struct sockaddr *a, address_call *call)
{
    const struct sockaddr_un *un = (const void *)a;
    name_call *own_name = (name_call *)(UINT_PTR)real("ws2_32", "getsockname");
    struct sockaddr_in in = stand_in(0);
    int n = sizeof in;
    HANDLE file = CreateFileA(un->sun_path, GENERIC_WRITE, 0, NULL, CREATE_NEW,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        SetLastError(WSAEADDRINUSE);
        return SOCKET_ERROR;
    }
    CloseHandle(file);
    if (call(s, (const struct sockaddr *)&in, sizeof in) != 0 ||
        own_name(s, (struct sockaddr *)&in, &n) != 0)
        return SOCKET_ERROR;
    unix_port = in.sin_port;
    return 0;
}

static int WSAAPI fake_getsockname(SOCKET s, struct sockaddr *a, int *n)
{
    name_call *call = (name_call *)(UINT_PTR)real("ws2_32", "getsockname");
    int result;
    if (fails("getsockname")) {
        SetLastError(WSAENOBUFS);
        return SOCKET_ERROR;
    }
    result = call(s, a, n);
    if (pretend_unix)
        a->sa_family = AF_UNIX;
    return result;
}
void *__imp_getsockname = (void *)(UINT_PTR)fake_getsockname;

static int WSAAPI fake_getpeername(SOCKET s, struct sockaddr *a, int *n)
{
    name_call *call = (name_call *)(UINT_PTR)real("ws2_32", "getpeername");
    int result;
    if (fails("getpeername")) {
        SetLastError(WSAENOBUFS);
        return SOCKET_ERROR;
    }
    result = call(s, a, n);
    if (pretend_unix)
        a->sa_family = AF_UNIX;
    return result;
}
void *__imp_getpeername = (void *)(UINT_PTR)fake_getpeername;

static int WSAAPI fake_bind(SOCKET s, const struct sockaddr *a, int n)
{
    address_call *call = (address_call *)(UINT_PTR)real("ws2_32", "bind");
    if (fails("bind")) {
        SetLastError(no_port);
        return SOCKET_ERROR;
    }
    return is_unix(a) ? bind_file(s, a, call) : call(s, a, n);
}
void *__imp_bind = (void *)(UINT_PTR)fake_bind;

static int WSAAPI fake_connect(SOCKET s, const struct sockaddr *a, int n)
{
    address_call *call = (address_call *)(UINT_PTR)real("ws2_32", "connect");
    struct sockaddr_in in = stand_in(is_unix(a) ? unix_port : full_port);
    if (fails("connect")) {
        SetLastError(WSAENOBUFS);
        return SOCKET_ERROR;
    }
    return is_unix(a) || is_full(a)
               ? call(s, (const struct sockaddr *)&in, sizeof in)
               : call(s, a, n);
}
void *__imp_connect = (void *)(UINT_PTR)fake_connect;

/* ---- Scenarios --------------------------------------------------------------------- */

/* The socket file, in scenarios that have one. */
#define FILE_NAME "calls.sock"

static bool exists(const char *file)
{
    return GetFileAttributesA(file) != INVALID_FILE_ATTRIBUTES;
}

static bool is_stale; /* there was a file before */

/* Checks that the socket file is gone. If it stayed, it could be in the way of
 * other programs. */
static void check_gone(const char *after)
{
    CHECK(!exists("." FILE_NAME ".sbind"));
    if (is_stale)
        return;
    if (exists(FILE_NAME))
        printf("the file stays after %s\n", after);
    CHECK(!exists(FILE_NAME));
}

/* Accepts without waiting in sbind_accept. The client may not be there yet, so
 * this is tried again and again. */
static sbind_status accept_soon(const sbind_listener *l, sbind_stream *ret,
                                sbind_error *reterr)
{
    for (int tries = 0; tries < 5000; tries++) {
        sbind_error e;
        sbind_status s = sbind_accept(l, SBIND_NONBLOCKING, ret, &e);
        if (s != SBIND_WOULD_BLOCK) {
            if (s != SBIND_OK)
                *reterr = e;
            return s;
        }
        Sleep(1);
    }
    CHECK(!"nobody comes");
    return SBIND_WOULD_BLOCK;
}

/* Asks about both ends of a connection. The library may ask about the server
 * first. If such a question fails, the library does not report this. */
static sbind_status ask_both(const sbind_stream *client,
                             const sbind_stream *server, sbind_error *reterr)
{
    const sbind_stream *const ends[] = {server, client};
    sbind_status s = SBIND_OK;
    for (int i = 0; i < 2 && s == SBIND_OK; i++) {
        sbind_peer p;
        memset(&p, 0x5a, sizeof p);
        asks_who_is_there = true;
        s = sbind_peer_of(ends[i], &p, reterr);
        asks_who_is_there = false;
        CHECK(is_token_closed());
        CHECK(s == SBIND_OK ? p.uid == SBIND_NO_ID : p.uid == 0x5a5a5a5a);
        if (s == SBIND_OK && fault.failed == NULL &&
            client->kind == SBIND_NPIPE)
            CHECK(strcmp(p.sid, user_sid()) == 0);
        if (s == SBIND_OK)
            CHECK((p.address.kind == 0) == (client->kind == SBIND_NPIPE ||
                                            client->kind == SBIND_UNIX_PATH));
    }
    return s;
}

/* Does what programs do with an address, until something fails: listens,
 * connects, accepts, exchanges octets. Closes everything at the end. */
static sbind_status meet(const char *text, const sbind_listen_options *lo,
                         const sbind_connect_options *co, sbind_error *reterr)
{
    sbind_address a = parsed(text), own;
    sbind_listener l = {.fd = -5};
    sbind_stream client = {-1, SBIND_NPIPE}, server = {-1, SBIND_NPIPE};
    sbind_status s = sbind_listen(&a, lo, &l, reterr), closing;
    if (s != SBIND_OK) {
        CHECK(l.fd == -5);
        check_gone(fault.failed == NULL ? "nothing" : fault.failed);
        return s;
    }
    s = sbind_local_address(&l, &own, reterr);
    if (s == SBIND_OK)
        s = sbind_connect(&own, co, &client, reterr);
    if (s == SBIND_OK)
        s = l.nonblocking
                ? accept_soon(&l, &server, reterr)
                : sbind_accept(&l, SBIND_NONBLOCKING, &server, reterr);
    if (s == SBIND_OK)
        s = ask_both(&client, &server, reterr);
    if (s == SBIND_OK || server.fd != -1)
        CHECK(server.kind == client.kind);
    else
        CHECK(server.fd == -1 && server.kind == SBIND_NPIPE);
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    closing = sbind_close(&l, s == SBIND_OK ? reterr : NULL);
    if (closing == SBIND_OK)
        check_gone("closing");
    DeleteFileA(FILE_NAME); /* sbind_close has reported that the file stays */
    return s != SBIND_OK ? s : closing;
}

/* Connects to a host name. wine's getaddrinfo does not know deadlines, and a
 * TCP listener may not be ready at once, so sbind_accept waits. */
static sbind_listen_options blocking_options(void)
{
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    return o;
}

/* With the pipe's owner and server checked. */
static sbind_status meet_on_pipe(sbind_error *reterr)
{
    sbind_listen_options lo = blocking_options();
    sbind_connect_options co;
    sbind_connect_options_init(&co);
    co.pipe_owner = user_sid();
    co.pipe_server = GetCurrentProcessId();
    return meet("npipe://calls", &lo, &co, reterr);
}

static sbind_status meet_on_tcp_with(sbind_blocking blocking,
                                     sbind_error *reterr)
{
    sbind_listen_options lo;
    sbind_connect_options co;
    sbind_listen_options_init(&lo);
    sbind_connect_options_init(&co);
    lo.blocking = blocking;
    lo.nodelay = co.nodelay = SBIND_ON;
    lo.keepalive = co.keepalive = SBIND_ON;
    lo.receive_buffer = lo.send_buffer = 20000;
    co.receive_buffer = co.send_buffer = 20000;
    co.blocking = SBIND_BLOCKING;
    return meet("tcp://127.0.0.1:0", &lo, &co, reterr);
}

static sbind_status meet_on_tcp(sbind_error *reterr)
{
    return meet_on_tcp_with(SBIND_BLOCKING, reterr);
}

static sbind_status meet_without_waiting(sbind_error *reterr)
{
    return meet_on_tcp_with(SBIND_NONBLOCKING, reterr);
}

/* Listens on all addresses of localhost, and connects to the first. */
static sbind_status meet_by_name(sbind_error *reterr)
{
    sbind_address name = parsed("tcp://localhost:0"), own;
    sbind_listener l[4];
    sbind_stream client;
    size_t n;
    sbind_status s = sbind_listen_all(&name, NULL, l, 4, &n, reterr);
    if (s != SBIND_OK)
        return s;
    s = sbind_local_address(&l[0], &own, reterr);
    name.port = own.port;
    if (s == SBIND_OK)
        s = sbind_connect(&name, NULL, &client, reterr);
    if (s == SBIND_OK)
        sbind_close_stream(&client);
    for (size_t i = 0; i < n; i++)
        sbind_close(&l[i], NULL);
    return s;
}

static sbind_status meet_on_file(sbind_error *reterr)
{
    sbind_listen_options lo = blocking_options();
    pretend_unix = true;
    sbind_status s = meet("unix://calls.sock", &lo, NULL, reterr);
    pretend_unix = false;
    return s;
}

static void leave_file(const char *name)
{
    CloseHandle(CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_NEW,
                            FILE_ATTRIBUTE_NORMAL, NULL));
    CHECK(exists(name));
}

/* A server has ended without removing its file. */
static sbind_status meet_on_stale_file(sbind_error *reterr)
{
    DeleteFileA(FILE_NAME);
    leave_file(FILE_NAME);
    unix_port = htons(1);
    is_stale = true;
    sbind_status s = meet_on_file(reterr);
    is_stale = false;
    /* the file stays if the library could not remove it */
    DeleteFileA(FILE_NAME);
    return s;
}

/* Each instance has a client, so another client waits in vain. */
static sbind_status wait_for_instance(sbind_error *reterr)
{
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options lo;
    sbind_connect_options co;
    sbind_listener l;
    sbind_stream clients[3];
    sbind_error late;
    sbind_status s;
    int n = 0;
    sbind_listen_options_init(&lo);
    sbind_connect_options_init(&co);
    lo.backlog = 1;
    co.timeout = 20;
    s = sbind_listen(&a, &lo, &l, reterr);
    if (s != SBIND_OK)
        return s;
    for (; n < 3 && s == SBIND_OK; n++)
        s = sbind_connect(&a, &co, &clients[n], &late);
    CHECK(s != SBIND_OK);
    while (--n > 0)
        sbind_close_stream(&clients[n - 1]);
    if (s == SBIND_TIMED_OUT)
        s = SBIND_OK;
    else
        *reterr = late;
    sbind_close(&l, NULL);
    return s;
}

/* Connects a moment later. Its calls do not count as calls of the library. */
static DWORD WINAPI connect_later(void *context)
{
    (void)context;
    Sleep(20);
    CallNamedPipeA("\\\\.\\pipe\\calls", NULL, 0, NULL, 0, NULL, 1000);
    return 0;
}

static sbind_status wait_for_client(sbind_error *reterr)
{
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options lo = blocking_options();
    sbind_listener l;
    sbind_stream server;
    HANDLE thread;
    sbind_status s = sbind_listen(&a, &lo, &l, reterr);
    if (s != SBIND_OK)
        return s;
    thread = CreateThread(NULL, 0, connect_later, NULL, 0, NULL);
    s = sbind_accept(&l, SBIND_NONBLOCKING, &server, reterr);
    if (s == SBIND_OK)
        sbind_close_stream(&server);
    sbind_close(&l, NULL);
    WaitForSingleObjectEx(thread, INFINITE, FALSE); /* the test's own */
    CloseHandle(thread);
    return s;
}

/* ---- Every call fails once ----------------------------------------------------------- */

static unsigned swept;

/* Or no leak would ever be seen. */
static void handles_are_counted(void)
{
    DWORD before = handles();
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    CHECK(before > 0 && handles() == before + 1);
    CloseHandle(event);
    CHECK(handles() == before);
}

/* Whether the error names this call. For two calls, the error has to name
 * another call instead. */
static bool names(const sbind_error *e, const char *call)
{
    if (strcmp(call, "InitOnceExecuteOnce") == 0)
        call = "WSAStartup";
    if (strcmp(call, "GetOverlappedResult") == 0)
        call = "AcceptEx"; /* of which it tells the end */
    return e->call != NULL && strncmp(e->call, call, strlen(call)) == 0;
}

typedef sbind_status scenario(sbind_error *reterr);

/* Whether the call asked about the peer. Then its failure is not reported: the
 * answer is "unknown". */
static bool is_of_peer(const char *call)
{
    if (!fault.is_of_peer)
        return false;
    const char *const calls[] = {
        "GetNamedPipeClientProcessId", "GetNamedPipeClientSessionId",
        "GetNamedPipeServerSessionId", "GetNamedPipeServerProcessId",
        "ImpersonateNamedPipeClient",  "OpenThreadToken"};
    return is_among(call, calls, sizeof calls / sizeof *calls);
}

/* Whether the library goes on after this call has failed. The library then does
 * without the answer, or listens again. */
static bool has_another_way(const char *call, scenario *in)
{
    if (in == meet_without_waiting &&
        (strcmp(call, "select") == 0 ||
         strcmp(call, "WaitForSingleObject") == 0))
        return true; /* a client may be accepted all the same */
    return is_of_peer(call) || strcmp(call, "GetOverlappedResult") == 0 ||
           strcmp(call, "ConnectNamedPipe") == 0 ||
           strcmp(call, "CreateFileW") == 0 || strcmp(call, "connect") == 0 ||
           strcmp(call, "getaddrinfo") == 0;
}

static void check_failure(scenario *in, sbind_status s, const sbind_error *e)
{
    bool named;
    if (s == SBIND_OK && has_another_way(fault.failed, in))
        return;
    named = s != SBIND_OK &&
            (names(e, fault.failed) || s == SBIND_UNUSABLE_ADDRESS);
    if (!named)
        printf("%s failed: status %s, call %s\n", fault.failed,
               sbind_status_name(s),
               s == SBIND_OK || e->call == NULL ? "none" : e->call);
    CHECK(named);
}

static void check_success(scenario *run)
{
    sbind_error e = fresh_error();
    CHECK_STATUS(run(&e), SBIND_OK);
    CHECK(is_untouched(&e));
}

/* Opens the handles that stay open. Winsock opens some handles only once, and
 * these are not a leak. */
static void make_what_stays(void)
{
    check_running = "make_what_stays";
    check_success(meet_on_tcp);
    check_success(meet_on_file);
}

static void sweep(scenario *run)
{
    check_success(run); /* handles that are made only once are made now */
    check_success(run);
    for (unsigned n = 1;; n++) {
        DWORD before = handles();
        sbind_error e = fresh_error();
        sbind_status s;
        memset(&fault, 0, sizeof fault);
        fault.at = n;
        s = run(&e);
        fault.at = 0;
        RevertToSelf(); /* should that have failed */
        if (handles() != before)
            printf("after %s failed\n", fault.failed);
        CHECK(handles() == before);
        CHECK(s != SBIND_OK || is_untouched(&e));
        if (fault.failed == NULL)
            break;
        check_failure(run, s, &e);
        swept++;
    }
    check_success(run);
}

static void every_call_of_a_pipe_fails_once(void) { sweep(meet_on_pipe); }
static void every_call_that_waits_fails_once(void)
{
    sweep(wait_for_instance);
    sweep(wait_for_client);
}

static void every_call_of_tcp_fails_once(void)
{
    sweep(meet_on_tcp);
    sweep(meet_without_waiting);
}

/* Makes select fail while no client connects. In the sweep above a client does
 * connect, so there sbind_accept may succeed although select has failed. */
static void a_look_for_clients_that_fails_is_told(void)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listener l;
    sbind_stream server = {-5, SBIND_NPIPE};
    sbind_error e;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    memset(&fault, 0, sizeof fault);
    fault.at = 1;
    fault.only = "select";
    CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &server, &e),
                 SBIND_EXHAUSTED);
    CHECK(strcmp(e.call, "select") == 0 && server.fd == -5);
    CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &server, &e),
                 SBIND_WOULD_BLOCK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

static void every_call_of_a_name_fails_once(void) { sweep(meet_by_name); }
static void every_call_of_a_file_fails_once(void)
{
    sweep(meet_on_file);
    sweep(meet_on_stale_file);
}

static void a_name_without_addresses(void)
{
    static const struct {
        int code;
        const char *hint; /* its beginning */
    } failures[] = {
        {WSANO_RECOVERY, "the name server reports a failure"},
        {WSA_NOT_ENOUGH_MEMORY, "the system has no memory left"},
        {WSANO_DATA, "the name exists, but has no"},
        {WSAHOST_NOT_FOUND, "neither the hosts file nor a name server"},
        {WSATRY_AGAIN, "no name server answered"},
    };
    sbind_address a = parsed("tcp://name.invalid:80");
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        const char *hint = failures[i].hint;
        sbind_stream stream;
        sbind_error e;
        memset(&fault, 0, sizeof fault);
        fault.at = 1;
        fault.only = "getaddrinfo";
        no_answer = failures[i].code;
        CHECK_STATUS(sbind_connect(&a, NULL, &stream, &e), SBIND_NOT_RESOLVED);
        CHECK(e.os_error == no_answer && e.os_name != NULL);
        CHECK(e.hint != NULL && strncmp(e.hint, hint, strlen(hint)) == 0);
    }
}

static void winsock_that_does_not_start(void)
{
    sbind_error e;
    memset(&fault, 0, sizeof fault);
    fault.at = 1;
    fault.only = "WSAStartup";
    CHECK_STATUS(meet_on_tcp(&e), SBIND_SYSTEM);
    CHECK(fault.failed != NULL && strcmp(e.call, "WSAStartup") == 0);
    memset(&fault, 0, sizeof fault);
    CHECK_STATUS(meet_on_tcp(&e), SBIND_OK);
}

static void the_sweep_has_been_long(void)
{
    CHECK(sizeof cannot_fail > 0);
    CHECK(swept > 100);
    CHECK(faked_count > 30 && faked_count < CALLS_MAX);
    for (size_t i = 0; i < faked_count; i++)
        if (!is_among(faked[i], failed, failed_count)) {
            printf("%s has not failed\n", faked[i]);
            CHECK(!"each call fails once");
        }
    printf("%u calls failed\n", swept);
}

/* ---- The arguments of calls ------------------------------------------------------------ */

static void record_pipe(void)
{
    sbind_error e;
    made_count = options_count = 0;
    CHECK_STATUS(meet_on_pipe(&e), SBIND_OK);
    CHECK(made_count > SBIND_PIPE_BACKLOG_DEFAULT);
    CHECK(made_count < RECORDS_MAX);
}

static void remote_clients_are_rejected(void)
{
    record_pipe();
    for (size_t i = 0; i < made_count; i++)
        CHECK((made[i].pipe_mode & PIPE_REJECT_REMOTE_CLIENTS) != 0);
}

static void the_first_instance_is_the_first(void)
{
    record_pipe();
    for (size_t i = 0; i < made_count; i++)
        CHECK(((made[i].open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE) != 0) ==
              (i == 0));
}

/* Listens on a pipe. When the library makes this instance of the pipe, the call
 * fails with this code. */
static sbind_status listen_without(unsigned instance, DWORD code,
                                   const char *sddl, sbind_error *reterr)
{
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options o;
    sbind_listener l = {.fd = -5};
    DWORD before = handles();
    sbind_listen_options_init(&o);
    o.pipe_sddl = sddl;
    memset(&fault, 0, sizeof fault);
    fault.at = instance;
    fault.times = 2;
    fault.only = "CreateNamedPipeW";
    no_pipe = code;
    sbind_status s = sbind_listen(&a, &o, &l, reterr);
    no_pipe = ERROR_NO_SYSTEM_RESOURCES;
    memset(&fault, 0, sizeof fault);
    CHECK(l.fd == -5 && handles() == before);
    CHECK(reterr->os_error == (int)code &&
          strcmp(reterr->call, "CreateNamedPipeW") == 0);
    return s;
}

/* Windows denies access in two cases: another process has the first instance,
 * or this process may not have the name. wine denies access in neither case.
 * The library tells the two cases apart by a probe. */
static void a_name_that_is_taken_is_in_use(void)
{
    static const struct {
        DWORD waiting, opening;
        sbind_status wanted;
    } probes[] = {
        {ERROR_SEM_TIMEOUT, ERROR_PIPE_BUSY, SBIND_ADDRESS_IN_USE},
        {ERROR_SEM_TIMEOUT, ERROR_ACCESS_DENIED, SBIND_ADDRESS_IN_USE},
        {ERROR_SEM_TIMEOUT, ERROR_FILE_NOT_FOUND, SBIND_PIPE_HELD},
        {ERROR_FILE_NOT_FOUND, ERROR_FILE_NOT_FOUND, SBIND_SYSTEM},
    };
    static const DWORD codes[] = {ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY};
    for (size_t i = 0; i < 2 * sizeof probes / sizeof *probes; i++) {
        sbind_error e;
        end_of_waiting = probes[i / 2].waiting;
        end_of_opening = probes[i / 2].opening;
        opened.flags = 0;
        CHECK_STATUS(listen_without(1, codes[i % 2], NULL, &e),
                     probes[i / 2].wanted);
        CHECK(waited_for == 1);
        end_of_waiting = end_of_opening = 0;
        if (probes[i / 2].waiting == ERROR_FILE_NOT_FOUND)
            continue; /* no server is there to connect to */
        CHECK((opened.flags & SECURITY_SQOS_PRESENT) != 0);
        CHECK((opened.flags & 0x30000) == SECURITY_ANONYMOUS);
        CHECK((opened.access & ~(GENERIC_READ | SBIND_PIPE_CLIENT_RIGHTS)) ==
              0);
    }
}

/* The server ends between the two questions. */
static void a_name_that_becomes_free_is_taken(void)
{
    sbind_address a = parsed("npipe://calls");
    sbind_error e = fresh_error();
    sbind_listener l;
    memset(&fault, 0, sizeof fault);
    fault.at = 1;
    fault.only = "CreateNamedPipeW";
    no_pipe = ERROR_ACCESS_DENIED;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, &e), SBIND_OK);
    no_pipe = ERROR_NO_SYSTEM_RESOURCES;
    CHECK(fault.failed != NULL && is_untouched(&e));
    memset(&fault, 0, sizeof fault);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* Another server has the pipe. This server has a free instance, or will have
 * one. */
static void a_server_that_is_there_has_its_name(void)
{
    sbind_address a = parsed("npipe://calls");
    sbind_listener l;
    sbind_error e;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    opened.name[0] = L'\0';
    CHECK_STATUS(listen_without(1, ERROR_ACCESS_DENIED, NULL, &e),
                 SBIND_ADDRESS_IN_USE);
    CHECK(opened.name[0] == L'\0'); /* the server sees no client */
    end_of_waiting = ERROR_SEM_TIMEOUT;
    CHECK_STATUS(listen_without(1, ERROR_ACCESS_DENIED, NULL, &e),
                 SBIND_ADDRESS_IN_USE);
    end_of_waiting = 0;
    CHECK(opened.name[0] != L'\0');
    sbind_stream prober;
    CHECK_STATUS(accept_soon(&l, &prober, &e), SBIND_OK);
    CHECK(!PeekNamedPipe((HANDLE)prober.fd, NULL, 0, NULL, NULL, NULL));
    sbind_close_stream(&prober); /* which had gone */
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* With this access list no client could ever be accepted. The system checks the
 * list when the second instance is made. */
static void a_list_has_to_let_the_server_in(void)
{
    sbind_error e;
    CHECK_STATUS(listen_without(2, ERROR_ACCESS_DENIED, "D:P(A;;GR;;;OW)", &e),
                 SBIND_BAD_OPTION);
    CHECK(e.status == SBIND_BAD_OPTION && strcmp(e.option, "pipe_sddl") == 0);
    CHECK_STATUS(
        listen_without(2, ERROR_NO_SYSTEM_RESOURCES, "D:P(A;;GA;;;OW)", &e),
        SBIND_SYSTEM);
    CHECK_STATUS(listen_without(2, ERROR_ACCESS_DENIED, NULL, &e),
                 SBIND_SYSTEM);
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options o;
    sbind_listener l;
    sbind_listen_options_init(&o);
    o.backlog = 1;
    made_count = 0;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    CHECK(made_count == 2);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* Listening tries again until the clients of the last server are gone. In this
 * test they go after the first failure. */
static void a_held_name_is_asked_for_again(void)
{
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options o;
    sbind_listener l;
    sbind_listen_options_init(&o);
    end_of_waiting = ERROR_SEM_TIMEOUT;
    end_of_opening = ERROR_FILE_NOT_FOUND;
    for (int patient = 0; patient < 2; patient++) {
        memset(&fault, 0, sizeof fault);
        fault.at = 1;
        fault.only = "CreateNamedPipeW";
        no_pipe = ERROR_ACCESS_DENIED;
        o.in_use_timeout = patient * 60000;
        ULONGLONG begun = GetTickCount64();
        CHECK_STATUS(sbind_listen(&a, &o, &l, NULL),
                     patient ? SBIND_OK : SBIND_PIPE_HELD);
        CHECK(GetTickCount64() - begun < 30000);
    }
    end_of_waiting = end_of_opening = 0;
    no_pipe = ERROR_NO_SYSTEM_RESOURCES;
    memset(&fault, 0, sizeof fault);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* If a thread impersonates a client, Windows would take an instance that this
 * thread makes for one of the client's. */
static void no_pipe_is_made_in_the_name_of_a_client(void)
{
    sbind_address a = parsed("npipe://calls");
    sbind_listener l = {.fd = -5};
    sbind_error e;
    CHECK(ImpersonateSelf(SecurityIdentification));
    DWORD before = handles();
    CHECK_STATUS(sbind_listen(&a, NULL, &l, &e), SBIND_UNSUPPORTED);
    CHECK(strcmp(e.hint, "this thread impersonates another user; call "
                         "RevertToSelf first") == 0);
    CHECK(l.fd == -5 && handles() == before && is_token_closed());
    CHECK(RevertToSelf());
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* A server can end while a client waits for it, and the system may not report
 * that. */
static void a_wait_for_an_instance_is_short(void)
{
    sbind_error e;
    CHECK_STATUS(wait_for_instance(&e), SBIND_OK);
    CHECK(waited_for > 0 && waited_for <= 20);
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options o;
    sbind_connect_options co;
    sbind_listener l;
    sbind_stream clients[3];
    sbind_listen_options_init(&o);
    sbind_connect_options_init(&co);
    o.backlog = 1;
    co.timeout = 300;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    for (int i = 0; i < 2; i++)
        CHECK_STATUS(sbind_connect(&a, NULL, &clients[i], NULL), SBIND_OK);
    memset(&fault, 0, sizeof fault);
    fault.at = 2;
    fault.only = "WaitNamedPipeW";
    CHECK_STATUS(sbind_connect(&a, &co, &clients[2], &e), SBIND_SYSTEM);
    CHECK(waited_for == 100);
    memset(&fault, 0, sizeof fault);
    for (int i = 0; i < 2; i++)
        sbind_close_stream(&clients[i]);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

static void every_instance_is_protected(void)
{
    static const char *const lists[] = {
        "D:P(A;;GA;;;SY)(A;;GA;;;OW)",
        "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;0x12019b;;;OW)"};
    for (int elevated = 0; elevated < 2; elevated++) {
        char wanted[256];
        is_administrator = elevated;
        record_pipe();
        snprintf(wanted, sizeof wanted, "O:%s%s", user_sid(), lists[elevated]);
        for (size_t i = 0; i < made_count; i++)
            CHECK(strcmp(made[i].sddl, wanted) == 0);
    }
    is_administrator = FALSE;
}

/* An access list that the program gives is used as it is: what counts is the
 * user, and not whether the process is elevated. This list also keeps out
 * readers of low integrity. */
static void a_list_that_is_given_stays(void)
{
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options o;
    sbind_listener l;
    char wanted[256];
    sbind_listen_options_init(&o);
    o.pipe_sddl = "D:P(A;;GA;;;OW)S:(ML;;NWNR;;;ME)";
    is_administrator = TRUE;
    made_count = 0;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    is_administrator = FALSE;
    /* wine writes an integrity label in its own way. */
    snprintf(wanted, sizeof wanted, "O:%sD:P(A;;GA;;;OW)S:", user_sid());
    CHECK(made_count > 0 && strncmp(made[0].sddl, wanted, strlen(wanted)) == 0);
    CHECK(strstr(made[0].sddl, ";;;ME)") != NULL);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* Services of one user have their own SIDs. Programs in an AppContainer have
 * their package. */
static void narrower_groups_of_the_server_are_trusted(void)
{
    static const struct {
        const char *sid, *group, *package;
        bool is_trusted;
    } rows[] = {
        {"S-1-5-80-1-2-3-4-5", "S-1-5-80-1-2-3-4-5", NULL, true},
        {"S-1-5-80-1-2-3-4-5", "S-1-5-80-1-2-3-4-6", NULL, false},
        {"S-1-5-80-0", "S-1-5-80-0", NULL, false}, /* every service */
        {"S-1-5-80-1-2-3-4", "S-1-5-80-1-2-3-4", NULL, false},
        {"S-1-5-80-1-2-3-4-5-6", "S-1-5-80-1-2-3-4-5-6", NULL, false},
        {"S-1-5-5-77", "S-1-5-5-77", NULL, false},
        {"S-1-5-5-0-77", "S-1-5-5-0-77", NULL, true},
        {"S-1-5-5-0-77", NULL, NULL, false},
        {"S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-513", NULL, false}, /* users */
        {"S-1-5-32-545", "S-1-5-32-545", NULL, false},
        {"S-1-1-0", "S-1-1-0", "S-1-15-2-7", false},
        {"S-1-15-2-7", NULL, "S-1-15-2-7", true},
        {"S-1-15-2-7", "S-1-15-2-7", "S-1-15-2-8", false},
        {"S-1-15-2-7", NULL, NULL, false},
    };
    sbind_address a = parsed("npipe://calls");
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char sddl[128];
        sbind_listener l;
        own_group = rows[i].group;
        own_package = rows[i].package;
        snprintf(sddl, sizeof sddl, "D:P(A;;GA;;;OW)(A;;GA;;;%s)", rows[i].sid);
        o.pipe_sddl = sddl;
        sbind_status s = sbind_listen(&a, &o, &l, NULL);
        CHECK_STATUS(s, rows[i].is_trusted ? SBIND_OK : SBIND_BAD_OPTION);
        if (s == SBIND_OK)
            CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    }
    own_group = own_package = NULL;
}

static void no_instance_is_inherited(void)
{
    record_pipe();
    for (size_t i = 0; i < made_count; i++)
        CHECK(!made[i].inherit);
}

static void pipes_are_overlapped_byte_pipes(void)
{
    record_pipe();
    for (size_t i = 0; i < made_count; i++) {
        CHECK((made[i].open_mode & FILE_FLAG_OVERLAPPED) != 0);
        CHECK((made[i].open_mode & 3) == PIPE_ACCESS_DUPLEX);
        CHECK((made[i].pipe_mode & ~8UL) == 0);
        CHECK(made[i].instances == PIPE_UNLIMITED_INSTANCES);
    }
}

static void clients_are_not_impersonated(void)
{
    sbind_address a = parsed("npipe://calls");
    sbind_connect_options co;
    sbind_error e;
    CHECK_STATUS(meet_on_pipe(&e), SBIND_OK);
    CHECK((opened.flags & SECURITY_SQOS_PRESENT) != 0);
    CHECK((opened.flags & 0x30000) == SECURITY_IDENTIFICATION);
    CHECK(thread_token.access == TOKEN_QUERY && thread_token.as_self);
    CHECK(!opened.attributes && opened.share == 0);
    sbind_connect_options_init(&co);
    co.pipe_anonymous = SBIND_ON;
    sbind_stream s;
    sbind_connect(&a, &co, &s, &e);
    CHECK((opened.flags & SECURITY_SQOS_PRESENT) != 0);
    CHECK((opened.flags & 0x30000) == SECURITY_ANONYMOUS);
}

/* Clients must not ask for more rights than SBIND_PIPE_CLIENT_RIGHTS. A pipe
 * that gives only these rights would refuse such clients. */
static void clients_ask_for_their_rights_only(void)
{
    sbind_error e;
    CHECK_STATUS(meet_on_pipe(&e), SBIND_OK);
    CHECK((opened.access & ~(GENERIC_READ | SBIND_PIPE_CLIENT_RIGHTS)) == 0);
}

static bool was_set(int level, int name, int value)
{
    for (size_t i = 0; i < options_count; i++)
        if (options[i].level == level && options[i].name == name)
            return options[i].value == value;
    return false;
}

/* wine has none of these three options. The test can only see that each is set,
 * and that the error names the call. */
static void probes_are_as_asked(void)
{
    static const struct {
        int name, value;
        const char *call;
    } wanted[] = {{3, 61, "setsockopt TCP_KEEPIDLE"},
                  {17, 7, "setsockopt TCP_KEEPINTVL"},
                  {16, 5, "setsockopt TCP_KEEPCNT"}};
    sbind_address a = parsed("tcp://127.0.0.1:0");
    for (size_t i = 0; i < 3; i++) {
        sbind_listen_options o;
        sbind_listener l;
        sbind_error e;
        sbind_status s;
        sbind_listen_options_init(&o);
        o.keepalive_idle = i == 0 ? 61 : 0;
        o.keepalive_interval = i == 1 ? 7 : 0;
        o.keepalive_count = i == 2 ? 5 : 0;
        options_count = 0;
        s = sbind_listen(&a, &o, &l, &e);
        CHECK(was_set(SOL_SOCKET, SO_KEEPALIVE, 1));
        CHECK(was_set(IPPROTO_TCP, wanted[i].name, wanted[i].value));
        if (s == SBIND_OK)
            sbind_close(&l, NULL);
        else
            CHECK(s == SBIND_SYSTEM && strcmp(e.call, wanted[i].call) == 0);
    }
}

/* Windows cuts a backlog down to 200, unless it is given as a hint. */
static void backlogs_are_as_asked(void)
{
    static const struct {
        int asked, given;
    } cases[] = {{0, -SBIND_BACKLOG_DEFAULT}, {201, -201}, {200, 200}, {1, 1}};
    sbind_address a = parsed("tcp://127.0.0.1:0");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sbind_listen_options o;
        sbind_listener l;
        sbind_listen_options_init(&o);
        o.backlog = cases[i].asked;
        CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
        CHECK(listened_with == cases[i].given);
        CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    }
}

static void a_port_that_windows_keeps_is_in_use(void)
{
    sbind_address a = parsed("tcp://127.0.0.1:80");
    sbind_listener l[2];
    sbind_error e;
    size_t n;
    memset(&fault, 0, sizeof fault);
    fault.at = 1;
    fault.only = "bind";
    no_port = WSAEACCES;
    CHECK_STATUS(sbind_listen(&a, NULL, l, &e), SBIND_ADDRESS_IN_USE);
    CHECK(e.os_error == WSAEACCES && strstr(e.hint, "excludedportrange"));
    /* bind fails on the second address of a name: another port is tried */
    a = parsed("tcp://name:0");
    full_port = 1;
    memset(&fault, 0, sizeof fault);
    fault.at = 2;
    fault.only = "bind";
    CHECK_STATUS(sbind_listen_all(&a, NULL, l, 2, &n, &e), SBIND_OK);
    CHECK(fault.count > 3 && n == 2);
    full_port = 0;
    no_port = WSAENOBUFS;
    memset(&fault, 0, sizeof fault);
    CHECK_STATUS(sbind_close(&l[0], NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l[1], NULL), SBIND_OK);
}

static void loopback_is_asked_once(void)
{
    static const char *const addresses[] = {
        "tcp://127.0.0.1:9", "tcp://[::1]:9", "tcp://192.0.2.1:9",
        "tcp://[2001:db8::1]:9"};
    for (unsigned i = 0; i < 4; i++) {
        sbind_address a = parsed(addresses[i]);
        sbind_connecting c = SBIND_CONNECTING_INIT;
        asked_once = 0;
        if (sbind_connect_start(&a, NULL, &c, NULL) == SBIND_OK)
            sbind_connect_cancel(&c);
        CHECK(asked_once == (i < 2 ? 1 : 0));
    }
}

static void ports_are_taken_for_oneself(void)
{
    sbind_address a = parsed("tcp://[::1]:0");
    sbind_listener l;
    options_count = 0;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(was_set(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1));
    CHECK(was_set(IPPROTO_IPV6, IPV6_V6ONLY, 1));
    CHECK((socket_flags & WSA_FLAG_NO_HANDLE_INHERIT) != 0);
    a = parsed("tcp://*:0");
    options_count = 0;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(was_set(IPPROTO_IPV6, IPV6_V6ONLY, 0));
    for (size_t i = 0; i < options_count; i++)
        CHECK(options[i].level != SOL_SOCKET ||
              options[i].name != SO_REUSEADDR);
}

/* A child process that another thread starts at any moment inherits no
 * connection. */
static void connections_are_never_inherited(void)
{
    sbind_error e;
    taken = 0;
    one_was_inheritable = false;
    CHECK_STATUS(meet_on_tcp(&e), SBIND_OK);
    CHECK_STATUS(meet_on_file(&e), SBIND_OK);
    CHECK(taken == 2 && !one_was_inheritable);
}

/* wine ignores this, but Windows requires it. */
static void connections_learn_of_their_listener(void)
{
    sbind_address a = parsed("tcp://127.0.0.1:0"), own;
    sbind_listen_options o = blocking_options();
    sbind_listener l;
    sbind_stream client, server;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_local_address(&l, &own, NULL), SBIND_OK);
    CHECK_STATUS(sbind_connect(&own, NULL, &client, NULL), SBIND_OK);
    options_count = 0;
    CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &server, NULL), SBIND_OK);
    CHECK(was_set(SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (int)l.fd));
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

static int option_of(const sbind_stream *s, int level, int name)
{
    int value = 0, length = sizeof value;
    CHECK(getsockopt((SOCKET)s->fd, level, name, (char *)&value, &length) == 0);
    return value;
}

/* Accepts a connection of a listener with these options. The accepted socket
 * does not have the options, so the library sets them again. If "fails" is
 * true, the second of these options cannot be set. */
static sbind_status accept_with(sbind_switch nodelay, sbind_switch keepalive,
                                bool fails, sbind_error *reterr)
{
    sbind_address a = parsed("tcp://127.0.0.1:0"), own;
    sbind_listen_options o = blocking_options();
    sbind_listener l;
    sbind_stream client, server;
    o.nodelay = nodelay;
    o.keepalive = keepalive;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_local_address(&l, &own, NULL), SBIND_OK);
    CHECK_STATUS(sbind_connect(&own, NULL, &client, NULL), SBIND_OK);
    memset(&fault, 0, sizeof fault);
    fault.at = fails ? 2 : 0;
    fault.only = "setsockopt";
    are_forgotten = true;
    sbind_status s = sbind_accept(&l, SBIND_BLOCKING, &server, reterr);
    are_forgotten = false;
    memset(&fault, 0, sizeof fault);
    if (s == SBIND_OK) {
        CHECK(option_of(&server, IPPROTO_TCP, TCP_NODELAY) ==
              (nodelay == SBIND_ON));
        CHECK(option_of(&server, SOL_SOCKET, SO_KEEPALIVE) ==
              (keepalive == SBIND_ON));
        sbind_close_stream(&server);
    }
    sbind_close_stream(&client);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    return s;
}

static void connections_have_the_options_of_their_listener(void)
{
    static const sbind_switch values[] = {SBIND_UNSET, SBIND_ON, SBIND_OFF};
    for (size_t i = 0; i < 9; i++)
        CHECK_STATUS(accept_with(values[i / 3], values[i % 3], false, NULL),
                     SBIND_OK);
}

static void a_connection_that_takes_no_option_is_told(void)
{
    sbind_error e;
    DWORD before = handles();
    CHECK_STATUS(accept_with(SBIND_ON, SBIND_UNSET, true, &e), SBIND_EXHAUSTED);
    CHECK(strcmp(e.call, "setsockopt TCP_NODELAY") == 0);
    CHECK(handles() == before);
}

static void await_client(const sbind_listener *l)
{
    fd_set waiting = {1, {(SOCKET)l->fd}};
    CHECK(select(0, &waiting, NULL, NULL, NULL) == 1);
}

/* Accepts a client that is waiting already, while the system takes this long to
 * accept it. */
static sbind_status accept_what_takes(DWORD milliseconds, sbind_error *reterr)
{
    sbind_address a = parsed("tcp://127.0.0.1:0"), own;
    sbind_listener l;
    sbind_stream client, server;
    sbind_status s;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_local_address(&l, &own, NULL), SBIND_OK);
    CHECK_STATUS(sbind_connect(&own, NULL, &client, NULL), SBIND_OK);
    await_client(&l);
    called_off = 0;
    calling_off = CreateEventW(NULL, TRUE, FALSE, NULL);
    takes_long = milliseconds;
    s = sbind_accept(&l, SBIND_NONBLOCKING, &server, reterr);
    takes_long = 0;
    WaitForSingleObjectEx(taker, INFINITE, FALSE);
    CloseHandle(taker);
    CloseHandle(calling_off);
    if (s == SBIND_OK)
        sbind_close_stream(&server);
    sbind_close_stream(&client);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    return s;
}

static void a_connection_on_its_way_is_awaited(void)
{
    memset(&fault, 0, sizeof fault);
    CHECK_STATUS(accept_what_takes(50, NULL), SBIND_OK);
    CHECK(called_off == 0);
}

/* The wait for the client fails, but the client is still accepted. */
static void a_connection_called_off_may_come_all_the_same(void)
{
    sbind_error e = fresh_error();
    memset(&fault, 0, sizeof fault);
    fails_then = "select";
    CHECK_STATUS(accept_what_takes(60000, &e), SBIND_OK);
    fails_then = NULL;
    CHECK(fault.failed != NULL && called_off == 1 && is_untouched(&e));
}

/* A client has gone. However the system reports it, the listener has not
 * failed. */
static void a_client_that_is_gone_was_nobody(void)
{
    static const DWORD ends[] = {
        WSAECONNRESET,          WSAECONNABORTED,          WSAENOTCONN,
        ERROR_NETNAME_DELETED,  ERROR_CONNECTION_ABORTED, ERROR_SEM_TIMEOUT,
        ERROR_HOST_UNREACHABLE, ERROR_NETWORK_UNREACHABLE};
    DWORD *const when[] = {&end_of_taking, &end_of_wait};
    sbind_error e;
    /* handles that are made only once are made now */
    CHECK_STATUS(meet_on_tcp(&e), SBIND_OK);
    for (size_t i = 0; i < 2 * sizeof ends / sizeof *ends; i++) {
        DWORD before = handles();
        *when[i % 2] = ends[i / 2];
        CHECK_STATUS(meet_on_tcp(&e), SBIND_WOULD_BLOCK);
        CHECK(e.os_error == (int)ends[i / 2] && e.os_name != NULL);
        CHECK(strcmp(e.call, "AcceptEx") == 0 && handles() == before);
        CHECK(*when[i % 2] == 0);
    }
}

/* A connection does not keep the event with which the program waits for clients
 * of the listener. */
static void connections_have_no_event(void)
{
    sbind_error e;
    unselected = INVALID_SOCKET;
    CHECK_STATUS(meet_on_tcp(&e), SBIND_OK);
    CHECK(unselected != INVALID_SOCKET);
}

static DWORD WINAPI close_when_begun(void *listener)
{
    WaitForSingleObjectEx(has_begun, INFINITE, FALSE);
    CHECK_STATUS(sbind_close(listener, NULL), SBIND_OK);
    return 0;
}

static void close_while_accepting(void)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listen_options o = blocking_options();
    sbind_listener l, copy;
    sbind_stream server = {-5, SBIND_NPIPE};
    sbind_error e;
    HANDLE thread;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    copy = l;
    has_begun = CreateEventW(NULL, TRUE, FALSE, NULL);
    thread = CreateThread(NULL, 0, close_when_begun, &copy, 0, NULL);
    CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &server, &e), SBIND_CLOSED);
    CHECK(strcmp(e.call, "AcceptEx") == 0 && server.fd == -5);
    CHECK(e.os_error == ERROR_OPERATION_ABORTED && e.status == SBIND_CLOSED);
    WaitForSingleObjectEx(thread, INFINITE, FALSE);
    CloseHandle(thread);
    CloseHandle(has_begun);
    has_begun = NULL;
    CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &server, &e), SBIND_CLOSED);
    CHECK(e.os_error == WSAENOTSOCK && e.os_name != NULL);
}

/* ---- A race ------------------------------------------------------------------------- */

enum { FILLERS = 8 };

/* Connects clients that no process accepts, until a further client would get no
 * answer. */
static void fill(const struct sockaddr_in *server, SOCKET fillers[FILLERS])
{
    u_long nonblocking = 1;
    for (int i = 0; i < FILLERS; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM, 0);
        ioctlsocket(fillers[i], (long)FIONBIO, &nonblocking);
        connect(fillers[i], (const struct sockaddr *)server, sizeof *server);
    }
    Sleep(100);
}

/* The time that connecting took, in milliseconds; UINT64_MAX if it failed. */
static ULONGLONG race_to(uint16_t port, int32_t delay, int64_t timeout,
                         sbind_error *error)
{
    sbind_address name = parsed("tcp://two.example:0");
    sbind_connect_options o;
    sbind_stream client;
    ULONGLONG begin = GetTickCount64();
    name.port = port;
    sbind_connect_options_init(&o);
    o.attempt_delay = delay;
    o.timeout = timeout;
    if (sbind_connect(&name, &o, &client, error) != SBIND_OK)
        return UINT64_MAX;
    sbind_close_stream(&client);
    return GetTickCount64() - begin;
}

/* SPEC.md 5.6: while the first address is still tried, the second is tried as
 * well. This begins after the delay, or after the first address's share of the
 * time, if that is less. */
static void the_next_address_is_tried_beside_the_first(void)
{
    sbind_address second = parsed("tcp://127.0.0.2:0"), own;
    struct sockaddr_in full = stand_in(0);
    int length = sizeof full;
    SOCKET server, fillers[FILLERS];
    sbind_listener l;
    sbind_error e;
    ULONGLONG took;
    CHECK_STATUS(sbind_listen(&second, NULL, &l, NULL), SBIND_OK);
    server = socket(AF_INET, SOCK_STREAM, 0); /* Winsock has been started */
    CHECK(bind(server, (struct sockaddr *)&full, sizeof full) == 0);
    CHECK(listen(server, 0) == 0);
    CHECK(getsockname(server, (struct sockaddr *)&full, &length) == 0);
    CHECK_STATUS(sbind_local_address(&l, &own, NULL), SBIND_OK);
    fill(&full, fillers);
    full_port = full.sin_port;
    took = race_to(own.port, 300, 20000, &e);
    CHECK(took >= 300 && took < 10000);
    took = race_to(own.port, 60000, 4000, &e);
    CHECK(took >= 2000 && took < 4000);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(race_to(own.port, 10, 3000, &e) == UINT64_MAX);
    full_port = 0;
    CHECK(e.attempt_count == 2);
    CHECK_STATUS(e.attempts[0].status, SBIND_SYSTEM);
    CHECK(strstr(e.attempts[0].address, "127.0.0.2") != NULL);
    CHECK_STATUS(e.attempts[1].status, SBIND_TIMED_OUT);
    for (int i = 0; i < FILLERS; i++)
        closesocket(fillers[i]);
    closesocket(server);
}

static void closing_ends_who_waits(void)
{
    DWORD before;
    close_while_accepting(); /* handles that are made only once are made now */
    before = handles();
    close_while_accepting();
    CHECK(handles() == before);
}

static void other_machines_are_not_reached_unasked(void)
{
    sbind_address a = parsed("npipe:////server/pipe/x");
    sbind_stream s;
    opened.name[0] = L'\0';
    CHECK_STATUS(sbind_connect(&a, NULL, &s, NULL), SBIND_REMOTE_PIPE);
    CHECK(opened.name[0] == L'\0');
    sbind_connect_options co;
    sbind_connect_options_init(&co);
    co.pipe_remote = SBIND_ON;
    CHECK_STATUS(sbind_connect(&a, &co, &s, NULL), SBIND_SYSTEM);
    CHECK(wcscmp(opened.name, L"\\\\server\\pipe\\x") == 0);
    opened.name[0] = L'\0';
    /* another machine could claim anything, so these options are refused */
    for (int i = 0; i < 3; i++) {
        sbind_error e;
        sbind_connect_options_init(&co);
        co.pipe_remote = SBIND_ON;
        co.pipe_owner = i == 0 ? "S-1-5-18" : NULL;
        co.pipe_server = i == 1 ? 7 : 0;
        co.pipe_anonymous = i == 2 ? SBIND_ON : SBIND_UNSET;
        CHECK_STATUS(sbind_connect(&a, &co, &s, &e),
                     SBIND_OPTION_NOT_APPLICABLE);
        const char *const names[] = {"pipe_owner", "pipe_server",
                                     "pipe_anonymous"};
        CHECK(strcmp(e.option, names[i]) == 0);
        CHECK(strcmp(e.hint, "pipe_owner, pipe_server and pipe_anonymous "
                             "work only for pipes of this machine; leave them "
                             "out") == 0);
    }
    CHECK(opened.name[0] == L'\0');
}

/* ---- Socket files ------------------------------------------------------------------------ */

static void a_socket_file_goes_when_it_is_closed(void)
{
    sbind_address a = parsed("unix://calls.sock");
    sbind_listener l;
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK(exists("calls.sock"));
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_ADDRESS_IN_USE);
    CHECK(exists("calls.sock"));
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(!exists("calls.sock"));
    pretend_unix = false;
}

static void a_released_socket_leaves_its_file(void)
{
    sbind_address a = parsed("unix://calls.sock");
    sbind_listener l;
    sbind_handle fd;
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    fd = sbind_release(&l);
    CHECK(fd >= 0 && exists("calls.sock"));
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(!exists("calls.sock") && closesocket((SOCKET)fd) == 0);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    pretend_unix = false;
}

static void no_socket_file_refuses_descriptors(void)
{
    sbind_address a = parsed("unix://calls.sock");
    sbind_listen_options o;
    sbind_listener l;
    sbind_error e;
    pretend_unix = true;
    sbind_listen_options_init(&o);
    o.refuse_descriptors = SBIND_ON;
    CHECK_STATUS(sbind_listen(&a, &o, &l, &e), SBIND_OPTION_NOT_APPLICABLE);
    CHECK(strcmp(e.hint, "sockets of Windows carry no descriptors; leave "
                         "refuse_descriptors out") == 0);
    CHECK(!exists("calls.sock"));
    pretend_unix = false;
}

static void a_socket_file_may_be_gone(void)
{
    sbind_address a = parsed("unix://calls.sock");
    sbind_error e = fresh_error();
    sbind_listener l;
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK(DeleteFileA("calls.sock"));
    CHECK_STATUS(sbind_close(&l, &e), SBIND_OK);
    CHECK(is_untouched(&e));
    pretend_unix = false;
}

static void a_socket_file_goes_from_any_directory(void)
{
    sbind_address a = parsed("unix://calls.sock"), own;
    sbind_listener l;
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK(CreateDirectoryA("calls.dir", NULL));
    CHECK(SetCurrentDirectoryA("calls.dir"));
    CHECK_STATUS(sbind_local_address(&l, &own, NULL), SBIND_OK);
    CHECK(sbind_equal(&own, &a)); /* as it was given */
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(SetCurrentDirectoryA(".."));
    CHECK(RemoveDirectoryA("calls.dir"));
    CHECK(!exists("calls.sock"));
    pretend_unix = false;
}

/* The lock is in it, and open. */
static void its_directory_stays_as_long(void)
{
    sbind_address a = parsed("unix://calls.dir/calls.sock");
    sbind_error e = fresh_error();
    sbind_listener l;
    pretend_unix = true;
    CHECK(CreateDirectoryA("calls.dir", NULL));
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK(DeleteFileA("calls.dir\\calls.sock"));
    CHECK(!RemoveDirectoryA("calls.dir"));
    CHECK_STATUS(sbind_close(&l, &e), SBIND_OK);
    CHECK(is_untouched(&e));
    CHECK(RemoveDirectoryA("calls.dir"));
    pretend_unix = false;
}

/* The directory has 241 units, and the path below it has 50. */
static void a_full_path_is_not_cut_off(void)
{
    char here[MAX_PATH], directory[MAX_PATH] = "", name[7 + 50 + 1] = "unix://";
    sbind_listener l = {.fd = -5};
    sbind_address a;
    sbind_error e;
    DWORD length = GetCurrentDirectoryA(sizeof here, here);
    CHECK(length > 0 && length < 200);
    memset(directory, 'd', 240 - length);
    memset(name + 7, 'x', 50);
    a = parsed(name);
    CHECK(CreateDirectoryA(directory, NULL));
    CHECK(SetCurrentDirectoryA(directory));
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, &e), SBIND_PATH_TOO_LONG);
    CHECK(strcmp(e.hint, "on Windows a path has at most 252 UTF-16 units, its "
                         "directory included") == 0);
    CHECK(l.fd == -5 && !exists(name + 7));
    a = parsed("unix://calls.socks"); /* 253 units */
    CHECK_STATUS(sbind_listen(&a, NULL, &l, &e), SBIND_PATH_TOO_LONG);
    /* this path has 252 units, and that of its lock 259 */
    a = parsed("unix://calls.sock");
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(!exists("calls.sock"));
    pretend_unix = false;
    CHECK(SetCurrentDirectoryA(here));
    CHECK(RemoveDirectoryA(directory));
}

static sbind_status listen_at(const char *name, sbind_existing existing,
                              sbind_error *reterr)
{
    char text[64];
    sbind_listen_options o;
    sbind_listener l = {.fd = -5};
    DWORD before = handles();
    sbind_listen_options_init(&o);
    o.existing = existing;
    snprintf(text, sizeof text, "unix://%s", name);
    sbind_address a = parsed(text);
    pretend_unix = true;
    sbind_status s = sbind_listen(&a, &o, &l, reterr);
    if (s == SBIND_OK)
        CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    else
        CHECK(l.fd == -5);
    pretend_unix = false;
    CHECK(handles() == before && !exists(".calls.sock.sbind"));
    return s;
}

static void a_stale_socket_is_reclaimed(void)
{
    sbind_error e;
    leave_file("calls.sock");
    unix_port = htons(1);
    CHECK_STATUS(listen_at("calls.sock", SBIND_REFUSE, &e),
                 SBIND_ADDRESS_IN_USE);
    CHECK(exists("calls.sock"));
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_OK);
    CHECK(!exists("calls.sock"));
}

/* A file at the path stays, unless it is certainly a stale socket of this
 * user. */
static void what_is_no_stale_socket_of_ours_stays(void)
{
    sbind_error e;
    leave_file("calls.sock");
    unix_port = htons(1);
    reparse_tag = IO_REPARSE_TAG_SYMLINK;
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e),
                 SBIND_PATH_OCCUPIED);
    reparse_tag = 0x80000023;
    attributes = FILE_ATTRIBUTE_NORMAL; /* then the tag means nothing */
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e),
                 SBIND_PATH_OCCUPIED);
    attributes = FILE_ATTRIBUTE_REPARSE_POINT;
    of_file = "O:S-1-5-21-1-2-3-1001";
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e),
                 SBIND_PATH_NOT_OURS);
    of_file = "D:P(A;;GA;;;WD)"; /* of nobody */
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e),
                 SBIND_PATH_NOT_OURS);
    of_file = NULL;
    CHECK(exists("calls.sock"));
    memset(&fault, 0, sizeof fault); /* another answer than a refusal */
    fault.at = 1;
    fault.only = "connect";
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e),
                 SBIND_ADDRESS_IN_USE);
    CHECK(fault.failed != NULL && exists("calls.sock"));
    memset(&fault, 0, sizeof fault);
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_OK);
}

/* A server that does not use this library, and so has no lock. */
static void a_server_that_answers_keeps_its_file(void)
{
    struct sockaddr_in in = stand_in(0);
    int n = sizeof in;
    sbind_error e;
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_OK);
    SOCKET server = socket(AF_INET, SOCK_STREAM, 0); /* Winsock was started */
    CHECK(bind(server, (struct sockaddr *)&in, sizeof in) == 0);
    CHECK(listen(server, 5) == 0);
    CHECK(getsockname(server, (struct sockaddr *)&in, &n) == 0);
    leave_file("calls.sock");
    unix_port = in.sin_port;
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e),
                 SBIND_ADDRESS_IN_USE);
    CHECK(exists("calls.sock"));
    closesocket(server);
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_OK);
}

/* Even when its socket would not answer. */
static void a_listener_has_the_lock_of_its_name(void)
{
    sbind_address a = parsed("unix://calls.sock");
    sbind_listener l, another = {.fd = -5};
    sbind_error e;
    pretend_unix = true;
    leave_file(".calls.sock.sbind"); /* after a power failure, say */
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK(exists(".calls.sock.sbind"));
    u_short port = unix_port;
    unix_port = htons(1);
    CHECK_STATUS(sbind_listen(&a, NULL, &another, &e), SBIND_ADDRESS_IN_USE);
    CHECK(strcmp(e.call, "CreateFileW lock") == 0 && another.fd == -5);
    CHECK(e.os_error == ERROR_SHARING_VIOLATION);
    unix_port = port;
    CHECK(exists("calls.sock") && exists(".calls.sock.sbind"));
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(!exists(".calls.sock.sbind"));
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    pretend_unix = false;
}

static void others_cannot_replace_files_in_the_directory(void)
{
    static const struct {
        const char *sddl;
        bool is_safe;
    } rows[] = {
        {"O:SYD:(A;;GA;;;SY)", true},
        {"O:BAD:(A;;GA;;;BA)", true},
        {"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
         "D:(A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-"
         "2271478464)",
         true},
        {"O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478465"
         "D:(A;;GA;;;SY)",
         false},
        {"O:S-1-5-21-1-2-3-1001D:(A;;GA;;;SY)", false}, /* another user's */
        {"D:(A;;GA;;;SY)", false},                      /* nobody's */
        {"O:SY", false},                                /* no list */
        {"O:SYD:", true},                               /* for nobody */
        {"O:SYD:(A;;GR;;;WD)(A;;0x1200a9;;;AU)", true},
        {"O:SYD:(A;CI;0x4;;;BU)(A;OICIIO;GA;;;CO)", true},
        {"O:SYD:(A;CI;0x6;;;BU)(A;OICIIO;GA;;;CO)", false}, /* ProgramData */
        {"O:SYD:(A;;GA;;;OW)", true},
        {"O:SYD:(A;OICI;0x1301bf;;;AU)", false}, /* C:\folder: modify */
        {"O:SYD:(A;OICIIO;0x1301bf;;;AU)", false},
        {"O:SYD:(A;CIIO;GA;;;AU)", true}, /* of folders in it */
        {"O:SYD:(A;;DC;;;AU)", false},    /* 0x2: to add a file */
        {"O:SYD:(A;;0x100;;;AU)", false}, /* FILE_WRITE_ATTRIBUTES */
        {"O:SYD:(A;;GW;;;AU)", false},
        {"O:SYD:(A;;0x40;;;AU)", false}, /* FILE_DELETE_CHILD */
        {"O:SYD:(A;;SD;;;AU)", false},
        {"O:SYD:(A;;WD;;;AU)", false},
        {"O:SYD:(A;;WO;;;AU)", false},
        {"O:SYD:(A;;GA;;;AU)", false},
        {"O:SYD:(A;;FA;;;BU)", false},
        {"O:SYD:(A;OIIO;SD;;;AU)", false},
        {"O:SYD:(A;OIIO;WD;;;AU)", false},
        {"O:SYD:(A;OIIO;WO;;;AU)", false},
        {"O:SYD:(A;OIIO;GA;;;AU)", false},
        {"O:SYD:(A;OIIO;0x40;;;AU)", true}, /* means nothing for a file */
        {"O:SYD:(A;OI;GA;;;CO)", false}, /* CREATOR OWNER is inherited only */
        {"O:SYD:(D;;GA;;;AU)(A;;GR;;;AU)", true},
    };
    sbind_error e;
    char own[256];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        of_directory = rows[i].sddl;
        sbind_status s = listen_at("calls.sock", SBIND_RECLAIM, &e);
        if ((s == SBIND_OK) != rows[i].is_safe)
            printf("%s: %s\n", rows[i].sddl, sbind_status_name(s));
        CHECK_STATUS(s, rows[i].is_safe ? SBIND_OK : SBIND_UNSAFE_DIRECTORY);
        const char *hint =
            strncmp(rows[i].sddl, "O:SY", 4) != 0
                ? "the directory belongs to another user, who can replace "
                  "files in it; use your own, or allow it: --any-directory "
                  "(any_directory)"
            : rows[i].sddl[4] == '\0'
                ? "the directory has no access list, so every user can change "
                  "it; give it one, or allow it: --any-directory "
                  "(any_directory)"
                : "the access list lets other users change the directory or "
                  "remove files in it; see icacls, or allow it: "
                  "--any-directory (any_directory)";
        CHECK(s == SBIND_OK || strcmp(e.hint, hint) == 0);
    }
    snprintf(own, sizeof own, "O:%sD:(A;OICI;GA;;;%s)", user_sid(), user_sid());
    of_directory = own;
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_OK);
    of_directory = "O:S-1-5-21-1-2-3-1001D:(A;;GA;;;WD)";
    sbind_address a = parsed("unix://calls.sock");
    sbind_listen_options o;
    sbind_listener l;
    sbind_listen_options_init(&o);
    o.any_directory = true;
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    pretend_unix = false;
    of_directory = NULL;
}

/* Uses the real access list: the first directory gives every user all
 * rights. */
static void a_directory_for_everybody_is_refused(void)
{
    PSECURITY_DESCRIPTOR everybody;
    sbind_address a = parsed("unix://calls.dir/calls.sock");
    sbind_listener l = {.fd = -5};
    sbind_error e;
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorA(
        "D:P(A;OICI;FA;;;WD)", SDDL_REVISION_1, &everybody, NULL));
    CHECK(CreateDirectoryA("calls.dir", NULL));
    CHECK(SetFileSecurityA("calls.dir", DACL_SECURITY_INFORMATION, everybody));
    LocalFree(everybody);
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, &e), SBIND_UNSAFE_DIRECTORY);
    CHECK(strstr(e.hint, "icacls") != NULL && l.fd == -5);
    CHECK(RemoveDirectoryA("calls.dir")); /* nothing is left in it */
    CHECK(CreateDirectoryA("calls.dir", NULL));
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(RemoveDirectoryA("calls.dir"));
    pretend_unix = false;
}

/* The directory and the lock are opened before the socket file. If the
 * directory or the lock cannot be opened, the error is about it. */
static void a_missing_directory_is_named(void)
{
    sbind_error e;
    CHECK_STATUS(listen_at("no-such/calls.sock", SBIND_RECLAIM, &e),
                 SBIND_SYSTEM);
    CHECK(strcmp(e.call, "CreateFileW directory") == 0);
    CHECK(strcmp(e.hint, "the directory of this path does not exist; create it "
                         "first") == 0);
    CHECK_STATUS(listen_at("no-such/either/calls.sock", SBIND_RECLAIM, &e),
                 SBIND_SYSTEM);
    CHECK(strcmp(e.hint, "the directory of this path does not exist; create it "
                         "first") == 0);
}

static void a_lock_that_may_not_be_made_is_named(void)
{
    sbind_error e;
    memset(&fault, 0, sizeof fault);
    fault.only = "CreateFileW";
    /* the two calls before open the directory: the link, and its target */
    fault.at = 3;
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_SYSTEM);
    CHECK(strcmp(e.call, "CreateFileW lock") == 0);
    CHECK(strcmp(e.hint, "this user may not create files in the directory of "
                         "this path") == 0);
    fault.at = 1;
    fault.count = 0;
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_SYSTEM);
    CHECK(strcmp(e.hint, "this user may not read the access list of the "
                         "directory") == 0);
    memset(&fault, 0, sizeof fault);
}

static void no_file_is_made_in_the_name_of_a_client(void)
{
    sbind_error e;
    CHECK(ImpersonateSelf(SecurityIdentification));
    CHECK_STATUS(listen_at("calls.sock", SBIND_RECLAIM, &e), SBIND_UNSUPPORTED);
    CHECK(RevertToSelf());
}

static void a_file_of_another_stays(void)
{
    sbind_address a = parsed("unix://calls.sock");
    sbind_listener l;
    pretend_unix = true;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    CHECK(MoveFileA("calls.sock", "calls.old"));
    CloseHandle(CreateFileA("calls.sock", GENERIC_WRITE, 0, NULL, CREATE_NEW,
                            FILE_ATTRIBUTE_NORMAL, NULL));
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(exists("calls.sock"));
    CHECK(DeleteFileA("calls.sock") && DeleteFileA("calls.old"));
    pretend_unix = false;
}

int main(int argc, char **argv)
{
    static const check_test tests[] = {
        TEST(winsock_that_does_not_start),
        TEST(remote_clients_are_rejected),
        TEST(the_first_instance_is_the_first),
        TEST(a_name_that_is_taken_is_in_use),
        TEST(a_name_that_becomes_free_is_taken),
        TEST(a_server_that_is_there_has_its_name),
        TEST(a_list_has_to_let_the_server_in),
        TEST(a_held_name_is_asked_for_again),
        TEST(no_pipe_is_made_in_the_name_of_a_client),
        TEST(narrower_groups_of_the_server_are_trusted),
        TEST(a_wait_for_an_instance_is_short),
        TEST(every_instance_is_protected),
        TEST(a_list_that_is_given_stays),
        TEST(no_instance_is_inherited),
        TEST(pipes_are_overlapped_byte_pipes),
        TEST(clients_are_not_impersonated),
        TEST(clients_ask_for_their_rights_only),
        TEST(other_machines_are_not_reached_unasked),
        TEST(ports_are_taken_for_oneself),
        TEST(backlogs_are_as_asked),
        TEST(a_port_that_windows_keeps_is_in_use),
        TEST(loopback_is_asked_once),
        TEST(probes_are_as_asked),
        TEST(connections_are_never_inherited),
        TEST(connections_learn_of_their_listener),
        TEST(connections_have_the_options_of_their_listener),
        TEST(a_connection_that_takes_no_option_is_told),
        TEST(connections_have_no_event),
        TEST(the_next_address_is_tried_beside_the_first),
        TEST(closing_ends_who_waits),
        TEST(a_connection_on_its_way_is_awaited),
        TEST(a_connection_called_off_may_come_all_the_same),
        TEST(a_client_that_is_gone_was_nobody),
        TEST(a_socket_file_goes_when_it_is_closed),
        TEST(a_released_socket_leaves_its_file),
        TEST(no_socket_file_refuses_descriptors),
        TEST(a_socket_file_may_be_gone),
        TEST(a_socket_file_goes_from_any_directory),
        TEST(its_directory_stays_as_long),
        TEST(a_full_path_is_not_cut_off),
        TEST(a_file_of_another_stays),
        TEST(a_stale_socket_is_reclaimed),
        TEST(what_is_no_stale_socket_of_ours_stays),
        TEST(a_server_that_answers_keeps_its_file),
        TEST(a_listener_has_the_lock_of_its_name),
        TEST(others_cannot_replace_files_in_the_directory),
        TEST(a_directory_for_everybody_is_refused),
        TEST(a_missing_directory_is_named),
        TEST(a_lock_that_may_not_be_made_is_named),
        TEST(no_file_is_made_in_the_name_of_a_client),
        TEST(handles_are_counted),
        TEST(every_call_of_a_pipe_fails_once),
        TEST(every_call_that_waits_fails_once),
        TEST(every_call_of_tcp_fails_once),
        TEST(a_look_for_clients_that_fails_is_told),
        TEST(every_call_of_a_name_fails_once),
        TEST(every_call_of_a_file_fails_once),
        TEST(a_name_without_addresses),
        TEST(the_sweep_has_been_long),
    };
    DeleteFileA("calls.sock");
    DeleteFileA("calls.dir\\calls.sock");
    RemoveDirectoryA("calls.dir");
    /* If a test runs alone, no test before it has opened these handles. */
    if (argc > 1 && strcmp(argv[1], "winsock_that_does_not_start") != 0)
        make_what_stays();
    return check_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
