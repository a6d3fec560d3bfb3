/* linux/absent.c - why listening on an IPv6 address fails although an interface
 * may have it. One reason is a tentative address: as long as the kernel checks
 * whether another machine has it, bind fails with EADDRNOTAVAIL. */
#define _GNU_SOURCE
#include "absent.h"

#include <linux/if_addr.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../cli.h"
#include "../obstacle.h"

/* An address of an interface, from /proc/net/if_inet6. */
typedef struct row {
    uint8_t ip[16];
    unsigned index; /* of the interface */
    unsigned flags; /* IFA_F_... */
    char interface[32];
} row;

static bool read_row(const char *line, row *ret)
{
    char hex[33];
    // the kernel has written these numbers, and they fit
    // NOLINTNEXTLINE(cert-err34-c)
    if (sscanf(line, "%32[0-9a-f] %x %*x %*x %x %31s", hex, &ret->index,
               &ret->flags, ret->interface) != 4)
        return false;
    for (size_t i = 0; i < 16; i++) {
        unsigned octet;
        // NOLINTNEXTLINE(cert-err34-c)
        if (sscanf(hex + 2 * i, "%2x", &octet) != 1)
            return false;
        ret->ip[i] = (uint8_t)octet;
    }
    return true;
}

/* Several interfaces can have the same link-local address. The interface of the
 * zone counts first. */
static bool find_row(const sbind_address *a, row *ret)
{
    unsigned zone = a->zone_length > 0 ? obstacle_interface(a->zone) : 0;
    char line[128];
    bool found = false;
    row r;
    FILE *file = fopen("/proc/net/if_inet6", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (read_row(line, &r) && memcmp(r.ip, a->ip, 16) == 0 &&
            (!found || r.index == zone)) {
            *ret = r;
            found = true;
        }
    if (file != NULL)
        fclose(file);
    return found;
}

bool absent_say_interface(const sbind_address *address)
{
    const char *what;
    row r;
    if (!find_row(address, &r))
        return false;
    if ((r.flags & IFA_F_DADFAILED) != 0)
        what = "has the address, but another machine has it, too";
    else if ((r.flags & IFA_F_TENTATIVE) != 0)
        what = "has the address, but it is tentative: wait some seconds, or "
               "use --freebind";
    else
        what = "has the address: does the zone or --device name another "
               "interface?";
    cli_say(stderr, "  %s %s", r.interface, what);
    return true;
}
