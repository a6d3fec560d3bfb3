/* stream.h - stream sockets by their protocol */
#ifndef SBIND_BIND_POSIX_STREAM_H
#define SBIND_BIND_POSIX_STREAM_H

#include <sbind/stream.h>

/* Like sbind__new_socket, with the argument "protocol" of socket(2): 0 means
 * the usual protocol. */
sbind_status sbind__new_stream(int family, sbind_blocking blocking,
                               int protocol, int *ret_fd, sbind_error *reterr);

#endif
