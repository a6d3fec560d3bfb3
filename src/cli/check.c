/* check.c - sbind check: would a policy accept these addresses */
#include "cli.h"

#include <string.h>

#include "option.h"
#include "rules.h"

enum {
    SCHEME = 's',
    WITHIN = 'w',
    HELP = 'h',
    FIRST_RULE = 256,
    OPTIONS = RULES + 4
};

/* The rules as getopt_long wants them, then the others. */
static void list_options(struct option ret[OPTIONS])
{
    const struct option others[] = {
        {"scheme", required_argument, NULL, SCHEME},
        {"within", required_argument, NULL, WITHIN},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0},
    };
    for (int i = 0; i < RULES; i++)
        ret[i] =
            (struct option){rules[i].name, no_argument, NULL, FIRST_RULE + i};
    memcpy(ret + RULES, others, sizeof others);
}

static const char help[] =
    "usage: sbind check [POLICY...] -- ADDRESS...\n"
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
    "  --within=DIR    unix paths below DIR only: without //, . or .. in them\n"
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
    if (sbind_policy_check(policy, &address, &error) != SBIND_OK) {
        status = cli_report(&error, text);
        if (error.status == SBIND_NOT_WITHIN)
            cli_say(stderr, "  the directory: %s", policy->within);
        return status;
    }
    sbind_format(&address, canonical, sizeof canonical, &length);
    cli_say(stdout, "%s", canonical);
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

/* The name of the option as the table has it. */
static const char *name_of(const struct option *options, int value)
{
    while (options->val != value)
        options++;
    return options->name;
}

/* One option: DONE or USAGE. */
static int read_option(const char *self, int c, sbind_policy *policy)
{
    if (c == WITHIN)
        policy->within = optarg;
    else if (c >= FIRST_RULE)
        rules[c - FIRST_RULE].add(policy);
    else if (!read_schemes(optarg, &policy->schemes))
        return cli_usage(self, "--scheme takes a list of tcp, unix, fd and "
                               "npipe");
    return DONE;
}

/* An option that is given twice is refused: the second could undo what the
 * first, by whoever wrote the script, is for. */
static int read_options(int argc, char **argv, sbind_policy *policy)
{
    struct option options[OPTIONS];
    bool given[FIRST_RULE + RULES] = {false};
    int c, status = DONE;
    list_options(options);
    while (status == DONE &&
           (c = option_next(argc, argv, "+:h", options)) != -1) {
        if (c == OPTION_WRONG)
            return USAGE;
        if (given[c])
            return cli_usage(argv[0], "--%s is given twice",
                             name_of(options, c));
        given[c] = true;
        status = read_option(argv[0], c, policy);
    }
    return status;
}

int cli_check(int argc, char **argv)
{
    sbind_policy policy;
    sbind_activation passed;
    int status;
    if (option_is_help(argc, argv))
        return cli_help(help);
    sbind_policy_init(&policy);
    status = read_options(argc, argv, &policy);
    if (status == DONE && policy.passed_only && names_descriptor(argv + optind))
        status = find_passed(&policy, &passed);
    if (status != DONE)
        return status;
    return cli_each(argc, argv, optind, check_one, &policy);
}
