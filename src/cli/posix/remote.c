/* posix/remote.c - the name of a client */
#include "remote.h"

#include <stdio.h>

#include "../../parse/family.h"

bool remote_is_tcp(const sbind_peer *peer)
{
    return sbind__is(peer->address.kind, SBIND__TCP);
}

static void write_ip(const sbind_address *a, char ret[REMOTE_MAX])
{
    char ip[SBIND_IPV6_TEXT_MAX];
    if (a->kind == SBIND_TCP_IPV4)
        sbind_format_ipv4(a->ip, ip);
    else
        sbind_format_ipv6(a->ip, ip);
    snprintf(ret, REMOTE_MAX, "%s%s%s", ip, a->zone_length > 0 ? "%" : "",
             a->zone);
}

/* A relative path is left out, because it means nothing outside the client's
 * directory. */
bool remote_address(const sbind_peer *peer, char ret[REMOTE_MAX])
{
    const sbind_address *a = &peer->address;
    if (remote_is_tcp(peer)) {
        write_ip(a, ret);
        return true;
    }
    if (a->kind == SBIND_UNIX_ABSTRACT)
        snprintf(ret, REMOTE_MAX, "@%s", a->name);
    else if (a->kind == SBIND_UNIX_PATH && a->name[0] == '/')
        snprintf(ret, REMOTE_MAX, "%s", a->name);
    else
        return false;
    return true;
}
