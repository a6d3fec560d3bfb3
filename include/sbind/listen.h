/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/listen.h - from an address to a listening socket
 *
 * sbind/stream.h says what holds for listening and for connecting.
 */
#ifndef SBIND_LISTEN_H
#define SBIND_LISTEN_H

#include <stdbool.h>
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

/* ---- Options -------------------------------------------------------------
 *
 * An option that does not apply to the kind of address is an error,
 * SBIND_OPTION_NOT_APPLICABLE, and is never passed over in silence.
 */
typedef enum sbind_existing {
    SBIND_RECLAIM = 0, /* replace a socket file of ours nobody listens on */
    SBIND_REFUSE,      /* any file at the path is an error */
    SBIND_REPLACE      /* also take the name of a socket file that a process
                          listens on, without a moment at which none does. The
                          system then knows the socket X as .X.sbind-new. Not on
                          Windows */
} sbind_existing;

#define SBIND_BACKLOG_DEFAULT 4096
#define SBIND_MODE_DEFAULT 0600
#define SBIND_ADOPT_MAX 65535 /* the highest descriptor that is adopted */

/* UTF-16 units of a full path on Windows, with the NUL. The lock of a socket
 * file has to fit, so that the path of the socket has at most 252: for more it
 * is SBIND_PATH_TOO_LONG, however short the path that was given. */
#define SBIND_FILE_MAX 260

#define SBIND_PIPE_BACKLOG_DEFAULT 4 /* 2 to 16 */
#define SBIND_PIPE_SDDL_DEFAULT "D:P(A;;GA;;;SY)(A;;GA;;;OW)"
#define SBIND_PIPE_SDDL_ELEVATED "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;0x12019b;;;OW)"
#define SBIND_PIPE_CLIENT_RIGHTS 0x12019b /* reading, writing, attributes */

typedef struct sbind_listen_options {
    size_t size; /* of this structure; set by _init */

    /* all kinds */
    sbind_blocking blocking;
    const sbind_address *tcp_default;   /* what tcp:// means; NULL: nothing */
    const sbind_activation *activation; /* what fd:// refers to; NULL: ask
                                           sbind_activation_take(0) */
    const sbind_policy *policy; /* which addresses may be opened; NULL: any.
                                   4xx if it refuses this one. The addresses of
                                   a host name, and those of inherited sockets,
                                   are judged once they are known */
    /* all but fd:// */
    int backlog; /* 1 or more; 0: SBIND_BACKLOG_DEFAULT. The system caps it.
                    Of a pipe, how many can connect before one is accepted,
                    2 to 16; 0: SBIND_PIPE_BACKLOG_DEFAULT */
    int in_use_timeout; /* milliseconds to keep trying while the address is in
                           use (SBIND_ADDRESS_IN_USE, SBIND_PIPE_HELD), as it
                           can be for a while after the last server has ended;
                           0: not at all. The calling thread sleeps */

    /* unix paths. Mode 0 of a file of user and group 0 is SBIND_BAD_OPTION: so
     * are options that were zeroed and not set up */
    sbind_existing existing;
    int32_t mode;          /* permissions of the file; -1: 0600. Not on Windows,
                              nor are owner and group: a file has the access
                              list of its directory */
    uint32_t owner, group; /* ids; SBIND_NO_ID: the process's own. A stale
                              socket file of this owner is ours as well */
    bool any_directory;    /* even one where others can replace files */

    /* unix paths and abstract names */
    sbind_switch refuse_descriptors; /* on: no client can send descriptors with
                                        its octets (SO_PASSRIGHTS off). Kernels
                                        before Linux 6.16 do not have it and
                                        let them through; getsockopt tells. Not
                                        on Windows, which has none to send */

    /* TCP */
    sbind_switch reuse_address; /* SO_REUSEADDR, on unless switched off; on
                                   Windows never on */
    sbind_switch reuse_port;    /* SO_REUSEPORT, off unless switched on; on
                                   Windows never on */
    sbind_switch v6only;        /* only IPv6: on unless switched off; off
                                   for the host "*", where it cannot be on */
    sbind_switch nodelay;       /* TCP_NODELAY of accepted connections */
    sbind_switch keepalive;     /* SO_KEEPALIVE of accepted connections. Unset,
                                   it is on if one of the next three is given */
    int keepalive_idle;         /* seconds without data before the first probe,
                                   1 to 32767; 0: the system's choice */
    int keepalive_interval;     /* seconds between probes, 1 to 32767; 0 */
    int keepalive_count;        /* probes without an answer that end the
                                   connection, 1 to 127; 0 */
    int user_timeout;           /* milliseconds that what was sent may wait for
                                   its acknowledgement, TCP_USER_TIMEOUT; 0: the
                                   system's choice. Not on Windows */
    sbind_switch mptcp;         /* on: Multipath TCP (RFC 8684) with those who
                                   speak it; plain TCP where the kernel has
                                   none. Off unless switched on; not on
                                   Windows. Linux has no user_timeout for it */
    sbind_switch freebind;      /* IP_FREEBIND: an address not there yet, or
                                   tentative */
    const char *device;         /* SO_BINDTODEVICE, 1 to 15 octets; NULL: any
                                   interface */

    /* TCP, unix and pipes */
    int receive_buffer, send_buffer; /* octets; 0: the system's choice; of a
                                        pipe 65536 */

    /* pipes: who may do what, in SDDL. NULL: SBIND_PIPE_SDDL_DEFAULT, or
     * SBIND_PIPE_SDDL_ELEVATED if this process is in the group of
     * administrators: other processes of its user can then connect, but cannot
     * make instances. The list has to be protected (D:P). It may give others
     * than this user, SYSTEM and the administrators no more than
     * SBIND_PIPE_CLIENT_RIGHTS, since a process that can make instances of the
     * pipe would be the server of some of its clients. The owner (OW) is the
     * user of this process, elevated or not; another O: is SBIND_BAD_OPTION */
    const char *pipe_sddl;
} sbind_listen_options;

