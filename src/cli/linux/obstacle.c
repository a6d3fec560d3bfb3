/* linux/obstacle.c - what is in the way when listening on an address fails
 *
 * Only the command looks for the obstacle. The library does not. A connection
 * would tell which process listens (SO_PEERCRED), but the listener would see it
 * as one more client. So the search goes through all of /proc, with the rights
 * of the user who runs the command. */
#define _GNU_SOURCE
#include "../obstacle.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "absent.h"
#include "../cli.h"
#include "holders.h"

unsigned obstacle_interface(const char *zone)
{
    if (strspn(zone, "0123456789") == strlen(zone))
        return (unsigned)strtoul(zone, NULL, 10);
    return if_nametoindex(zone);
}

/* ---- Addresses in use --------------------------------------------------------- */

static void say_sockets(const char *what, const holders_sockets *sockets,
                        const char *advice)
{
    char processes[HOLDERS_TEXT_MAX];
    if (sockets->count == 0)
        return;
    holders_describe(sockets, processes);
    cli_say(stderr, "  %s: %s%s", what, processes, advice);
}

/* Connections have the same local address as their listener, so they are reported
 * only if there is no listener. */
static void say_holders(const holders *h)
{
    if (h->listening.count > 0) {
        say_sockets("listener", &h->listening, "");
        return;
    }
    say_sockets("bound socket that does not listen", &h->bound, "");
    say_sockets("connection", &h->connected,
                "; the address is free when it has ended");
    if (h->ending > 0)
        cli_say(stderr,
                "  connections that have not ended yet: %zu; wait up to a "
                "minute",
                h->ending);
}

static void say_tcp(const sbind_address *a)
{
    holders h;
    if (a->port == 0) {
        cli_say(stderr,
                "  no port of /proc/sys/net/ipv4/ip_local_port_range is free");
        return;
    }
    holders_find_tcp(a, &h);
    say_holders(&h);
    if (holders_is_empty(&h) && h.complete)
        cli_text(stderr,
                 "  nothing was found that listens or is connected: perhaps a "
                 "socket is bound and\n"
                 "  does not listen, or has just been closed\n");
}

static void say_in_use(const sbind_address *a)
{
    holders h;
    if (sbind__is(a->kind, SBIND__UNIX)) {
        holders_find_unix(a, &h);
        say_holders(&h);
    } else {
        say_tcp(a);
    }
}

/* ---- Addresses that no interface has --------------------------------------------- */

/* Listening on a name fails if one of its addresses fails (SPEC.md 5.6). Most files
 * /etc/hosts have ::1 for localhost, whether or not the machine has IPv6. */
static void say_instead_of_name(const sbind_address *tried, uint16_t port)
{
    static const uint8_t loopback[16] = {[15] = 1};
    if (memcmp(tried->ip, loopback, sizeof loopback) == 0)
        cli_say(stderr, "  without IPv6 write tcp://127.0.0.1:%u or tcp://*:%u",
                (unsigned)port, (unsigned)port);
    else
        cli_say(stderr,
                "  write tcp://*:%u, or one address of the name that an "
                "interface has",
                (unsigned)port);
}

static void say_absent(const sbind_address *tried, const sbind_address *given)
{
    if (tried->kind == SBIND_TCP_IPV6 && absent_say_interface(tried))
        return;
    if (given->kind == SBIND_TCP_NAME)
        say_instead_of_name(tried, given->port);
    else
        cli_say(stderr,
                "  with --freebind sbind listens before an interface has the "
                "address");
}

/* The address that failed: an address of the host name, or the address
 * itself. */
static sbind_address tried_address(const sbind_error *error,
                                   const sbind_address *given)
{
    sbind_address tried = *given;
    const char *text = error->attempts[0].address;
    if (error->attempt_count == 1)
        sbind_parse(text, strlen(text), &tried, NULL);
    return tried;
}

void obstacle_say(const sbind_error *error, const sbind_address *address)
{
    sbind_address tried = tried_address(error, address);
    if (error->status == SBIND_ADDRESS_IN_USE)
        say_in_use(&tried);
    else if (error->os_error == EADDRNOTAVAIL)
        say_absent(&tried, address);
    else if (error->os_error == EAFNOSUPPORT && address->kind == SBIND_TCP_NAME)
        say_instead_of_name(&tried, address->port);
}
