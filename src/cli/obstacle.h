/* obstacle.h - what is in the way of an address that could not be listened on */
#ifndef SBIND_CLI_OBSTACLE_H
#define SBIND_CLI_OBSTACLE_H

#include <sbind/parse.h>
#include <sbind/status.h>

/* Says on standard error what is in the way, as far as this user may know:
 *
 *       listener: process 4711 (nginx)
 *
 * and nothing if that is not found out. The address is the one of the command
 * line. A process that is named does not notice: the kernel is asked, through
 * /proc and a netlink socket, and nothing is connected to. */
void obstacle_say(const sbind_error *error, const sbind_address *address);

/* The interface that a zone names or numbers; 0: none. (Linux) */
unsigned obstacle_interface(const char *zone);

#endif
