/* fresh.h - makes descriptors that no child process inherits
 *
 * Each system has its own fresh.c. */
#ifndef SBIND_BIND_POSIX_FRESH_H
#define SBIND_BIND_POSIX_FRESH_H

#include <stdbool.h>
#include <sys/socket.h>

/* Like socket(2), but close-on-exec, and blocking or not from the start. If a
 * call fails, returns -1, sets errno, and *ret_call is the name of the call. */
int sbind__fresh_socket(int family, int type, int protocol, bool nonblocking,
                        const char **ret_call);

/* Like accept(2) on the listening socket fd, with the same results. */
int sbind__fresh_connection(int fd, struct sockaddr *ret_peer,
                            socklen_t *length, bool nonblocking,
                            const char **ret_call);

#endif
