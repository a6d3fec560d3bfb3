/* format.h - the text of a value that is known to be valid */
#ifndef SBIND_PARSE_FORMAT_H
#define SBIND_PARSE_FORMAT_H

#include <sbind/parse.h>

/* As sbind_format, without reading the text again to see whether the value is
 * valid. */
sbind_status sbind__format_valid(const sbind_address *address, char *buf,
                                 size_t cap, size_t *ret_len);

#endif
