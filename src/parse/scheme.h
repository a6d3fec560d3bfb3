/* scheme.h - how an address begins: it is known first, and each family has a
 * lexer, limits and errors of its own behind it */
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

/* text[0 .. len) begins with these octets; what the compiler knows of them makes
 * a comparison or two of this. */
static inline bool sbind__begins(const unsigned char *text, size_t len,
                                 const char *with)
{
    return len >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* The scheme that text[0 .. len) begins with; an abstract name has its own. */
static inline sbind__scheme sbind__scheme_of(const unsigned char *text,
                                             size_t len)
{
    if (sbind__begins(text, len, "tcp://"))
        return SBIND__OF_TCP;
    if (sbind__begins(text, len, "unix://@"))
        return SBIND__OF_ABSTRACT;
    if (sbind__begins(text, len, "unix://"))
        return SBIND__OF_UNIX;
    if (sbind__begins(text, len, "fd://"))
        return SBIND__OF_FD;
    if (sbind__begins(text, len, "npipe://"))
        return SBIND__OF_NPIPE;
    if (sbind__begins(text, len, "\\\\"))
        return SBIND__OF_UNC;
    return SBIND__NO_SCHEME;
}

/* The octets of a scheme, which come before what its family has. */
static inline size_t sbind__scheme_length(sbind__scheme scheme)
{
    static const unsigned char lengths[] = {
        [SBIND__NO_SCHEME] = 0,   [SBIND__OF_TCP] = 6, [SBIND__OF_UNIX] = 7,
        [SBIND__OF_ABSTRACT] = 8, [SBIND__OF_FD] = 5,  [SBIND__OF_NPIPE] = 8,
        [SBIND__OF_UNC] = 2};
    return lengths[scheme];
}

#endif
