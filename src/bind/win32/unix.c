/* win32/unix.c - unix sockets, which Windows has since version 10. Older
 * systems answer WSAEAFNOSUPPORT, which means SBIND_UNSUPPORTED.
 *
 * A socket file gets the access list of its directory. A listener holds the
 * lock of its name as long as it exists. So another starter never takes our
 * server for one that has ended, even if its queue is full. */
#include "socket_file.h"

#include <afunix.h>
#include <string.h>

#include "../../status/error.h"
#include "directory.h"
#include "token.h"
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

static sbind_status bind_socket(sbind_handle fd, const unix_path *path,
                                sbind_error *reterr)
{
    if (bind((SOCKET)fd, (const struct sockaddr *)&path->sa, sizeof path->sa) !=
        0)
        return sbind__fail_call("bind", reterr);
    return SBIND_OK;
}

enum { PROBE_TIME = 1000 /* milliseconds */ };

/* Checks that no server listens on the path. Only a refused connection shows
 * that. Any other answer counts as a server. */
static sbind_status check_refused(const unix_path *path, sbind_error *reterr)
{
    sbind_handle fd;
    sbind_error error;
    sbind_status s = sbind__new_socket(AF_UNIX, SBIND_NONBLOCKING, &fd, reterr);
    if (s != SBIND_OK)
        return s;
    s = sbind__begin_connection(fd, (const struct sockaddr *)&path->sa,
                                sizeof path->sa, &error);
    if (s == SBIND_OK)
        s = await_connection(fd, PROBE_TIME, &error);
    sbind__close_fd(fd);
    if (s == SBIND_OK)
        return sbind__fail(SBIND_ADDRESS_IN_USE, reterr);
    if (error.os_error == WSAECONNREFUSED)
        return SBIND_OK;
    *reterr = error;
    return reterr->status = SBIND_ADDRESS_IN_USE;
}

/* Removes a stale socket file by the handle with which it was checked. So a
 * file that takes its place meanwhile stays. */
static sbind_status remove_stale(const unix_path *path, const wchar_t *file,
                                 sbind_error *reterr)
{
    HANDLE h = NULL;
    sbind_status s = sbind__open_socket_file(file, &h, reterr);
    if (s != SBIND_OK)
        return s;
    s = sbind__check_own_socket(h, reterr);
    if (s == SBIND_OK)
        s = check_refused(path, reterr);
    if (s == SBIND_OK)
        s = sbind__delete_file(h, reterr);
    sbind__close_handle(h);
    return s;
}

static sbind_status bind_or_reclaim(sbind_handle fd, const unix_path *path,
                                    const sbind_listen_options *o,
                                    const wchar_t *file, sbind_error *reterr)
{
    sbind_status s = bind_socket(fd, path, reterr);
    if (s != SBIND_ADDRESS_IN_USE || o->existing == SBIND_REFUSE)
        return s;
    s = remove_stale(path, file, reterr);
    return s == SBIND_OK ? bind_socket(fd, path, reterr) : s;
}

/* Listens on the socket file that bind has made. If anything fails, removes the
 * file: by its handle, or by its name if it cannot be opened. */
static sbind_status listen_on_file(sbind_handle fd, int backlog,
                                   sbind_listener *ret, sbind_error *reterr)
{
    HANDLE file = NULL;
    sbind_status s = sbind__open_socket_file(ret->file, &file, reterr);
    if (s != SBIND_OK) {
        DeleteFileW(ret->file);
        return s;
    }
    s = sbind__identify_file(file, &ret->device, &ret->inode, reterr);
    if (s == SBIND_OK && listen((SOCKET)fd, backlog) != 0)
        s = sbind__fail_call("listen", reterr);
    if (s != SBIND_OK)
        sbind__delete_file(file, NULL);
    sbind__close_handle(file);
    return s;
}

static sbind_status bind_and_listen(sbind_handle fd, const unix_path *path,
                                    const sbind_listen_options *o,
                                    sbind_listener *ret, sbind_error *reterr)
{
    HANDLE lock = NULL;
    sbind_status s = sbind__set_unix_options(
        fd, o->receive_buffer, o->send_buffer, o->refuse_descriptors, reterr);
    if (s == SBIND_OK)
        s = sbind__full_path(path->file, ret->file, reterr);
    if (s == SBIND_OK && !o->any_directory)
        s = sbind__judge_directory(ret->file, reterr);
    if (s == SBIND_OK)
        s = sbind__lock_name(ret->file, &lock, reterr);
    if (s == SBIND_OK)
        s = bind_or_reclaim(fd, path, o, ret->file, reterr);
    if (s == SBIND_OK)
        s = listen_on_file(fd, o->backlog, ret, reterr);
    if (s == SBIND_OK)
        ret->lock = (sbind_handle)lock;
    else
        sbind__close_handle(lock);
    return s;
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
        s = sbind__check_thread(reterr);
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
