/* linux/here.c - what the system has at an address now. This file asks the
 * kernel through /proc and netlink, so that no other process notices. */
#define _GNU_SOURCE
#include "../here.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../cli.h"
#include "../explain.h"
#include "../obstacle.h"
#include "lacks.h"
#include "here.h"

int here_available(const char *self)
{
    (void)self;
    return DONE;
}

/* ---- Who has it ------------------------------------------------------------------ */

static void say_sockets(const char *what, const holders_sockets *sockets)
{
    char processes[HOLDERS_TEXT_MAX];
    if (sockets->count == 0)
        return;
    holders_describe(sockets, processes);
    explain_here("%s: %s", what, processes);
}

/* Connections have the same local address as their listener, so they are reported
 * only if there is no listener. */
const char *here_holders(const holders *h)
{
    say_sockets("listener", &h->listening);
    if (h->listening.count > 0)
        return "listening";
    say_sockets("bound socket that does not listen", &h->bound);
    say_sockets("connection", &h->connected);
    if (h->ending > 0)
        explain_here("connections that have not ended yet: %zu", h->ending);
    return h->bound.count > 0       ? "bound"
           : h->connected.count > 0 ? "connected"
           : h->ending > 0          ? "ending"
                                    : NULL;
}

static const char *say_unknown(void)
{
    explain_here("the kernel does not say which sockets there are");
    return "unknown";
}

static const char *look_at_abstract(const sbind_address *a)
{
    holders h;
    holders_find_unix(a, &h);
    const char *word = here_holders(&h);
    if (word != NULL)
        return word;
    if (!h.complete)
        return say_unknown();
    explain_here("no socket has the name");
    return "free";
}

/* ---- TCP ------------------------------------------------------------------------- */

static long read_setting(const char *path, long otherwise)
{
    char line[32];
    FILE *file = fopen(path, "re");
    long value = file != NULL && fgets(line, sizeof line, file) != NULL
                     ? strtol(line, NULL, 10)
                     : otherwise;
    if (file != NULL)
        fclose(file);
    return value;
}

static bool is_for_root(uint16_t port)
{
    return port > 0 &&
           port < read_setting("/proc/sys/net/ipv4/ip_unprivileged_port_start",
                               1024) &&
           drop_lacks(CAP_NET_BIND_SERVICE);
}

/* A loopback interface has every address of its network. */
static bool has_ipv4(const struct ifaddrs *i, const uint8_t ip[4])
{
    struct sockaddr_in own, mask;
    uint32_t wanted;
    if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
        return false;
    memcpy(&own, i->ifa_addr, sizeof own);
    memcpy(&mask, i->ifa_netmask, sizeof mask);
    memcpy(&wanted, ip, sizeof wanted);
    if ((ntohl(own.sin_addr.s_addr) >> 24) != IN_LOOPBACKNET)
        mask.sin_addr.s_addr = INADDR_BROADCAST;
    return ((own.sin_addr.s_addr ^ wanted) & mask.sin_addr.s_addr) == 0;
}

static bool has_ipv6(const struct ifaddrs *i, const sbind_address *a)
{
    struct sockaddr_in6 own;
    if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET6)
        return false;
    memcpy(&own, i->ifa_addr, sizeof own);
    return memcmp(&own.sin6_addr, a->ip, 16) == 0 &&
           (a->zone_length == 0 ||
            if_nametoindex(i->ifa_name) == obstacle_interface(a->zone));
}

/* Whether an interface has the address. Also true if the system does not list its
 * interfaces. */
static bool is_there(const sbind_address *a)
{
    static const uint8_t any[16] = {0};
    struct ifaddrs *list;
    bool ipv4 = a->kind == SBIND_TCP_IPV4, found = false;
    if (a->kind == SBIND_TCP_ANY || memcmp(a->ip, any, ipv4 ? 4 : 16) == 0 ||
        getifaddrs(&list) != 0)
        return true;
    for (struct ifaddrs *i = list; i != NULL; i = i->ifa_next)
        found = found || (ipv4 ? has_ipv4(i, a->ip) : has_ipv6(i, a));
    freeifaddrs(list);
    return found;
}

static const char *look_at_port(const sbind_address *a)
{
    holders h;
    if (a->port == 0) {
        explain_here("port 0: which port it is turns out only when it listens");
        return "free";
    }
    holders_find_tcp(a, &h);
    const char *word = here_holders(&h);
    if (word != NULL)
        return word;
    if (!h.complete)
        return say_unknown();
    explain_here("no socket has the port");
    return "free";
}

static const char *look_at_tcp(const sbind_address *a)
{
    if (a->kind == SBIND_TCP_NAME) {
        explain_here("the name is not looked up: name servers would see it");
        return "unknown";
    }
    const char *word = look_at_port(a);
    if (strcmp(word, "free") == 0 && is_for_root(a->port)) {
        explain_here("the port is for processes with CAP_NET_BIND_SERVICE");
        word = "forbidden";
    }
    if (!is_there(a)) {
        explain_here("no interface has the address");
        word = strcmp(word, "free") == 0 ? "no-address" : word;
    }
    return word;
}

/* ---- Descriptors ------------------------------------------------------------------ */

static const char *look_at_number(int fd)
{
    int listens = 0;
    socklen_t size = sizeof listens;
    if (fcntl(fd, F_GETFD) < 0) {
        explain_here("descriptor %d is closed", fd);
        return "missing";
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0)
        explain_here("descriptor %d is open, and no socket", fd);
    else
        explain_here("descriptor %d is a socket that %s", fd,
                     listens ? "listens" : "does not listen");
    return listens ? "listening" : "passed";
}

static const char *look_at_fds(const sbind_address *a)
{
    sbind_activation passed;
    sbind_error error;
    if (a->kind == SBIND_FD_NUMBER)
        return look_at_number(a->fd);
    if (sbind_activation_take(0, &passed, &error) != SBIND_OK) {
        explain_here("%s is malformed: %s", error.variable,
                     sbind_status_name(error.status));
        return "missing";
    }
    if (passed.outcome != SBIND_ACTIVATION_PASSED) {
        explain_here("no descriptors were passed to this process");
        return "missing";
    }
    explain_here("descriptors that were passed to this process: %u",
                 (unsigned)passed.count);
    return "passed";
}

const char *here_look(const sbind_address *a)
{
    if (a->kind == SBIND_UNIX_PATH)
        return here_path(a);
    if (a->kind == SBIND_UNIX_ABSTRACT)
        return look_at_abstract(a);
    return sbind__is(a->kind, SBIND__TCP) ? look_at_tcp(a) : look_at_fds(a);
}
