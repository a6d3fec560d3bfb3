/* explain.c - sbind explain: what listening would do here, doing none of it, and
 * which policies would not have it */
#include "cli.h"

#include <string.h>

#include "../policy/usable.h"
#include "explain.h"
#include "option.h"
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

/* Each rule by itself. The environment matters to descriptors only. */
static void say_policies(const sbind_address *a)
{
    int refused = 0;
    sbind_activation passed;
    bool known = a->kind == SBIND_FD_NUMBER &&
                 sbind_activation_take(0, &passed, NULL) == SBIND_OK;
    for (int i = 0; i < RULES; i++) {
        sbind_policy policy;
        sbind_status status;
        sbind_policy_init(&policy);
        rules[i].add(&policy);
        policy.passed = known ? &passed : NULL;
        status = sbind_policy_check(&policy, a, NULL);
        if (status != SBIND_OK)
            cli_say(stdout, "  policy --%s refuses it: %s", rules[i].name,
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

static const char help[] =
    "usage: sbind explain ADDRESS...\n"
    "  Says in words and system calls what listening on each address would do, "
    "unless\n"
    "  options say otherwise, and does none of it; and which policies of sbind "
    "check\n"
    "  refuse it.";

int cli_explain(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    if (option_is_help(argc, argv))
        return cli_help(help);
    if (option_next(argc, argv, "+:h", options) != -1)
        return USAGE;
    return cli_each(argc, argv, optind, explain_one, NULL);
}
