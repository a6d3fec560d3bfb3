/* absent.h - why an IPv6 address cannot be listened on that may be there (Linux) */
#ifndef SBIND_CLI_LINUX_ABSENT_H
#define SBIND_CLI_LINUX_ABSENT_H

#include <sbind/parse.h>
#include <stdbool.h>

/* Says on standard error which interface has the IPv6 address, and why it cannot
 * be listened on all the same. False, and says nothing: no interface has it. */
bool absent_say_interface(const sbind_address *address);

#endif
