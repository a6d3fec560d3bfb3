/* endpoint.h - TCP addresses as the system takes them */
#ifndef SBIND_BIND_ENDPOINT_H
#define SBIND_BIND_ENDPOINT_H

#include <stdbool.h>

#include <sbind/parse.h>
#include <sbind/status.h>

#include "net.h"

typedef struct sbind__endpoint {
    struct sockaddr_storage sa;
    socklen_t length;
    sbind_kind kind; /* SBIND_TCP_IPV4, SBIND_TCP_IPV6 or SBIND_TCP_ANY */
} sbind__endpoint;

/* The endpoint of an IPv4, IPv6 or "*" address. Looks its zone up.
 * SBIND_UNUSABLE_ADDRESS if no program can listen on it (or, if to_connect,
 * connect to it), SPEC.md 5.4 to 5.7. */
sbind_status sbind__endpoint_of(const sbind_address *address, bool to_connect,
                                sbind__endpoint *ret, sbind_error *reterr);

/* The same, also for an address that cannot be used. */
sbind_status sbind__convert(const sbind_address *address, sbind__endpoint *ret,
                            sbind_error *reterr);

/* Whether both are one IPv4 or IPv6 address, or one with one port. The octets of a
 * socket address that mean nothing are not compared: Windows may leave anything in
 * sin_zero. */
bool sbind__is_same_host(const struct sockaddr *a, const struct sockaddr *b);
bool sbind__is_same_endpoint(const struct sockaddr *a,
                             const struct sockaddr *b);

/* "*" for IPv4 alone, for machines without IPv6. */
sbind__endpoint sbind__any_ipv4(uint16_t port);

/* ---- What differs between systems (posix/sockaddr.c, win32/sockaddr.c) ------ */

/* Writes the interface of this index as the zone of the address. */
void sbind__name_zone(sbind_address *address, uint32_t index);

/* The path or abstract name of a unix socket's address, of length octets:
 * SBIND_INVALID_ADDRESS if no text has it. */
sbind_status sbind__from_unix(const struct sockaddr_storage *sa, size_t length,
                              sbind_address *ret);

/* The socket address of a path or an abstract name: SBIND_PATH_TOO_LONG,
 * SBIND_UNSUPPORTED. */
sbind_status sbind__to_unix(const sbind_address *address, sbind__endpoint *ret,
                            sbind_error *reterr);

#endif
