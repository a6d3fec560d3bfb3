/* check.c - sbind check: would a policy accept these addresses */
#include "cli.h"

#include <string.h>

#include "help.h"
#include "rules.h"

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

static int run(int argc, char **argv)
{
    ruleset set = rules_none();
    sbind_policy *policy = &set.policy;
    sbind_activation passed;
    operands o;
    int status = option_read(&check_subcommand, argc, argv, &set, &o);
    if (status == DONE && policy->passed_only &&
        names_descriptor(argv + o.first))
        status = find_passed(policy, &passed);
    if (status != DONE)
        return status;
    return cli_each(argc, argv, o.first, check_one, policy);
}

const subcommand check_subcommand = {
    .name = "check",
    .run = run,
    .usages = {{"[POLICY...] -- ADDRESS...",
                "say whether a policy would accept each address"}},
    .about = "Prints the canonical spelling of each address that is accepted, "
             "and why the others are not. Opens nothing.",
    .groups = {{.rows = rules_rows, .once = true}},
};
