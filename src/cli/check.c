/* check.c - sbind check: would a policy accept these addresses */
#include "cli.h"

#include <string.h>

#include "option.h"
#include "rules.h"

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
        return rules_report(&error, text, policy);
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

static int read_options(int argc, char **argv, ruleset *ret)
{
    static const struct option help_option = {"help", no_argument, NULL, 'h'};
    struct option options[RULE_OPTIONS + 2] = {{0}};
    int c, status = DONE;
    rules_list(options);
    options[RULE_OPTIONS] = help_option;
    while (status == DONE &&
           (c = option_next(argc, argv, "+:h", options)) != -1)
        status = rules_has(c) ? rules_read(argv[0], c, ret) : USAGE;
    return status;
}

int cli_check(int argc, char **argv)
{
    ruleset set = {{0}, {false}};
    sbind_policy *policy = &set.policy;
    sbind_activation passed;
    int status;
    if (option_is_help(argc, argv))
        return cli_help(help);
    sbind_policy_init(policy);
    status = read_options(argc, argv, &set);
    if (status == DONE && policy->passed_only &&
        names_descriptor(argv + optind))
        status = find_passed(policy, &passed);
    if (status != DONE)
        return status;
    return cli_each(argc, argv, optind, check_one, policy);
}
