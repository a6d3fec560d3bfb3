/* win32/unix.c - unix sockets of Windows 10 and later; systems without them
 * answer WSAEAFNOSUPPORT, which is SBIND_UNSUPPORTED
 *
 * A socket file gets the access list of its directory. One that exists is never
 * replaced, since nothing tells whether somebody listens on it. */
#include "win32.h"

#include <afunix.h>
#include <stddef.h>
#include <string.h>

#include "../../status/error.h"
#include "../deadline.h"

typedef struct unix_path {
    struct sockaddr_un sa;
    wchar_t file[UNIX_PATH_MAX];
} unix_path;

static sbind_status path_of(const sbind_address *a, unix_path *ret,
                            sbind_error *reterr)
{
    if (a->kind == SBIND_UNIX_ABSTRACT)
        return sbind__fail_hint(SBIND_UNSUPPORTED,
                                "only Linux has abstract sockets; use a path",
                                reterr);
    if (a->name_length >= UNIX_PATH_MAX)
        return sbind__fail_hint(
            SBIND_PATH_TOO_LONG,
            "on Windows a path has at most 107 octets; use a shorter one",
            reterr);
    memset(ret, 0, sizeof *ret);
    ret->sa.sun_family = AF_UNIX;
    memcpy(ret->sa.sun_path, a->name, a->name_length);
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, a->name, -1,
                            ret->file, UNIX_PATH_MAX) == 0)
        return sbind__fail_hint(
            SBIND_UNUSABLE_ADDRESS,
            "on Windows a path is text in UTF-8; rename the file", reterr);
    return SBIND_OK;
}

static sbind_status open_socket(const sbind_address *a, unix_path *ret_path,
                                SOCKET *ret, sbind_error *reterr)
{
    sbind_status s = path_of(a, ret_path, reterr);
    if (s == SBIND_OK)
        s = sbind__new_winsock(AF_UNIX, ret, reterr);
    if (s == SBIND_UNSUPPORTED && reterr->call != NULL)
        reterr->hint = "this Windows has no unix sockets; use npipe:// or "
                       "tcp://";
    return s;
}

/* ---- The file --------------------------------------------------------------------- */

/* What a relative path means now. The system opens no file whose full path is
 * longer, unless asked in other ways. */
static sbind_status full_path_of(const unix_path *path,
                                 wchar_t ret[SBIND_FILE_MAX],
                                 sbind_error *reterr)
{
    DWORD length = GetFullPathNameW(path->file, SBIND_FILE_MAX, ret, NULL);
    if (length == 0)
        return sbind__fail_win32("GetFullPathNameW", reterr);
    if (length >= SBIND_FILE_MAX)
        return sbind__fail_hint(
            SBIND_PATH_TOO_LONG,
            "on Windows a path has at most 259 UTF-16 units, "
            "its directory included",
            reterr);
    return SBIND_OK;
}

