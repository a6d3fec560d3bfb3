/* find.h - whether there is such a command (Linux) */
#ifndef SBIND_CLI_LINUX_FIND_H
#define SBIND_CLI_LINUX_FIND_H

/* Looks for it as execvpe does, in path, a list with colons; NULL: where the system
 * has its programs. DONE, NOT_FOUND or NOT_EXECUTABLE after a message. */
int find_command(const char *name, const char *path);

#endif
