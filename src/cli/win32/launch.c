/* win32/launch.c - no program of Windows takes sockets as sd_listen_fds does */
#include "../cli.h"
#include "../launch.h"

int launch_command(const launch *l)
{
    (void)l;
    cli_say(stderr, "sbind: on Windows no sockets can be passed to a command; "
                    "leave it out to serve one client");
    return SYSTEM;
}
