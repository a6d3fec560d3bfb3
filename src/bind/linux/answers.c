/* linux/answers.c - what the resolver says of a host name (SPEC.md 5.6) */
#define _GNU_SOURCE /* EAI_NODATA */
#include "answers.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "../../status/error.h"
#include "../family.h"
#include "../system.h"

/* ---- Asking ------------------------------------------------------------------ */

/* What getaddrinfo can say of a host name, and what can be done about it; the
 * other codes are about an argument that it was not given. */
static const struct {
    int code;
    const char *name;
    const char *hint;
} gai_errors[] = {
    {EAI_ADDRFAMILY, "EAI_ADDRFAMILY",
     "the name exists, but has no IPv4 or IPv6 address"},
    {EAI_AGAIN, "EAI_AGAIN",
     "/etc/hosts does not have the name, and no name server answers; see: "
     "/etc/resolv.conf"},
    {EAI_FAIL, "EAI_FAIL",
     "the name server reports a failure of its own; see: /etc/resolv.conf"},
    {EAI_MEMORY, "EAI_MEMORY",
     "the system has no memory left for this; try again later"},
    {EAI_NODATA, "EAI_NODATA",
     "the name exists, but has no IPv4 or IPv6 address"},
    {EAI_NONAME, "EAI_NONAME",
     "neither /etc/hosts nor a name server has this name; is it spelt right?"},
};

/* Name servers have no say about this machine's own name (RFC 6761 6.3). */
static const char *hint_for(int code, const char *host, const char *hint)
{
    if ((code == EAI_AGAIN || code == EAI_NONAME) &&
        strcmp(host, "localhost") == 0)
        return "/etc/hosts does not have localhost; add it, or write the IP "
               "address";
    return hint;
}

static sbind_status fail_gai(int code, const char *host, sbind_error *reterr)
{
    sbind__fail(SBIND_NOT_RESOLVED, reterr);
    reterr->call = "getaddrinfo";
    reterr->os_error = code;
    for (size_t i = 0; i < sizeof gai_errors / sizeof *gai_errors; i++)
        if (gai_errors[i].code == code) {
            reterr->os_name = gai_errors[i].name;
            reterr->hint = hint_for(code, host, gai_errors[i].hint);
        }
    return SBIND_NOT_RESOLVED;
}

sbind_status sbind__resolve(const sbind_address *name,
                            struct addrinfo **ret_list, sbind_error *reterr)
{
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_protocol = IPPROTO_TCP};
    int code = getaddrinfo(name->host, NULL, &wanted, ret_list);
    if (code == 0)
        return SBIND_OK;
    if (code == EAI_SYSTEM)
        return sbind__fail_call("getaddrinfo", reterr);
    return fail_gai(code, name->host, reterr);
}

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
