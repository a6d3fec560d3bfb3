/* taken.h - which inherited descriptors this process has adopted
 *
 * A descriptor that is adopted twice is closed twice, the second time when its
 * number is somebody else's. So each can be taken once.
 */
#ifndef SBIND_BIND_POSIX_TAKEN_H
#define SBIND_BIND_POSIX_TAKEN_H

#include <sbind/status.h>

/* Takes a descriptor, at most SBIND_ADOPT_MAX, that is known to be a socket.
 * SBIND_FD_TAKEN when it has been taken and not been closed since. */
sbind_status sbind__take(int fd, sbind_error *reterr);

/* Undoes sbind__take; the descriptor stays open. */
void sbind__untake(int fd);

/* Closes a descriptor, taken or not, and leaves errno as it was. */
void sbind__close_taken(int fd);

#endif
