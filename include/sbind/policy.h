/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/policy.h - which addresses a program is ready to open
 *
 * A policy is for daemons that take an address from a configuration that they
 * do not wholly trust. Put the policy into the options: sbind_listen and
 * sbind_connect then check every address, also those that a host name turns out
 * to mean. Or call sbind_policy_check between parsing and opening.
 * sbind_policy_check is pure, like the functions of sbind/parse.h. So the
 * program itself has to put into the policy which descriptors were passed.
 */
#ifndef SBIND_POLICY_H
#define SBIND_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/activation.h>
#include <sbind/parse.h>
#include <sbind/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_ALLOW_TCP 1U
#define SBIND_ALLOW_UNIX 2U
#define SBIND_ALLOW_FD 4U
#define SBIND_ALLOW_NPIPE 8U

/* The longest path that fits the sun_path of every system, its NUL included:
 * 104 octets on the BSDs and macOS, 108 on Linux. */
#define SBIND_PORTABLE_PATH_MAX 103

typedef struct sbind_policy {
    size_t size;        /* of this structure; set by _init */
    unsigned schemes;   /* SBIND_ALLOW_...; at first all */
    bool absolute_path; /* unix paths begin with a slash. On Windows they begin
                           with a drive, such as C:/, and no name in the path
                           has a colon, ends in a dot or space, or means a
                           device, such as NUL */
    bool no_abstract;   /* no abstract sockets: any user can connect */
    bool loopback;      /* only TCP on 127.0.0.0/8 and ::1. Host names are
                           refused, because their meaning is not known here */
    bool numeric;       /* no host names, so no name server decides */
    bool portable;      /* only what means the same on every platform: TCP
                           without zones, and unix paths of at most
                           SBIND_PORTABLE_PATH_MAX octets. No abstract names,
                           descriptors or pipes */
    bool local_pipe;    /* no pipes of other machines */

    /* No TCP on every address: not *, 0.0.0.0 or [::]. tcp:// and host names
     * are refused as well, because they can mean the same */
    bool no_wildcard;

    /* fd://N only if the service manager passed N. *passed says what was
     * passed: it comes from sbind_activation_take. NULL means that nothing was
     * passed. Other addresses of this scheme always mean passed sockets */
    bool passed_only;
    const sbind_activation *passed;

    /* Only unix paths below this directory. The directory is written with
     * slashes: /run/app, or C:/run/app on Windows. NULL means any directory.
     * Paths are compared as texts. A path that could lead elsewhere is refused:
     * it is relative, or has an empty component (//), a component of dots and
     * spaces only (., ..), or a backslash. So no path leads out through /proc
     * or /dev/fd, unless that is the directory. Symbolic links within the
     * directory are followed. Abstract names are refused */
    const char *within;

    /* No inherited socket of Multipath TCP (RFC 8684): the other end of such a
     * connection can move it to other addresses. The option mptcp is the
     * program's own choice, and no address can ask for it: sbind_policy_check
     * has nothing to refuse */
    bool no_mptcp;
} sbind_policy;

/* Sets a policy that allows everything. The caller gives the size of its
 * structure, because a newer library may have a longer one. */
void sbind_policy_init_sized(sbind_policy *policy, size_t size);
static inline void sbind_policy_init(sbind_policy *policy)
{
    sbind_policy_init_sized(policy, sizeof *policy);
}

/* A policy for an address from a user who is not trusted. It sets
 * absolute_path, no_abstract, numeric, local_pipe, no_wildcard, passed_only and
 * no_mptcp. The address then means one of these: one address of this machine; a
 * file at a place that does not depend on the working directory (except through
 * /proc/self); or a socket that the service manager passed. No name server has
 * a say, and the mode of a file keeps other users out.
 *
 * Also set loopback, or schemes, for a service that is not for the network. Set
 * passed for a service that takes fd://N. Set within to say where files may
 * be. */
void sbind_policy_init_strict_sized(sbind_policy *policy, size_t size);
static inline void sbind_policy_init_strict(sbind_policy *policy)
{
    sbind_policy_init_strict_sized(policy, sizeof *policy);
}

/* Checks whether the policy allows the address as it is written: SBIND_OK, 4xx,
 * SBIND_BAD_OPTION or SBIND_INVALID_ADDRESS. For this function, a host name
 * could mean any address.
 *
 * In the options of sbind_listen and sbind_connect, loopback and no_wildcard
 * let a host name pass, and check each of its addresses instead. The two rules
 * also judge the address of an inherited socket, whatever schemes and portable
 * say. For a connected socket they judge the address of the other end. */
sbind_status sbind_policy_check(const sbind_policy *policy,
                                const sbind_address *address,
                                sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
