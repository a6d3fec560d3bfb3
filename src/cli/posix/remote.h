/* remote.h - the name of a client (POSIX) */
#ifndef SBIND_CLI_POSIX_REMOTE_H
#define SBIND_CLI_POSIX_REMOTE_H

#include <stdbool.h>

#include <sbind/peer.h>

enum { REMOTE_MAX = SBIND_NAME_MAX + 2 };

bool remote_is_tcp(const sbind_peer *peer);

/* Writes the name of the client, as service managers put it into REMOTE_ADDR. For
 * TCP it is an IP address without brackets, with %ZONE if it has a zone. For a unix
 * socket it is the absolute path to which the client has bound its socket, or @ and
 * the abstract name. Returns false if the client has no name. */
bool remote_address(const sbind_peer *peer, char ret[REMOTE_MAX]);

#endif
