/* policy.h - asking a policy at each stage of opening an address; pure */
#ifndef SBIND_POLICY_POLICY_H
#define SBIND_POLICY_POLICY_H

#include <sbind/policy.h>

typedef enum sbind__stage {
    SBIND__WRITTEN, /* what a host name means will not be known */
    SBIND__OPENING, /* its addresses will be judged, once they are known */
    SBIND__OPENED   /* an address that a host name means, or a socket's own */
} sbind__stage;

/* As sbind_policy_check, of a value that is valid. A NULL policy allows it. */
sbind_status sbind__ask_policy(const sbind_policy *policy,
                               const sbind_address *address, sbind__stage stage,
                               sbind_error *reterr);

#endif
