/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/stream.h - connections, and what listening and connecting share
 *
 * No function prints, logs, exits, or changes the umask, the working directory,
 * signal handlers or the environment. On failure every descriptor and file is
 * as it was, and *reterr names the call and its errno. Every new descriptor is
 * close-on-exec from the start. An inherited descriptor becomes close-on-exec
 * before it is handed out.
 *
 * An inherited descriptor is handed out once, to the thread that asks first.
 * All other threads get SBIND_FD_TAKEN until sbind_close or sbind_close_stream
 * has closed it. You may also close(2) the descriptor: the next socket with
 * that number is not treated as taken. A forked child has a copy of what its
 * parent has adopted. If the child closes a descriptor, nothing changes in the
 * parent. The library remembers nothing else.
 *
 * On Windows "descriptor" means a SOCKET or a HANDLE, "close-on-exec" means
 * that no child process inherits it, and errno is what GetLastError returns.
 */
#ifndef SBIND_STREAM_H
#define SBIND_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include <sbind/parse.h>
#include <sbind/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The descriptor or handle of an open socket or pipe; -1 if there is none. */
#ifdef _WIN32
typedef intptr_t sbind_handle; /* a SOCKET or a HANDLE, as the kind says */
#else
typedef int sbind_handle;
#endif

#define SBIND_NO_ID ((uint32_t)-1) /* no user, no group */

/* ---- Options of both ----------------------------------------------------- */

typedef enum sbind_switch { SBIND_UNSET = 0, SBIND_ON, SBIND_OFF } sbind_switch;

typedef enum sbind_blocking {
    SBIND_NONBLOCKING = 0, /* O_NONBLOCK is set, also on inherited descriptors:
                              the process that passed them shares the flag. On
                              Windows FIONBIO. For pipes see sbind_stream */
    SBIND_BLOCKING,        /* O_NONBLOCK cleared, on inherited ones too */
    SBIND_AS_INHERITED     /* new descriptors without O_NONBLOCK, and inherited
                              ones as they came */
} sbind_blocking;

/* ---- Connections --------------------------------------------------------- */

/* One connected stream socket or pipe. Use overlapped reads and writes with a
 * pipe that was accepted, or connected to with SBIND_NONBLOCKING. With any
 * other pipe, do not read and write at the same time. */
typedef struct sbind_stream {
    sbind_handle fd;
    sbind_kind kind; /* SBIND_TCP_IPV4, SBIND_TCP_IPV6, SBIND_UNIX_PATH,
                        SBIND_UNIX_ABSTRACT or SBIND_NPIPE */
} sbind_stream;

/* An empty stream: it is zeroed, or was closed. */
#define SBIND_STREAM_INIT                                                      \
    {                                                                          \
        0                                                                      \
    }

/* Closes the descriptor, and sets stream->fd to -1. Does nothing if the stream
 * is empty. */
void sbind_close_stream(sbind_stream *stream);

/* Hands the descriptor to the program, which closes it from then on, and sets
 * stream->fd to -1. Returns -1 if the stream is empty. */
sbind_handle sbind_release_stream(sbind_stream *stream);

/* ---- Socket addresses -----------------------------------------------------
 *
 * These functions are for programs that resolve names, or that call bind and
 * connect themselves. For an IP address with a zone, they ask the system for
 * the interface.
 */
struct sockaddr;

/* Gives the address for the socket address of length octets at sa. [::] stays
 * an IPv6 address, and so does an IPv6 address that stands for IPv4. Errors:
 * SBIND_INVALID_ADDRESS if the socket address is cut off, has no name, or has a
 * name that no address can express; SBIND_FD_FAMILY if it is not IPv4, IPv6 or
 * unix. */
sbind_status sbind_from_sockaddr(const struct sockaddr *sa, size_t length,
                                 sbind_address *ret, sbind_error *reterr);

/* Writes the socket address of an IP address, a path or an abstract name to
 * ret, which has room for cap octets, and its length to *ret_length. A struct
 * sockaddr_storage always has room. Does not check whether the address can be
 * used. Errors: SBIND_INVALID_ADDRESS; SBIND_UNUSABLE_ADDRESS for other kinds;
 * SBIND_NO_SUCH_ZONE; SBIND_SYSTEM; SBIND_PATH_TOO_LONG if the name has more
 * than 107 octets; SBIND_BUFFER_TOO_SMALL; SBIND_UNSUPPORTED for abstract names
 * on Windows. */
sbind_status sbind_to_sockaddr(const sbind_address *address,
                               struct sockaddr *ret, size_t cap,
                               size_t *ret_length, sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
