/* macos/variable.c - the environment, for programs that may trust it */
#include "../variable.h"

#include <stdlib.h>
#include <unistd.h>

const char *sbind__getenv(const char *name)
{
    return issetugid() ? NULL : getenv(name);
}
