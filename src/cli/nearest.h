/* nearest.h - what somebody who mistyped a word may have meant */
#ifndef SBIND_CLI_NEAREST_H
#define SBIND_CLI_NEAREST_H

#include <stddef.h>

/* Octets of a word that is known; help_test looks at all of them. */
enum { NEAREST_MAX = 31, NEAREST_TEXT_MAX = NEAREST_MAX + 24 };

typedef struct nearest {
    const char *word; /* that was typed */
    size_t length;
    const char *found; /* NULL: no known word is near */
    size_t distance;
} nearest;

nearest nearest_to(const char *word, size_t length);

/* Takes the known word if it is nearer than those before, and near enough: one
 * mistake for each three octets of the word that was typed. */
void nearest_try(nearest *n, const char *known);

/* "; did you mean --verbose?", with "--" before the word; or "". */
const char *nearest_text(const nearest *n, const char *before,
                         char ret[NEAREST_TEXT_MAX]);

#endif
