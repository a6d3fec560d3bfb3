/* explain.c - sbind explain: what listening would do here, doing none of it, and
 * which policies would not have it */
#include "cli.h"

#include <string.h>

#include "../policy/usable.h"
#include "explain.h"
#include "help.h"
#include "rules.h"

void explain_zone(const sbind_address *a)
{
    uint32_t index;
    if (sbind__zone_is_index(a, &index))
        cli_say(stdout, "  if_indextoname(%s): the zone has to be an interface",
                a->zone);
    else
        cli_say(stdout,
                "  if_nametoindex(\"%s\"): the zone has to be an interface",
                a->zone);
}

/* Which directories --within accepts it for. */
static bool say_within(const sbind_address *a)
{
    sbind_policy policy;
    const char *slash = strrchr(a->name, '/');
    int length = slash == NULL ? 0 : (int)(slash - a->name);
    sbind_policy_init(&policy);
    policy.within = "/";
    if (sbind_policy_check(&policy, a, NULL) != SBIND_OK) {
        cli_say(stdout, "  policy --within=DIR refuses it, whatever DIR is: %s",
                sbind_status_name(SBIND_NOT_WITHIN));
        return false;
    }
    if (a->kind == SBIND_UNIX_PATH)
        cli_say(stdout,
                "  policy --within=DIR accepts it when DIR is %.*s or above",
                length > 0 ? length : 1, a->name);
    return true;
}

/* What one rule says. */
static sbind_status ask(const option_row *rule, const sbind_address *a,
                        const sbind_activation *passed)
{
    ruleset set = rules_none();
    rule->read("", rule, NULL, (char *)&set + rule->at);
    set.policy.passed = passed;
    return sbind_policy_check(&set.policy, a, NULL);
}

/* Each rule by itself. The environment matters to descriptors only. */
static void say_policies(const sbind_address *a)
{
    int refused = 0;
    sbind_activation passed;
    bool known = a->kind == SBIND_FD_NUMBER &&
                 sbind_activation_take(0, &passed, NULL) == SBIND_OK;
    for (const option_row *rule = rules_rows; rule->argument == NULL; rule++) {
        sbind_status status = ask(rule, a, known ? &passed : NULL);
        if (status != SBIND_OK)
            cli_say(stdout, "  policy --%s refuses it: %s", rule->name,
                    sbind_status_name(status));
        refused += status != SBIND_OK;
    }
    refused += !say_within(a);
    if (refused == 0)
        cli_say(stdout, "  no policy refuses it");
}

static bool is_ip(const sbind_address *a)
{
    return a->kind == SBIND_TCP_IPV4 || a->kind == SBIND_TCP_IPV6 ||
           a->kind == SBIND_TCP_ANY;
}

void explain_say(const char *line) { cli_say(stdout, "  %s", line); }

/* The system calls that listening on the address makes. */
static void say_calls(const sbind_address *a)
{
    const char *scheme = sbind_scheme(a->kind);
    if (strcmp(scheme, "tcp") == 0)
        explain_tcp(a);
    else if (strcmp(scheme, "unix") == 0)
        explain_unix(a);
    else if (strcmp(scheme, "fd") == 0)
        explain_fd(a);
    else
        explain_pipe(a);
}

static int explain_one(const char *text, const void *context)
{
    sbind_address a;
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    const char *fault;
    int status = cli_parse_address(text, &a);
    (void)context;
    if (status != DONE)
        return status;
    sbind_format(&a, canonical, sizeof canonical, &length);
    cli_say(stdout, "%s", canonical);
    fault = is_ip(&a) ? sbind__fault_of(&a, false) : NULL;
    if (fault == NULL)
        say_calls(&a);
    else
        cli_say(stdout, "  refused: %s", fault);
    say_policies(&a);
    return DONE;
}

static int run(int argc, char **argv)
{
    operands o;
    if (option_read(&explain_subcommand, argc, argv, NULL, &o) != DONE)
        return USAGE;
    return cli_each(argc, argv, o.first, explain_one, NULL);
}

const subcommand explain_subcommand = {
    .name = "explain",
    .run = run,
    .usages = {{"ADDRESS...", "say what listening on each address would do"}},
    .about = "Says in words and system calls what listening on each address "
             "would do, unless options say otherwise, and does none of it; and "
             "which policies of sbind check refuse it.",
};
