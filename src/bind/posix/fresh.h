/* fresh.h - new descriptors, which no child process inherits
 *
 * A seam: each system has a fresh.c. */
#ifndef SBIND_BIND_POSIX_FRESH_H
#define SBIND_BIND_POSIX_FRESH_H

#include <stdbool.h>
#include <sys/socket.h>

/* As socket(2), close-on-exec, and not blocking if that is wanted. -1 and errno if
 * a call fails; *ret_call is its name then. */
int sbind__fresh_socket(int family, int type, int protocol, bool nonblocking,
                        const char **ret_call);

/* The same of a connection that waits at the listening socket fd, as accept(2). */
int sbind__fresh_connection(int fd, struct sockaddr *ret_peer,
                            socklen_t *length, bool nonblocking,
                            const char **ret_call);

#endif
