/* linux/leave.c - what the command must not get from the process that launches
 * it: session keyring, descriptors */
#define _GNU_SOURCE /* syscall */
#include "../posix/leave.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../cli.h"

/* Linux 5.9 and 5.11. Older headers lack these numbers. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* ---- Session keyring ------------------------------------------------------- */

static long own_keyring(void)
{
    return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING,
                   0);
}

int leave_keyring(void)
{
    long joined = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    if (joined < 0 && (errno == ENOSYS || errno == EPERM))
        return DONE;
    if (joined < 0)
        return cli_failed("keyctl");
    if (joined == 0 || own_keyring() != joined)
        return cli_without_effect("keyctl");
    return DONE;
}

/* ---- Descriptors ----------------------------------------------------------- */

/* Linux before 5.11 lacks close_range with this flag. */
int leave_descriptors(int first)
{
    if (syscall(SYS_close_range, (unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) ==
        0)
        return DONE;
    return leave_listed("/proc/self/fd", first);
}
