/* limits.h - the counted limits of SPEC.md 2, outside the automaton */
#ifndef SBIND_PARSE_LIMITS_H
#define SBIND_PARSE_LIMITS_H

#include <stddef.h>

#include <sbind/parse.h>

typedef struct sbind__limit {
    sbind_status status; /* SBIND_OK: none is exceeded */
    size_t past;         /* the first octet past the limit */
} sbind__limit;

/* Does the work of sbind__check_limits for a viable prefix of more than
 * SBIND_LABEL_MAX octets, which is the smallest of the limits. */
sbind__limit sbind__find_limit(const unsigned char *text, size_t viable);

/* Looks for exceeded limits in the viable prefix text[0 .. viable). Returns the
 * first, or SBIND_OK and "viable". It does not check the limit on the length of
 * the whole text (SPEC.md 2.1). */
static inline sbind__limit sbind__check_limits(const unsigned char *text,
                                               size_t viable)
{
    if (viable <= SBIND_LABEL_MAX)
        return (sbind__limit){SBIND_OK, viable};
    return sbind__find_limit(text, viable);
}

#endif
