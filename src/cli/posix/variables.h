/* variables.h - the environment of the command (POSIX) */
#ifndef SBIND_CLI_POSIX_VARIABLES_H
#define SBIND_CLI_POSIX_VARIABLES_H

#include <sbind/peer.h>

#include "../serving.h"

/* The value that the variable will have in the command, or NULL. */
const char *variables_value(const serving *s, const char *name);

/* Sets the variables of -E in the environment of this process. DONE or
 * SYSTEM. */
int variables_set(const serving *s);

/* Sets REMOTE_ADDR and REMOTE_PORT to those of the peer, or removes them. DONE
 * or SYSTEM. */
int variables_set_peer(const sbind_peer *peer);

#endif
