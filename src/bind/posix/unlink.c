/* posix/unlink.c - removing the socket file of a listener that closes (SPEC.md
 * 5.8) */
#define _XOPEN_SOURCE 700 /* EDQUOT */
#include <errno.h>
#include <unistd.h>

#include "../../status/error.h"
#include "../family.h"
#include "place.h"
#include "../system.h"

/* Whether the path still leads to our file. The listener keeps the file open,
 * so no other file can have got its inode. */
static sbind_status find_ours(const sbind_listener *listener,
                              const sbind__place *place, bool *ret,
                              sbind_error *reterr)
{
    const sbind__pinned ours = {
        .is_there = true,
        .fd = listener->file_fd,
        .identity = {listener->device, listener->inode}};
    *ret = sbind__is_still_named(place, place->base, &ours);
    return *ret || errno == 0 || errno == ENOENT || errno == ESTALE
               ? SBIND_OK
               : sbind__fail_call("fstatat", reterr);
}

/* Whether there is no room for the lock file. Then no other process can start
 * here either, so the socket file can be removed without a lock. */
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
    sbind__name_place(listener->address.name, &place);
    place.directory_fd = listener->directory_fd;
    if (fstat(place.directory_fd, &st) != 0)
        return sbind__fail_call("fstat", reterr);
    place.directory_owner = st.st_uid;
    sbind_status s = remove_if_ours(listener, &place, reterr);
    sbind__drop_lock(&place);
    return s;
}
