/* nature.h - what a descriptor is
 *
 * A seam: each system has a nature.c. */
#ifndef SBIND_BIND_POSIX_NATURE_H
#define SBIND_BIND_POSIX_NATURE_H

#include <stdbool.h>
#include <stdint.h>

#include <sbind/status.h>

typedef struct sbind__nature {
    int type;          /* SOCK_STREAM or another */
    int domain;        /* AF_UNIX or another */
    bool is_tcp;       /* TCP or Multipath TCP */
    bool is_listening; /* it can be accepted from */
} sbind__nature;

/* SBIND_FD_CLOSED, SBIND_FD_NOT_SOCKET. The error names the descriptor. */
sbind_status sbind__ask_nature(int fd, sbind__nature *ret, sbind_error *reterr);

/* The domain alone; AF_UNSPEC if it is not known. */
int sbind__domain_of(int fd);

/* Whether a socket is one of Multipath TCP. */
sbind_status sbind__ask_mptcp(int fd, bool *ret, sbind_error *reterr);

/* Which socket it is: never 0, and another number for another socket that is open
 * under the same descriptor later. False and errno if a call fails; *ret_call is
 * its name then. */
bool sbind__identify(int fd, uint64_t *ret, const char **ret_call);

/* The error of such a question that failed by errno: SBIND_FD_CLOSED,
 * SBIND_FD_NOT_SOCKET or SBIND_SYSTEM. It names call and descriptor. (posix/fd.c) */
sbind_status sbind__fail_question(int fd, const char *call,
                                  sbind_error *reterr);

#endif
