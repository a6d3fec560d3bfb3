/* linux/unlink.c - removing the socket file of a listener that closes (SPEC.md
 * 5.8) */
#define _GNU_SOURCE /* SO_PEERCRED */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../family.h"
#include "place.h"
#include "../system.h"

/* A process in another PID namespace may have our number. To such a process the
 * system says 0 for the process that called listen, which it cannot see. A
 * descriptor that is closed, or another socket by now, tells nothing. */
static bool is_stranger(int fd)
{
    int is_listening = 0;
    struct ucred listener = {-1, 0, 0};
    socklen_t length = sizeof is_listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length) !=
            0 ||
        is_listening != 1)
        return false;
    length = sizeof listener;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &listener, &length) == 0 &&
           listener.pid == 0;
}

/* Whether the path still leads to our file, whose inode the pin keeps from
 * being used again. */
static sbind_status find_ours(const sbind_listener *listener,
                              const sbind__place *place, bool *ret,
                              sbind_error *reterr)
{
    const sbind__pinned ours = {
        listener->file_fd,
        {.st_dev = (dev_t)listener->device, .st_ino = (ino_t)listener->inode}};
    *ret = sbind__is_still_named(place, place->base, &ours);
    return *ret || errno == 0 || errno == ENOENT || errno == ESTALE
               ? SBIND_OK
               : sbind__fail_call("fstatat", reterr);
}

/* On a full file system no process can start either, and the lock can be done
 * without. */
static bool is_full(sbind_status s, const sbind_error *error)
{
    return s == SBIND_SYSTEM &&
           (error->os_error == ENOSPC || error->os_error == EDQUOT);
}

static sbind_status remove_if_ours(const sbind_listener *listener,
                                   sbind__place *place, sbind_error *reterr)
{
    sbind_error error;
    bool is_ours = false;
    sbind_status locked = sbind__lock_place(place, &error);
    sbind_status s = find_ours(listener, place, &is_ours, reterr);
    if (s != SBIND_OK || !is_ours)
        return s;
    if (locked != SBIND_OK && !is_full(locked, &error)) {
        *reterr = error;
        return locked;
    }
    return unlinkat(place->directory_fd, place->base, 0) == 0
               ? SBIND_OK
               : sbind__fail_call("unlinkat", reterr);
}

sbind_status sbind__remove_path(const sbind_listener *listener,
                                sbind_error *reterr)
{
    sbind__place place;
    struct stat st;
    sbind_status s;
    if (listener->creator != (int32_t)getpid() || is_stranger(listener->fd))
        return SBIND_OK;
    sbind__name_place(listener->address.name, &place);
    place.directory_fd = listener->directory_fd;
    if (fstat(place.directory_fd, &st) != 0)
        return sbind__fail_call("fstat", reterr);
    place.directory_owner = st.st_uid;
    s = remove_if_ours(listener, &place, reterr);
    sbind__drop_lock(&place);
    return s;
}
