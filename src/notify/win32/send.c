/* win32/send.c - service managers of Windows have no socket for messages, so a
 * state is checked but not sent */
#include <string.h>

#include "../notify.h"

sbind_status sbind_notify(const char *state, const sbind_handle *fds,
                          size_t count, sbind_error *reterr)
{
    (void)fds;
    return sbind_notify_check(state, strlen(state), count, reterr);
}
