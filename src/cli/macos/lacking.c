/* macos/lacking.c - what the command does not have on macOS */
#include "../cli.h"
#include "../here.h"
#include "../obstacle.h"

/* The command does not look for what is in the way. */
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
