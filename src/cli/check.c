/* check.c - sbind check: would a policy accept these addresses */
#define _GNU_SOURCE /* getopt_long */
#include "cli.h"

#include <getopt.h>
#include <string.h>

#include "rules.h"

enum { SCHEME = 's', HELP = 'h', FIRST_RULE = 256 };

/* The rules as getopt_long wants them, then --scheme and --help. */
static void list_options(struct option ret[RULES + 3])
{
    const struct option others[] = {
        {"scheme", required_argument, NULL, SCHEME},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    for (int i = 0; i < RULES; i++)
        ret[i] =
            (struct option){rules[i].name, no_argument, NULL, FIRST_RULE + i};
    memcpy(ret + RULES, others, sizeof others);
}

static const char help[] =
    "usage: sbind check [POLICY...] ADDRESS...\n"
    "  Prints the canonical spelling of each address that is accepted, and "
    "why\n"
    "  the others are not. Opens nothing.\n"
    "  --strict        for addresses from somebody not trusted: all of these\n"
    "    --absolute      unix paths begin with a slash\n"
    "    --no-abstract   no abstract unix sockets\n"
    "    --numeric       no host names\n"
    "    --local-pipe    no named pipes of other machines\n"
    "    --no-wildcard   not every address: no *, 0.0.0.0, [::], tcp://, name\n"
    "    --passed-only   fd://N only if LISTEN_FDS has it\n"
    "  --loopback      TCP on 127.0.0.0/8 and ::1 only\n"
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

/* Whether one of the addresses is fd://N; others the environment says nothing
 * about, whatever it is like. */
static bool names_descriptor(char **texts)
{
    sbind_address a;
    for (; *texts != NULL; texts++)
        if (sbind_parse(*texts, strlen(*texts), &a, NULL) == SBIND_OK &&
            a.kind == SBIND_FD_NUMBER)
            return true;
    return false;
}

/* What --passed-only is about. */
static int find_passed(sbind_policy *policy, sbind_activation *passed)
{
    sbind_error error;
    if (sbind_activation_take(0, passed, &error) != SBIND_OK)
        return cli_report(&error, "");
    policy->passed = passed;
    return DONE;
}

int cli_check(int argc, char **argv)
{
    struct option options[RULES + 3];
    sbind_policy policy;
    sbind_activation passed;
    int c, status = DONE;
    list_options(options);
    sbind_policy_init(&policy);
    while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
        if (c == HELP) {
            puts(help);
            return cli_finish_output(DONE);
        }
        if (c == SCHEME && !read_schemes(optarg, &policy.schemes))
            return cli_usage(argv[0], "--scheme takes a list of tcp, unix, fd "
                                      "and npipe");
        if (c >= FIRST_RULE)
            rules[c - FIRST_RULE].add(&policy);
        else if (c != SCHEME)
            return cli_try(argv[0]);
    }
    if (policy.passed_only && names_descriptor(argv + optind))
        status = find_passed(&policy, &passed);
    if (status != DONE)
        return status;
    return cli_each(argc, argv, optind, check_one, &policy);
}
