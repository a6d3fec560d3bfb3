/* clear.h - values and errors of zeros */
#ifndef SBIND_STATUS_CLEAR_H
#define SBIND_STATUS_CLEAR_H

#include <stddef.h>

/* Sets every octet to zero. It is a function so that the memset of the C library
 * does it: where gcc knows the size it makes "rep stos" of a memset instead,
 * which takes three times as long for these. */
void sbind__clear(void *ret, size_t size);

#endif
