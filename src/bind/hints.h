/* hints.h - what a person can do about an error of opening
 *
 * One table a system: a hint depends on the status, the call that failed, its
 * error and the kind of address. The public functions choose it, once, after a
 * failure. A hint that the failing function has given itself stays. */
#ifndef SBIND_BIND_HINTS_H
#define SBIND_BIND_HINTS_H

#include <sbind/status.h>

#include "../parse/family.h"

/* What the address was to be used for. */
typedef enum sbind__use { SBIND__TO_LISTEN, SBIND__TO_CONNECT } sbind__use;

/* Gives the error, and each of its attempts, the hint of the first row that
 * fits. reterr may be NULL. Returns the status of the error. */
sbind_status sbind__advise(sbind_status status, sbind_kind kind, sbind__use use,
                           sbind_error *reterr);

/* ---- The table (posix/hints.c, win32/hints.c) ------------------------------ */

/* A row is for a set of kinds, and for these uses. Without a use it is for
 * both. */
enum {
    SBIND__LISTENING = SBIND__KINDS_END,
    SBIND__CONNECTING = SBIND__KINDS_END << 1
};

typedef struct sbind__advice {
    unsigned where;
    sbind_status status;
    const char *call; /* NULL: any call, or none */
    int os_error;     /* 0: any error, or none */
    const char *hint;
} sbind__advice;

/* The first row that fits is the one; the last has no hint. */
extern const sbind__advice sbind__advices[];

/* ---- Hints about a file (posix/hints.c) ------------------------------------ */

struct stat;

/* What is at the path of a socket file in place of a socket, for
 * SBIND_PATH_OCCUPIED; NULL: the status's own hint fits. */
const char *sbind__occupied_hint(const struct stat *file);

/* Why connecting to this file was refused: it is not a socket; NULL if it is
 * one. */
const char *sbind__not_socket_hint(const struct stat *file);

#endif
