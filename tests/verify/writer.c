/* writer.c - the capacity arithmetic of src/status/writer.c, for WP */
#include "contracts.h"
#define memcpy(to, from, n) copy(to, from, n)
#include "../../src/status/writer.c"
