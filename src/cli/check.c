/* check.c - sbind check: would a policy accept these addresses */
#define _GNU_SOURCE /* getopt_long */
#include "cli.h"

#include <getopt.h>
#include <string.h>

static const struct option options[] = {
    {"absolute", no_argument, NULL, 'a'},
    {"no-abstract", no_argument, NULL, 'b'},
    {"loopback", no_argument, NULL, 'l'},
    {"numeric", no_argument, NULL, 'n'},
    {"portable", no_argument, NULL, 'p'},
    {"local-pipe", no_argument, NULL, 'w'},
    {"scheme", required_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "usage: sbind check [POLICY...] ADDRESS...\n"
    "  Prints the canonical spelling of each address that is accepted, and "
    "why\n"
    "  the others are not. Opens nothing.\n"
    "  --absolute      unix paths begin with a slash\n"
    "  --no-abstract   no abstract unix sockets\n"
    "  --loopback      TCP on 127.0.0.0/8 and ::1 only\n"
    "  --numeric       no host names\n"
    "  --local-pipe    no named pipes of other machines\n"
    "  --portable      the same on every platform\n"
    "  --scheme=LIST   of tcp, unix, fd and npipe, separated by commas";

/* Adds to *ret the scheme that is the first n octets of text. */
static bool add_scheme(const char *text, size_t n, unsigned *ret)
{
    static const struct {
        const char *name;
        unsigned flag;
    } schemes[] = {{"tcp", SBIND_ALLOW_TCP},
                   {"unix", SBIND_ALLOW_UNIX},
                   {"fd", SBIND_ALLOW_FD},
                   {"npipe", SBIND_ALLOW_NPIPE}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strlen(schemes[i].name) == n &&
            strncmp(schemes[i].name, text, n) == 0) {
            *ret |= schemes[i].flag;
            return true;
        }
    }
    return false;
}

static bool read_schemes(const char *list, unsigned *ret)
{
    unsigned schemes = 0;
    for (;;) {
        size_t n = strcspn(list, ",");
        if (!add_scheme(list, n, &schemes))
            return false;
        if (list[n] == '\0')
            break;
        list += n + 1;
    }
    *ret = schemes;
    return true;
}

static int check_one(const char *text, const void *context)
{
    const sbind_policy *policy = context;
    sbind_address address;
    sbind_error error;
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    int status = cli_parse_address(text, &address);
    if (status != DONE)
        return status;
    if (sbind_policy_check(policy, &address, &error) != SBIND_OK)
        return cli_report(&error, text);
    sbind_format(&address, canonical, sizeof canonical, &length);
    puts(canonical);
    return DONE;
}

int cli_check(int argc, char **argv)
{
    sbind_policy policy;
    int c;
    sbind_policy_init(&policy);
    while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        switch (c) {
        case 'a':
            policy.absolute_path = true;
            break;
        case 'b':
            policy.no_abstract = true;
            break;
        case 'l':
            policy.loopback = true;
            break;
        case 'n':
            policy.numeric = true;
            break;
        case 'p':
            policy.portable = true;
            break;
        case 'w':
            policy.local_pipe = true;
            break;
        case 's':
            if (!read_schemes(optarg, &policy.schemes))
                return cli_usage(argv[0], "--scheme takes a list of tcp, "
                                          "unix, fd and npipe");
            break;
        case 'h':
            puts(help);
            return cli_finish_output(DONE);
        default:
            return USAGE;
        }
    }
    return cli_each(argc, argv, optind, check_one, &policy);
}
