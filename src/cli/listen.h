/* listen.h - the command line of sbind listen, and the sockets that it opens */
#ifndef SBIND_CLI_LISTEN_H
#define SBIND_CLI_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/sbind.h>

#include "identity.h"
#include "rules.h"
#include "serving.h"

enum { LISTENERS_MAX = 256 };

/* The command line, read. */
typedef struct request {
    const char *texts[LISTENERS_MAX];
    sbind_address addresses[LISTENERS_MAX]; /* of the texts */
    size_t address_count;
    const char *names[LISTENERS_MAX];
    size_t name_count;
    sbind_listen_options options;
    ruleset rules; /* in the options if any is given */
    bool accept_missing_pid;
    sbind_activation passed; /* to us */
    identity who;            /* to become before the command */
    bool no_new_privs;
    bool close_fds;
    bool verbose;
    serving serving; /* how the command is run */
    char **command;  /* NULL: serve one client */
} request;

/* The sockets. Each one has the number of the -H that it came from. */
typedef struct opened {
    sbind_listener listeners[LISTENERS_MAX];
    size_t address_of[LISTENERS_MAX];
    size_t count;
} opened;

/* Runs the subcommand (listen.c). */
int listen_run(int argc, char **argv);

/* ---- The command line (listen_options.c) ------------------------------------ */

/* Reads the command line into *ret, which is zero. Parses the addresses, but
 * opens nothing. DONE, or the exit status after saying what is wrong. */
int listen_read(int argc, char **argv, request *ret);

/* Whether the predicate is true for the kind of one of the addresses. */
bool listen_any(const request *r, bool (*applies)(sbind_kind kind));

/* ---- The sockets (listen_open.c) --------------------------------------------- */

bool listen_is_inherited(sbind_kind kind);

/* Opens every address, or none, and prints the addresses if that was asked for.
 * *ret is zero. DONE, or the exit status after reporting what failed. */
int listen_open(const request *r, opened *ret);

/* Closes all sockets, and reports failures. */
void listen_close(opened *o);

#endif
