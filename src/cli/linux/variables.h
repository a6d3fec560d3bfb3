/* variables.h - the environment of the command (Linux) */
#ifndef SBIND_CLI_LINUX_VARIABLES_H
#define SBIND_CLI_LINUX_VARIABLES_H

#include <sbind/peer.h>

#include "../serving.h"

/* What the command will have under this name, or NULL. */
const char *variables_value(const serving *s, const char *name);

/* Sets what -E says, in the environment of this process. DONE or SYSTEM. */
int variables_set(const serving *s);

/* REMOTE_ADDR and REMOTE_PORT of this process are those of the peer, or are not
 * set. DONE or SYSTEM. */
int variables_set_peer(const sbind_peer *peer);

#endif
