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

/* Returns only when it fails, with the exit status. The listeners are then as
 * they were, but for the numbers of their descriptors, and so are the
 * privileges to close them. */
int launch_command(const launch *l);

/* The same in a process that is there for nothing else: it gives privileges up
 * for good, and ends when this fails. Its parent has done the two that follow. */
int launch_child(const launch *l);

/* The descriptors of the listeners move up, out of the way of those that are
 * passed and of 0 to 2, which are then open. DONE or SYSTEM. */
int launch_clear_places(sbind_listener *listeners, size_t count);

/* What was passed to us and is not asked for is not open in a command. */
void launch_drop_passed(const sbind_activation *passed);

/* Says by errno why a command cannot be executed: NOT_FOUND or NOT_EXECUTABLE. */
int launch_failed(const char *command);

#endif
