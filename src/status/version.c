/* version.c - the version of the library */
#include <sbind/version.h>

const char *sbind_version(void) { return SBIND_VERSION; }
