/* nearest.h - the known word that a mistyped word may mean */
#ifndef SBIND_CLI_NEAREST_H
#define SBIND_CLI_NEAREST_H

#include <stddef.h>

/* The longest known word, in octets. help_test checks all of them. */
enum { NEAREST_MAX = 31, NEAREST_TEXT_MAX = NEAREST_MAX + 24 };

typedef struct nearest {
    const char *word; /* that was typed */
    size_t length;
    const char *found; /* NULL: no known word is near */
    size_t distance;
} nearest;

nearest nearest_to(const char *word, size_t length);

/* Compares the typed word with a known word. Keeps the known word if it is
 * nearer than earlier ones, and near enough: one mistake for every three octets
 * of the typed word. */
void nearest_try(nearest *n, const char *known);

/* "; did you mean --verbose?" for the nearest word, with "before" (the dashes)
 * in front of it. "" if no word is near. */
const char *nearest_text(const nearest *n, const char *before,
                         char ret[NEAREST_TEXT_MAX]);

#endif
