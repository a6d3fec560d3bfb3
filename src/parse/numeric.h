/* numeric.h - IP addresses with a port, recognised without the lexer */
#ifndef SBIND_PARSE_NUMERIC_H
#define SBIND_PARSE_NUMERIC_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/parse.h>

#include "lexer.h"
#include "scheme.h"

/* Whether text[0 .. len) could be a TCP address with an IP address. The shortest
 * of them is tcp://[::]:1. */
static inline bool sbind__may_be_numeric(const unsigned char *text, size_t len)
{
    return len >= 12 && sbind__begins(text, len, "tcp://") &&
           (text[6] == '[' || (text[6] >= '0' && text[6] <= '9'));
}

/* Returns what the lexer would return for such a text. If the text is accepted,
 * *ret is its value. A viable prefix of 0 octets means that this function cannot
 * tell, and that the lexer has to read the text. */
sbind__lexed sbind__read_numeric(const unsigned char *text, size_t len,
                                 sbind_address *ret);

#endif
