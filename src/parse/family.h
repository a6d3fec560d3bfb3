/* family.h - sets of kinds, such as a family of addresses */
#ifndef SBIND_PARSE_FAMILY_H
#define SBIND_PARSE_FAMILY_H

#include <stdbool.h>

#include <sbind/parse.h>

/* A set has one bit for each of its kinds. */
enum {
    SBIND__NAME = 1U << SBIND_TCP_NAME,
    SBIND__IPV6 = 1U << SBIND_TCP_IPV6 | 1U << SBIND_TCP_ANY,
    SBIND__IP = SBIND__IPV6 | 1U << SBIND_TCP_IPV4,
    SBIND__TCP = SBIND__IP | SBIND__NAME | 1U << SBIND_TCP_DEFAULT,
    SBIND__PATH = 1U << SBIND_UNIX_PATH,
    SBIND__ABSTRACT = 1U << SBIND_UNIX_ABSTRACT,
    SBIND__UNIX = SBIND__PATH | SBIND__ABSTRACT,
    SBIND__FD = 1U << SBIND_FD_SINGLE | 1U << SBIND_FD_ALL |
                1U << SBIND_FD_NUMBER | 1U << SBIND_FD_NAME,
    SBIND__PIPE = 1U << SBIND_NPIPE,
    SBIND__ANY = SBIND__TCP | SBIND__UNIX | SBIND__FD | SBIND__PIPE,
    SBIND__KINDS_END = SBIND__PIPE << 1 /* the first bit that no kind has */
};

/* Whether the kind is one of the set. A number that is not a kind is not in
 * any set. */
bool sbind__is(sbind_kind kind, unsigned kinds);

#endif
