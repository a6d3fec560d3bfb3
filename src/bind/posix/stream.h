/* stream.h - stream sockets by their protocol */
#ifndef SBIND_BIND_POSIX_STREAM_H
#define SBIND_BIND_POSIX_STREAM_H

#include <sbind/stream.h>

/* As sbind__new_socket, with the protocol of socket(2); 0: the usual one. */
sbind_status sbind__new_stream(int family, sbind_blocking blocking,
                               int protocol, int *ret_fd, sbind_error *reterr);

#endif
