/* here.h - the parts of linux/here.c */
#ifndef SBIND_CLI_LINUX_HERE_H
#define SBIND_CLI_LINUX_HERE_H

#include <sbind/parse.h>

#include "holders.h"

/* Says which processes have the sockets. Returns the word for the state of the
 * address, such as "listening", or NULL if there are no sockets. */
const char *here_holders(const holders *h);

const char *here_path(const sbind_address *address);

#endif
