/* endpoint.h - TCP addresses as socket addresses of the system */
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

/* Converts an IPv4, IPv6 or "*" address, and looks up its zone.
 * SBIND_UNUSABLE_ADDRESS if no program can listen on the address (or, with
 * to_connect, connect to it): SPEC.md 5.4 to 5.7. */
sbind_status sbind__endpoint_of(const sbind_address *address, bool to_connect,
                                sbind__endpoint *ret, sbind_error *reterr);

/* Converts an address without asking whether it can be used. */
sbind_status sbind__convert(const sbind_address *address, sbind__endpoint *ret,
                            sbind_error *reterr);

/* Whether both socket addresses have the same IP address, or the same IP
 * address and port. Octets without a meaning are not compared: Windows may
 * leave anything in sin_zero. */
bool sbind__is_same_host(const struct sockaddr *a, const struct sockaddr *b);
bool sbind__is_same_endpoint(const struct sockaddr *a,
                             const struct sockaddr *b);

/* The IPv4 address that "*" means on a machine without IPv6. */
sbind__endpoint sbind__any_ipv4(uint16_t port);

/* ---- What differs between systems (posix/sockaddr.c, win32/sockaddr.c) ------ */

/* Sets the zone of the address to the interface with this index. */
void sbind__name_zone(sbind_address *address, uint32_t index);

/* Converts the socket address of a unix socket, which has this length in
 * octets. SBIND_INVALID_ADDRESS if no text expresses it. */
sbind_status sbind__from_unix(const struct sockaddr_storage *sa, size_t length,
                              sbind_address *ret);

/* Converts a path or an abstract name to a socket address. Errors:
 * SBIND_PATH_TOO_LONG, SBIND_UNSUPPORTED. */
sbind_status sbind__to_unix(const sbind_address *address, sbind__endpoint *ret,
                            sbind_error *reterr);

#endif
