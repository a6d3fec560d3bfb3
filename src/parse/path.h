/* path.h - octets of paths, many at a time */
#ifndef SBIND_PARSE_PATH_H
#define SBIND_PARSE_PATH_H

#include <stddef.h>

/* How many octets at the beginning of text[0 .. len) are path-octets, at the
 * least: what comes after them is for the lexer. */
size_t sbind__path_octets(const unsigned char *text, size_t len);

#endif
