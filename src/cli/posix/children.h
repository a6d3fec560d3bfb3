/* children.h - the processes that serve a connection each (POSIX) */
#ifndef SBIND_CLI_POSIX_CHILDREN_H
#define SBIND_CLI_POSIX_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <sbind/peer.h>

/* Limits count connections per client. For unix sockets a client is a user, for TCP
 * it is an IP address. */
typedef struct client {
    sbind_kind kind; /* SBIND_UNIX_PATH for each unix socket */
    uint32_t uid;    /* SBIND_NO_ID: the system does not say which user */
    uint8_t ip[16];
    char zone[SBIND_ZONE_MAX + 1];
} client;

void client_of(const sbind_peer *peer, client *ret);

typedef struct child {
    pid_t pid;
    client who;
} child;

typedef struct children {
    child *list; /* of malloc */
    size_t count, room;
} children;

/* Makes room for one more child. Returns false if there is not enough memory. */
bool children_reserve(children *c);

/* Adds a child. children_reserve must have made room for it. */
void children_add(children *c, pid_t pid, const client *who);

/* How many processes serve this client. */
size_t children_of(const children *c, const client *who);

/* Reaps every process that has ended. Never waits. */
void children_reap(children *c);

#endif
