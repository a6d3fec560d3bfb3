/* obstacle.h - what is in the way when listening on an address fails */
#ifndef SBIND_CLI_OBSTACLE_H
#define SBIND_CLI_OBSTACLE_H

#include <sbind/parse.h>
#include <sbind/status.h>

/* Says on standard error what is in the way, as far as this user may know:
 *
 *       listener: process 4711 (nginx)
 *
 * and nothing if that cannot be found out. The address is the one of the
 * command line. The named process does not notice: we ask the kernel, through
 * /proc and a netlink socket, and do not connect. */
void obstacle_say(const sbind_error *error, const sbind_address *address);

/* The interface that a zone names or numbers; 0: none. (Linux) */
unsigned obstacle_interface(const char *zone);

#endif
