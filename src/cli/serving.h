/* serving.h - the options of sbind listen that say how it runs its command */
#ifndef SBIND_CLI_SERVING_H
#define SBIND_CLI_SERVING_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/listen.h>

enum { VARIABLES_MAX = 256, CONNECTIONS_DEFAULT = 64 };

typedef struct serving {
    bool accept; /* a process for each connection */
    bool inetd;  /* the socket is standard input and output */
    bool lazy;   /* start the command when the first client comes */
    bool print_address;
    int ready_fd;        /* 0: none */
    int max_connections; /* these three are 0 if not given */
    int max_per_user;
    int max_per_address;
    const char *variables[VARIABLES_MAX]; /* NAME or NAME=VALUE */
    size_t variable_count;
    sbind_blocking blocking; /* of the connections */
} serving;

struct request;

/* Reads and checks one -E: DONE or USAGE. */
int serving_add_variable(const char *self, const char *variable, serving *s);

/* Checks that the options fit each other and the parsed addresses, if there is
 * a command. DONE or USAGE. */
int serving_check(const char *self, const struct request *r);

/* With --accept, --nonblocking is about the connections. */
void serving_settle(struct request *r);

#endif
