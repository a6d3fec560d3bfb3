/* clients.h - a process for each connection (Linux) */
#ifndef SBIND_CLI_LINUX_CLIENTS_H
#define SBIND_CLI_LINUX_CLIENTS_H

#include "../listen.h"
#include "signals.h"

/* Starts the command for each client until a signal ends that, or a listener has
 * failed: then closes the listeners, and waits for the processes that serve a
 * client, or for a second signal. DONE, or the status after a message. */
int clients_serve(const request *r, opened *o, signals *taken);

/* Waits until the first client is there, and does not accept it, or until a signal
 * comes. DONE or SYSTEM. */
int clients_await(const opened *o, signals *s);

#endif
