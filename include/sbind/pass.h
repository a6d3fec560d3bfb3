/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/pass.h - passing listeners to a child, as a service manager does
 *
 * A program that starts its successor or its workers does this:
 *
 *     static sbind_passed passed;
 *     sbind_pass(listeners, names, count, &passed, &error);
 *     if (fork() == 0) {
 *         if (sbind_pass_here(&passed, environ, &environment) == SBIND_OK)
 *             execve(path, argv, environment);
 *         _exit(1);
 *     }
 *
 * The child finds the sockets by fd://, fd://NAME or sd_listen_fds(3). See
 * section 9 of grammar/SPEC.md.
 */
#ifndef SBIND_PASS_H
#define SBIND_PASS_H

#include <stddef.h>

#include <sbind/activation.h>
#include <sbind/listen.h>
#include <sbind/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_PASS_MAX 256            /* descriptors */
#define SBIND_PASS_VARIABLES_MAX 1024 /* of an environment without a room */

/* The descriptors and variables that a child gets. This is a plain value of
 * some 75 kB, so make it static if the stack is small. Before sbind_pass_here
 * it has no pointers to other data. */
typedef struct sbind_passed {
    size_t count;
    sbind_handle fds[SBIND_PASS_MAX];      /* fds[i] becomes 3 + i */
    char names[16 + SBIND_PASS_MAX * 256]; /* "LISTEN_FDNAMES=a:b", or "" */

    /* Room for the pointers of the child's environment: room[0 .. room_count).
     * sbind_pass sets room to NULL: then the member "variables" is used
     * instead. */
    char **room;
    size_t room_count;

    /* of sbind_pass_here */
    const char *call; /* the system call that failed */
    int os_error;     /* its errno */
    char numbers[3][48];
    char *variables[SBIND_PASS_VARIABLES_MAX + 5];
} sbind_passed;

/* Call this before fork. It decides which descriptors become 3, 4, 5 ..., and
 * sets LISTEN_FDNAMES, but changes no descriptor. names is NULL, or has a name
 * for each listener: the NAME in fd://NAME. The listeners stay open in this
 * process. Only the process that made a socket file may remove it: a successor
 * removes nothing. Without listeners the child is passed nothing.
 *
 * Errors: SBIND_TOO_MANY_PASSED if there are more than SBIND_PASS_MAX;
 * SBIND_BAD_FD_NAME, with the offset in the name, and with the listener's
 * descriptor in fds[0]; SBIND_FD_CLOSED if a listener is empty or its
 * descriptor is not open; SBIND_UNSUPPORTED on Windows. */
sbind_status sbind_pass(const sbind_listener *const *listeners,
                        const char *const *names, size_t count,
                        sbind_passed *ret, sbind_error *reterr);

/* Call this in the child, before execve. It gives the descriptors their
 * numbers, in an order that overwrites none of them, without close-on-exec. Any
 * other descriptor that has one of these numbers is closed. *ret_envp is the
 * environment envp with LISTEN_PID, LISTEN_PIDFDID (where the system has it),
 * LISTEN_FDS and LISTEN_FDNAMES of this process. Values of these four in envp
 * are left out. *ret_envp lies in *passed and refers to the strings of envp.
 *
 * The function is async-signal-safe: a program with threads can call it after
 * fork.
 *
 * Errors: SBIND_SYSTEM, with passed->call and passed->os_error: some
 * descriptors may have moved, so the child has to end; SBIND_BUFFER_TOO_SMALL
 * if the environment has more variables than there is room for, and nothing was
 * changed; SBIND_UNSUPPORTED on Windows. */
sbind_status sbind_pass_here(sbind_passed *passed, char *const envp[],
                             char ***ret_envp);

#ifdef __cplusplus
}
#endif
#endif
