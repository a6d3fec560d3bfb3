/* scheme.h - the beginning of an address. The beginning shows the family, and
 * each family has its own lexer, limits and errors for the rest of the
 * address. */
#ifndef SBIND_PARSE_SCHEME_H
#define SBIND_PARSE_SCHEME_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef enum sbind__scheme {
    SBIND__NO_SCHEME = 0,
    SBIND__OF_TCP,
    SBIND__OF_UNIX,
    SBIND__OF_ABSTRACT,
    SBIND__OF_FD,
    SBIND__OF_NPIPE,
    SBIND__OF_UNC
} sbind__scheme;

/* Whether text[0 .. len) begins with these octets. For a constant text the compiler
 * needs only one or two comparisons. */
static inline bool sbind__begins(const unsigned char *text, size_t len,
                                 const char *with)
{
    return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* The scheme that text[0 .. len) begins with. unix://@ counts as a scheme of its
 * own. Most texts of tcp:// never get here (numeric.h). */
static inline sbind__scheme sbind__scheme_of(const unsigned char *text,
                                             size_t len)
{
    if (sbind__begins(text, len, "unix://@"))
        return SBIND__OF_ABSTRACT;
    if (sbind__begins(text, len, "unix://"))
        return SBIND__OF_UNIX;
    if (sbind__begins(text, len, "fd://"))
        return SBIND__OF_FD;
    if (sbind__begins(text, len, "npipe://"))
        return SBIND__OF_NPIPE;
    if (sbind__begins(text, len, "tcp://"))
        return SBIND__OF_TCP;
    if (sbind__begins(text, len, "\\\\"))
        return SBIND__OF_UNC;
    return SBIND__NO_SCHEME;
}

/* How many octets a scheme has. What follows is different for each family. */
static inline size_t sbind__scheme_length(sbind__scheme scheme)
{
    static const unsigned char lengths[] = {
        [SBIND__NO_SCHEME] = 0,   [SBIND__OF_TCP] = 6, [SBIND__OF_UNIX] = 7,
        [SBIND__OF_ABSTRACT] = 8, [SBIND__OF_FD] = 5,  [SBIND__OF_NPIPE] = 8,
        [SBIND__OF_UNC] = 2};
    return lengths[scheme];
}

#endif
