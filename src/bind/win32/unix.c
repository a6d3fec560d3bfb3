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
#include "../socket.h"
#include "../system.h"

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

static sbind_status open_socket(const sbind_address *a, sbind_blocking blocking,
                                unix_path *ret_path, sbind_handle *ret,
                                sbind_error *reterr)
{
    sbind_status s = path_of(a, ret_path, reterr);
    if (s == SBIND_OK)
        s = sbind__new_socket(AF_UNIX, blocking, ret, reterr);
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
        return sbind__fail_call("GetFullPathNameW", reterr);
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
        return sbind__fail_call("CreateFileW", reterr);
    *ret = h;
    return SBIND_OK;
}

static sbind_status identify_file(HANDLE file, uint64_t *ret_device,
                                  uint64_t *ret_index, sbind_error *reterr)
{
    BY_HANDLE_FILE_INFORMATION of;
    if (!GetFileInformationByHandle(file, &of))
        return sbind__fail_call("GetFileInformationByHandle", reterr);
    *ret_device = of.dwVolumeSerialNumber;
    *ret_index = (uint64_t)of.nFileIndexHigh << 32 | of.nFileIndexLow;
    return SBIND_OK;
}

static sbind_status delete_file(HANDLE file, sbind_error *reterr)
{
    FILE_DISPOSITION_INFO deleted = {TRUE};
    if (!SetFileInformationByHandle(file, FileDispositionInfo, &deleted,
                                    sizeof deleted))
        return sbind__fail_call("SetFileInformationByHandle", reterr);
    return SBIND_OK;
}

/* Only the file that we have made, by the handle that told which it is. */
static sbind_status delete_own(HANDLE file, const sbind_listener *listener,
                               sbind_error *reterr)
{
    uint64_t device = 0, index = 0;
    sbind_status s = identify_file(file, &device, &index, reterr);
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
    const char *option = o->mode != SBIND_MODE_DEFAULT  ? "mode"
                         : o->owner != SBIND_NO_ID      ? "owner"
                         : o->group != SBIND_NO_ID      ? "group"
                         : o->existing == SBIND_REPLACE ? "existing"
                                                        : NULL;
    if (option == NULL)
        return SBIND_OK;
    return sbind__fail_option(SBIND_OPTION_NOT_APPLICABLE, option,
                              "mode, owner, group and replace do not exist on "
                              "Windows; leave them out",
                              reterr);
}

/* From bind on there is a file, which goes again if anything fails: if it
 * cannot be opened, by its name. */
static sbind_status listen_on_file(sbind_handle fd, int backlog,
                                   sbind_listener *ret, sbind_error *reterr)
{
    HANDLE file = NULL;
    sbind_status s = open_file(ret->file, &file, reterr);
    if (s != SBIND_OK) {
        DeleteFileW(ret->file);
        return s;
    }
    s = identify_file(file, &ret->device, &ret->inode, reterr);
    if (s == SBIND_OK && listen((SOCKET)fd, backlog) != 0)
        s = sbind__fail_call("listen", reterr);
    if (s != SBIND_OK)
        delete_file(file, NULL);
    sbind__close_handle(file);
    return s;
}

static sbind_status bind_and_listen(sbind_handle fd, const unix_path *path,
                                    const sbind_listen_options *o,
                                    sbind_listener *ret, sbind_error *reterr)
{
    sbind_status s = sbind__set_unix_options(
        fd, o->receive_buffer, o->send_buffer, o->refuse_descriptors, reterr);
    if (s == SBIND_OK)
        s = full_path_of(path, ret->file, reterr);
    if (s != SBIND_OK)
        return s;
    if (bind((SOCKET)fd, (const struct sockaddr *)&path->sa, sizeof path->sa) !=
        0)
        return sbind__fail_call("bind", reterr);
    return listen_on_file(fd, o->backlog, ret, reterr);
}

sbind_status sbind__listen_unix(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr)
{
    unix_path path;
    sbind_listener own;
    sbind_handle fd;
    sbind_status s = check_options(options, reterr);
    if (s == SBIND_OK)
        s = open_socket(address, options->blocking, &path, &fd, reterr);
    if (s != SBIND_OK)
        return s;
    sbind__new_listener(&own, fd, address, options->blocking);
    s = bind_and_listen(fd, &path, options, &own, reterr);
    if (s == SBIND_OK)
        *ret = own;
    else
        sbind__close_fd(fd);
    return s;
}

/* ---- Connecting ---------------------------------------------------------------------- */

static sbind_status await_connection(sbind_handle fd, int64_t timeout,
                                     sbind_error *reterr)
{
    sbind__deadline deadline = sbind__deadline_in(timeout);
    bool is_ready = false;
    sbind_status s = sbind__await(&fd, &is_ready, 1, &deadline, reterr);
    if (s != SBIND_OK)
        return s;
    if (is_ready)
        return sbind__finish_connection(fd, reterr);
    return sbind__fail(timeout == 0 ? SBIND_WOULD_BLOCK : SBIND_TIMED_OUT,
                       reterr);
}

static sbind_status connect_socket(sbind_handle fd, const unix_path *path,
                                   const sbind_connect_options *o,
                                   sbind_error *reterr)
{
    sbind_status s = sbind__set_unix_options(
        fd, o->receive_buffer, o->send_buffer, o->refuse_descriptors, reterr);
    if (s == SBIND_OK)
        s = sbind__begin_connection(fd, (const struct sockaddr *)&path->sa,
                                    sizeof path->sa, reterr);
    if (s == SBIND_OK)
        s = await_connection(fd, o->timeout, reterr);
    if (s == SBIND_OK && o->blocking != SBIND_NONBLOCKING)
        s = sbind__set_blocking(fd, SBIND_BLOCKING, NULL, reterr);
    return s;
}

sbind_status sbind__connect_unix(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr)
{
    unix_path path;
    sbind_handle fd;
    if (options->unix_owner != SBIND_NO_ID)
        return sbind__fail_option(SBIND_OPTION_NOT_APPLICABLE, "unix_owner",
                                  "unix_owner (--unix-owner) does not exist on "
                                  "Windows; use npipe:// and pipe_owner",
                                  reterr);
    sbind_status s =
        open_socket(address, SBIND_NONBLOCKING, &path, &fd, reterr);
    if (s != SBIND_OK)
        return s;
    s = connect_socket(fd, &path, options, reterr);
    if (s == SBIND_OK)
        *ret = (sbind_stream){fd, address->kind};
    else
        sbind__close_fd(fd);
    return s;
}
