/* nature.h - what a descriptor is
 *
 * Each system has its own nature.c. */
#ifndef SBIND_BIND_POSIX_NATURE_H
#define SBIND_BIND_POSIX_NATURE_H

#include <stdbool.h>
#include <stdint.h>

#include <sbind/status.h>

typedef struct sbind__nature {
    int type;          /* SOCK_STREAM or another */
    int domain;        /* AF_UNIX or another */
    bool is_tcp;       /* TCP or Multipath TCP */
    bool is_listening; /* clients can be accepted from it */
} sbind__nature;

/* SBIND_FD_CLOSED, SBIND_FD_NOT_SOCKET. The error names the descriptor. */
sbind_status sbind__ask_nature(int fd, sbind__nature *ret, sbind_error *reterr);

/* The domain of a socket, or AF_UNSPEC if it is unknown. */
int sbind__domain_of(int fd);

/* Whether the socket is one of Multipath TCP. */
sbind_status sbind__ask_mptcp(int fd, bool *ret, sbind_error *reterr);

/* A number that identifies the socket, never 0. A socket that later gets the
 * same descriptor has another number. If a call fails, returns false, sets
 * errno, and *ret_call is the name of the call. */
bool sbind__identify(int fd, uint64_t *ret, const char **ret_call);

/* The error after a question to a descriptor failed with errno:
 * SBIND_FD_CLOSED, SBIND_FD_NOT_SOCKET or SBIND_SYSTEM. The error names the
 * call and the descriptor. (posix/fd.c) */
sbind_status sbind__fail_question(int fd, const char *call,
                                  sbind_error *reterr);

#endif
