/* refuse.h - why a text is refused: the names and hints of SPEC.md 4.2 */
#ifndef SBIND_PARSE_REFUSE_H
#define SBIND_PARSE_REFUSE_H

#include <stddef.h>

#include <sbind/status.h>

/* Sets the error of a text whose viable prefix is text[0 .. viable), and returns
 * its status. An exceeded limit within the viable prefix comes before every other
 * error. Past the length of the longest address, nothing is
 * read. */
sbind_status sbind__refuse(const unsigned char *text, size_t len, size_t viable,
                           sbind_error *reterr);

#endif
