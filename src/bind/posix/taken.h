/* taken.h - which inherited descriptors this process has adopted
 *
 * Each descriptor can be adopted only once. A descriptor that is adopted twice
 * would be closed twice. The second close could close another file that has got
 * the same number.
 */
#ifndef SBIND_BIND_POSIX_TAKEN_H
#define SBIND_BIND_POSIX_TAKEN_H

#include <sbind/status.h>

/* Adopts a descriptor that is known to be a socket, and is at most
 * SBIND_ADOPT_MAX. SBIND_FD_TAKEN if it is adopted already and has not been
 * closed since. */
sbind_status sbind__take(int fd, sbind_error *reterr);

/* Undoes sbind__take; the descriptor stays open. */
void sbind__untake(int fd);

/* Closes a descriptor, adopted or not, and leaves errno as it was. */
void sbind__close_taken(int fd);

#endif
