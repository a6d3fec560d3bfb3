/* remote.h - how a client is named (Linux) */
#ifndef SBIND_CLI_LINUX_REMOTE_H
#define SBIND_CLI_LINUX_REMOTE_H

#include <stdbool.h>

#include <sbind/peer.h>

enum { REMOTE_MAX = SBIND_NAME_MAX + 2 };

bool remote_is_tcp(const sbind_peer *peer);

/* As service managers write it to REMOTE_ADDR: an IP address without brackets, with
 * %ZONE if it has one; the absolute path, or @ and the abstract name, that the
 * client has bound its socket to. False: it has none. */
bool remote_address(const sbind_peer *peer, char ret[REMOTE_MAX]);

#endif
