/* rules.c - the rules of policies by the names that sbind check gives them */
#include "rules.h"

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
