/* errno_name.h - the names of errno (linux/errno_name.c) */
#ifndef SBIND_BIND_ERRNO_NAME_H
#define SBIND_BIND_ERRNO_NAME_H

/* "ENOENT" for ENOENT; NULL for a number that has no name. */
const char *sbind__errno_name(int error);

#endif
