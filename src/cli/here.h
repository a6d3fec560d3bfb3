/* here.h - what the system has now at an address (linux/, win32/) */
#ifndef SBIND_CLI_HERE_H
#define SBIND_CLI_HERE_H

#include <sbind/parse.h>

/* Whether --here works on this platform: DONE, or USAGE after saying that it
 * does not. self is argv[0]. */
int here_available(const char *self);

/* Looks at what the system has at the address, and says it with explain_here.
 * This changes nothing: it binds nothing, makes no file, and no process that
 * has the address notices. Returns one word:
 *
 *   free           it could be listened on now
 *   stale          so it could, by removing a socket file that nobody has
 *   listening, bound, connected
 *                  a socket has the address
 *   ending         connections have it that no process has any more
 *   occupied       a file has the path that is not ours to remove
 *   no-directory   the directory of the path cannot be found
 *   unsafe-directory
 *                  other users can replace files in the directory
 *   forbidden      this user may not make files in it, or listen on the port
 *   no-address     no interface has it
 *   passed         descriptors were passed, or this one is open
 *   missing        they were not, or it is not
 *   unknown        the kernel does not say, or it would have to be asked in a
 *                  way that others see */
const char *here_look(const sbind_address *address);

#endif
