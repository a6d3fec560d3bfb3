/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/listen.h - from an address to a listening socket
 *
 * sbind/stream.h has the types and rules that listening and connecting share.
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
 * An option that does not apply to the kind of address is an error:
 * SBIND_OPTION_NOT_APPLICABLE. Such an option is never ignored.
 */
typedef enum sbind_existing {
    SBIND_RECLAIM = 0, /* replace our socket file, if no process listens on
                          it */
    SBIND_REFUSE,      /* any file at the path is an error */
    SBIND_REPLACE      /* also take over the name of a live socket, without a
                          moment at which no process listens. The system then
                          knows the socket X as .X.sbind-new. Not on Windows */
} sbind_existing;

#define SBIND_BACKLOG_DEFAULT 4096
#define SBIND_MODE_DEFAULT 0600
#define SBIND_ADOPT_MAX 65535 /* the highest descriptor that is adopted */

/* The longest full path on Windows, in UTF-16 units with the NUL. The path of a
 * socket file may have 252 units, since the path of its lock is longer by 7. A
 * longer path is SBIND_PATH_TOO_LONG, even if it was given in a short form. */
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
    const sbind_policy *policy; /* which addresses may be opened. NULL means
                                   any. An address that the policy refuses is an
                                   error, 4xx. The addresses of a host name, and
                                   of inherited sockets, are checked once they
                                   are known */
    /* all but fd:// */
    int backlog;        /* how many connections can wait, 1 or more. 0 means
                    SBIND_BACKLOG_DEFAULT. The system has a limit of its own.
                    For a pipe: how many clients can connect before one is
                    accepted, 2 to 16. 0 means SBIND_PIPE_BACKLOG_DEFAULT */
    int in_use_timeout; /* milliseconds to keep trying while the address is in
                           use (SBIND_ADDRESS_IN_USE, SBIND_PIPE_HELD). An
                           address can be in use for a while after its last
                           server has ended. The calling thread sleeps. 0 means
                           to fail at once */

    /* Options of unix paths. Mode 0 with user and group 0 is SBIND_BAD_OPTION:
     * such options were zeroed, but not set up */
    sbind_existing existing;
    int32_t mode;          /* permissions of the file. -1 means 0600. Windows
                              has no mode, owner and group: a file gets the
                              access list of its directory */
    uint32_t owner, group; /* ids of the file's user and group. SBIND_NO_ID
                              means those of the process. A stale socket file
                              that belongs to this owner can be replaced, too */
    bool any_directory;    /* use the directory even if other users can replace
                              files in it */

    /* unix paths and abstract names */
    sbind_switch refuse_descriptors; /* if on, clients cannot send descriptors
                                        (SO_PASSRIGHTS off). Kernels before
                                        Linux 6.16 let descriptors through:
                                        there getsockopt of SO_PASSRIGHTS fails.
                                        Not on Windows, where sockets carry no
                                        descriptors */

    /* TCP */
    sbind_switch reuse_address; /* SO_REUSEADDR. It is on unless switched off,
                                   and on Windows always off */
    sbind_switch reuse_port;    /* SO_REUSEPORT. It is off unless switched on,
                                   and on Windows always off */
    sbind_switch v6only;        /* IPV6_V6ONLY. It is on unless switched off.
                                   For the host "*" it is always off */
    sbind_switch nodelay;       /* TCP_NODELAY of accepted connections */
    sbind_switch keepalive;     /* SO_KEEPALIVE of accepted connections. If this
                                   option is unset, giving one of the next three
                                   options turns it on */
    int keepalive_idle;         /* seconds without data before the first probe,
                                   1 to 32767. 0 means the system's choice */
    int keepalive_interval;     /* seconds between probes, 1 to 32767; 0 */
    int keepalive_count;        /* how many probes without an answer end the
                                   connection, 1 to 127. 0 means the system's
                                   choice */
    int user_timeout;           /* TCP_USER_TIMEOUT: milliseconds that sent data
                                   may wait for its acknowledgement. 0 means the
                                   system's choice. On Linux only */
    sbind_switch mptcp;         /* if on, Multipath TCP (RFC 8684) with clients
                                   that support it. If the kernel does not
                                   support it, plain TCP. It is off unless
                                   switched on. Not on Windows, and on Linux not
                                   with user_timeout */
    sbind_switch freebind;      /* IP_FREEBIND: allows an address that no
                                   interface has yet, or that is tentative */
    const char *device;         /* SO_BINDTODEVICE, a name of 1 to 15 octets.
                                   NULL means any interface */

    /* TCP, unix and pipes */
    int receive_buffer, send_buffer; /* sizes in octets. 0 means the system's
                                        choice, and 65536 for a pipe */

    /* The access list of a pipe, in SDDL. NULL means SBIND_PIPE_SDDL_DEFAULT,
     * or SBIND_PIPE_SDDL_ELEVATED if this process is in the group of
     * administrators. With SBIND_PIPE_SDDL_ELEVATED, other processes of the
     * same user can connect, but cannot make instances of the pipe.
     *
     * The list has to be protected (D:P). Only this user, SYSTEM, the
     * administrators, and the service, logon session or package of this process
     * may have more than SBIND_PIPE_CLIENT_RIGHTS: a process that can make
     * instances of the pipe would be the server of some of its clients. The
     * owner (OW) is the user of this process, elevated or not. A list that
     * names another owner (O:) is SBIND_BAD_OPTION */
    const char *pipe_sddl;
} sbind_listen_options;

