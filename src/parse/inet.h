/* inet.h - numbers and IP addresses, from text the lexer has accepted */
#ifndef SBIND_PARSE_INET_H
#define SBIND_PARSE_INET_H

#include <stdint.h>

/* ; number, port, dec-octet: DIGITs whose value fits in 31 bits
 *
 * Each reader of this file returns the place where it stopped, which may be the
 * limit. The value that it gives has a meaning only if the text matches the rule
 * in the reader's name. */
static inline const unsigned char *
sbind__read_decimal(const unsigned char *at, const unsigned char *limit,
                    uint32_t *ret)
{
    uint32_t value = 0;
    for (; at < limit && *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (uint32_t)(*at - '0');
    *ret = value;
    return at;
}

/* The value of each HEXDIG plus 1. Octets that are not a HEXDIG have 0. */
extern const uint8_t sbind__hex_digits[256];

const unsigned char *sbind__read_ipv4(const unsigned char *at,
                                      const unsigned char *limit,
                                      uint8_t ret[4]);
const unsigned char *sbind__read_ipv6(const unsigned char *at,
                                      const unsigned char *limit,
                                      uint8_t ret[16]);

#endif
