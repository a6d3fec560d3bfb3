/* macos/lacking.c - the features that the command lacks on macOS */
#include "../cli.h"
#include "../here.h"
#include "../obstacle.h"

/* On macOS the command does not look for the process that has the address. */
void obstacle_say(const sbind_error *error, const sbind_address *address)
{
    (void)error, (void)address;
}

int here_available(const char *self)
{
    return cli_usage(self, "there is no --here on macOS");
}

const char *here_look(const sbind_address *address)
{
    (void)address;
    return "unknown";
}
