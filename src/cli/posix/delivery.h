/* delivery.h - whether the peer has taken what was sent to it (POSIX) */
#ifndef SBIND_CLI_POSIX_DELIVERY_H
#define SBIND_CLI_POSIX_DELIVERY_H

#include <sbind/listen.h>

/* Reads and clears the error of the connection. Returns 0 if there is none. For
 * a connection that was reset, the system reports EPIPE or ECONNRESET,
 * depending on the state of the connection. This function returns ECONNRESET
 * for both. */
int delivery_error(int fd);

/* Waits until everything that was sent has arrived: the peer's system has
 * acknowledged it (TCP), or the peer has read it (unix). Call it when both ends have
 * stopped sending. Returns 0, or the error of the connection, or the error of the
 * call that *ret_call names. */
int delivery_await(const sbind_stream *stream, const char **ret_call);

#endif