/* Sets every option to its default. The size is that of the caller's structure,
 * which a newer library may know to be longer. */
void sbind_listen_options_init_sized(sbind_listen_options *options,
                                     size_t size);
static inline void sbind_listen_options_init(sbind_listen_options *options)
{
    sbind_listen_options_init_sized(options, sizeof *options);
}

/* Switches off the options that do not apply to addresses of this kind, so that
 * one set of options serves for several addresses. For tcp:// it is the kind of
 * tcp_default. The options have been set up. */
void sbind_listen_options_keep(sbind_listen_options *options, sbind_kind kind);

/* ---- Listening ----------------------------------------------------------- */

/* One listening socket. fd may be used with any call; the other members are
 * for sbind_accept and sbind_close, so close it with that, once. A copy is the
 * same listener. Threads that accept share one listener by its address.
 *
 * The fd of a pipe is an event that is signalled while a client waits to be
 * accepted. Other calls of sbind may use the pipe at the same time in any
 * thread, and sbind_close of any copy ends those that wait. */
typedef struct sbind_listener {
    sbind_handle fd;       /* -1 after sbind_close and sbind_release */
    sbind_kind kind;       /* SBIND_TCP_IPV4, SBIND_TCP_IPV6, SBIND_TCP_ANY,
                            SBIND_UNIX_PATH, SBIND_UNIX_ABSTRACT: what the
                            socket is, also when it was inherited; or
                            SBIND_NPIPE */
    bool inherited;        /* it came by fd:// */
    bool nonblocking;      /* it was when it began to listen, which Windows
                              does not tell of a socket */
    bool waits;            /* made with SBIND_BLOCKING: sbind_close ends the
                              threads that wait. Linux */
    bool declared;         /* sbind_own has named the creator */
    int32_t creator;       /* the process that removes the socket file and
                              ends those that wait */
    uint64_t creator_id;   /* of its pidfd, or 0 */
    uint64_t socket;       /* the inode of the socket, or 0: a number that
                              another socket has got is not waited on */
    sbind_handle released; /* what fd was before sbind_release */
    int directory_fd;      /* of the socket file, or -1 */
    int file_fd;           /* the socket file itself (O_PATH), or -1: keeps its
                              inode from being used again */
    uint64_t device;       /* identity of the socket file, st_dev and st_ino: */
    uint64_t inode;        /* a file that is not this one is not removed */
    sbind_address address; /* what was asked for, names resolved; for an
                              inherited socket, its own address, or its
                              number if it has none */
#ifdef _WIN32
    wchar_t file[SBIND_FILE_MAX]; /* the socket file's full path, whatever the
                                     working directory is when it is closed */
    sbind_handle lock; /* keeps other processes from its name, or 0 */
    uint64_t pipe;     /* its number among the pipes of this process, or 0 */
#endif
} sbind_listener;

/* A listener that is zeroed, or was closed, is empty: sbind_close of it does
 * nothing, and sbind_accept is SBIND_FD_CLOSED. So is sbind_accept of one that
 * was released. */
#define SBIND_LISTENER_INIT                                                    \
    {                                                                          \
        0                                                                      \
    }

/* Listens on an address that means one socket. options may be NULL.
 *
 * Errors: SBIND_INVALID_ADDRESS; 2xx for fd:// when the environment is
 * malformed; 3xx. When the address means several sockets, it is
 * SBIND_AMBIGUOUS_FD_NAME for fd:// with a name that several have, and
 * SBIND_SEVERAL for a star and for a host name with several addresses. fd://
 * without a number means passed descriptors that are listening stream sockets.
 * The others stay as they came; when there is no such socket, the error is
 * about the descriptor that comes nearest (SPEC.md 5.10). SBIND_ADDRESS_IN_USE
 * comes from bind, or from listen when another socket was bound as well and
 * listened first. For TCP reterr->attempts has the address that failed. */
sbind_status sbind_listen(const sbind_address *address,
                          const sbind_listen_options *options,
                          sbind_listener *ret, sbind_error *reterr);

