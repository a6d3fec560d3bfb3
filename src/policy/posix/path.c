/* posix/path.c - an absolute path begins with a slash */
#include "../path.h"

const size_t sbind__drive_length = 0;

const char *sbind__fault_of_path(const char *path, size_t n)
{
    return n > 0 && path[0] == '/' ? NULL : "begin the path with /";
}
