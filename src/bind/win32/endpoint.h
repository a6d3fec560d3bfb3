/* win32/endpoint.h - TCP addresses as Winsock takes them */
#ifndef SBIND_BIND_WIN32_ENDPOINT_H
#define SBIND_BIND_WIN32_ENDPOINT_H

#include "win32.h"

typedef struct sbind__win32_endpoint {
    struct sockaddr_storage sa;
    int length;
} sbind__win32_endpoint;

/* The endpoint of an IPv4, IPv6 or "*" address; its zone is looked up here.
 * SBIND_UNUSABLE_ADDRESS, SPEC.md 5.4 to 5.7. */
sbind_status sbind__win32_endpoint_of(const sbind_address *address,
                                      bool to_connect,
                                      sbind__win32_endpoint *ret,
                                      sbind_error *reterr);

/* The address in *sa as a value; SBIND_FD_FAMILY if it is none of TCP. */
sbind_status sbind__win32_address(const struct sockaddr *sa, sbind_address *ret,
                                  sbind_error *reterr);

/* The addresses of a host name; *ret_list is to be freed with freeaddrinfo. */
sbind_status sbind__win32_resolve(const sbind_address *name,
                                  struct addrinfo **ret_list,
                                  sbind_error *reterr);

#endif
