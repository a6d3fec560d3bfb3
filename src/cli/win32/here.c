/* win32/here.c - Windows is not looked at: it does not say who has an address
 * without being bound to it */
#include "../here.h"

#include "../cli.h"

int here_available(const char *self)
{
    return cli_usage(self, "there is no --here on Windows");
}

const char *here_look(const sbind_address *address)
{
    (void)address;
    return "unknown";
}
