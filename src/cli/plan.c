/* plan.c - what listening on an address would do, and why it would be refused; pure */
#include "explain.h"

#include "../parse/family.h"
#include "../policy/usable.h"

void explain_zone(const sbind_address *a)
{
    uint32_t index;
    if (sbind__zone_is_index(a, &index))
        explain_say("if_indextoname(%s): the zone has to be an interface",
                    a->zone);
    else
        explain_say("if_nametoindex(\"%s\"): the zone has to be an interface",
                    a->zone);
}

static const char *fault_of(const sbind_address *a)
{
    return sbind__is(a->kind, SBIND__IP) ? sbind__fault_of(a, false) : NULL;
}

void explain_listening(const sbind_address *a)
{
    if (fault_of(a) != NULL)
        explain_refused("refused: %s", fault_of(a));
    else if (sbind__is(a->kind, SBIND__TCP))
        explain_tcp(a);
    else if (sbind__is(a->kind, SBIND__UNIX))
        explain_unix(a);
    else if (sbind__is(a->kind, SBIND__FD))
        explain_fd(a);
    else
        explain_pipe(a);
}
