/* clear.h - values and errors of zeros */
#ifndef SBIND_STATUS_CLEAR_H
#define SBIND_STATUS_CLEAR_H

#include <stddef.h>

/* Sets every octet to zero. It is a function so that memset of the C library is
 * called. Where gcc knows the size, it emits "rep stos" instead, which takes
 * three times as long for structures of these sizes. */
void sbind__clear(void *ret, size_t size);

#endif
