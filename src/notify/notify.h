/* notify.h - the lines of a message to the service manager */
#ifndef SBIND_NOTIFY_NOTIFY_H
#define SBIND_NOTIFY_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/notify.h>

/* Whether the state contains a line that equals this text, or begins with
 * it. */
bool sbind__has_line(const char *state, size_t len, const char *begin,
                     bool is_whole);

#endif
