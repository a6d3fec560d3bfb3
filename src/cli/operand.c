/* operand.c - the operands of a subcommand: addresses */
#include "cli.h"

#include <string.h>

int cli_parse_address(const char *text, sbind_address *ret)
{
    sbind_error error;
    if (sbind_parse(text, strlen(text), ret, &error) == SBIND_OK)
        return DONE;
    return cli_report(&error, text);
}

int cli_each(int argc, char **argv, int first,
             int (*one)(const char *text, const void *context),
             const void *context)
{
    int status = DONE;
    if (first >= argc)
        return cli_usage(argv[0], "an address is needed");
    for (int i = first; i < argc; i++) {
        int result = one(argv[i], context);
        status = result == DONE ? status : result;
    }
    return cli_finish_output(status);
}
