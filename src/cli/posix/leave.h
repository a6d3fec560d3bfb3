/* leave.h - what the command must not get from the process that launches it */
#ifndef SBIND_CLI_POSIX_LEAVE_H
#define SBIND_CLI_POSIX_LEAVE_H

/* Each of these functions verifies what it has done. It returns DONE, or SYSTEM after
 * a message. */

/* Gives up the controlling terminal. Otherwise the command could type into it,
 * for the shell that waits there. The process stays in its group: ^C still
 * reaches the command. A session leader keeps its terminal, which no shell
 * outside the session reads. */
int leave_terminal(void);

/* Gives the calling thread a new and empty session keyring. It is not a failure
 * if the system has no keyrings, or forbids them to this process and so to the
 * command. */
int leave_keyring(void);

/* Makes every descriptor from "first" on close when the command begins. */
int leave_descriptors(int first);

/* Does the same for the descriptors that a folder lists, such as /dev/fd.
 * (posix/leave.c) */
int leave_listed(const char *folder, int first);

#endif
