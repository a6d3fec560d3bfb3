/* lacks.h - which privileges this process lacks (Linux) */
#ifndef SBIND_CLI_LINUX_LACKS_H
#define SBIND_CLI_LINUX_LACKS_H

#include <stdbool.h>

/* Whether this process lacks this effective capability, which is below 32.
 * (linux/drop.c) */
bool drop_lacks(int capability);

#endif
