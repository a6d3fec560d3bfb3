/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/notify.h - telling the service manager about the state of this program
 *
 * The variable is NOTIFY_SOCKET, as in sd_notify(3). See grammar/notify.abnf
 * and section 8 of grammar/SPEC.md. The library remembers nothing: for each
 * message it opens a socket, sends one datagram and closes the socket.
 */
#ifndef SBIND_NOTIFY_H
#define SBIND_NOTIFY_H

#include <stddef.h>

#include <sbind/parse.h>
#include <sbind/status.h>
#include <sbind/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_NOTIFY_STATE_MAX 4096 /* octets of a state */
#define SBIND_NOTIFY_SOCKET_MAX 107 /* octets of NOTIFY_SOCKET */
#define SBIND_NOTIFY_FDS_MAX 253    /* descriptors of one message */
#define SBIND_NOTIFY_WAIT 5000      /* milliseconds, at most, for room */

/* ---- Sending ------------------------------------------------------------- */

#define SBIND_NOTIFY_READY "READY=1"         /* the program serves */
#define SBIND_NOTIFY_RELOADING "RELOADING=1" /* until the next READY */
#define SBIND_NOTIFY_STOPPING "STOPPING=1"   /* the program ends */

/* Sends a state to the service manager. A state is one or more lines NAME=VALUE
 * of printable octets; such lines can be joined with newlines:
 *
 *     sbind_notify(SBIND_NOTIFY_READY "\nSTATUS=serving", NULL, 0, &error);
 *
 * The line MONOTONIC_USEC= is added to a state that has the line RELOADING=1
 * and no MONOTONIC_USEC= of its own, since a service of Type=notify-reload has
 * to send both.
 *
 * The descriptors fds[0 .. count) are sent with the state, and stay open in
 * this process. The service manager keeps them in its descriptor store and
 * passes them to the next start of the service: "FDSTORE=1\nFDNAME=state".
 * Without the line FDSTORE=1 or BARRIER=1 the service manager would close the
 * descriptors, so sbind_notify refuses them.
 *
 * When NOTIFY_SOCKET is not set, nothing is sent, and that is not an error: no
 * service manager waits for a message. The state is checked all the same. A
 * program with raised privileges (set-user-id, set-group-id) ignores the
 * variable. The address has to be that of a datagram socket; a file of any
 * other type is not opened.
 *
 * Success means that the message is in the queue of the service manager. When
 * the queue is full, the call waits for room, SBIND_NOTIFY_WAIT milliseconds at
 * most. Signals do not end the wait.
 *
 * Several threads may call this at the same time, unless one changes the
 * environment. On Windows nothing is ever sent.
 *
 * Errors: SBIND_BAD_NOTIFY_STATE, with the offset in the state if it is about
 * an octet; SBIND_TOO_MANY_PASSED if there are more than SBIND_NOTIFY_FDS_MAX
 * descriptors; SBIND_BAD_NOTIFY_SOCKET, with the offset in the variable;
 * SBIND_FD_CLOSED if a descriptor in fds is not open; SBIND_TIMED_OUT;
 * SBIND_SYSTEM, with the call and its errno. */
sbind_status sbind_notify(const char *state, const sbind_handle *fds,
                          size_t count, sbind_error *reterr);

/* ---- The pure functions -------------------------------------------------- */

/* The address that a value of NOTIFY_SOCKET means: SBIND_UNIX_PATH for a path
 * that begins with "/", SBIND_UNIX_ABSTRACT for a name after "@". Reads no
 * environment and opens nothing. Error: SBIND_BAD_NOTIFY_SOCKET. */
sbind_status sbind_notify_address(const char *value, size_t len,
                                  sbind_address *ret, sbind_error *reterr);

/* Checks whether sbind_notify would send state[0 .. len) with that many
 * descriptors.
 * Errors: SBIND_BAD_NOTIFY_STATE, SBIND_TOO_MANY_PASSED. */
sbind_status sbind_notify_check(const char *state, size_t len, size_t count,
                                sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
