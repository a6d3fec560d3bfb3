/* posix/taken.c - which inherited descriptors this process has adopted: the one
 * thing that the library remembers
 *
 * For each number the socket that was taken under it, 0 for none, as
 * nature.h identifies it. So a program that closes a taken descriptor by itself, or
 * hands it to somebody who does, loses nothing: the next socket to get its
 * number is another, and can be taken. A copy by dup has a number of its own.
 *
 * One word is changed by one atomic step, so threads need no lock, and a fork
 * at any moment leaves the child no lock that nobody holds. The child has
 * copies of the descriptors, of the listeners and of this table, and they fit
 * together. */
#include "taken.h"

#include <stdatomic.h>

#include <sbind/listen.h>

#include "../../status/error.h"
#include "../system.h"
#include "nature.h"

static atomic_ulong taken[SBIND_ADOPT_MAX + 1];

sbind_status sbind__take(int fd, sbind_error *reterr)
{
    const char *call;
    uint64_t identity = 0;
    unsigned long was = atomic_load(&taken[fd]);
    if (!sbind__identify(fd, &identity, &call))
        return sbind__fail_call(call, reterr);
    do
        if (was == (unsigned long)identity)
            return sbind__fail(SBIND_FD_TAKEN, reterr);
    while (!atomic_compare_exchange_weak(&taken[fd], &was,
                                         (unsigned long)identity));
    return SBIND_OK;
}

void sbind__untake(int fd) { atomic_store(&taken[fd], 0); }

/* Closed first: nobody can take again what is about to go. By then the number
 * may be somebody else's and taken anew, which is another value and stays. */
void sbind__close_taken(int fd)
{
    unsigned long was = 0;
    if (fd >= 0 && fd <= SBIND_ADOPT_MAX)
        was = atomic_load(&taken[fd]);
    sbind__close_fd(fd);
    if (was != 0)
        atomic_compare_exchange_strong(&taken[fd], &was, 0);
}
