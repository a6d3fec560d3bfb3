/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/connect.h - from an address to a connection
 */
#ifndef SBIND_CONNECT_H
#define SBIND_CONNECT_H

#include <stddef.h>
#include <stdint.h>

#include <sbind/activation.h>
#include <sbind/parse.h>
#include <sbind/policy.h>
#include <sbind/status.h>
#include <sbind/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_CONNECT_TIMEOUT_DEFAULT 30000 /* milliseconds */
#define SBIND_ATTEMPT_DELAY_DEFAULT 250     /* milliseconds, RFC 8305 8 */
#define SBIND_ATTEMPT_DELAY_MIN 10

struct addrinfo; /* of <netdb.h>, or <ws2tcpip.h> on Windows */

typedef struct sbind_connect_options {
    size_t size; /* of this structure; set by _init */

    /* all kinds */
    sbind_blocking blocking;
    const sbind_address *tcp_default;   /* what tcp:// means; NULL: nothing */
    const sbind_activation *activation; /* what fd:// refers to; NULL: ask
                                           sbind_activation_take(0) */
    const sbind_policy *policy; /* the policy that an address must satisfy, as
                                   for listening. NULL means none */
    /* all but fd:// */
    int64_t timeout; /* milliseconds for all attempts together. 0 means the
                        default, and -1 no limit. The time of the resolver is
                        not counted, nor the time that Windows takes to reach a
                        pipe of another machine */
    /* TCP */
    int32_t attempt_delay;  /* milliseconds after which the next address of a
                               name is tried, too: SBIND_ATTEMPT_DELAY_MIN or
                               more, or 0 for the default */
    sbind_switch nodelay;   /* TCP_NODELAY */
    sbind_switch keepalive; /* SO_KEEPALIVE. If this option is unset, giving one
                               of the next three options turns it on */
    int keepalive_idle, keepalive_interval, keepalive_count;
    int user_timeout; /* these and mptcp as in sbind_listen_options */
    sbind_switch mptcp;
    const char *device; /* SO_BINDTODEVICE, a name of 1 to 15 octets. NULL means
                           any interface */
    const struct addrinfo *answers; /* for host names only: the addresses that
                                       the program itself has found, see
                                       sbind_connect. With NULL, the system's
                                       resolver is asked */

    /* TCP and unix */
    int receive_buffer, send_buffer; /* octets; 0: the system's choice */

    /* unix paths and abstract names */
    sbind_switch refuse_descriptors; /* if on, the server cannot send
                                        descriptors: see sbind_listen_options */
    uint32_t unix_owner; /* the user as whom the server must run. The kernel
                            (SO_PEERCRED) reports the user who called listen. If
                            the service manager or sbind listen made the socket,
                            the kernel reports the user of that process.
                            SBIND_NO_ID means any user. An abstract name has no
                            other protection. Not on Windows */

    /* Options of pipes. The server learns the user of the client, but cannot
     * act for that user (SECURITY_IDENTIFICATION) */
    const char *pipe_owner;      /* the owners that the pipe may have, with
                                    commas between them: a SID such as
                                    S-1-5-18, an abbreviation of SDDL such as
                                    SY, or "self", the user of this process.
                                    NULL means any owner. The owner of a pipe
                                    that sbind_listen made is the user of the
                                    server */
    uint32_t pipe_server;        /* the process that must serve the pipe. 0
                                    means any. Windows reuses process ids, so
                                    the id alone does not identify the server */
    sbind_switch pipe_anonymous; /* if on, the server does not learn the
                                    client's user */
    sbind_switch pipe_remote;    /* if on, pipes of other machines are allowed.
                                    The server on such a machine learns the user
                                    of the client. For such an address, the
                                    three options above are
                                    SBIND_OPTION_NOT_APPLICABLE */
} sbind_connect_options;

/* A value for pipe_owner: this user, SYSTEM or an administrator. */
#define SBIND_PIPE_OWNER_TRUSTED "self,SY,BA"

/* Sets every option to its default. The caller gives the size of its structure,
 * because a newer library may have a longer one. */
void sbind_connect_options_init_sized(sbind_connect_options *options,
                                      size_t size);
static inline void sbind_connect_options_init(sbind_connect_options *options)
{
    sbind_connect_options_init_sized(options, sizeof *options);
}

/* Like sbind_listen_options_keep, for connecting. */
void sbind_connect_options_keep(sbind_connect_options *options,
                                sbind_kind kind);

