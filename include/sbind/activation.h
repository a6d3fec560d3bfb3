/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/activation.h - which sockets a service manager has passed
 *
 * The variables are LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS and LISTEN_FDNAMES,
 * as in sd_listen_fds(3). See grammar/activation.abnf and section 6 of
 * grammar/SPEC.md.
 */
#ifndef SBIND_ACTIVATION_H
#define SBIND_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sbind/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_LISTEN_FDS_START 3 /* the first passed descriptor */

/* ---- The pure function --------------------------------------------------- */

/* The value of a variable: length octets at text. text is NULL if the variable
 * is unset. */
typedef struct sbind_env_value {
    const char *text;
    size_t length;
} sbind_env_value;

typedef struct sbind_activation_input {
    sbind_env_value pid;     /* LISTEN_PID */
    sbind_env_value pidfdid; /* LISTEN_PIDFDID */
    sbind_env_value fds;     /* LISTEN_FDS */
    sbind_env_value fdnames; /* LISTEN_FDNAMES */
    int32_t self_pid;        /* getpid() */
    uint64_t self_pidfdid;   /* sbind_own_pidfdid(); 0: unknown */
    uint32_t fd_limit;       /* a higher LISTEN_FDS is refused; usually the soft
                                RLIMIT_NOFILE less 3 */
    bool accept_missing_pid; /* treat an unset LISTEN_PID as our own */
} sbind_activation_input;

typedef enum sbind_activation_outcome {
    SBIND_ACTIVATION_NONE = 0,      /* no sockets were passed */
    SBIND_ACTIVATION_OTHER_PROCESS, /* they are meant for another process */
    SBIND_ACTIVATION_PASSED
} sbind_activation_outcome;

/* This is a plain value. decided_by is a static string. names refers to the
 * value of LISTEN_FDNAMES in the input, and is valid as long as that value. */
typedef struct sbind_activation {
    sbind_activation_outcome outcome;
    uint32_t count; /* descriptors 3 .. 3 + count - 1; else 0 */
    /* the list of names as it came; text is NULL if there are no names */
    sbind_env_value names;
    const char *decided_by; /* if the outcome is OTHER_PROCESS, the variable
                               that says so: "LISTEN_PID" or "LISTEN_PIDFDID";
                               else NULL */
} sbind_activation;

/* Decides which sockets were passed, from the values in *in. Reads no
 * environment and touches no descriptor. Errors: 201 to 206, with the variable
 * and the offset in its value. */
sbind_status sbind_activation_read(const sbind_activation_input *in,
                                   sbind_activation *ret, sbind_error *reterr);

/* Takes the next name off *names and returns true. Before the first call,
 * *names is a copy of activation.names. Returns false when no name is left. A
 * name may be empty. */
bool sbind_activation_next_name(sbind_env_value *names, sbind_env_value *ret);

/* ---- This process -------------------------------------------------------- */

#define SBIND_ACCEPT_MISSING_PID 1U /* LISTEN_PID may be unset */
#define SBIND_CLEAR_ENVIRONMENT 2U  /* unset the four variables afterwards */

/* Like sbind_activation_read, with the environment, the id and the limit of
 * this process. Reads the environment with secure_getenv, so a set-user-id
 * program sees nothing. ret->names refers to the environment.
 *
 * SBIND_CLEAR_ENVIRONMENT calls unsetenv on success, whatever the outcome is,
 * so that child processes do not see the variables. A later call then finds
 * SBIND_ACTIVATION_NONE. Give this flag only while no other thread uses the
 * environment. ret->names stays valid: the strings that a program was started
 * with outlive unsetenv. (A string that the program itself has set with setenv
 * can become invalid.)
 *
 * As with getenv, no other thread may change the environment during the call.
 * The same holds for sbind_listen and sbind_connect of fd://. On Windows the
 * outcome is always SBIND_ACTIVATION_NONE, and the variables are left alone.
 *
 * Errors: as sbind_activation_read; SBIND_BAD_OPTION: unknown flags. */
sbind_status sbind_activation_take(unsigned flags, sbind_activation *ret,
                                   sbind_error *reterr);

/* The inode of a pidfd of this process. No other process has had this inode
 * since the system was started, so the inode tells apart processes with the
 * same id. It stays the same over exec: a program that passes sockets to its
 * successor by exec puts it into LISTEN_PIDFDID. Returns 0 if the system has no
 * such inode (Linux before 6.9), or if no descriptor is free to find it out. */
uint64_t sbind_own_pidfdid(void);

#ifdef __cplusplus
}
#endif
#endif
