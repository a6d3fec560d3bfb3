/* numeric.h - IP addresses with a port, recognised without the lexer */
#ifndef SBIND_PARSE_NUMERIC_H
#define SBIND_PARSE_NUMERIC_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/parse.h>

#include "lexer.h"
#include "scheme.h"

/* Whether text[0 .. len) could be one: the shortest is tcp://[::]:1. */
static inline bool sbind__may_be_numeric(const unsigned char *text, size_t len)
{
    return len >= 12 && sbind__begins(text, len, "tcp://") &&
           (text[6] == '[' || (text[6] >= '0' && text[6] <= '9'));
}

/* Returns len if such a text is one, and *ret is its value. If not, the lexer has
 * to look, from the returned place on: there an IP address ends, before a colon. 0:
 * at the whole text. */
size_t sbind__read_numeric(const unsigned char *text, size_t len,
                           sbind_address *ret);

/* What the lexer says of a text in which the octets before text[colon] are "tcp://"
 * and an IP address, and text[colon] is a colon. */
sbind__lexed sbind__lex_numeric(const unsigned char *text, size_t len,
                                size_t colon);

#endif
