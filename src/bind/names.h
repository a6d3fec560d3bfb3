/* names.h - asks the system for the meaning of zones and host names */
#ifndef SBIND_BIND_NAMES_H
#define SBIND_BIND_NAMES_H

#include <sbind/parse.h>
#include <sbind/status.h>

#include "net.h"

/* The index of the interface that the zone of an IPv6 address names (SPEC.md
 * 5.5). SBIND_NO_SUCH_ZONE if there is no such interface.
 * SBIND_UNUSABLE_ADDRESS if the address cannot have that zone. */
sbind_status sbind__look_up_zone(const sbind_address *address, uint32_t *ret,
                                 sbind_error *reterr);

/* Asks the resolver for the addresses of a host name. The caller frees
 * *ret_list with freeaddrinfo. */
sbind_status sbind__resolve(const sbind_address *name,
                            struct addrinfo **ret_list, sbind_error *reterr);

#endif
