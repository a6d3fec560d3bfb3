/* win32/pipe_name.c - the name of a pipe, and why it cannot be used */
#include "win32.h"

#include "../../status/error.h"
#include "../system.h"

static bool append_utf16(const char *text, wchar_t path[SBIND__PIPE_PATH_MAX],
                         int *length)
{
    int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1,
                                path + *length, SBIND__PIPE_PATH_MAX - *length);
    *length += n - 1; /* the NUL is overwritten by what follows */
    return n > 0;
}

/* Whether a segment of the name ends in a dot or a space. Windows drops such
 * octets: it takes "a." for "a". A policy can allow "a." and forbid "a". */
static bool is_changed_by_windows(const char *name)
{
    for (; *name != '\0'; name++)
        if ((*name == '.' || *name == ' ') &&
            (name[1] == '\\' || name[1] == '\0'))
            return true;
    return false;
}

sbind_status sbind__pipe_path(const sbind_address *address,
                              wchar_t ret[SBIND__PIPE_PATH_MAX],
                              sbind_error *reterr)
{
    int n = 0;
    if (is_changed_by_windows(address->name))
        return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS,
                                "Windows drops a dot or space at the end of a "
                                "pipe's name; leave it out",
                                reterr);
    if (append_utf16("\\\\", ret, &n) && append_utf16(address->host, ret, &n) &&
        append_utf16("\\pipe\\", ret, &n) &&
        append_utf16(address->name, ret, &n))
        return SBIND_OK;
    return sbind__fail_call("MultiByteToWideChar", reterr);
}

/* ---- Why it cannot be taken ----------------------------------------------------------------- */

/* Asks whether a server has the name, by connecting. The server sees a client
 * connect and disconnect, but does not learn its user. */
static bool has_server(const wchar_t *path)
{
    HANDLE pipe =
        CreateFileW(path, SBIND__PIPE_CLIENT_ACCESS, 0, NULL, OPEN_EXISTING,
                    SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
        return GetLastError() != ERROR_FILE_NOT_FOUND;
    sbind__close_handle(pipe);
    return true;
}

/* Windows denies access in three cases: a server has the name; its server has
 * ended, but clients of it still have handles; this process is not allowed to
 * have the name at all. WaitNamedPipe fails with ERROR_FILE_NOT_FOUND only in
 * the third case. In the second case no server has the pipe open, so connecting
 * fails with ERROR_FILE_NOT_FOUND as well. */
sbind_status sbind__fail_first_instance(const wchar_t *path, DWORD code,
                                        sbind_error *reterr)
{
    sbind_status s = SBIND_ADDRESS_IN_USE;
    if (!WaitNamedPipeW(path, 1)) {
        if (GetLastError() == ERROR_FILE_NOT_FOUND)
            s = SBIND_SYSTEM;
        else if (!has_server(path))
            s = SBIND_PIPE_HELD;
    }
    SetLastError(code);
    return sbind__fail_call_as(s, "CreateNamedPipeW", reterr);
}