/* Sets every option to its default. The caller gives the size of its structure,
 * because a newer library may have a longer one. */
void sbind_listen_options_init_sized(sbind_listen_options *options,
                                     size_t size);
static inline void sbind_listen_options_init(sbind_listen_options *options)
{
    sbind_listen_options_init_sized(options, sizeof *options);
}

/* Switches off the options that do not apply to addresses of this kind, so that
 * one set of options serves for several addresses. For tcp:// give the kind of
 * tcp_default. Set up the options first. */
void sbind_listen_options_keep(sbind_listen_options *options, sbind_kind kind);

/* ---- Listening ----------------------------------------------------------- */

/* One listening socket. You may pass fd to any system call. The other members
 * are for sbind_accept and sbind_close: close the listener once, with
 * sbind_close. A copy stands for the same listener. Threads that accept all
 * need a pointer to one structure, not copies of it.
 *
 * The fd of a pipe is an event that is signalled while a client waits to be
 * accepted. Several threads may call sbind with the pipe at the same time.
 * sbind_close of any copy ends the calls that wait. */
typedef struct sbind_listener {
    sbind_handle fd;       /* -1 after sbind_close and sbind_release */
    sbind_kind kind;       /* what the socket is, also if it was inherited:
                              SBIND_TCP_IPV4, SBIND_TCP_IPV6, SBIND_TCP_ANY,
                              SBIND_UNIX_PATH, SBIND_UNIX_ABSTRACT; or
                              SBIND_NPIPE */
    bool inherited;        /* it came by fd:// */
    bool nonblocking;      /* the socket did not block when it began to listen.
                              Windows does not tell this later */
    bool waits;            /* on Linux: made with SBIND_BLOCKING, so
                              sbind_close ends the waits of threads */
    bool declared;         /* sbind_own has named the creator */
    int32_t creator;       /* the process that removes the socket file and
                              ends the threads that wait */
    uint64_t creator_id;   /* of its pidfd, or 0 */
    uint64_t socket;       /* the inode of the socket, or 0. With it,
                              sbind_accept notices if fd is the number of
                              another socket by now */
    sbind_handle released; /* the value of fd before sbind_release */
    int directory_fd;      /* of the socket file, or -1 */
    int file_fd;           /* a descriptor of the socket file (O_PATH), or -1.
                              While it is open, no other file gets the same
                              inode */
    uint64_t device;       /* st_dev and st_ino of the socket file; */
    uint64_t inode;        /* sbind_close removes no other file */
    sbind_address address; /* the address that was given, with its host name
                              resolved. For an inherited socket, the socket's
                              own address, or fd://N if it has no address */
#ifdef _WIN32
    wchar_t file[SBIND_FILE_MAX]; /* the full path of the socket file, so that
                                     closing does not depend on the working
                                     directory */
    sbind_handle lock;            /* the lock of the socket file's name, or 0 */
    uint64_t pipe; /* the number of the pipe in this process, or 0 */
#endif
} sbind_listener;

/* An empty listener: it is zeroed, or was closed. sbind_close then does
 * nothing, and sbind_accept gives SBIND_FD_CLOSED, as it does for a released
 * listener. */
#define SBIND_LISTENER_INIT                                                    \
    {                                                                          \
        0                                                                      \
    }

/* Listens on an address that means one socket. options may be NULL.
 *
 * Errors: SBIND_INVALID_ADDRESS; 2xx for fd:// if the environment is malformed;
 * 3xx. If the address means several sockets, the error is
 * SBIND_AMBIGUOUS_FD_NAME for fd://NAME if several sockets have this name. It
 * is SBIND_SEVERAL for fd:// with a star, and for a host name with several
 * addresses.
 *
 * fd:// without a number means passed descriptors that are listening stream
 * sockets. Other descriptors stay as they came. If there is no such socket, the
 * error is about the descriptor that comes nearest (SPEC.md 5.10).
 *
 * SBIND_ADDRESS_IN_USE comes from bind. It comes from listen if another socket
 * was bound to the same address, too, and listened first. For TCP
 * reterr->attempts has the address that failed. */
sbind_status sbind_listen(const sbind_address *address,
                          const sbind_listen_options *options,
                          sbind_listener *ret, sbind_error *reterr);

