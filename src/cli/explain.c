/* explain.c - sbind explain: what listening would do here, doing none of it */
#include "cli.h"

#include <string.h>

static int explain_one(const char *text, const void *context)
{
    sbind_address a;
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    int status = cli_parse_address(text, &a);
    (void)context;
    if (status != DONE)
        return status;
    sbind_format(&a, canonical, sizeof canonical, &length);
    puts(canonical);
    cli_explain_address(&a);
    return DONE;
}

int cli_explain(int argc, char **argv)
{
    int first = 1;
    if (argc > 1 &&
        (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        puts("usage: sbind explain ADDRESS...\n"
             "  Says in words and system calls what listening on each address "
             "would do\n"
             "  here, and does none of it.");
        return cli_finish_output(DONE);
    }
    if (argc > 1 && strcmp(argv[1], "--") == 0)
        first = 2;
    else if (argc > 1 && argv[1][0] == '-')
        return cli_usage(argv[0], "there is no option %s", argv[1]);
    return cli_each(argc, argv, first, explain_one, NULL);
}
