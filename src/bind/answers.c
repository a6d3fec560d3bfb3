/* answers.c - the addresses of a host name, as a resolver gives them (SPEC.md 5.6) */
#define _POSIX_C_SOURCE 200809L /* struct addrinfo */
#include "answers.h"

#include "../status/error.h"
#include "endpoint.h"
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

static bool is_usable(const struct addrinfo *answer)
{
    sbind_address a;
    return answer->ai_addr != NULL &&
           sbind__from_sockaddr(answer->ai_addr, answer->ai_addrlen, &a) ==
               SBIND_OK &&
           sbind__is(a.kind, SBIND__TCP);
}

bool sbind__are_usable(const struct addrinfo *list)
{
    while (list != NULL && is_usable(list))
        list = list->ai_next;
    return list == NULL;
}

/* ---- Each once ---------------------------------------------------------------- */

/* Whether two answers are the same address. Ports are not compared, because
 * every answer gets the port of the name. */
bool sbind__is_repeated(const struct addrinfo *list,
                        const struct addrinfo *answer)
{
    for (; list != answer; list = list->ai_next)
        if (sbind__is_same_host(list->ai_addr, answer->ai_addr))
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

/* Beginning with "a", finds the next answer of the first family (turn 0) or of
 * another family (turn 1). Leaves out repeated answers. NULL if there is no
 * such answer. */
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
