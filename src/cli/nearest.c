/* nearest.c - the known word that a mistyped word may mean
 *
 * A mistake is an extra, missing or wrong octet, or two swapped octets.
 * (This is the distance of Damerau and Levenshtein in which no octet
 * changes twice.) */
#include "nearest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Computes one row of the table of distances. rows[2][j] is the distance
 * between the first i octets of the word and the first j octets of the known
 * word. rows[1] and rows[0] are the same for i - 1 and i - 2 octets. */
static void next_row(size_t rows[3][NEAREST_MAX + 1], const char *word,
                     size_t i, const char *known)
{
    memmove(rows[0], rows[1], 2 * sizeof rows[0]);
    rows[2][0] = i;
    for (size_t j = 1; known[j - 1] != '\0'; j++) {
        bool same = word[i - 1] == known[j - 1];
        bool swapped = i > 1 && j > 1 && word[i - 1] == known[j - 2] &&
                       word[i - 2] == known[j - 1];
        rows[2][j] = least(least(rows[1][j], rows[2][j - 1]) + 1,
                           rows[1][j - 1] + !same);
        if (swapped)
            rows[2][j] = least(rows[2][j], rows[0][j - 2] + 1);
    }
}

static size_t distance(const char *word, size_t length, const char *known)
{
    size_t rows[3][NEAREST_MAX + 1] = {{0}};
    for (size_t j = 0; j <= NEAREST_MAX; j++)
        rows[2][j] = j;
    for (size_t i = 1; i <= length; i++)
        next_row(rows, word, i, known);
    return rows[2][strlen(known)];
}

nearest nearest_to(const char *word, size_t length)
{
    return (nearest){word, length, NULL, length / 3 + 1};
}

void nearest_try(nearest *n, const char *known)
{
    size_t d = distance(n->word, n->length, known);
    if (d >= n->distance)
        return;
    n->found = known;
    n->distance = d;
}

const char *nearest_text(const nearest *n, const char *before,
                         char ret[NEAREST_TEXT_MAX])
{
    ret[0] = '\0';
    if (n->found != NULL)
        snprintf(ret, NEAREST_TEXT_MAX, "; did you mean %s%s?", before,
                 n->found);
    return ret;
}
