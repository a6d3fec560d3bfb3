/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/connect.h - from an address to a connection
 */
#ifndef SBIND_CONNECT_H
#define SBIND_CONNECT_H

#include <stddef.h>
#include <stdint.h>

#include <sbind/listen.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_CONNECT_TIMEOUT_DEFAULT 30000 /* milliseconds */
#define SBIND_ATTEMPT_DELAY_DEFAULT 250     /* milliseconds, RFC 8305 8 */
#define SBIND_ATTEMPT_DELAY_MIN 10

typedef struct sbind_connect_options {
    size_t size; /* of this structure; set by _init */

    /* all kinds */
    sbind_blocking blocking;
    const sbind_address *tcp_default;   /* what tcp:// means; NULL: nothing */
    const sbind_activation *activation; /* what fd:// refers to; NULL: ask
                                           sbind_activation_take(0) */
    /* all but fd:// */
    int64_t timeout; /* milliseconds for all attempts together, the resolver's
                        own time not counted, nor what Windows takes to reach
                        another machine's pipe; 0: the default; -1: no limit */
    /* TCP */
    int32_t attempt_delay;  /* milliseconds an address of a name has before the
                               next is tried as well; 0: the default; else
                               SBIND_ATTEMPT_DELAY_MIN or more */
    sbind_switch nodelay;   /* TCP_NODELAY */
    sbind_switch keepalive; /* SO_KEEPALIVE */
    const char *device;     /* SO_BINDTODEVICE, 1 to 15 octets; NULL: any
                               interface */

    /* TCP and unix */
    int receive_buffer, send_buffer; /* octets; 0: the system's choice */

    /* pipes. The server learns who the client is and can do nothing in its
     * name (SECURITY_IDENTIFICATION) */
    const char *pipe_owner;      /* the owner of the pipe has to be this SID, as
                                    "S-1-5-18"; NULL: anybody. Of a pipe that
                                    sbind_listen made it is the server's user */
    uint32_t pipe_server;        /* its process has to be this one; 0: any */
    sbind_switch pipe_anonymous; /* on: the server learns not even who */
    sbind_switch pipe_remote;    /* on: it may be on another machine */
} sbind_connect_options;

/* Sets every option to its default. The size is that of the caller's structure,
 * which a newer library may know to be longer. */
void sbind_connect_options_init_sized(sbind_connect_options *options,
                                      size_t size);
static inline void sbind_connect_options_init(sbind_connect_options *options)
{
    sbind_connect_options_init_sized(options, sizeof *options);
}

/* Connects. A host name's addresses are tried as RFC 8305 says: IPv6 and IPv4
 * in turn, each in the order of the resolver (RFC 6724), beginning with the
 * family of its first answer; the next as soon as one has failed, or beside
 * those under way after attempt_delay, or sooner when otherwise not all would
 * have a turn before the deadline. The first to connect is the answer, and the
 * others are closed. At most 64
 * attempts run at once; starting another abandons the oldest.
 * fd:// takes the one passed socket that is connected already, fd://NAME the one
 * of that name, fd://N that descriptor. options may be NULL.
 *
 * Errors: SBIND_INVALID_ADDRESS; 2xx for fd:// when the environment is
 * malformed; 3xx. SBIND_UNUSABLE_ADDRESS for what can only be listened on.
 * Every address that failed is in reterr->attempts; the rest of the error is
 * that of the last. For a pipe, SBIND_WRONG_SERVER, and SBIND_REMOTE_PIPE unless
 * pipe_remote is on. */
sbind_status sbind_connect(const sbind_address *address,
                           const sbind_connect_options *options,
                           sbind_stream *ret, sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
