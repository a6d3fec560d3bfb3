/* inet.h - numbers and IP addresses, from text the lexer has accepted */
#ifndef SBIND_PARSE_INET_H
#define SBIND_PARSE_INET_H

#include <stdint.h>

/* Each reads from *cursor and leaves it after what it has read, at the limit
 * if need be. What it gives means something if the text matches the rule that
 * it is named after. */
uint32_t sbind__read_decimal(const unsigned char **cursor,
                             const unsigned char *limit);
void sbind__read_ipv4(const unsigned char **cursor, const unsigned char *limit,
                      uint8_t ret[4]);
void sbind__read_ipv6(const unsigned char **cursor, const unsigned char *limit,
                      uint8_t ret[16]);

#endif
