/* clear.c - values and errors of zeros */
#include "clear.h"

#include <string.h>

void sbind__clear(void *ret, size_t size) { memset(ret, 0, size); }
