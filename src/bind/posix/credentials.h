/* credentials.h - which user and process the other end of a unix socket is
 *
 * Each system has its own credentials.c. The last function is in
 * posix/credentials.c, for all systems. */
#ifndef SBIND_BIND_POSIX_CREDENTIALS_H
#define SBIND_BIND_POSIX_CREDENTIALS_H

#include <stdint.h>

#include <sbind/status.h>

typedef struct sbind__credentials {
    uint32_t uid, gid; /* SBIND_NO_ID: unknown */
    int32_t pid;       /* SBIND_NO_PID: unknown */
} sbind__credentials;

/* Gets the credentials that the kernel noted when the connection was made. */
sbind_status sbind__credentials_of(int fd, sbind__credentials *ret,
                                   sbind_error *reterr);

/* The hint for a server whose user is unknown. */
extern const char sbind__unknown_user[];

/* Returns SBIND_WRONG_SERVER unless the server is known to run as this user. */
sbind_status sbind__check_unix_owner(int fd, uint32_t owner,
                                     sbind_error *reterr);

#endif
