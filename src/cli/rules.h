/* rules.h - the rules of policies by the names that the command gives them */
#ifndef SBIND_CLI_RULES_H
#define SBIND_CLI_RULES_H

#include <stdbool.h>

#include <sbind/policy.h>

#include "option.h"

/* The title of a group with these rows. */
#define RULES_TITLE "which addresses are refused, as by sbind check"

/* The policy that the options of a command line describe. */
typedef struct ruleset {
    bool given; /* whether any was */
    sbind_policy policy;
} ruleset;

/* The options that make up a ruleset. Those without an argument are rules. */
extern const option_row rules_rows[];

/* A ruleset that allows everything. */
ruleset rules_none(void);

/* Like cli_report. If --within refused the address, also says which directory
 * was required. */
int rules_report(const sbind_error *error, const char *text,
                 const sbind_policy *policy);

#endif
