/* manager.h - sockets that a service manager hands out when it is asked */
#ifndef SBIND_BIND_POSIX_MANAGER_H
#define SBIND_BIND_POSIX_MANAGER_H

#include <stddef.h>

#include <sbind/parse.h>
#include <sbind/status.h>

#define SBIND__HANDED_MAX 256

/* Open descriptors, which belong to this process. */
typedef struct sbind__handed {
    int fds[SBIND__HANDED_MAX];
    size_t count;
} sbind__handed;

/* Asks the service manager for the sockets that an fd:// address means. The
 * address must not be fd://N. If there is no service manager to ask, the error
 * is SBIND_NOT_ACTIVATED. On failure *ret is untouched. */
sbind_status sbind__ask_manager(const sbind_address *address,
                                sbind__handed *ret, sbind_error *reterr);

#endif
