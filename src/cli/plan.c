/* plan.c - what listening on an address would do, and why it would be refused; pure */
#include "explain.h"

#include <sbind/listen.h>

#include "../parse/family.h"
#include "../policy/usable.h"

static void explain_zone(const sbind_address *a)
{
    uint32_t index;
    if (sbind__zone_is_index(a, &index))
        explain_say("if_indextoname(%s): the zone has to be an interface",
                    a->zone);
    else
        explain_say("if_nametoindex(\"%s\"): the zone has to be an interface",
                    a->zone);
}

const char *explain_family(const sbind_address *a)
{
    return a->kind == SBIND_TCP_IPV4 ? "AF_INET" : "AF_INET6";
}

void explain_ipv6_only(const sbind_address *a)
{
    if (a->kind != SBIND_TCP_IPV4)
        explain_say("setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, %d)",
                    a->kind == SBIND_TCP_ANY ? 0 : 1);
}

static void explain_ip(const sbind_address *a)
{
    char ip[SBIND_IPV6_TEXT_MAX];
    if (a->kind == SBIND_TCP_IPV4)
        sbind_format_ipv4(a->ip, ip);
    else
        sbind_format_ipv6(a->ip, ip);
    if (a->zone_length > 0)
        explain_zone(a);
    explain_tcp_socket(a);
    explain_say("bind(%s, port %u)", ip, (unsigned)a->port);
    explain_say("listen(%d)", SBIND_BACKLOG_DEFAULT);
}

static void explain_tcp(const sbind_address *a)
{
    if (a->kind == SBIND_TCP_DEFAULT) {
        explain_refused("the program's default address; sbind listen has none");
        return;
    }
    if (a->kind == SBIND_TCP_NAME) {
        explain_say("getaddrinfo(\"%s\"), then listens on each answer, or on "
                    "none",
                    a->host);
    } else if (a->kind == SBIND_TCP_ANY) {
        explain_say(
            "one socket for IPv6 and IPv4 on every address; for IPv4 alone if");
        explain_say("this machine has no IPv6");
        explain_ip(a);
    } else {
        explain_say("listens on this %s address alone",
                    a->kind == SBIND_TCP_IPV4 ? "IPv4" : "IPv6");
        explain_ip(a);
    }
    if (a->port == 0)
        explain_say("port 0: the system chooses a free port");
}

static const char *fault_of(const sbind_address *a)
{
    return sbind__is(a->kind, SBIND__IP) ? sbind__fault_of(a, false) : NULL;
}

void explain_listening(const sbind_address *a)
{
    if (fault_of(a) != NULL)
        explain_refused("refused: %s", fault_of(a));
    else if (sbind__is(a->kind, SBIND__TCP))
        explain_tcp(a);
    else if (sbind__is(a->kind, SBIND__UNIX))
        explain_unix(a);
    else if (sbind__is(a->kind, SBIND__FD))
        explain_fd(a);
    else
        explain_pipe(a);
}
