/* posix/children.c - the processes that serve a connection each */
#include "children.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "remote.h"

void client_of(const sbind_peer *peer, client *ret)
{
    const sbind_address *a = &peer->address;
    memset(ret, 0, sizeof *ret);
    ret->kind = remote_is_tcp(peer) ? a->kind : SBIND_UNIX_PATH;
    ret->uid = peer->uid;
    if (ret->kind == SBIND_UNIX_PATH)
        return;
    memcpy(ret->ip, a->ip, a->kind == SBIND_TCP_IPV4 ? 4 : sizeof ret->ip);
    memcpy(ret->zone, a->zone, a->zone_length);
}

static bool is_same(const client *a, const client *b)
{
    return a->kind == b->kind && a->uid == b->uid &&
           memcmp(a->ip, b->ip, sizeof a->ip) == 0 &&
           strcmp(a->zone, b->zone) == 0;
}

bool children_reserve(children *c)
{
    const size_t room = 2 * c->room + 16;
    if (c->count < c->room)
        return true;
    child *list = realloc(c->list, room * sizeof *list);
    if (list == NULL)
        return false;
    c->list = list;
    c->room = room;
    return true;
}

void children_add(children *c, pid_t pid, const client *who)
{
    c->list[c->count++] = (child){pid, *who};
}

size_t children_of(const children *c, const client *who)
{
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        n += is_same(&c->list[i].who, who);
    return n;
}

/* A child can be missing from the list: the process may have had children
 * before it became sbind by exec. */
static void forget(children *c, pid_t pid)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].pid == pid) {
            c->list[i] = c->list[--c->count];
            return;
        }
}

/* One signal may stand for several processes. */
void children_reap(children *c)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        forget(c, pid);
}
