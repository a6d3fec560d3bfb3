/* explain.h - what listening on an address does, in words
 *
 * plan.c and the files SYSTEM/explain.c are pure. The WebAssembly module
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

/* Say the steps for one kind of address (linux/, macos/, win32/). For TCP these are
 * the steps until the socket has its options. */
void explain_tcp_socket(const sbind_address *address);
void explain_unix(const sbind_address *address);
void explain_fd(const sbind_address *address);
void explain_pipe(const sbind_address *address);

/* What these functions have in common (plan.c): the name of the family of a TCP
 * address, and the option IPV6_V6ONLY if the address has it. */
const char *explain_family(const sbind_address *address);
void explain_ipv6_only(const sbind_address *address);

#endif
