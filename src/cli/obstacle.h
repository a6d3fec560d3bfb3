/* obstacle.h - what is in the way when listening on an address fails */
#ifndef SBIND_CLI_OBSTACLE_H
#define SBIND_CLI_OBSTACLE_H

#include <sbind/parse.h>
#include <sbind/status.h>

/* Says on standard error what is in the way, as far as this user may know it:
 *
 *       listener: process 4711 (nginx)
 *
 * If that cannot be found out, says nothing. The address is the one of the
 * command line. The process that is named does not notice: the command asks the
 * kernel, through /proc and a netlink socket, and does not connect. */
void obstacle_say(const sbind_error *error, const sbind_address *address);

/* The index of the interface that a zone names, or 0 if there is none.
 * (Linux) */
unsigned obstacle_interface(const char *zone);

#endif
