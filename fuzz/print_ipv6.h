/* print_ipv6.h - prints an IPv6 address as RFC 5952 says, without the code of
 * the library. With glibc, inet_ntop does this. In other C libraries inet_ntop
 * differs: that of musl shortens a single zero group, and the last of several
 * longest runs. With these libraries, the simple code below prints the
 * address. */
#ifndef SBIND_FUZZ_PRINT_IPV6_H
#define SBIND_FUZZ_PRINT_IPV6_H

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>

enum { PRINTED_MAX = INET6_ADDRSTRLEN };

#ifdef __GLIBC__
static inline const char *print_ipv6(const uint8_t ip[16],
                                     char ret[PRINTED_MAX])
{
    return inet_ntop(AF_INET6, ip, ret, PRINTED_MAX);
}
#else
static inline unsigned group_of(const uint8_t ip[16], int i)
{
    return (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
}

/* The number of zero groups in a row that begin with group i. */
static inline int zeros_at(const uint8_t ip[16], int i)
{
    int n = 0;
    while (i + n < 8 && group_of(ip, i + n) == 0)
        n++;
    return n;
}

/* The groups of one side of "::". */
static inline int print_groups(const uint8_t ip[16], int from, int to,
                               char *ret)
{
    int n = 0;
    for (int i = from; i < to; i++)
        n += sprintf(ret + n, i > from ? ":%x" : "%x", group_of(ip, i));
    return n;
}

static inline const char *print_ipv6(const uint8_t ip[16],
                                     char ret[PRINTED_MAX])
{
    int best = 0, n;
    if (zeros_at(ip, 0) == 5 && group_of(ip, 5) == 0xFFFF) {
        sprintf(ret, "::ffff:%u.%u.%u.%u", ip[12], ip[13], ip[14], ip[15]);
        return ret;
    }
    for (int i = 1; i < 8; i++)
        if (zeros_at(ip, i) > zeros_at(ip, best))
            best = i;
    if (zeros_at(ip, best) < 2) {
        print_groups(ip, 0, 8, ret);
        return ret;
    }
    n = print_groups(ip, 0, best, ret);
    n += sprintf(ret + n, "::");
    n += print_groups(ip, best + zeros_at(ip, best), 8, ret + n);
    ret[n] = '\0';
    return ret;
}
#endif

#endif
