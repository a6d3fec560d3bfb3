/* policy.h - asking a policy at each stage of opening an address; pure */
#ifndef SBIND_POLICY_POLICY_H
#define SBIND_POLICY_POLICY_H

#include <sbind/policy.h>

typedef enum sbind__stage {
    SBIND__WRITTEN, /* the addresses of a host name stay unknown */
    SBIND__OPENING, /* the addresses of a host name are judged later */
    /* this is an address of a host name, or a socket's own address */
    SBIND__OPENED
} sbind__stage;

/* Like sbind_policy_check, for a valid value. NULL stands for a policy that
 * allows everything. */
sbind_status sbind__ask_policy(const sbind_policy *policy,
                               const sbind_address *address, sbind__stage stage,
                               sbind_error *reterr);

#endif