/* Opens the socket file itself, which is a reparse point. */
static sbind_status open_file(const wchar_t *file, HANDLE *ret,
                              sbind_error *reterr)
{
    HANDLE h =
        CreateFileW(file, DELETE | FILE_READ_ATTRIBUTES,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (h == INVALID_HANDLE_VALUE)
        return sbind__fail_win32("CreateFileW", reterr);
    *ret = h;
    return SBIND_OK;
}

static sbind_status identify(HANDLE file, uint64_t *ret_device,
                             uint64_t *ret_index, sbind_error *reterr)
{
    BY_HANDLE_FILE_INFORMATION of;
    if (!GetFileInformationByHandle(file, &of))
        return sbind__fail_win32("GetFileInformationByHandle", reterr);
    *ret_device = of.dwVolumeSerialNumber;
    *ret_index = (uint64_t)of.nFileIndexHigh << 32 | of.nFileIndexLow;
    return SBIND_OK;
}

static sbind_status delete_file(HANDLE file, sbind_error *reterr)
{
    FILE_DISPOSITION_INFO deleted = {TRUE};
    if (!SetFileInformationByHandle(file, FileDispositionInfo, &deleted,
                                    sizeof deleted))
        return sbind__fail_win32("SetFileInformationByHandle", reterr);
    return SBIND_OK;
}

/* Only the file that we have made, by the handle that told which it is. */
static sbind_status delete_own(HANDLE file, const sbind_listener *listener,
                               sbind_error *reterr)
{
    uint64_t device = 0, index = 0;
    sbind_status s = identify(file, &device, &index, reterr);
    if (s == SBIND_OK && device == listener->device && index == listener->inode)
        s = delete_file(file, reterr);
    return s;
}

/* The file, or a directory above it. */
static bool is_gone(const sbind_error *e)
{
    return e->os_error == ERROR_FILE_NOT_FOUND ||
           e->os_error == ERROR_PATH_NOT_FOUND;
}

sbind_status sbind__remove_path(const sbind_listener *listener,
                                sbind_error *reterr)
{
    HANDLE file = NULL;
    sbind_error error;
    sbind_status s = open_file(listener->file, &file, &error);
    if (s != SBIND_OK && is_gone(&error))
        return SBIND_OK;
    if (s == SBIND_OK)
        s = delete_own(file, listener, &error);
    sbind__close_handle(file);
    if (s != SBIND_OK && reterr != NULL)
        *reterr = error;
    return s;
}

/* ---- Listening ---------------------------------------------------------------------- */

static sbind_status check_options(const sbind_listen_options *o,
                                  sbind_error *reterr)
{
    if (o->mode == SBIND_MODE_DEFAULT && o->owner == SBIND_NO_ID &&
        o->group == SBIND_NO_ID && o->existing != SBIND_REPLACE)
        return SBIND_OK;
    return sbind__fail_hint(SBIND_OPTION_NOT_APPLICABLE,
                            "mode, owner, group and replace do not exist on "
                            "Windows; leave them out",
                            reterr);
}

/* From bind on there is a file, which goes again if anything fails: if it
 * cannot be opened, by its name. */
static sbind_status listen_on_file(SOCKET s, int backlog, sbind_listener *ret,
                                   sbind_error *reterr)
{
    HANDLE file = NULL;
    sbind_status status = open_file(ret->file, &file, reterr);
    if (status != SBIND_OK) {
        DeleteFileW(ret->file);
        return status;
    }
    status = identify(file, &ret->device, &ret->inode, reterr);
    if (status == SBIND_OK && listen(s, backlog) != 0)
        status = sbind__fail_win32("listen", reterr);
    if (status != SBIND_OK)
        delete_file(file, NULL);
    sbind__close_handle(file);
    return status;
}

static sbind_status bind_and_listen(SOCKET s, const unix_path *path,
                                    const sbind_listen_options *o,
                                    sbind_listener *ret, sbind_error *reterr)
{
    sbind_status status = sbind__set_winsock_buffers(s, o->receive_buffer,
                                                     o->send_buffer, reterr);
    if (status == SBIND_OK)
        status = sbind__set_winsock_blocking(s, o->blocking, reterr);
    if (status == SBIND_OK)
        status = full_path_of(path, ret->file, reterr);
    if (status != SBIND_OK)
        return status;
    if (bind(s, (const struct sockaddr *)&path->sa, sizeof path->sa) != 0)
        return sbind__fail_win32("bind", reterr);
    return listen_on_file(s, o->backlog, ret, reterr);
}

sbind_status sbind__listen_unix(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr)
{
    unix_path path;
    sbind_listener own;
    SOCKET s;
    sbind_status status = check_options(options, reterr);
    if (status == SBIND_OK)
        status = open_socket(address, &path, &s, reterr);
    if (status != SBIND_OK)
        return status;
    sbind__new_listener(&own, (sbind_handle)s, address);
    own.nonblocking = options->blocking == SBIND_NONBLOCKING;
    status = bind_and_listen(s, &path, options, &own, reterr);
    if (status == SBIND_OK)
        *ret = own;
    else
        sbind__close_socket(s);
    return status;
}

/* ---- Connecting ---------------------------------------------------------------------- */

static sbind_status connect_socket(SOCKET s, const unix_path *path,
                                   const sbind_connect_options *o,
                                   sbind_error *reterr)
{
    sbind__deadline deadline = sbind__deadline_in(o->timeout);
    sbind_status status = sbind__set_winsock_buffers(s, o->receive_buffer,
                                                     o->send_buffer, reterr);
    if (status == SBIND_OK)
        status = sbind__set_winsock_blocking(s, SBIND_NONBLOCKING, reterr);
    if (status == SBIND_OK)
        status = sbind__connect_winsock(s, (const struct sockaddr *)&path->sa,
                                        sizeof path->sa, &deadline, reterr);
    if (status == SBIND_OK && o->blocking != SBIND_NONBLOCKING)
        status = sbind__set_winsock_blocking(s, SBIND_BLOCKING, reterr);
    return status;
}

sbind_status sbind__connect_unix(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr)
{
    unix_path path;
    SOCKET s;
    sbind_status status = open_socket(address, &path, &s, reterr);
    if (status != SBIND_OK)
        return status;
    status = connect_socket(s, &path, options, reterr);
    if (status == SBIND_OK)
        *ret = (sbind_stream){(sbind_handle)s, address->kind};
    else
        sbind__close_socket(s);
    return status;
}
