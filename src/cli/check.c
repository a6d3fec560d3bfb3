/* check.c - sbind check: would a policy accept these addresses */
#include "cli.h"

#include <string.h>

#include "answer.h"
#include "help.h"
#include "rules.h"

typedef struct request {
    ruleset rules;
    bool json;
} request;

static int check_one(const char *text, const void *context)
{
    const sbind_policy *policy = &((const request *)context)->rules.policy;
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
    cli_say_in(stdout, CLI_GREEN, NULL, "%s", canonical);
    return DONE;
}

static int check_one_as_json(const char *text, const void *context)
{
    const request *r = context;
    json_writer w = {.follows = false};
    sbind_address address;
    sbind_error error;
    sbind_status s = sbind_parse(text, strlen(text), &address, &error);
    if (s == SBIND_OK)
        s = sbind_policy_check(&r->rules.policy, &address, &error);
    answer_begin(&w, text);
    if (s == SBIND_OK)
        answer_accepted(&w, &address);
    else
        answer_refused(&w, &error);
    answer_end(&w);
    return s == SBIND_OK ? DONE : REFUSED;
}

/* Whether one of the addresses is fd://N. For other addresses the environment
 * does not matter. */
static bool names_descriptor(char **texts)
{
    sbind_address a;
    for (; *texts != NULL; texts++)
        if (sbind_parse(*texts, strlen(*texts), &a, NULL) == SBIND_OK &&
            a.kind == SBIND_FD_NUMBER)
            return true;
    return false;
}

/* Reads the environment for --passed-only. */
static int find_passed(sbind_policy *policy, sbind_activation *passed)
{
    sbind_error error;
    if (sbind_activation_take(0, passed, &error) != SBIND_OK)
        return cli_report(&error, "");
    policy->passed = passed;
    return DONE;
}

static const option_row rows[] = {
    {"json", NULL, "print a line of JSON for each address instead", option_true,
     .at = offsetof(request, json)},
    {.name = NULL},
};

static int check_run(int argc, char **argv)
{
    request r = {.rules = rules_none()};
    sbind_policy *policy = &r.rules.policy;
    sbind_activation passed;
    operands o;
    int status = option_read(&check_subcommand, argc, argv, &r, &o);
    if (status == DONE && policy->passed_only &&
        names_descriptor(argv + o.first))
        status = find_passed(policy, &passed);
    if (status != DONE)
        return status;
    return cli_each(argc, argv, o.first, r.json ? check_one_as_json : check_one,
                    &r);
}

const subcommand check_subcommand = {
    .name = "check",
    .run = check_run,
    .usages = {{"[--json] [POLICY...] -- ADDRESS...",
                "say whether a policy would accept each address"}},
    .about = "Prints the canonical spelling of each address that is accepted. "
             "Says why the others are refused. Opens nothing.",
    .groups = {{.rows = rows},
               {.title = "policies",
                .rows = rules_rows,
                .at = offsetof(request, rules),
                .once = true}},
};
