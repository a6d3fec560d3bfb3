/* posix/taken.c - which inherited descriptors this process has adopted: the one
 * thing that the library remembers
 *
 * The table has an entry for each descriptor number: 0, or the identity
 * (nature.h) of the socket that was adopted under that number. So a program may
 * also close an adopted descriptor itself, or let other code close it: the next
 * socket with that number has another identity, and can be adopted. A copy made
 * by dup has its own number.
 *
 * Each change is one atomic step on one word. So threads need no lock, and a
 * child of fork never inherits a lock that is held. The child has copies of the
 * descriptors, the listeners and this table, and these copies agree with each
 * other. */
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

/* Close first, so that no thread adopts a descriptor that is about to go. If
 * the number has been reused after that, the entry belongs to another socket,
 * and the exchange leaves the entry alone. */
void sbind__close_taken(int fd)
{
    unsigned long was = 0;
    if (fd >= 0 && fd <= SBIND_ADOPT_MAX)
        was = atomic_load(&taken[fd]);
    sbind__close_fd(fd);
    if (was != 0)
        atomic_compare_exchange_strong(&taken[fd], &was, 0);
}
