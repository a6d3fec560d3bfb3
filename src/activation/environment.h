/* environment.h - what the activation protocol asks about this process */
#ifndef SBIND_ACTIVATION_ENVIRONMENT_H
#define SBIND_ACTIVATION_ENVIRONMENT_H

#include <stdint.h>

/* The inode of a pidfd of this process, which no other process has had since
 * the system started; 0 where the system has no such thing. */
uint64_t sbind__own_pidfdid(void);

#endif
