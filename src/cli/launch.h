/* launch.h - becoming another program, sockets passed */
#ifndef SBIND_CLI_LAUNCH_H
#define SBIND_CLI_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct launch {
    char **command;      /* NULL-terminated; [0] is looked up in PATH */
    const int *fds;      /* the sockets, in order */
    size_t count;
    const char *fdnames; /* LISTEN_FDNAMES, or NULL */
    const char *user;    /* who to become, or NULL */
    uint32_t uid, gid;   /* its ids */
} launch;

/* Returns only when it fails, with the exit status. */
int launch_command(const launch *l);

#endif
