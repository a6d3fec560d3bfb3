/* rules.h - the rules of policies by the names that the command gives them */
#ifndef SBIND_CLI_RULES_H
#define SBIND_CLI_RULES_H

#include <stdbool.h>

#include <sbind/policy.h>

#include "option.h"

typedef struct rule {
    const char *name; /* of the option, without its dashes */
    void (*add)(sbind_policy *policy);
} rule;

enum { RULES = 9, RULE_OPTIONS = RULES + 2 };

extern const rule rules[RULES];

/* A policy, as the options of a command line say it. */
typedef struct ruleset {
    sbind_policy policy;
    bool given[RULE_OPTIONS];
} ruleset;

/* The options that the policy is made of, as getopt_long wants them. */
void rules_list(struct option ret[RULE_OPTIONS]);

/* Whether this value of option_next is one of them. */
bool rules_has(int value);

/* Adds it to *set: DONE, or USAGE after saying what is wrong. An option that is
 * given twice is refused: the second could undo what the first, by whoever wrote
 * the script, is for. */
int rules_read(const char *self, int value, ruleset *set);

/* Whether any was given. */
bool rules_any(const ruleset *set);

/* As cli_report, and says which directory it was about. */
int rules_report(const sbind_error *error, const char *text,
                 const sbind_policy *policy);

#endif
