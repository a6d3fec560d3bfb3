/* rules.h - the rules of policies by the names that sbind check gives them */
#ifndef SBIND_CLI_RULES_H
#define SBIND_CLI_RULES_H

#include <sbind/policy.h>

typedef struct rule {
    const char *name; /* of the option, without its dashes */
    void (*add)(sbind_policy *policy);
} rule;

enum { RULES = 9 };

extern const rule rules[RULES];

#endif
