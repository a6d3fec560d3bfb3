/* find.h - whether there is such a command (POSIX) */
#ifndef SBIND_CLI_POSIX_FIND_H
#define SBIND_CLI_POSIX_FIND_H

/* Looks for the command like execvpe does. "path" is a list of directories with
 * colons between them. NULL stands for the system's default path. Returns DONE, or
 * NOT_FOUND or NOT_EXECUTABLE after a message. */
int find_command(const char *name, const char *path);

#endif