/* Listens on every socket that the address means, or on none. ret has room for
 * cap listeners and gets *ret_count. With port 0 all have the same port: when
 * the one that the system chooses for the first address is taken on another, a
 * new one is tried, 16 times. On failure *ret_count is untouched and every
 * socket closed; what ret holds then means nothing.
 *
 * Errors: as sbind_listen, but SBIND_TOO_MANY_LISTENERS for more than cap
 * sockets, and for a host name with more than 256 addresses. */
sbind_status sbind_listen_all(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr);

/* sbind_parse, then sbind_listen_all. Errors: those of both, 1xx with the
 * offset. */
sbind_status sbind_listen_text(const char *text, size_t len,
                               const sbind_listen_options *options,
                               sbind_listener *ret, size_t cap,
                               size_t *ret_count, sbind_error *reterr);

/* The address others can connect to: with the port the system chose, and the
 * path as it was given. An inherited socket has its own address, or fd://N if
 * others could not connect to that. Errors: SBIND_SYSTEM; SBIND_FD_CLOSED, the
 * listener is zeroed. */
sbind_status sbind_local_address(const sbind_listener *listener,
                                 sbind_address *ret, sbind_error *reterr);

/* sbind_local_address, then sbind_format: cap is at least SBIND_FORMAT_MAX to
 * be always enough. Errors: those of both. */
sbind_status sbind_format_local(const sbind_listener *listener, char *buf,
                                size_t cap, size_t *ret_len);

/* Stops listening: removes the socket file, if this process made it and it is
 * still the same, then closes the descriptors. It does so as well when the
 * program, or an event loop, has closed listener->fd already. A start on the
 * same path is waited for, a second at most. The descriptors are closed
 * whatever the answer is, and listener->fd is -1 afterwards. Does nothing if
 * the listener is empty. Errors: SBIND_SYSTEM or SBIND_ADDRESS_IN_USE, the file
 * could not be removed.
 *
 * Other threads may wait in sbind_accept meanwhile. With SBIND_BLOCKING the
 * wait ends with SBIND_CLOSED, by shutdown(2), and the thread never accepts
 * from the socket that gets the number next. The listener has to outlive the
 * call of that thread. Others who have the socket lose it too: a child that
 * goes on with it, or a program that it was passed to. To leave the socket to
 * them, call sbind_release and close(2). No other listener is shut down: not in
 * a child, which did not make it, not one that was inherited, since the service
 * manager listens on the same socket, and not one made with SBIND_NONBLOCKING
 * or SBIND_AS_INHERITED. A thread that waits for an inherited listener waits on
 * until a client or a signal comes. On Windows sbind_close ends every wait.
 * There a thread that begins to accept from a socket in the very moment of
 * closing can meet another socket; a pipe cannot. */
sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr);

/* Hands the descriptor to the program, or to its event loop (libuv, GLib),
 * which closes it from then on. sbind_close then only removes the socket file,
 * whether the descriptor is open or not. listener->fd is -1 afterwards. -1 if
 * the listener is empty or was released, and for a pipe, which stays as it is:
 * its fd is an event. An inherited descriptor stays adopted: fd:// does not
 * hand it out again. */
sbind_handle sbind_release(sbind_listener *listener);

/* From now on this process is the one whose sbind_close removes the socket
 * file, and ends those that wait: after fork or daemon(3), in the process that
 * goes on. The other process ends without sbind_close. Does nothing if the
 * listener is empty, and on Windows. */
void sbind_own(sbind_listener *listener);

/* ---- Accepting ----------------------------------------------------------- */

/* Takes the next connection, close-on-exec, O_NONBLOCK as "blocking" says.
 * Waits for one if the listener is blocking; on Windows, if it was when it
 * began to listen. It never sleeps for another reason. What a loop does then:
 *
 *   go on   SBIND_OK
 *           SBIND_WOULD_BLOCK    no client is waiting, or the client that was
 *                                waiting has disconnected
 *           SBIND_INTERRUPTED    a signal handler ran during the wait. One that
 *                                was installed with SA_RESTART does not end it,
 *                                and a signal before the wait goes unnoticed:
 *                                ppoll(2) or signalfd(2) miss none. Not on
 *                                Windows
 *   wait    SBIND_EXHAUSTED      no descriptor or memory: EMFILE, ENFILE,
 *                                ENOBUFS, ENOMEM. The client stays queued, so
 *                                the descriptor stays readable. Wait 5 ms, each
 *                                further time twice as long, at most a second,
 *                                or until a connection is closed
 *   stop    SBIND_CLOSED         sbind_close of this listener, or shutdown(2),
 *                                has ended it
 *           SBIND_FD_CLOSED      the listener is empty or was released
 *           SBIND_SYSTEM         anything else; see the error
 *
 * An edge-triggered loop (EPOLLET) hears of a client once. It has to accept
 * until SBIND_WOULD_BLOCK, and again by itself after SBIND_EXHAUSTED. */
sbind_status sbind_accept(const sbind_listener *listener,
                          sbind_blocking blocking, sbind_stream *ret,
                          sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
