/* refuse.h - why a text is refused: the names and hints of SPEC.md 4.2 */
#ifndef SBIND_PARSE_REFUSE_H
#define SBIND_PARSE_REFUSE_H

#include <stddef.h>

#include <sbind/status.h>

/* Names the error of a text that the grammar refuses after text[0 .. viable). */
sbind_status sbind__refuse(const unsigned char *text, size_t len, size_t viable,
                           sbind_error *reterr);

#endif