/* Listens on every socket that the address means, or on none. ret has room for
 * cap listeners, and gets *ret_count of them. With port 0 all listeners get the
 * same port. If the port that the system chooses for the first address is in
 * use on another address, a new port is tried, up to 16 times. On failure
 * *ret_count is untouched, every socket is closed, and the content of ret means
 * nothing.
 *
 * Errors: those of sbind_listen, but SBIND_TOO_MANY_LISTENERS for more than cap
 * sockets, and for a host name with more than 256 addresses. */
sbind_status sbind_listen_all(const sbind_address *address,
                              const sbind_listen_options *options,
                              sbind_listener *ret, size_t cap,
                              size_t *ret_count, sbind_error *reterr);

/* Calls sbind_parse, then sbind_listen_all. Has the errors of both. The errors
 * 1xx have the offset in the text. */
sbind_status sbind_listen_text(const char *text, size_t len,
                               const sbind_listen_options *options,
                               sbind_listener *ret, size_t cap,
                               size_t *ret_count, sbind_error *reterr);

/* Gives the address that others can connect to, with the port that the system
 * chose, and with the path as it was given. For an inherited socket it is the
 * socket's own address, or fd://N if others cannot connect to that. Errors:
 * SBIND_SYSTEM; SBIND_FD_CLOSED if the listener is zeroed. */
sbind_status sbind_local_address(const sbind_listener *listener,
                                 sbind_address *ret, sbind_error *reterr);

/* Calls sbind_local_address, then sbind_format. A cap of SBIND_FORMAT_MAX is
 * always enough. Has the errors of both. */
sbind_status sbind_format_local(const sbind_listener *listener, char *buf,
                                size_t cap, size_t *ret_len);

/* Stops listening. If this process made the socket file and the file is still
 * the same, removes the file. Then closes the descriptors. Removes the file
 * even if the program or an event loop has closed listener->fd already. If
 * another process is starting on the same path, waits for it, a second at most.
 * The descriptors are closed whatever the result is, and listener->fd is -1
 * afterwards. Does nothing if the listener is empty. Errors: SBIND_SYSTEM or
 * SBIND_ADDRESS_IN_USE if the file could not be removed.
 *
 * You may call this while other threads wait in sbind_accept. If the listener
 * was made with SBIND_BLOCKING, shutdown(2) ends their wait with SBIND_CLOSED.
 * These threads never accept from a later socket with the same number. The
 * listener's structure must exist until their calls have returned. After
 * shutdown(2) no process can accept from the socket, not even a child or a
 * program to which the socket was passed. To leave the socket to other
 * processes, call sbind_release and close(2) instead.
 *
 * Other listeners are not shut down:
 *   - in a child, which did not make the listener,
 *   - an inherited listener, since the service manager listens on the socket,
 *   - a listener made with SBIND_NONBLOCKING or SBIND_AS_INHERITED.
 * A thread that waits for an inherited listener waits until a client or a
 * signal comes.
 *
 * On Windows sbind_close ends every wait. A thread that begins to accept at the
 * very moment of closing can accept from another socket, which has just got the
 * same handle. With a pipe this cannot happen. */
sbind_status sbind_close(sbind_listener *listener, sbind_error *reterr);

/* Hands the descriptor to the program, or to its event loop (libuv, GLib),
 * which closes it from then on. sbind_close then only removes the socket file,
 * whether the descriptor is open or not. listener->fd is -1 afterwards. An
 * inherited descriptor stays adopted: fd:// does not hand it out again.
 *
 * Returns -1 if the listener is empty or was released. Also returns -1 for a
 * pipe, whose fd is an event: the pipe stays as it is. */
sbind_handle sbind_release(sbind_listener *listener);

/* Makes this process the owner: sbind_close in this process removes the socket
 * file, and ends the waits of other threads. Call it after fork or daemon(3),
 * in the process that goes on. The other process has to end without
 * sbind_close. Does nothing if the listener is empty, and on Windows. */
void sbind_own(sbind_listener *listener);

/* ---- Accepting ----------------------------------------------------------- */

/* Takes the next connection. The connection is close-on-exec, and "blocking"
 * decides whether it has O_NONBLOCK. The call waits for a client if the
 * listener blocks (on Windows, if it blocked when it began to listen). It never
 * sleeps for another reason. A loop does this with the result:
 *
 *   go on   SBIND_OK
 *           SBIND_WOULD_BLOCK    no client is waiting, or the client that was
 *                                waiting has disconnected
 *           SBIND_INTERRUPTED    a signal handler ran during the wait. A
 *                                handler installed with SA_RESTART does not end
 *                                the wait, and a signal before the wait goes
 *                                unnoticed; ppoll(2) and signalfd(2) miss none.
 *                                Not on Windows
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
 * With edge-triggered epoll (EPOLLET), the system reports a client only once.
 * So the program has to accept until SBIND_WOULD_BLOCK. After SBIND_EXHAUSTED
 * it has to accept again without waiting for a new event. */
sbind_status sbind_accept(const sbind_listener *listener,
                          sbind_blocking blocking, sbind_stream *ret,
                          sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
