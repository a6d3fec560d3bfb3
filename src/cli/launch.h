/* launch.h - becoming another program, sockets passed */
#ifndef SBIND_CLI_LAUNCH_H
#define SBIND_CLI_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/listen.h>

#include "identity.h"

typedef struct launch {
    char **command;            /* NULL-terminated; [0] is looked up in PATH */
    sbind_listener *listeners; /* the sockets to pass, in order */
    size_t count;
    const char *const *names;       /* of the listeners, or NULL */
    const sbind_activation *passed; /* to us */
    const identity *who;            /* to become */
    bool no_new_privs;
    /* close every descriptor that is neither 0 to 2 nor passed */
    bool close_fds;
    /* The one listener or connection becomes standard input and output. */
    bool inetd;
} launch;

/* Becomes the command. Returns only on failure, with the exit status. After a
 * failure the numbers of descriptors may have changed. The listeners, and the
 * privileges needed to close them, are as before. */
int launch_command(const launch *l);

/* Becomes the command in a process that was made for it. Gives up privileges
 * for good, and ends the process on failure. The parent has called the next two
 * functions before. */
int launch_child(const launch *l);

/* Moves the listeners to higher descriptors, away from 0 to 2 and from the
 * numbers under which they will be passed. Opens 0 to 2 if they are closed.
 * DONE or SYSTEM. */
int launch_clear_places(sbind_listener *listeners, size_t count);

/* Makes sure that the command does not inherit passed sockets that no address
 * asked for. */
void launch_drop_passed(const sbind_activation *passed);

/* Reports why a command cannot be executed, according to errno. Returns
 * NOT_FOUND or NOT_EXECUTABLE. */
int launch_failed(const char *command);

#endif
