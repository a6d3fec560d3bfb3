/* path.h - socket files */
#ifndef SBIND_BIND_POSIX_PATH_H
#define SBIND_BIND_POSIX_PATH_H

#include <sbind/listen.h>

sbind_status sbind__listen_path(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr);

#endif
