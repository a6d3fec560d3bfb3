/* limits.h - the counted limits of SPEC.md 2, outside the automaton */
#ifndef SBIND_PARSE_LIMITS_H
#define SBIND_PARSE_LIMITS_H

#include <stddef.h>

#include <sbind/status.h>

/* Looks for exceeded limits in the viable prefix text[0 .. viable). Returns
 * the offset of the first octet past one and its error in *ret, or "viable"
 * with *ret untouched when there is none. The text's own limit (2.1) is not
 * among them. */
size_t sbind__check_limits(const unsigned char *text, size_t viable,
                           sbind_status *ret);

#endif
