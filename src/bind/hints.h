/* hints.h - hints: what a person can do when opening an address has failed
 *
 * Each system has one table. A hint depends on the status, the call that
 * failed, its error and the kind of address. The public functions choose it
 * once, after a failure. If the failing function has set a hint, that hint
 * stays. */
#ifndef SBIND_BIND_HINTS_H
#define SBIND_BIND_HINTS_H

#include <sbind/status.h>

#include "../parse/family.h"

/* What the program wanted to do with the address: listen or connect. */
typedef enum sbind__use { SBIND__TO_LISTEN, SBIND__TO_CONNECT } sbind__use;

/* Looks up the hint for the error, and for the error of each attempt in it.
 * Takes the first row of the table that fits. reterr may be NULL. Returns the
 * status of the error. */
sbind_status sbind__advise(sbind_status status, sbind_kind kind, sbind__use use,
                           sbind_error *reterr);

/* ---- The table (posix/hints.c, win32/hints.c) ------------------------------ */

/* A row names kinds of address, and says whether it is for listening or for
 * connecting. A row that says neither is for both. */
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

/* The rows, in the order in which they are tried. The last row has no hint. */
extern const sbind__advice sbind__advices[];

/* ---- Hints about a file (posix/hints.c) ------------------------------------ */

struct stat;

/* The hint for SBIND_PATH_OCCUPIED: it says which kind of file is at the path.
 * NULL if the usual hint of the status fits. */
const char *sbind__occupied_hint(const struct stat *file);

/* The hint after a connection was refused because the file is not a socket.
 * NULL if it is a socket. */
const char *sbind__not_socket_hint(const struct stat *file);

#endif
