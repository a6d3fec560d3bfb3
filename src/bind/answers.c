/* answers.c - the addresses that the resolver gives for a host name (SPEC.md 5.6) */
#define _POSIX_C_SOURCE 200809L /* struct addrinfo */
#include "answers.h"

#include <string.h>

#include "../status/error.h"
#include "family.h"

sbind_status sbind__answer(const struct addrinfo *answer, uint16_t port,
                           sbind_address *ret, sbind_error *reterr)
{
    sbind_status s =
        sbind__from_sockaddr(answer->ai_addr, answer->ai_addrlen, ret);
    if (s != SBIND_OK)
        return sbind__fail(s, reterr);
    ret->port = port;
    return SBIND_OK;
}

/* ---- Each once ---------------------------------------------------------------- */

bool sbind__is_repeated(const struct addrinfo *list,
                        const struct addrinfo *answer)
{
    for (; list != answer; list = list->ai_next)
        if (list->ai_addrlen == answer->ai_addrlen &&
            memcmp(list->ai_addr, answer->ai_addr, list->ai_addrlen) == 0)
            return true;
    return false;
}

size_t sbind__count_answers(const struct addrinfo *list)
{
    size_t n = 0;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        n += !sbind__is_repeated(list, a);
    return n;
}

/* ---- Families in turn ----------------------------------------------------------- */

/* The first from "a" on that is of the first family, or not; NULL: none. */
static const struct addrinfo *skip(const sbind__turns *t,
                                   const struct addrinfo *a, int turn)
{
    while (a != NULL &&
           ((a->ai_addr->sa_family != t->list->ai_addr->sa_family) != turn ||
            sbind__is_repeated(t->list, a)))
        a = a->ai_next;
    return a;
}

sbind__turns sbind__take_turns(const struct addrinfo *list)
{
    sbind__turns t = {list, {NULL, NULL}, 0};
    t.next[0] = skip(&t, list, 0);
    t.next[1] = skip(&t, list, 1);
    return t;
}

const struct addrinfo *sbind__next_answer(sbind__turns *turns)
{
    int turn = turns->next[turns->turn] != NULL ? turns->turn : !turns->turn;
    const struct addrinfo *a = turns->next[turn];
    if (a == NULL)
        return NULL;
    turns->next[turn] = skip(turns, a->ai_next, turn);
    turns->turn = !turn;
    return a;
}
