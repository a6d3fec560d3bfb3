/* clients.h - a process for each connection (POSIX) */
#ifndef SBIND_CLI_POSIX_CLIENTS_H
#define SBIND_CLI_POSIX_CLIENTS_H

#include "../listen.h"
#include "signals.h"

/* Starts the command for each client until a signal comes or a listener fails.
 * Then closes the listeners, and waits until the clients are served or a second
 * signal comes. DONE, or the status after a message. */
int clients_serve(const request *r, opened *o, signals *taken);

/* Waits until a signal or the first client comes, and does not accept the
 * client. DONE or SYSTEM. */
int clients_await(const opened *o, signals *s);

#endif
