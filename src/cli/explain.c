/* explain.c - sbind explain: what listening would do here, doing none of it, and
 * which policies would not have it */
#include "cli.h"

#include <string.h>

#include "../bind/usable.h"
#include "rules.h"

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
            printf("  policy --%s refuses it: %s\n", rules[i].name,
                   sbind_status_name(status));
        refused += status != SBIND_OK;
    }
    if (refused == 0)
        puts("  no policy refuses it");
}

static bool is_ip(const sbind_address *a)
{
    return a->kind == SBIND_TCP_IPV4 || a->kind == SBIND_TCP_IPV6 ||
           a->kind == SBIND_TCP_ANY;
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
    puts(canonical);
    fault = is_ip(&a) ? sbind__fault_of(&a, false) : NULL;
    if (fault == NULL)
        cli_explain_address(&a);
    else
        printf("  refused: %s\n", fault);
    say_policies(&a);
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
             "  here, unless options say otherwise, and does none of it; and "
             "which policies\n  of sbind check refuse it.");
        return cli_finish_output(DONE);
    }
    if (argc > 1 && strcmp(argv[1], "--") == 0)
        first = 2;
    else if (argc > 1 && argv[1][0] == '-')
        return cli_usage(argv[0], "there is no option %s", argv[1]);
    return cli_each(argc, argv, first, explain_one, NULL);
}
