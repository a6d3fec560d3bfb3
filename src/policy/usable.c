/* usable.c - which TCP addresses can be opened */
#include "usable.h"

#include <string.h>

static const uint8_t zeros[16] = {0};
static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};

static const char *fault_of_ipv4(const uint8_t ip[4], bool to_connect)
{
    static const uint8_t broadcast[4] = {255, 255, 255, 255};
    if (ip[0] >= 224 && ip[0] <= 239)
        return "TCP has no multicast; use the address of one host";
    if (memcmp(ip, broadcast, 4) == 0)
        return "TCP has no broadcast; use the address of one host";
    if (to_connect && memcmp(ip, zeros, 4) == 0)
        return "0.0.0.0 is for listening only; connect to 127.0.0.1";
    return NULL;
}

static bool is_link_local(const uint8_t ip[16])
{
    return ip[0] == 0xFE && (ip[1] & 0xC0) == 0x80;
}

bool sbind__is_loopback_ipv6(const uint8_t ip[16])
{
    return memcmp(ip, zeros, 15) == 0 && ip[15] == 1;
}

static const char *fault_of_ipv6(const sbind_address *a, bool to_connect)
{
    if (a->ip[0] == 0xFF)
        return "TCP has no multicast; use the address of one host";
    if (memcmp(a->ip, mapped, 12) == 0)
        return "write it as an IPv4 address, such as 192.0.2.1";
    if (to_connect && memcmp(a->ip, zeros, 16) == 0)
        return ":: is for listening only; connect to [::1]";
    if (is_link_local(a->ip) && a->zone_length == 0)
        return "a link-local address needs a zone, such as [fe80::1%eth0]";
    if (!is_link_local(a->ip) && !sbind__is_loopback_ipv6(a->ip) &&
        a->zone_length > 0)
        return "only link-local addresses have a zone; leave it out";
    return NULL;
}

const char *sbind__fault_of(const sbind_address *a, bool to_connect)
{
    if (to_connect && a->port == 0)
        return "port 0 is for listening only; write the port of the server";
    if (a->kind == SBIND_TCP_ANY)
        return to_connect
                   ? "* is for listening only; write the host of the server"
                   : NULL;
    if (a->kind == SBIND_TCP_IPV6)
        return fault_of_ipv6(a, to_connect);
    return fault_of_ipv4(a->ip, to_connect);
}

sbind_address sbind__unmapped(const sbind_address *a)
{
    sbind_address ipv4;
    if (a->kind != SBIND_TCP_IPV6 || memcmp(a->ip, mapped, sizeof mapped) != 0)
        return *a;
    memset(&ipv4, 0, sizeof ipv4);
    ipv4.kind = SBIND_TCP_IPV4;
    ipv4.port = a->port;
    memcpy(ipv4.ip, a->ip + sizeof mapped, 4);
    return ipv4;
}

bool sbind__zone_is_index(const sbind_address *a, uint32_t *ret_index)
{
    uint64_t index = 0;
    for (size_t i = 0; i < a->zone_length; i++) {
        if (a->zone[i] < '0' || a->zone[i] > '9')
            return false;
        index = index * 10 + (uint64_t)(a->zone[i] - '0');
    }
    *ret_index = index > UINT32_MAX ? 0 : (uint32_t)index;
    return true;
}
