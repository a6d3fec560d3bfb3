/* win32/socket_file.c - the file of a unix socket, and the lock for its name */
#include "socket_file.h"

#include <aclapi.h>
#include <string.h>
#include <wchar.h>

#include "../../status/error.h"
#include "../system.h"
#include "token.h"

enum {
    /* how many units the name of a lock is longer than that of its socket */
    LOCK_ROOM = sizeof "..sbind" - 1,
    PATH_MAX_UNITS = SBIND_FILE_MAX - 1 - LOCK_ROOM
};

/* The longest full path. Windows opens no longer path, unless a program asks in
 * a special way. The path of the lock has to fit as well. */
sbind_status sbind__full_path(const wchar_t *file, wchar_t ret[SBIND_FILE_MAX],
                              sbind_error *reterr)
{
    DWORD length = GetFullPathNameW(file, SBIND_FILE_MAX, ret, NULL);
    if (length == 0)
        return sbind__fail_call("GetFullPathNameW", reterr);
    if (length > PATH_MAX_UNITS)
        return sbind__fail_hint(
            SBIND_PATH_TOO_LONG,
            "on Windows a path has at most 252 UTF-16 units, "
            "its directory included",
            reterr);
    return SBIND_OK;
}

sbind_status sbind__open_socket_file(const wchar_t *file, HANDLE *ret,
                                     sbind_error *reterr)
{
    HANDLE h =
        CreateFileW(file, DELETE | READ_CONTROL | FILE_READ_ATTRIBUTES,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return sbind__fail_call("CreateFileW", reterr);
    *ret = h;
    return SBIND_OK;
}

sbind_status sbind__identify_file(HANDLE file, uint64_t *ret_device,
                                  uint64_t *ret_index, sbind_error *reterr)
{
    BY_HANDLE_FILE_INFORMATION of;
    if (!GetFileInformationByHandle(file, &of))
        return sbind__fail_call("GetFileInformationByHandle", reterr);
    *ret_device = of.dwVolumeSerialNumber;
    *ret_index = (uint64_t)of.nFileIndexHigh << 32 | of.nFileIndexLow;
    return SBIND_OK;
}

sbind_status sbind__delete_file(HANDLE file, sbind_error *reterr)
{
    FILE_DISPOSITION_INFO deleted = {TRUE};
    if (!SetFileInformationByHandle(file, FileDispositionInfo, &deleted,
                                    sizeof deleted))
        return sbind__fail_call("SetFileInformationByHandle", reterr);
    return SBIND_OK;
}

size_t sbind__name_offset(const wchar_t *file)
{
    size_t n = wcslen(file);
    while (file[n - 1] != L'\\')
        n--;
    return n;
}

/* ---- Whose it is ---------------------------------------------------------------- */

/* A name that winnt.h has since the SDK of Windows 10 1803. */
#ifndef IO_REPARSE_TAG_AF_UNIX
#define IO_REPARSE_TAG_AF_UNIX 0x80000023
#endif

static sbind_status check_tag(HANDLE file, sbind_error *reterr)
{
    FILE_ATTRIBUTE_TAG_INFO of;
    if (!GetFileInformationByHandleEx(file, FileAttributeTagInfo, &of,
                                      sizeof of))
        return sbind__fail_call("GetFileInformationByHandleEx", reterr);
    const bool is_socket =
        (of.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
        of.ReparseTag == IO_REPARSE_TAG_AF_UNIX;
    return is_socket ? SBIND_OK : sbind__fail(SBIND_PATH_OCCUPIED, reterr);
}

static sbind_status check_owner(PSID owner, sbind_error *reterr)
{
    bool is_own = false;
    sbind_status s = sbind__owns_files_of(owner, &is_own, reterr);
    if (s != SBIND_OK)
        return s;
    return is_own ? SBIND_OK : sbind__fail(SBIND_PATH_NOT_OURS, reterr);
}

sbind_status sbind__check_own_socket(HANDLE file, sbind_error *reterr)
{
    PSECURITY_DESCRIPTOR d = NULL;
    PSID owner = NULL;
    sbind_status s = check_tag(file, reterr);
    if (s != SBIND_OK)
        return s;
    DWORD code =
        GetSecurityInfo(file, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION,
                        &owner, NULL, NULL, NULL, &d);
    if (code != ERROR_SUCCESS)
        return sbind__fail_code("GetSecurityInfo", (int)code, reterr);
    s = owner == NULL ? sbind__fail(SBIND_PATH_NOT_OURS, reterr)
                      : check_owner(owner, reterr);
    LocalFree(d);
    return s;
}

/* ---- The lock ------------------------------------------------------------------- */

/* ".X.sbind" in the directory of X. */
static void name_lock(const wchar_t *file, wchar_t ret[SBIND_FILE_MAX])
{
    static const wchar_t end[] = L".sbind";
    const size_t before = sbind__name_offset(file), n = wcslen(file);
    memcpy(ret, file, before * sizeof *ret);
    ret[before] = L'.';
    memcpy(ret + before + 1, file + before, (n - before) * sizeof *ret);
    memcpy(ret + n + 1, end, sizeof end);
}

/* Makes the lock. It is opened without sharing, so no second process can open
 * it. The system removes it when its last handle is closed, also when the
 * process ends. */
sbind_status sbind__lock_name(const wchar_t *file, HANDLE *ret,
                              sbind_error *reterr)
{
    wchar_t lock[SBIND_FILE_MAX];
    name_lock(file, lock);
    HANDLE h = CreateFileW(lock, DELETE, 0, NULL, OPEN_ALWAYS,
                           FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE |
                               FILE_FLAG_OPEN_REPARSE_POINT,
                           NULL);
    if (h != INVALID_HANDLE_VALUE) {
        *ret = h;
        return SBIND_OK;
    }
    if (GetLastError() == ERROR_SHARING_VIOLATION)
        return sbind__fail_call_as(SBIND_ADDRESS_IN_USE, "CreateFileW lock",
                                   reterr);
    return sbind__fail_call("CreateFileW lock", reterr);
}

/* ---- Removing ------------------------------------------------------------------- */

/* Removes the socket file, if this listener made it. One handle is used to
 * identify and to delete it. */
static sbind_status delete_own(HANDLE file, const sbind_listener *listener,
                               sbind_error *reterr)
{
    uint64_t device = 0, index = 0;
    sbind_status s = sbind__identify_file(file, &device, &index, reterr);
    if (s == SBIND_OK && device == listener->device && index == listener->inode)
        s = sbind__delete_file(file, reterr);
    return s;
}

sbind_status sbind__remove_path(const sbind_listener *listener,
                                sbind_error *reterr)
{
    HANDLE file = NULL;
    sbind_error error;
    sbind_status s = sbind__open_socket_file(listener->file, &file, &error);
    if (s != SBIND_OK && error.os_error == ERROR_FILE_NOT_FOUND)
        return SBIND_OK;
    if (s == SBIND_OK)
        s = delete_own(file, listener, &error);
    sbind__close_handle(file);
    if (s != SBIND_OK && reterr != NULL)
        *reterr = error;
    return s;
}