/* Connects. options may be NULL. fd:// uses the only passed socket that is
 * connected already. fd://NAME uses the connected socket with that name, and
 * fd://N uses descriptor N.
 *
 * The addresses of a host name are tried as RFC 8305 says: IPv6 and IPv4 in
 * turn, each in the order of the resolver (RFC 6724), beginning with the family
 * of its first answer. When an attempt fails, the next address is tried at
 * once. While attempts are under way, the next address is tried after
 * attempt_delay, or sooner if otherwise some address would have no turn before
 * the deadline. The first connection is the result, and the others are closed.
 * At most 64 attempts run at once. Starting another abandons the oldest.
 *
 * A program that resolves names itself (with libevent, libuv or c-ares) gives
 * the answers as options.answers, a list as getaddrinfo makes it. The system's
 * resolver is then not asked. Order, policy and errors stay the same, and each
 * answer is tried once. The port is that of the address; the ports of the
 * answers do not count. Only ai_addr, ai_addrlen and ai_next are read. An
 * answer that is not a whole IPv4 or IPv6 socket address is SBIND_BAD_OPTION.
 * NULL is not an empty list: a program that has found no answer must not
 * connect, or the system's resolver is asked.
 *
 * Errors: SBIND_INVALID_ADDRESS; 2xx for fd:// if the environment is malformed;
 * 3xx. SBIND_UNUSABLE_ADDRESS for an address that only servers can use, and for
 * one that nobody can open, such as a multicast address. Every address that
 * failed is in reterr->attempts, and the rest of the error is about the last
 * one. SBIND_WRONG_SERVER if the server is not the one that unix_owner,
 * pipe_owner or pipe_server requires, or if the system does not say who the
 * server is. In that case nothing was sent to the server. For a pipe,
 * SBIND_REMOTE_PIPE unless pipe_remote is on. */
sbind_status sbind_connect(const sbind_address *address,
                           const sbind_connect_options *options,
                           sbind_stream *ret, sbind_error *reterr);

/* ---- Connecting in an event loop -------------------------------------------
 *
 * sbind_connect waits. A program that must not wait starts a connection here.
 * In its own event loop, the program then waits for what sbind_connect_waits
 * names, and takes a step:
 *
 *     s = sbind_connect_start(&address, &options, &connecting, &error);
 *     if (s == SBIND_OK)
 *         s = SBIND_WOULD_BLOCK;
 *     while (s == SBIND_WOULD_BLOCK) {
 *         n = sbind_connect_waits(&connecting, waits, SBIND_WAITS_MAX, &time);
 *         ... until one of them is ready, or "time" has passed ...
 *         s = sbind_connect_step(&connecting, &stream, &error);
 *     }
 *
 * The attempts, their order and the deadline are those of sbind_connect, and so
 * are the errors. */

#define SBIND_WAITS_MAX 64

/* A descriptor, and whether to wait until it can be read or until it can be
 * written. */
typedef struct sbind_wait {
    sbind_handle fd;
    bool read, write;
} sbind_wait;

/* A connection that is being made. This is a plain value without pointers to
 * itself. You may move it, but use only one copy of it. Leave its members to
 * the functions below. */
typedef struct sbind_connecting {
    /* the kind of the address; 0 if no connection is being made */
    sbind_kind kind;
    sbind_connect_options options;
    sbind_address address;
    sbind_stream stream; /* the result, if it is there already */
    int64_t end;         /* moments of the monotonic clock, in milliseconds: */
    int64_t next;        /* the deadline, and the time of the next attempt */
    void *answers;       /* of the resolver; NULL: none */
    const void *next_answers[2];
    int turn;       /* which of the two comes next */
    size_t waiting; /* answers that have not been tried */
    size_t count;   /* attempts under way, the oldest first */
    sbind_handle fds[SBIND_WAITS_MAX];
    bool is_ready[SBIND_WAITS_MAX];
    sbind_kind kinds[SBIND_WAITS_MAX];
    char texts[SBIND_WAITS_MAX][SBIND_ATTEMPT_TEXT_MAX];
    sbind_error error; /* of the attempts that have failed */
} sbind_connecting;

/* Empty: sbind_connect_cancel does nothing. */
#define SBIND_CONNECTING_INIT                                                  \
    {                                                                          \
        0                                                                      \
    }

/* Starts to connect. The resolver is asked here, unless options.answers is
 * given: this call takes as long as the resolver does. It waits for nothing
 * else. options may be NULL. The strings, the policy and the answers to which
 * the options point have to stay valid until the connection is made or
 * cancelled. On success call sbind_connect_step with *ret until the result is
 * not SBIND_WOULD_BLOCK, or call sbind_connect_cancel. On failure *ret is
 * untouched.
 *
 * Errors: as sbind_connect. */
sbind_status sbind_connect_start(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_connecting *ret, sbind_error *reterr);

/* Says what to wait for before the next step: descriptors and a time. Writes
 * the first cap descriptors to ret. Wait *ret_milliseconds at most; -1 means no
 * limit. Returns how many descriptors there are, SBIND_WAITS_MAX at most. The
 * descriptors may change with every step, and the library closes them. While a
 * server is too busy, there are no descriptors: then wait only for the time. */
size_t sbind_connect_waits(const sbind_connecting *connecting, sbind_wait *ret,
                           size_t cap, int64_t *ret_milliseconds);

/* Takes the next step, without waiting. On success *ret is the connection.
 * Afterwards *connecting is empty, unless the result is SBIND_WOULD_BLOCK. A
 * step that comes too early does no harm.
 *
 * Errors: SBIND_WOULD_BLOCK if the connection is not made yet; SBIND_FD_CLOSED
 * if *connecting is empty; otherwise those of sbind_connect. */
sbind_status sbind_connect_step(sbind_connecting *connecting, sbind_stream *ret,
                                sbind_error *reterr);

/* Gives up the connection and closes every descriptor. Does nothing if
 * *connecting is empty. */
void sbind_connect_cancel(sbind_connecting *connecting);

#ifdef __cplusplus
}
#endif
#endif
