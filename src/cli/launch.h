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
} launch;

/* Returns only when it fails, with the exit status. The listeners are then as
 * they were, but for the numbers of their descriptors, and so are the
 * privileges to close them. */
int launch_command(const launch *l);

#endif
