/* linux/variable.c - the environment, for programs that may trust it */
#define _GNU_SOURCE /* secure_getenv */
#include "../variable.h"

#include <stdlib.h>

const char *sbind__getenv(const char *name) { return secure_getenv(name); }
