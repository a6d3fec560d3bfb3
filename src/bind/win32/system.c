/* win32/system.c - errors of system calls, and closing handles after an
 * error */
#include "win32.h"

#include "../../status/error.h"
#include "../system.h"

static sbind_status status_of(DWORD code)
{
    switch (code) {
    case WSAEADDRINUSE:
        return SBIND_ADDRESS_IN_USE;
    case WSAENAMETOOLONG:
    case ERROR_FILENAME_EXCED_RANGE:
        return SBIND_PATH_TOO_LONG;
    case WSAETIMEDOUT:
    case ERROR_SEM_TIMEOUT:
        return SBIND_TIMED_OUT;
    case WSAEAFNOSUPPORT:
        return SBIND_UNSUPPORTED;
    default:
        return SBIND_SYSTEM;
    }
}

#define CODES(X)                                                               \
    X(ERROR_FILE_NOT_FOUND)                                                    \
    X(ERROR_PATH_NOT_FOUND)                                                    \
    X(ERROR_TOO_MANY_OPEN_FILES)                                               \
    X(ERROR_ACCESS_DENIED)                                                     \
    X(ERROR_INVALID_HANDLE)                                                    \
    X(ERROR_NOT_ENOUGH_MEMORY)                                                 \
    X(ERROR_SHARING_VIOLATION)                                                 \
    X(ERROR_NOT_SUPPORTED)                                                     \
    X(ERROR_BAD_NETPATH)                                                       \
    X(ERROR_BAD_NET_NAME)                                                      \
    X(ERROR_INVALID_PARAMETER)                                                 \
    X(ERROR_BROKEN_PIPE)                                                       \
    X(ERROR_INVALID_NAME)                                                      \
    X(ERROR_SEM_TIMEOUT)                                                       \
    X(ERROR_PIPE_BUSY)                                                         \
    X(ERROR_NO_DATA)                                                           \
    X(ERROR_NO_SYSTEM_RESOURCES)                                               \
    X(ERROR_OPERATION_ABORTED)                                                 \
    X(ERROR_NETNAME_DELETED)                                                   \
    X(ERROR_CONNECTION_ABORTED)                                                \
    X(ERROR_HOST_UNREACHABLE)                                                  \
    X(ERROR_NETWORK_UNREACHABLE)                                               \
    X(ERROR_NO_UNICODE_TRANSLATION)                                            \
    X(ERROR_LOGON_FAILURE)                                                     \
    X(ERROR_INVALID_ACL)                                                       \
    X(ERROR_INVALID_SID)                                                       \
    X(ERROR_INVALID_OWNER)                                                     \
    X(WSAEACCES)                                                               \
    X(WSAEINVAL)                                                               \
    X(WSAEMFILE)                                                               \
    X(WSAEWOULDBLOCK)                                                          \
    X(WSAEOPNOTSUPP)                                                           \
    X(WSAEAFNOSUPPORT)                                                         \
    X(WSAEADDRINUSE)                                                           \
    X(WSAEADDRNOTAVAIL)                                                        \
    X(WSAENETDOWN)                                                             \
    X(WSAENETUNREACH)                                                          \
    X(WSAECONNABORTED)                                                         \
    X(WSAECONNRESET)                                                           \
    X(WSAENOTCONN)                                                             \
    X(WSAENOTSOCK)                                                             \
    X(WSAENOBUFS)                                                              \
    X(WSAETIMEDOUT)                                                            \
    X(WSAECONNREFUSED)                                                         \
    X(WSAEHOSTUNREACH)                                                         \
    X(WSANOTINITIALISED)                                                       \
    X(WSAHOST_NOT_FOUND)                                                       \
    X(WSATRY_AGAIN)                                                            \
    X(WSANO_RECOVERY)                                                          \
    X(WSANO_DATA)

static const char *name_of(DWORD code)
{
    switch (code) {
#define NAME(id)                                                               \
    case id:                                                                   \
        return #id;
        CODES(NAME)
#undef NAME
    default:
        return NULL;
    }
}

static sbind_status fail_with(sbind_status status, const char *call, DWORD code,
                              sbind_error *reterr)
{
    sbind__fail(status, reterr);
    if (reterr != NULL) {
        reterr->call = call;
        reterr->os_error = (int)code;
        reterr->os_name = name_of(code);
    }
    return status;
}

sbind_status sbind__fail_call_as(sbind_status status, const char *call,
                                 sbind_error *reterr)
{
    return fail_with(status, call, GetLastError(), reterr);
}

sbind_status sbind__fail_call(const char *call, sbind_error *reterr)
{
    return sbind__fail_code(call, (int)GetLastError(), reterr);
}

sbind_status sbind__fail_code(const char *call, int code, sbind_error *reterr)
{
    return fail_with(status_of((DWORD)code), call, (DWORD)code, reterr);
}

void sbind__close_handle(HANDLE handle)
{
    DWORD saved = GetLastError();
    if (handle != NULL && handle != INVALID_HANDLE_VALUE)
        CloseHandle(handle);
    SetLastError(saved);
}

void sbind__close_fd(sbind_handle fd)
{
    DWORD saved = GetLastError();
    if ((SOCKET)fd != INVALID_SOCKET)
        closesocket((SOCKET)fd);
    SetLastError(saved);
}

/* Does not wait for the event: several operations may share the event, so it
 * does not say which operation has ended. */
void sbind__end_overlapped(HANDLE handle, OVERLAPPED *overlapped)
{
    if (!HasOverlappedIoCompleted(overlapped))
        CancelIoEx(handle, overlapped);
    while (!HasOverlappedIoCompleted(overlapped))
        SwitchToThread();
}
