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
 *   free           a program could listen on the address now
 *   stale          a program could listen on it, and would replace a socket
 *                  file that no process has open
 *   listening, bound, connected
 *                  a socket has the address
 *   ending         only connections have the address, and no process has them
 *                  open
 *   occupied       the path has a file that listening would not replace
 *   no-directory   the directory of the path cannot be found
 *   unsafe-directory
 *                  other users can replace files in the directory
 *   forbidden      this user may not make files in the directory, or listen on
 *                  the port
 *   no-address     no interface has the address
 *   passed         fd://N: descriptor N is open, and does not listen. Other
 *                  forms of fd://: descriptors were passed
 *   missing        fd://N: descriptor N is closed. Other forms of fd://: no
 *                  descriptors were passed, or the variables are malformed
 *   unknown        the kernel does not say, or others would notice the question
 */
const char *here_look(const sbind_address *address);

#endif
