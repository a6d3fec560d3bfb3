/* rules.c - the rules of policies by the names that the command gives them */
#include "rules.h"

#include <string.h>

#include "cli.h"

enum { FIRST = 2000, SCHEME = FIRST + RULES, WITHIN };

static void set_absolute(sbind_policy *p) { p->absolute_path = true; }
static void set_no_abstract(sbind_policy *p) { p->no_abstract = true; }
static void set_loopback(sbind_policy *p) { p->loopback = true; }
static void set_numeric(sbind_policy *p) { p->numeric = true; }
static void set_local_pipe(sbind_policy *p) { p->local_pipe = true; }
static void set_portable(sbind_policy *p) { p->portable = true; }
static void set_no_wildcard(sbind_policy *p) { p->no_wildcard = true; }
static void set_passed_only(sbind_policy *p) { p->passed_only = true; }

/* Rules add up: those that "strict" says nothing of stay as they are. */
static void set_strict(sbind_policy *p)
{
    sbind_policy before = *p;
    sbind_policy_init_strict(p);
    p->schemes = before.schemes;
    p->loopback = before.loopback;
    p->portable = before.portable;
    p->passed = before.passed;
    p->within = before.within;
}

const rule rules[RULES] = {
    {"absolute", set_absolute},       {"no-abstract", set_no_abstract},
    {"loopback", set_loopback},       {"numeric", set_numeric},
    {"local-pipe", set_local_pipe},   {"portable", set_portable},
    {"no-wildcard", set_no_wildcard}, {"passed-only", set_passed_only},
    {"strict", set_strict},
};

/* ---- The command line ---------------------------------------------------------- */

void rules_list(struct option ret[RULE_OPTIONS])
{
    for (int i = 0; i < RULES; i++)
        ret[i] = (struct option){rules[i].name, no_argument, NULL, FIRST + i};
    ret[RULES] = (struct option){"scheme", required_argument, NULL, SCHEME};
    ret[RULES + 1] = (struct option){"within", required_argument, NULL, WITHIN};
}

bool rules_has(int value) { return value >= FIRST && value <= WITHIN; }

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

static const char *name_of(int value)
{
    struct option options[RULE_OPTIONS];
    rules_list(options);
    return options[value - FIRST].name;
}

int rules_read(const char *self, int value, ruleset *set)
{
    if (set->given[value - FIRST])
        return cli_usage(self, "--%s is given twice", name_of(value));
    set->given[value - FIRST] = true;
    if (value == WITHIN)
        set->policy.within = optarg;
    else if (value < SCHEME)
        rules[value - FIRST].add(&set->policy);
    else if (!read_schemes(optarg, &set->policy.schemes))
        return cli_usage(self, "--scheme takes a list of tcp, unix, fd and "
                               "npipe");
    return DONE;
}

bool rules_any(const ruleset *set)
{
    for (int i = 0; i < RULE_OPTIONS; i++)
        if (set->given[i])
            return true;
    return false;
}

int rules_report(const sbind_error *error, const char *text,
                 const sbind_policy *policy)
{
    int status = cli_report(error, text);
    if (error->status == SBIND_NOT_WITHIN)
        cli_say(stderr, "  the directory: %s", policy->within);
    return status;
}
