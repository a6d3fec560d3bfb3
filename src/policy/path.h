/* path.h - whether a path means the same place in every process. It looks only at the
 * text, and makes no system call.
 *
 * posix/path.c, win32/path.c */
#ifndef SBIND_POLICY_PATH_H
#define SBIND_POLICY_PATH_H

#include <stddef.h>

/* A hint if the path of n octets depends on the working directory, or can mean
 * another place than it says. Otherwise NULL. */
const char *sbind__fault_of_path(const char *path, size_t n);

/* The length of the part before the first separator of an absolute path: 0, or
 * that of a drive. */
extern const size_t sbind__drive_length;

#endif
