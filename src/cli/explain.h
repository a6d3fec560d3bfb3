/* explain.h - what listening on an address does, in words
 *
 * plan.c, linux/explain.c and win32/explain.c are pure. The WebAssembly module
 * contains plan.c and the files of Linux, and has its own explain_say and
 * explain_refused. Those understand only the formats %s, %d and %u. */
#ifndef SBIND_CLI_EXPLAIN_H
#define SBIND_CLI_EXPLAIN_H

#include <sbind/parse.h>

#include "format.h"

/* The longest path to which every client can connect: the size of sun_path on
 * Linux and Windows, less a NUL. */
enum { PLAIN_PATH_MAX = 107 };

/* Says one line of at most 78 columns. It is printed, or becomes part of the
 * JSON answer. */
void explain_say(const char *format, ...) CLI_PRINTF(1, 2);

/* Says such a line about an address that is refused on any system. */
void explain_refused(const char *format, ...) CLI_PRINTF(1, 2);

/* Says such a line about what the system has at the address now. */
void explain_here(const char *format, ...) CLI_PRINTF(1, 2);

/* Says all steps of listening on the address (plan.c). */
void explain_listening(const sbind_address *address);

/* Says which call looks up the zone of an IPv6 address. */
void explain_zone(const sbind_address *address);

/* Say the steps for one kind of address (linux/, win32/). */
void explain_tcp(const sbind_address *address);
void explain_unix(const sbind_address *address);
void explain_fd(const sbind_address *address);
void explain_pipe(const sbind_address *address);

#endif
