/* path.h - recognises the octets of a path, many at a time */
#ifndef SBIND_PARSE_PATH_H
#define SBIND_PARSE_PATH_H

#include <stddef.h>

/* Returns how many octets at the beginning of text[0 .. len) are known to be
 * path-octets. There may be more: the lexer reads what follows. */
size_t sbind__path_octets(const unsigned char *text, size_t len);

#endif
