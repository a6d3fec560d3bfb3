/* hints.h - what a person can do about an error of opening
 *
 * Each system has one table. A hint depends on the status, the call that
 * failed, its error and the kind of address. The public functions choose it
 * once, after a failure. If the failing function has set a hint, that hint
 * stays. */
#ifndef SBIND_BIND_HINTS_H
#define SBIND_BIND_HINTS_H

#include <sbind/status.h>

#include "../parse/family.h"

/* What the program wanted to do with the address. */
typedef enum sbind__use { SBIND__TO_LISTEN, SBIND__TO_CONNECT } sbind__use;

/* Gives the error, and each of its attempts, the hint of the first row that
 * fits. reterr may be NULL. Returns the status of the error. */
sbind_status sbind__advise(sbind_status status, sbind_kind kind, sbind__use use,
                           sbind_error *reterr);

/* ---- The table (posix/hints.c, win32/hints.c) ------------------------------ */

/* A row applies to a set of kinds and to these uses. A row without a use
 * applies to both. */
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

/* The first row that fits is taken. The last row has no hint. */
extern const sbind__advice sbind__advices[];

/* ---- Hints about a file (posix/hints.c) ------------------------------------ */

struct stat;

/* A hint that says what is at the path instead of a socket, for
 * SBIND_PATH_OCCUPIED. NULL: the hint of the status fits. */
const char *sbind__occupied_hint(const struct stat *file);

/* A hint for a refused connection to a file that is not a socket. NULL if it is
 * one. */
const char *sbind__not_socket_hint(const struct stat *file);

#endif
