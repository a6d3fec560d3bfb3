/* win32/terminal.c - a console of Windows shows colours only when it is told to */
#include "../cli.h"

bool cli_has_colours(FILE *out)
{
    (void)out;
    return false;
}
