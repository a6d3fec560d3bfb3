/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/policy.h - which addresses a program is ready to open
 *
 * For daemons that take an address from a configuration they do not wholly
 * trust: asked between parsing and opening. Pure, as sbind/parse.h is.
 */
#ifndef SBIND_POLICY_H
#define SBIND_POLICY_H

#include <stdbool.h>
#include <stddef.h>

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
    bool absolute_path; /* unix paths begin with a slash */
    bool no_abstract;   /* no abstract sockets: anybody can connect */
    bool loopback;      /* TCP on 127.0.0.0/8 and ::1 only. Host names are
                             refused: what they mean is not known here */
    bool numeric;       /* no host names, so no name server decides */
    bool portable;      /* the same on every platform: TCP without zones,
                             unix paths of at most SBIND_PORTABLE_PATH_MAX
                             octets, descriptors; no abstract names, no pipes */
    bool local_pipe;    /* no pipes of other machines */
} sbind_policy;

/* Allows everything. */
void sbind_policy_init(sbind_policy *policy);

/* Whether the policy allows the address: SBIND_OK, 4xx, SBIND_BAD_OPTION or
 * SBIND_INVALID_ADDRESS. */
sbind_status sbind_policy_check(const sbind_policy *policy,
                                const sbind_address *address,
                                sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
