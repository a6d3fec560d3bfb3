/* serve.h - how sbind listen runs its command: it becomes the command, or
 * starts it for each connection */
#ifndef SBIND_CLI_SERVE_H
#define SBIND_CLI_SERVE_H

#include "listen.h"

/* Prepares serving, before anything is opened. Refuses what cannot be done,
 * looks up a command that is started later, and handles the signals that end a
 * wait. DONE, or the exit status after a message. */
int serve_prepare(const char *self, const request *r);

/* Serves, after the sockets were opened. Returns only if this process did not
 * become the command. By then the sockets are closed, and the signal that ended
 * the wait has had its effect. Returns the exit status. */
int serve_command(const request *r, opened *o);

/* Waits this many milliseconds while nothing is open. A signal that would end
 * the command ends the wait, too. DONE, or the status to exit with. */
int serve_pause(const request *r, int milliseconds);

#endif
