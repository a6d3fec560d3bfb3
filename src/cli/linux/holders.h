/* holders.h - the sockets that have an address (Linux) */
#ifndef SBIND_CLI_LINUX_HOLDERS_H
#define SBIND_CLI_LINUX_HOLDERS_H

#include <sbind/parse.h>
#include <sbind/stream.h>
#include <stdbool.h>
#include <stddef.h>

enum { HOLDERS_SOCKETS_MAX = 64 };

/* Sockets that processes have, each identified by its inode. */
typedef struct holders_sockets {
    unsigned long inodes[HOLDERS_SOCKETS_MAX]; /* of the first sockets */
    unsigned uid; /* of the last; SBIND_NO_ID on Linux before 5.3 */
    size_t count;
} holders_sockets;

typedef struct holders {
    holders_sockets listening, connected;
    holders_sockets bound; /* neither listening nor connected */
    size_t ending;         /* connections that no process has any more */
    bool complete;         /* the kernel's answer was complete */
} holders;

/* Finds all sockets that are in the way of a TCP address. Its port must not be 0.
 * Linux before 6.8 does not show a socket that is bound, but neither listens nor is
 * connected. */
void holders_find_tcp(const sbind_address *address, holders *ret);

/* Finds the sockets that have a unix address: those that listen, or the others if
 * none listens. */
void holders_find_unix(const sbind_address *address, holders *ret);

bool holders_is_empty(const holders *h);

void holders_add(holders_sockets *sockets, unsigned long inode, unsigned uid);

#define HOLDERS_TEXT_MAX 512

/* The processes that have one of these sockets: "process 4711 (nginx), 4712
 * (nginx)". The names are not escaped: cli_say does that. */
void holders_describe(const holders_sockets *sockets,
                      char ret[HOLDERS_TEXT_MAX]);

#endif
