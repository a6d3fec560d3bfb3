/* linux/holders_tcp.c - the sockets in the way of a TCP address */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

#include "diag.h"
#include "holders.h"
#include "../obstacle.h"

/* Linux's numbers of TCP's states */
enum { CLOSED = 7, LISTENING = 10, ALL_STATES = 0x3FFF };

/* The addresses that a socket is bound to. */
typedef struct endpoint {
    bool ipv4, ipv6;    /* the families of its clients */
    bool any;           /* every address of the machine; otherwise: */
    struct in6_addr ip; /* an IPv4 address is ::ffff:a.b.c.d */
    unsigned interface; /* 0: any */
} endpoint;

/* INET_DIAG_SKV6ONLY (Linux 4.3), which older headers lack. */
enum { DIAG_V6ONLY = 11 };

typedef struct search {
    endpoint wanted;
    uint16_t port; /* network byte order */
    holders *found;
} search;

/* ---- Addresses ------------------------------------------------------------- */

static endpoint ipv4_endpoint(const void *ip)
{
    static const unsigned char prefix[12] = {[10] = 0xFF, [11] = 0xFF};
    static const unsigned char any[4] = {0};
    endpoint e = {.ipv4 = true, .any = memcmp(ip, any, 4) == 0};
    memcpy(&e.ip, prefix, 12);
    memcpy((unsigned char *)&e.ip + 12, ip, 4);
    return e;
}

static endpoint ipv6_endpoint(const void *ip)
{
    endpoint e = {.ipv6 = true};
    memcpy(&e.ip, ip, 16);
    e.any = IN6_IS_ADDR_UNSPECIFIED(&e.ip);
    return IN6_IS_ADDR_V4MAPPED(&e.ip) ? ipv4_endpoint(e.ip.s6_addr + 12) : e;
}

static endpoint wanted_endpoint(const sbind_address *a)
{
    endpoint e = {.ipv4 = true, .ipv6 = true, .any = true};
    if (a->kind == SBIND_TCP_IPV4)
        e = ipv4_endpoint(a->ip);
    if (a->kind == SBIND_TCP_IPV6)
        e = ipv6_endpoint(a->ip);
    if (a->zone_length > 0)
        e.interface = obstacle_interface(a->zone);
    return e;
}

/* ---- Sockets ---------------------------------------------------------------- */

static endpoint endpoint_of(struct nlmsghdr *message)
{
    const struct inet_diag_msg *m = NLMSG_DATA(message);
    endpoint e = m->idiag_family == AF_INET ? ipv4_endpoint(m->id.idiag_src)
                                            : ipv6_endpoint(m->id.idiag_src);
    e.interface = m->id.idiag_if;
    if (e.ipv6 && e.any) {
        size_t size;
        const unsigned char *only = diag_attribute(
            message, sizeof *m, DIAG_V6ONLY, sizeof *only, &size);
        e.ipv4 = only == NULL || *only == 0;
    }
    return e;
}

static bool are_in_each_others_way(const endpoint *a, const endpoint *b)
{
    bool same_family = (a->ipv4 && b->ipv4) || (a->ipv6 && b->ipv6);
    bool same_ip =
        a->any || b->any || memcmp(&a->ip, &b->ip, sizeof a->ip) == 0;
    bool same_interface =
        a->interface == b->interface || a->interface == 0 || b->interface == 0;
    return same_family && same_ip && same_interface;
}

/* Compares the port once more: the kernel also reports sockets of other ports, if
 * they are bound, but neither listen nor are connected. */
static void look_at_socket(struct nlmsghdr *message, void *context)
{
    const search *s = context;
    const struct inet_diag_msg *m = NLMSG_DATA(message);
    endpoint e = endpoint_of(message);
    if (m->id.idiag_sport != s->port || !are_in_each_others_way(&e, &s->wanted))
        return;
    if (m->idiag_state == LISTENING)
        holders_add(&s->found->listening, m->idiag_inode, m->idiag_uid);
    else if (m->idiag_inode == 0)
        s->found->ending++;
    else if (m->idiag_state == CLOSED)
        holders_add(&s->found->bound, m->idiag_inode, m->idiag_uid);
    else
        holders_add(&s->found->connected, m->idiag_inode, m->idiag_uid);
}

static bool ask_for_port(unsigned char family, search *s)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } question = {{sizeof question, SOCK_DIAG_BY_FAMILY,
                   NLM_F_REQUEST | NLM_F_DUMP, 1, 0},
                  {.sdiag_family = family,
                   .sdiag_protocol = IPPROTO_TCP,
                   .idiag_states = ALL_STATES,
                   .id = {.idiag_sport = s->port}}};
    return diag_ask(&question, sizeof question, look_at_socket, s);
}

static void find_port(const endpoint *wanted, uint16_t port, holders *ret)
{
    search s = {*wanted, htons(port), ret};
    memset(ret, 0, sizeof *ret);
    ret->complete = ask_for_port(AF_INET, &s);
    ask_for_port(AF_INET6, &s); /* the kernel may lack IPv6 */
}

/* The text tcp://[::]:PORT does not show whether the socket would also take clients
 * of IPv4. So sockets of IPv4 count only if no others are in the way. */
void holders_find_tcp(const sbind_address *address, holders *ret)
{
    endpoint wanted = wanted_endpoint(address);
    find_port(&wanted, address->port, ret);
    if (holders_is_empty(ret) && wanted.any && !wanted.ipv4) {
        wanted.ipv4 = true;
        find_port(&wanted, address->port, ret);
    }
}
