/* signals.h - the signals that sbind listen waits for (POSIX) */
#ifndef SBIND_CLI_POSIX_SIGNALS_H
#define SBIND_CLI_POSIX_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

typedef struct signals {
    int fd; /* readable when a signal has come; close-on-exec */
    bool with_children;
    sigset_t taken;
    sigset_t mask;                /* as it was before */
    struct sigaction child, pipe; /* what SIGCHLD and SIGPIPE did before */
    int end; /* the signal that asked us to end; 0: none yet */
} signals;

/* Blocks SIGTERM, SIGINT and SIGHUP, except those that are ignored. From now on
 * they are read from a descriptor, so that no signal between two calls is
 * missed. With children it also handles SIGCHLD, and ignores SIGPIPE, so that a
 * message without a reader does not end the server. DONE or SYSTEM. */
int signals_take(bool with_children, signals *ret);

/* Opens the descriptor from which the blocked signals are read. DONE or
 * SYSTEM. */
int signals_open(signals *s);

/* Notes the signals that have come. Never waits. */
void signals_read(signals *s);

/* Restores mask and dispositions for the command. */
void signals_give_back(const signals *s);

/* Ends this process by the signal that has come. The first process of a PID
 * namespace cannot be ended by its own signal, so in such a process this
 * function returns the exit status that a shell would show. Without a signal it
 * returns status. */
int signals_end(const signals *s, int status);

#endif
