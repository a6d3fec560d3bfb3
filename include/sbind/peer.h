/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/peer.h - which process and user is at the other end of a connection
 *
 * Only the system is asked: nothing is sent to the other end, and nothing is
 * read from it. A user or process that the system does not report is unknown,
 * and has a value that no user and no process has. This value is never 0, since
 * user 0 is root.
 */
#ifndef SBIND_PEER_H
#define SBIND_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sbind/parse.h>
#include <sbind/status.h>
#include <sbind/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SBIND_NO_PID ((int32_t)-1) /* kill(2) takes -1 for every process */
#define SBIND_SID_MAX 188 /* octets of the longest SID as text, with the NUL */

/* A plain value of about 1.6 kB, without pointers.
 *
 * For a unix socket, user, group and process are those of the moment at which
 * the connection was made. A server sees the process that called connect. A
 * client sees the process that called listen. That is the service manager or
 * sbind listen, if it made the socket for the server. The values stay the same
 * if the connection is handed to another process. */
typedef struct sbind_peer {
    sbind_address address;   /* TCP: the other end. It is SBIND_TCP_IPV4 for an
                                address that the system shows as
                                ::ffff:192.0.2.1. Unix: the name to which the
                                other end has bound its socket, which proves
                                nothing. The kind is 0 if the other end has no
                                name, or a name that the grammar does not allow.
                                That is so for most clients of unix sockets, for
                                pipes, and on Windows for every unix socket */
    uint32_t uid, gid;       /* effective user and group. SBIND_NO_ID means
                                unknown: for TCP, on Windows, and if this user
                                namespace does not have the user. In the last
                                case Linux reports the overflow uid,
                                /proc/sys/kernel/overflowuid or 65534. So the
                                real user with that number, often called nobody,
                                is unknown as well */
    int32_t pid;             /* process id. SBIND_NO_PID means unknown: for TCP,
                                and for a process of another PID namespace. As
                                soon as the process has ended, another process
                                can get the same id: see sbind_peer_pidfd */
    uint32_t session;        /* for pipes, the session of that process; else
                              SBIND_NO_ID */
    char sid[SBIND_SID_MAX]; /* for pipes, the user, such as "S-1-5-18"; else
                                "" */
} sbind_peer;

/* Asks the system about the other end of a connected stream. The stream stays
 * as it is. The call needs a free descriptor, to read the overflow ids (see
 * sbind_peer). Without a free descriptor, or without /proc, it assumes that
 * these ids are 65534.
 *
 * Pipes, on Windows: a client can falsify its process id and session, so use
 * them in logs only. At the server's end the SID is the client's: this thread
 * impersonates the client for a moment. The SID is empty if the client forbids
 * this (pipe_anonymous), if this thread impersonates a user already, or if the
 * system allows it only after the server has read something. At the client's
 * end the SID is that of the owner of the pipe.
 *
 * Errors: SBIND_FD_CLOSED if the stream is empty; SBIND_PEER_GONE if a TCP
 * connection was reset, so that the system has forgotten the other end;
 * SBIND_FD_FAMILY if the socket is neither TCP nor unix; SBIND_SYSTEM, with the
 * call. If that call is RevertToSelf, this thread still acts for the client:
 * end the process. */
sbind_status sbind_peer_of(const sbind_stream *stream, sbind_peer *ret,
                           sbind_error *reterr);

/* Returns whether the other end is one of the users uids[0 .. count). False for
 * an unknown user, whatever uids has, and for every TCP connection. uids may be
 * NULL if count is 0. */
bool sbind_peer_is(const sbind_peer *peer, const uint32_t *uids, size_t count);

/* Gives a descriptor that stands for the process at the other end of a unix
 * socket (SO_PEERPIDFD, Linux 6.5). It never stands for another process, even
 * after that process has ended. The descriptor is close-on-exec, and the caller
 * closes it with close(2). pidfd_send_signal(2) and waitid(2) take it. The
 * descriptor becomes readable when the process ends.
 *
 * Do not use pidfd_open(peer.pid) instead: by now another process may have that
 * id.
 *
 * Errors: SBIND_FD_CLOSED if the stream is empty; SBIND_PEER_GONE if the
 * process has ended; SBIND_NO_PEER_PIDFD if the kernel is older than Linux 6.5,
 * if this is not a unix socket, or on Windows; SBIND_SYSTEM, with the call. */
sbind_status sbind_peer_pidfd(const sbind_stream *stream, sbind_handle *ret,
                              sbind_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
