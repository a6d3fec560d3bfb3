/* usable.h - which TCP addresses can be opened (SPEC.md 5.4, 5.5 and 5.7); pure */
#ifndef SBIND_POLICY_USABLE_H
#define SBIND_POLICY_USABLE_H

#include <stdbool.h>

#include <sbind/parse.h>

/* A hint why no program can listen on this IPv4, IPv6 or "*" address (or, if
 * to_connect, connect to it). NULL if programs can. */
const char *sbind__fault_of(const sbind_address *address, bool to_connect);

/* The address itself. For an IPv6 address that stands for an IPv4 address
 * (::ffff:192.0.2.1), that IPv4 address. */
sbind_address sbind__unmapped(const sbind_address *address);

bool sbind__is_loopback_ipv6(const uint8_t ip[16]);

/* Whether the zone is an index: digits only (SPEC.md 3.1.5). *ret_index is 0 if
 * the number is too large for an index. */
bool sbind__zone_is_index(const sbind_address *address, uint32_t *ret_index);

#endif
