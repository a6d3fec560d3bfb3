/* endpoint.h - TCP addresses as the system takes them */
#ifndef SBIND_BIND_ENDPOINT_H
#define SBIND_BIND_ENDPOINT_H

#include <netdb.h>
#include <stdbool.h>
#include <sys/socket.h>

#include <sbind/parse.h>
#include <sbind/status.h>

typedef struct sbind__endpoint {
    struct sockaddr_storage sa;
    socklen_t length;
    sbind_kind kind; /* SBIND_TCP_IPV4, SBIND_TCP_IPV6 or SBIND_TCP_ANY */
} sbind__endpoint;

/* The endpoint of an IPv4, IPv6 or "*" address; its zone is looked up here.
 * SBIND_UNUSABLE_ADDRESS for what cannot be listened on (or, if to_connect, be
 * connected to), SPEC.md 5.4 to 5.7. */
sbind_status sbind__endpoint_of(const sbind_address *address, bool to_connect,
                                sbind__endpoint *ret, sbind_error *reterr);

/* "*" for IPv4 alone, for machines without IPv6. */
sbind__endpoint sbind__any_ipv4(uint16_t port);

/* Asks the resolver for the addresses of a host name; *ret_list is to be freed
 * with freeaddrinfo. */
sbind_status sbind__resolve(const sbind_address *name,
                            struct addrinfo **ret_list, sbind_error *reterr);

/* One answer of the resolver, with the port of the name, as an address of the
 * grammar. */
sbind_status sbind__answer(const struct addrinfo *answer, uint16_t port,
                           sbind_address *ret, sbind_error *reterr);

/* Puts into *reterr, if there is one, which of several addresses failed. */
void sbind__note_attempt(const sbind_address *attempt, sbind_error *reterr);

#endif
