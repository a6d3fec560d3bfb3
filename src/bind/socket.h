/* socket.h - stream sockets: the functions that all systems share, and those
 * that each system has its own version of
 *
 * A function that fails leaves every descriptor as it was. */
#ifndef SBIND_BIND_SOCKET_H
#define SBIND_BIND_SOCKET_H

#include <sbind/connect.h>
#include <sbind/listen.h>

#include "deadline.h"
#include "net.h"

/* ---- On every system (socket.c) -------------------------------------------- */

sbind_status sbind__set_option(sbind_handle fd, int level, int name, int value,
                               const char *call, sbind_error *reterr);

/* Turns the option on or off as the switch says. Does nothing if the switch is
 * unset. */
sbind_status sbind__set_switch(sbind_handle fd, int level, int name,
                               sbind_switch s, const char *call,
                               sbind_error *reterr);

sbind_status sbind__set_buffers(sbind_handle fd, int receive, int send,
                                sbind_error *reterr);

/* The options of TCP that listening and connecting share. Times and counts are
 * 0 for the system's choice. device is NULL for any interface. */
typedef struct sbind__tcp_options {
    sbind_switch nodelay, keepalive, mptcp;
    int idle, interval, count, user_timeout;
    const char *device;
} sbind__tcp_options;

/* From sbind_listen_options or sbind_connect_options. */
#define SBIND__TCP_OPTIONS(o)                                                  \
    ((sbind__tcp_options){                                                     \
        .nodelay = (o)->nodelay,                                               \
        .keepalive = (o)->keepalive,                                           \
        .mptcp = (o)->mptcp,                                                   \
        .idle = (o)->keepalive_idle,                                           \
        .interval = (o)->keepalive_interval,                                   \
        .count = (o)->keepalive_count,                                         \
        .user_timeout = (o)->user_timeout,                                     \
        .device = (o)->device,                                                 \
    })

sbind_status sbind__set_tcp_options(sbind_handle fd,
                                    const sbind__tcp_options *o,
                                    sbind_error *reterr);

sbind_status sbind__bind_and_listen(sbind_handle fd, const struct sockaddr *sa,
                                    socklen_t length, int backlog,
                                    sbind_error *reterr);

/* Finds out whether the connection was made. Call it after sbind__await has
 * said that the socket is ready. */
sbind_status sbind__finish_connection(sbind_handle fd, sbind_error *reterr);

/* ---- On each (posix/socket.c, linux/socket.c, win32/socket.c) -------------- */

/* Makes a stream socket that no child process inherits. From the start the
 * socket blocks or not, as "blocking" says. */
sbind_status sbind__new_socket(int family, sbind_blocking blocking,
                               sbind_handle *ret, sbind_error *reterr);

/* Makes a unix datagram socket. Sending on it never raises a signal. Not on
 * Windows. */
sbind_status sbind__new_notifier(sbind_handle *ret, sbind_error *reterr);

/* Makes a TCP socket, otherwise like sbind__new_socket. If "mptcp" is on and the
 * system supports Multipath TCP, the socket uses it. */
sbind_status sbind__new_tcp_socket(int family, sbind_blocking blocking,
                                   sbind_switch mptcp, sbind_handle *ret,
                                   sbind_error *reterr);

/* *ret_before gets the old flags, so that the caller can restore them.
 * *ret_before stays as it was if nothing was changed, and always on Windows.
 * ret_before may be NULL. */
sbind_status sbind__set_blocking(sbind_handle fd, sbind_blocking blocking,
                                 int *ret_before, sbind_error *reterr);

/* Sets the options of a unix socket. "refuse" is the option
 * refuse_descriptors. */
sbind_status sbind__set_unix_options(sbind_handle fd, int receive, int send,
                                     sbind_switch refuse, sbind_error *reterr);

/* Sets the options of TCP that not every system has. */
sbind_status sbind__set_own_tcp_options(sbind_handle fd,
                                        const sbind__tcp_options *o,
                                        sbind_error *reterr);

/* Sets which other sockets may use the port, and whether the address may be
 * missing on this machine. */
sbind_status sbind__set_port_options(sbind_handle fd, int family,
                                     const sbind_listen_options *o,
                                     sbind_error *reterr);

/* Starts to connect a non-blocking socket. */
sbind_status sbind__begin_connection(sbind_handle fd, const struct sockaddr *sa,
                                     socklen_t length, sbind_error *reterr);

/* Waits until one of n connections is made or has failed, or until the deadline
 * passes. ret_ready has n elements. Signals do not end the wait. */
#define SBIND__AWAIT_MAX 64
sbind_status sbind__await(const sbind_handle *fds, bool *ret_ready, size_t n,
                          const sbind__deadline *deadline, sbind_error *reterr);

/* Refuses the options of TCP that this system does not have. */
sbind_status sbind__check_tcp(const sbind__tcp_options *o, sbind_error *reterr);
sbind_status sbind__check_port(const sbind_listen_options *o,
                               sbind_error *reterr);

/* The hint for an address that this machine does not have. Not on Windows. */
extern const char sbind__absent_address[];

#endif
