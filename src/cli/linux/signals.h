/* signals.h - the signals that sbind listen waits for (Linux) */
#ifndef SBIND_CLI_LINUX_SIGNALS_H
#define SBIND_CLI_LINUX_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

typedef struct signals {
    int fd; /* a signalfd, close-on-exec */
    bool with_children;
    sigset_t mask;                /* as it was before */
    struct sigaction child, pipe; /* what SIGCHLD and SIGPIPE did before */
    int end; /* the signal that asked us to end; 0: none yet */
} signals;

/* Blocks SIGTERM, SIGINT and SIGHUP, but for those that are ignored, and reads
 * them from a descriptor from now on: a signal that comes between two calls is not
 * missed. With children it takes SIGCHLD too, which is then not ignored, while
 * SIGPIPE is: a message that nobody reads ends no server. DONE or SYSTEM. */
int signals_take(bool with_children, signals *ret);

/* Notes what has come, and never waits. */
void signals_read(signals *s);

/* Mask and dispositions are what they were: for the command. */
void signals_give_back(const signals *s);

/* Ends by the signal that has come. A first process of a PID namespace is not
 * ended by its own signal: returns what a shell would say. Without a signal it
 * returns status. */
int signals_end(const signals *s, int status);

#endif
