/* explain.h - what listening on an address does, in words (linux/, win32/) */
#ifndef SBIND_CLI_EXPLAIN_H
#define SBIND_CLI_EXPLAIN_H

#include <sbind/parse.h>

#include "format.h"

/* One line, of at most 78 columns: printed, or part of the answer for programs. */
void explain_say(const char *format, ...) CLI_PRINTF(1, 2);

/* The same, of an address that is refused whatever the system is like. */
void explain_refused(const char *format, ...) CLI_PRINTF(1, 2);

/* What the system has at the address now. */
void explain_here(const char *format, ...) CLI_PRINTF(1, 2);

/* The call that looks up the zone of an IPv6 address. */
void explain_zone(const sbind_address *address);

void explain_tcp(const sbind_address *address);
void explain_unix(const sbind_address *address);
void explain_fd(const sbind_address *address);
void explain_pipe(const sbind_address *address);

#endif
