/* answers.h - the addresses of a host name, as a resolver gives them (SPEC.md 5.6) */
#ifndef SBIND_BIND_ANSWERS_H
#define SBIND_BIND_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/parse.h>
#include <sbind/status.h>

#include "net.h"

/* Converts one answer to an address of the grammar, with the port of the
 * name. */
sbind_status sbind__answer(const struct addrinfo *answer, uint16_t port,
                           sbind_address *ret, sbind_error *reterr);

/* Whether each answer of a list is an IPv4 or IPv6 address. */
bool sbind__are_usable(const struct addrinfo *list);

/* Whether an answer came earlier in the list, and how many different answers
 * the list has. Resolvers repeat answers. */
bool sbind__is_repeated(const struct addrinfo *list,
                        const struct addrinfo *answer);
size_t sbind__count_answers(const struct addrinfo *list);

/* Gives the answers one by one, in the order of RFC 8305 4: IPv6 and IPv4 in
 * turn, beginning with the family of the first answer. The answers of a family
 * keep their order, and repeated answers are left out. */
typedef struct sbind__turns {
    const struct addrinfo *list;
    /* the next answer of the first family, and of the other */
    const struct addrinfo *next[2];
    int turn;
} sbind__turns;

sbind__turns sbind__take_turns(const struct addrinfo *list);
const struct addrinfo *sbind__next_answer(sbind__turns *turns); /* or NULL */

#endif
