/* path.h - which paths mean the same place for every process; pure
 *
 * posix/path.c, win32/path.c */
#ifndef SBIND_POLICY_PATH_H
#define SBIND_POLICY_PATH_H

#include <stddef.h>

/* A hint that says why the path of n octets depends on the working directory,
 * or can mean another place than it says. NULL if neither is the case. */
const char *sbind__fault_of_path(const char *path, size_t n);

/* The length of what comes before the first separator of an absolute path. */
extern const size_t sbind__drive_length;

#endif
