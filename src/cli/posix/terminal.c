/* posix/terminal.c - whether a terminal is to show colours */
#define _POSIX_C_SOURCE 200809L /* fileno */
#include "../cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

/* Uses no colours if NO_COLOR is set, as https://no-color.org asks for. */
bool cli_has_colours(FILE *out)
{
    const char *terminal = variable("TERM");
    return *variable("NO_COLOR") == '\0' && *terminal != '\0' &&
           strcmp(terminal, "dumb") != 0 && isatty(fileno(out)) == 1;
}
