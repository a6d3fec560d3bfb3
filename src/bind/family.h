/* family.h - the functions of each family that listen.c and connect.c call
 *
 * A function either gives everything that was asked for, or leaves every
 * descriptor and file as it was. Options are complete (never NULL) and apply to
 * the kind of address. reterr is never NULL, unless a comment allows it.
 * *reterr is valid only after a failure.
 */
#ifndef SBIND_BIND_FAMILY_H
#define SBIND_BIND_FAMILY_H

#include <sbind/connect.h>
#include <sbind/listen.h>
#include <sbind/peer.h>

#include "../parse/family.h"

/* ---- Options (options.c) -------------------------------------------------- */

/* Copies *options, which may be NULL, to *ret and fills in the defaults. Checks
 * that each option has a valid value and applies to addresses of this kind. */
sbind_status sbind__listen_options(const sbind_listen_options *options,
                                   sbind_kind kind, sbind_listen_options *ret,
                                   sbind_error *reterr);
sbind_status sbind__connect_options(const sbind_connect_options *options,
                                    sbind_kind kind, sbind_connect_options *ret,
                                    sbind_error *reterr);

/* For tcp://, sets *ret to the address that tcp:// stands for (SPEC.md 5.3).
 * For any other address, sets *ret to that address. *ret is always a valid
 * address. */
sbind_status sbind__apply_default(const sbind_address *address,
                                  const sbind_address *tcp_default,
                                  const sbind_address **ret,
                                  sbind_error *reterr);

/* ---- Listening: SBIND_TOO_MANY_LISTENERS when "cap" is too small ----------- */

sbind_status sbind__listen_tcp(const sbind_address *address,
                               const sbind_listen_options *options,
                               sbind_listener *ret, size_t cap,
                               size_t *ret_count, sbind_error *reterr);
sbind_status sbind__listen_unix(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr);
sbind_status sbind__listen_fd(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr);
sbind_status sbind__listen_pipe(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr);

/* Notes in the listener which socket it has, and which process owns the
 * listener. sbind_close needs both. (posix/listener.c) */
void sbind__know_socket(sbind_listener *listener);

/* Removes the socket file of a listener. On Linux, does so only in the process
 * that owns the listener. */
sbind_status sbind__remove_path(const sbind_listener *listener,
                                sbind_error *reterr);

/* ---- Connecting ------------------------------------------------------------
 *
 * Here a timeout of 0 means: try once, and return SBIND_WOULD_BLOCK if the
 * server is too busy at the moment. Completed options of the public functions
 * never have this value. */

/* Connects to a single address. This takes a quarter of the stack that a race
 * between several addresses takes. */
sbind_status sbind__connect_tcp(const sbind_address *address,
                                const sbind_connect_options *options,
                                sbind_stream *ret, sbind_error *reterr);

/* Connects to all addresses of a host name in turn, and keeps the first
 * connection. */
sbind_status sbind__connect_name(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr);

/* Connect to TCP in steps, like the public functions. Before the first step, *c
 * is empty except for its options. */
sbind_status sbind__start_race(const sbind_address *address,
                               sbind_connecting *c, sbind_error *reterr);
size_t sbind__race_waits(const sbind_connecting *c, sbind_wait *ret, size_t cap,
                         int64_t *ret_milliseconds);
sbind_status sbind__race_step(sbind_connecting *c, sbind_stream *ret,
                              sbind_error *reterr);
void sbind__end_race(sbind_connecting *c);
sbind_status sbind__connect_unix(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr);
sbind_status sbind__connect_fd(const sbind_address *address,
                               const sbind_connect_options *options,
                               sbind_stream *ret, sbind_error *reterr);
sbind_status sbind__connect_pipe(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr);

/* ---- Who is there (posix/peer.c, win32/peer.c): of a stream that is not empty - */

/* Fills in what the system knows about the peer. Before the call, every part of
 * *ret says "unknown". */
sbind_status sbind__ask_peer(const sbind_stream *stream, sbind_peer *ret,
                             sbind_error *reterr);
sbind_status sbind__ask_peer_pidfd(const sbind_stream *stream,
                                   sbind_handle *ret, sbind_error *reterr);

/* ---- Listeners and addresses ------------------------------------------------ */

struct sockaddr;

/* Makes a listener from a descriptor, an address, and whether it blocks. The
 * other members are empty. */
void sbind__new_listener(sbind_listener *listener, sbind_handle fd,
                         const sbind_address *address, sbind_blocking blocking);

/* Describes the listener of an inherited socket. Its address is the one by
 * which other processes reach the socket. If there is none, the address is the
 * number of the descriptor (posix/describe.c). */
void sbind__describe_fd(int fd, sbind_listener *ret);

/* Whether a listener or stream of this kind and handle is empty: closed,
 * or zeroed like SBIND_LISTENER_INIT and SBIND_STREAM_INIT. Kind 0 does
 * not exist. Without this check, the handle of a zeroed structure would
 * be standard input. */
static inline bool sbind__is_empty(sbind_kind kind, sbind_handle fd)
{
    return kind == 0 || fd < 0;
}

/* Both read the listener's handle, even while another thread closes or releases
 * the listener. That other thread calls sbind__take_handle, which leaves -1 in
 * the listener. (posix/listener.c, win32/listener.c) */
sbind_handle sbind__handle_of(const sbind_listener *listener);
sbind_handle sbind__take_handle(sbind_listener *listener);

/* The error of a call that got an empty listener. */
sbind_status sbind__refuse_empty(sbind_error *reterr);

/* The address that a socket is bound to. SBIND_FD_FAMILY if the socket is of a
 * family that the grammar lacks, SBIND_INVALID_ADDRESS if no text expresses the
 * address. */
sbind_status sbind__socket_address(sbind_handle fd, sbind_address *ret,
                                   sbind_error *reterr);

/* Converts a socket address, with the same errors. (posix/sockaddr.c,
 * win32/sockaddr.c) */
sbind_status sbind__from_sockaddr(const struct sockaddr *sa, size_t length,
                                  sbind_address *ret);

#endif
