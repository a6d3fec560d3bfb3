/* absent.h - why listening on an IPv6 address fails although an interface may
 * have it (Linux) */
#ifndef SBIND_CLI_LINUX_ABSENT_H
#define SBIND_CLI_LINUX_ABSENT_H

#include <sbind/parse.h>
#include <stdbool.h>

/* Says on standard error which interface has the IPv6 address, and why
 * listening on it still fails. Returns false and says nothing if no interface
 * has it. */
bool absent_say_interface(const sbind_address *address);

#endif
