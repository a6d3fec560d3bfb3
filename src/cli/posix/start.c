/* posix/start.c - how the command begins */
#include "../cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool cli_prepare(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return true;
}

const char *cli_host(void) { return getenv("HOST"); }

int cli_fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return SYSTEM; /* without a message: standard error may be closed */
    return DONE;
}
