/* path.h - which paths say by themselves where they lead; pure
 *
 * posix/path.c, win32/path.c */
#ifndef SBIND_POLICY_PATH_H
#define SBIND_POLICY_PATH_H

#include <stddef.h>

/* Why the path of n octets depends on the working directory, or can mean another
 * place than it says, as a hint; NULL when it does not. */
const char *sbind__fault_of_path(const char *path, size_t n);

/* The length of what comes before the first separator of an absolute path. */
extern const size_t sbind__drive_length;

#endif
