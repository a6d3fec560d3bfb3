/* launch.h - becoming another program, sockets passed */
#ifndef SBIND_CLI_LAUNCH_H
#define SBIND_CLI_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/listen.h>

#include "identity.h"

typedef struct launch {
    char **command;            /* NULL-terminated; [0] is looked up in PATH */
    sbind_listener *listeners; /* what is passed, in order */
    size_t count;
    const char *const *names;       /* of the listeners, or NULL */
    const sbind_activation *passed; /* to us */
    const identity *who;            /* to become */
    bool no_new_privs;
    bool close_fds; /* all but 0 to 2 and what is passed */
    bool inetd;     /* the one listener, or connection, is standard input and
                       output instead */
} launch;

/* Returns only on failure, with the exit status. The numbers of descriptors may
 * then have changed. Otherwise the listeners are as they were, and so are the
 * privileges needed to close them. */
int launch_command(const launch *l);

/* The same in a process that was made only for this. It gives up privileges for
 * good, and ends on failure. Its parent has called the next two functions. */
int launch_child(const launch *l);

/* Moves the descriptors of the listeners up, away from descriptors 0 to 2 and
 * from the numbers that are passed. Opens 0 to 2 if they are closed. DONE or
 * SYSTEM. */
int launch_clear_places(sbind_listener *listeners, size_t count);

/* Makes sure that a command does not inherit passed sockets that it does not
 * ask for. */
void launch_drop_passed(const sbind_activation *passed);

/* Says by errno why a command cannot be executed: NOT_FOUND or NOT_EXECUTABLE. */
int launch_failed(const char *command);

#endif
