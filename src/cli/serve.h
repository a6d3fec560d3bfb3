/* serve.h - what sbind listen does with a command: becomes it, or starts one for
 * each connection */
#ifndef SBIND_CLI_SERVE_H
#define SBIND_CLI_SERVE_H

#include "listen.h"

/* Before anything is opened: refuses what cannot be done, looks the command up if
 * it is not run at once, and takes the signals that end a wait. DONE, or the
 * status after a message. */
int serve_prepare(const char *self, const request *r);

/* The sockets are open. Returns only when the command was not become: the exit
 * status, after the sockets have been closed and the signal that ended the wait
 * has been obeyed. */
int serve_command(const request *r, opened *o);

/* Waits so many milliseconds while nothing is open. A signal that ends the command
 * ends it here as well: DONE, or the status to exit with. */
int serve_pause(const request *r, int milliseconds);

#endif
