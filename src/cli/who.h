/* who.h - which process has an address that is in use */
#ifndef SBIND_CLI_WHO_H
#define SBIND_CLI_WHO_H

#include <sbind/parse.h>

/* Says on standard error who listens there, as far as this user may know:
 *
 *       listener: process 4711 (nginx)
 *
 * and nothing if nobody is found. Whoever listens does not notice: the kernel
 * is asked, through /proc and a netlink socket, and nothing is connected to. */
void who_listens(const sbind_address *address);

#endif
