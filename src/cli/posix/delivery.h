/* delivery.h - whether the peer has taken what was sent to it (POSIX) */
#ifndef SBIND_CLI_POSIX_DELIVERY_H
#define SBIND_CLI_POSIX_DELIVERY_H

#include <sbind/listen.h>

/* The error that the connection has had, or 0. Reading it clears it. For a
 * connection that was reset the system says EPIPE or ECONNRESET, depending on
 * its state. Here both are ECONNRESET. */
int delivery_error(int fd);

/* Waits until nothing that was sent is under way any more: the peer's system
 * has acknowledged it (TCP), or the peer has read it (unix). Both ends have
 * ended sending. Returns 0, or the error of the connection, or of the call that
 * *ret_call names. */
int delivery_await(const sbind_stream *stream, const char **ret_call);

#endif
