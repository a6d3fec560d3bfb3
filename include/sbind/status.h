/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/status.h - the result of a call, and how an error is shown to a person
 *
 * Every function that can fail returns a sbind_status. A result goes out
 * through "ret", the details of a failure through "reterr", which may be NULL.
 * On failure *ret is untouched. On success *reterr is untouched.
 */
#ifndef SBIND_STATUS_H
#define SBIND_STATUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The statuses --------------------------------------------------------
 *
 * Statuses 1xx: the text or value is not an address. 2xx: the environment of a
 * service manager, or a message to it, is wrong. 3xx: opening has failed. 4xx:
 * a policy has refused the address. Numbers and names are never reused or
 * changed.
 *
 *   X(enumerator, number, stable name, text, hint)
 */
// clang-format off
#define SBIND_STATUS_LIST(X)                                                   \
  X(SBIND_OK, 0, "ok", "no error", "")                                         \
  X(SBIND_UNKNOWN_SCHEME, 101, "unknown-scheme",                               \
    "this is not the beginning of an address",                                 \
    "an address begins with tcp://, unix://, fd://, npipe:// or \\\\")         \
  X(SBIND_UNEXPECTED_END, 102, "unexpected-end", "the address stops too early",\
    "write the rest of the address")                                           \
  X(SBIND_TEXT_TOO_LONG, 103, "text-too-long",                                 \
    "the address is longer than 1024 octets", "use a shorter address")         \
  X(SBIND_BAD_HOST, 104, "bad-host", "this is not allowed in a host",          \
    "a host is an IPv4 address, an IPv6 address in brackets, a name or *")     \
  X(SBIND_NUMERIC_HOST, 105, "numeric-host",                                   \
    "a host name cannot end in a number",                                      \
    "write an IPv4 address as four decimal numbers without leading zeros")     \
  X(SBIND_HOST_TOO_LONG, 106, "host-too-long", "the host name is too long",    \
    "a label has at most 63 octets, a name at most 253")                       \
  X(SBIND_BAD_IPV6, 107, "bad-ipv6", "this is not an IPv6 address",            \
    "brackets hold an IPv6 address as in RFC 3986, such as [::1]")             \
  X(SBIND_BAD_ZONE, 108, "bad-zone", "this is not allowed in a zone",          \
    "a zone is 1 to 15 letters, digits, - . _ or ~, such as [fe80::1%eth0]")   \
  X(SBIND_BAD_PORT, 109, "bad-port", "this is not a port",                     \
    "a port is a decimal number from 0 to 65535 without leading zeros")        \
  X(SBIND_PORT_RANGE, 110, "port-range", "the port is above 65535",            \
    "ports run from 0 to 65535")                                               \
  X(SBIND_BAD_PATH, 111, "bad-path", "this is not allowed in a socket path",   \
    "a path has no control characters and does not end in /")                  \
  X(SBIND_BAD_ABSTRACT_NAME, 112, "bad-abstract-name",                         \
    "this is not allowed in an abstract socket name",                          \
    "an abstract name has no control characters")                              \
  X(SBIND_BAD_FD, 113, "bad-fd", "this is not a descriptor",                   \
    "write fd://, fd://*, fd://3 or fd://NAME")                                \
  X(SBIND_FD_RANGE, 114, "fd-range", "the descriptor is above 2147483647",     \
    "descriptors run from 0 to 2147483647")                                    \
  X(SBIND_BAD_FD_NAME, 115, "bad-fd-name",                                     \
    "this is not allowed in the name of a socket",                             \
    "use 1 to 255 printable ASCII characters, no colon, no space at the ends") \
  X(SBIND_BAD_PIPE_NAME, 116, "bad-pipe-name",                                 \
    "this is not allowed in the name of a pipe",                               \
    "write npipe://NAME, npipe:////SERVER/pipe/NAME or \\\\.\\pipe\\NAME")     \
  X(SBIND_BAD_PIPE_SERVER, 117, "bad-pipe-server",                             \
    "this is not allowed in the server of a pipe",                             \
    "a server is a dot for this machine, a host name or an IPv4 address")      \
  X(SBIND_PIPE_NAME_TOO_LONG, 118, "pipe-name-too-long",                       \
    "the name of the pipe is too long",                                        \
    "\\\\SERVER\\pipe\\NAME has at most 256 UTF-16 units")                     \
  X(SBIND_BAD_UTF8, 119, "bad-utf8", "this is not valid UTF-8",                \
    "the name of a pipe is text in UTF-8 (RFC 3629)")                          \
  X(SBIND_INVALID_ADDRESS, 120, "invalid-address",                             \
    "this value is not an address", "use a value that sbind_parse has given")  \
  X(SBIND_BUFFER_TOO_SMALL, 121, "buffer-too-small",                           \
    "the buffer is too small",                                                 \
    "SBIND_FORMAT_MAX or SBIND_REPORT_MAX octets are always enough")           \
                                                                               \
  X(SBIND_BAD_LISTEN_PID, 201, "bad-listen-pid",                               \
    "this is not a process id",                                                \
    "write a decimal number from 1 to 2147483647 without leading zeros")       \
  X(SBIND_BAD_LISTEN_PIDFDID, 202, "bad-listen-pidfdid",                       \
    "this is not the id of a pidfd",                                           \
    "write a decimal number from 1 to 18446744073709551615, no leading zeros") \
  X(SBIND_BAD_LISTEN_FDS, 203, "bad-listen-fds",                               \
    "this is not a number of descriptors",                                     \
    "write a decimal number from 1 to 2147483644 without leading zeros")       \
  X(SBIND_TOO_MANY_FDS, 204, "too-many-fds",                                   \
    "this is above the limit on open descriptors",                             \
    "raise the limit of this process: ulimit -n, or LimitNOFILE=")             \
  X(SBIND_BAD_LISTEN_FDNAMES, 205, "bad-listen-fdnames",                       \
    "this is not a list of names",                                             \
    "write names of at most 255 printable ASCII characters, colons between")   \
  X(SBIND_FDNAMES_COUNT, 206, "fdnames-count",                                 \
    "the number of names differs from LISTEN_FDS",                             \
    "write one name for each descriptor, colons between")                      \
  X(SBIND_BAD_NOTIFY_SOCKET, 207, "bad-notify-socket",                         \
    "this is not the address of a service manager",                            \
    "NOTIFY_SOCKET is /PATH or @NAME, of at most 107 printable octets")        \
  X(SBIND_BAD_NOTIFY_STATE, 208, "bad-notify-state",                           \
    "this is not a message for a service manager",                             \
    "write lines NAME=VALUE such as READY=1, of at most 4096 octets together") \
  X(SBIND_TOO_MANY_PASSED, 209, "too-many-passed",                             \
    "these are too many descriptors to pass at once", "pass fewer")            \
                                                                               \
  X(SBIND_SYSTEM, 301, "system", "the system refused", "")                     \
  X(SBIND_UNSUPPORTED, 302, "unsupported",                                     \
    "this system has no sockets of this kind", "use another kind of address")  \
  X(SBIND_BAD_OPTION, 303, "bad-option", "an option has an invalid value",     \
    "set up the options with their _init function, then change members")       \
  X(SBIND_OPTION_NOT_APPLICABLE, 304, "option-not-applicable",                 \
    "an option does not apply to this kind of address",                        \
    "leave it out, or use another address")                                    \
  X(SBIND_NO_DEFAULT, 305, "no-default",                                       \
    "this program has no default address for tcp:// to mean",                  \
    "write a host and a port, such as tcp://127.0.0.1:8080")                   \
  X(SBIND_SEVERAL, 306, "several",                                             \
    "this address means several sockets, and one is needed",                   \
    "write the address of one of them, or let the program listen on all")      \
  X(SBIND_TOO_MANY_LISTENERS, 307, "too-many-listeners",                       \
    "this address means more sockets than the program has room for",           \
    "use an address that means fewer sockets")                                 \
  X(SBIND_UNUSABLE_ADDRESS, 308, "unusable-address",                           \
    "this address cannot be used this way", "")                                \
  X(SBIND_NO_SUCH_ZONE, 309, "no-such-zone",                                   \
    "no interface has this name or index",                                     \
    "write the name or index of an interface; see: ip link")                   \
  X(SBIND_NOT_RESOLVED, 310, "not-resolved",                                   \
    "the host name was not resolved", "")                                      \
  X(SBIND_ADDRESS_IN_USE, 311, "address-in-use",                               \
    "the address is in use", "stop what uses it, or use another address")      \
  X(SBIND_PATH_TOO_LONG, 312, "path-too-long",                                 \
    "the path or name is longer than the system allows", "")                   \
  X(SBIND_PATH_OCCUPIED, 313, "path-occupied",                                 \
    "there is a file that is not a socket at this path",                       \
    "the file was left as it is; move it away, or use another path")           \
  X(SBIND_PATH_NOT_OURS, 314, "path-not-ours",                                 \
    "the file at this path belongs to another user",                           \
    "the file was left as it is; remove it as its owner, or use another path") \
  X(SBIND_UNSAFE_DIRECTORY, 315, "unsafe-directory",                           \
    "other users can replace files in the directory of this path",             \
    "use a directory that only this user or root can write to, or allow it: "  \
    "--any-directory (any_directory)")                                         \
  X(SBIND_NOT_ACTIVATED, 316, "not-activated",                                 \
    "no sockets were passed to this process",                                  \
    "fd:// needs a service manager that sets LISTEN_PID and LISTEN_FDS")       \
  X(SBIND_NOT_ONE_FD, 317, "not-one-fd",                                       \
    "fd:// needs exactly one passed socket, and there are several",            \
    "use fd://NAME, fd://NUMBER or fd://*")                                    \
  X(SBIND_NO_SUCH_FD_NAME, 318, "no-such-fd-name",                             \
    "no passed socket has this name",                                          \
    "see FileDescriptorName= and LISTEN_FDNAMES")                              \
  X(SBIND_AMBIGUOUS_FD_NAME, 319, "ambiguous-fd-name",                         \
    "several passed sockets have this name",                                   \
    "use their numbers, or let the program listen on all")                     \
  X(SBIND_FD_CLOSED, 320, "fd-closed", "the descriptor is not open",           \
    "the starter of this program has to open the descriptor and pass it on")   \
  X(SBIND_FD_NOT_SOCKET, 321, "fd-not-socket",                                 \
    "the descriptor is not a socket",                                          \
    "pass a listening socket to a server, a connected socket to a client")     \
  X(SBIND_FD_NOT_STREAM, 322, "fd-not-stream",                                 \
    "the socket is not a stream socket",                                       \
    "pass a stream socket, as ListenStream= makes it")                         \
  X(SBIND_FD_FAMILY, 323, "fd-family",                                         \
    "the socket is of a family other than IPv4, IPv6 and unix",                \
    "pass a TCP or unix socket")                                               \
  X(SBIND_FD_NOT_LISTENING, 324, "fd-not-listening",                           \
    "the socket is not listening",                                             \
    "the starter of this program has to call listen on it first")              \
  X(SBIND_FD_NOT_CONNECTED, 325, "fd-not-connected",                           \
    "the socket is not connected",                                             \
    "the starter of this program has to connect the socket first")             \
  X(SBIND_TIMED_OUT, 326, "timed-out", "the deadline has passed",              \
    "allow more time, or see whether the server hangs")                        \
  X(SBIND_SELF_CONNECTED, 327, "self-connected",                               \
    "the socket was connected to itself",                                      \
    "no server listens on this port; start the server first")                  \
  X(SBIND_WOULD_BLOCK, 328, "would-block", "no client is waiting",             \
    "try again when the descriptor can be read")                               \
  X(SBIND_FD_TAKEN, 329, "fd-taken",                                           \
    "this process has adopted the descriptor already",                         \
    "use the listener or stream that it became, or close that first")          \
  X(SBIND_FD_TOO_HIGH, 330, "fd-too-high",                                     \
    "descriptors above 65535 are not adopted",                                 \
    "pass the socket under a lower number; dup2 gives it one")                 \
  X(SBIND_PIPE_HELD, 331, "pipe-held",                                         \
    "clients of the previous server still hold the pipe",                      \
    "end these clients, or wait for them: --in-use-timeout (in_use_timeout)")  \
  X(SBIND_WRONG_SERVER, 341, "wrong-server",                                   \
    "this is not the server that was asked for",                               \
    "another program has taken this name; nothing was sent to it")             \
  X(SBIND_PEER_GONE, 342, "peer-gone",                                         \
    "the other end of the connection is gone",                                 \
    "close the stream, and refuse its requests")                               \
  X(SBIND_NO_PEER_PIDFD, 343, "no-peer-pidfd",                                 \
    "the kernel has no pidfd of the other end",                                \
    "only unix sockets of Linux 6.5 and later have one; pidfd_open is no "     \
    "replacement")                                                             \
  X(SBIND_INTERRUPTED, 351, "interrupted", "a signal ended the wait",          \
    "accept again, unless the signal says that the program ends")              \
  X(SBIND_CLOSED, 352, "closed", "the listener was closed meanwhile",          \
    "no more clients come; leave the loop that accepts")                       \
  X(SBIND_EXHAUSTED, 353, "exhausted",                                         \
    "there is no descriptor or memory left for another connection",            \
    "close connections, then accept again; the client stays queued")           \
                                                                               \
  X(SBIND_SCHEME_NOT_ALLOWED, 401, "scheme-not-allowed",                       \
    "addresses of this scheme are not allowed here",                           \
    "use an address of another scheme")                                        \
  X(SBIND_RELATIVE_PATH, 402, "relative-path",                                 \
    "only absolute paths are allowed here", "begin the path with /")           \
  X(SBIND_ABSTRACT_NOT_ALLOWED, 403, "abstract-not-allowed",                   \
    "abstract sockets are not allowed here",                                   \
    "abstract sockets have no owner and no mode; use a path")                  \
  X(SBIND_NOT_LOOPBACK, 404, "not-loopback",                                   \
    "only loopback addresses are allowed here", "use 127.0.0.1 or [::1]")      \
  X(SBIND_NOT_NUMERIC, 405, "not-numeric",                                     \
    "only numeric hosts are allowed here", "write the IP address")             \
  X(SBIND_NOT_PORTABLE, 406, "not-portable",                                   \
    "this is not the same on every platform", "")                              \
  X(SBIND_REMOTE_PIPE, 407, "remote-pipe",                                     \
    "only pipes of this machine are allowed here", "write npipe://NAME")       \
  X(SBIND_WILDCARD, 408, "wildcard",                                           \
    "listening on every address is not allowed here",                          \
    "write one address, such as 127.0.0.1 or [::1]")                           \
  X(SBIND_FD_NOT_PASSED, 409, "fd-not-passed",                                 \
    "only descriptors that a service manager passed are allowed here",         \
    "LISTEN_FDS says how many were passed, from 3 on; fd:// is the only one")\
  X(SBIND_NOT_WITHIN, 410, "not-within",                                       \
    "only paths below a certain directory are allowed here",                   \
    "write an absolute path below it, without //, . or .. in it")              \
  X(SBIND_MPTCP_NOT_ALLOWED, 411, "mptcp-not-allowed",                         \
    "inherited sockets of Multipath TCP are not allowed here",                 \
    "have the service manager pass a socket of plain TCP")
// clang-format on

typedef enum sbind_status {
#define SBIND_STATUS_ENUMERATOR(id, number, name, text, hint) id = number,
    SBIND_STATUS_LIST(SBIND_STATUS_ENUMERATOR)
#undef SBIND_STATUS_ENUMERATOR
} sbind_status;

/* Return the stable name ("port-range"), the English text, and the hint, which
 * may be empty. All are static strings. A number that is not a status has the
 * name "unknown". */
const char *sbind_status_name(sbind_status status);
const char *sbind_status_text(sbind_status status);
const char *sbind_status_hint(sbind_status status);

/* ---- The details of an error --------------------------------------------- */

#define SBIND_NO_OFFSET ((size_t)-1)
#define SBIND_ATTEMPTS_MAX 8      /* as many attempts an error lists */
#define SBIND_ATTEMPT_TEXT_MAX 72 /* always enough, with the NUL */

/* One TCP address that was tried and failed. */
typedef struct sbind_attempt {
    char address[SBIND_ATTEMPT_TEXT_MAX]; /* in the address grammar */
    sbind_status status;
    int os_error; /* these four as in sbind_error */
    const char *os_name;
    const char *call;
    const char *hint;
} sbind_attempt;

/* A plain value of about 1 kB. Nothing has to be freed: all pointers lead to
 * static strings. The layout of the structure is part of the ABI. */
typedef struct sbind_error {
    sbind_status status;
    size_t offset;        /* how many octets come before the first wrong one, or
                             SBIND_NO_OFFSET */
    const char *variable; /* the variable that a 2xx error is about, or NULL */
    const char *option;   /* the option that error 303 or 304 is about, such as
                             "mode"; NULL if it is about none, or about all */
    const char *hint;     /* a hint better than that of the status, or NULL */
    const char *call;     /* the system call that failed, or NULL */
    int os_error;         /* the errno of the call, or the code of getaddrinfo,
                             or on Windows that of GetLastError; else 0 */
    const char *os_name;  /* that error's name, "EADDRINUSE", or NULL */
    int fds[2];           /* the descriptors it is about, else -1 */

    /* TCP: the addresses that were tried, in the order in which they failed.
     * The members above are about the last one. The first SBIND_ATTEMPTS_MAX
     * addresses are listed, and the others only counted. Unused attempts may
     * hold anything. */
    size_t attempt_count; /* the number of all attempts */
    sbind_attempt attempts[SBIND_ATTEMPTS_MAX];
} sbind_error;

/* ---- The report for people -----------------------------------------------
 *
 * Writes lines for a terminal or a log, of at most 80 columns when the error
 * is in a text:
 *
 *     the port is above 65535 (port-range)
 *       tcp://127.0.0.1:65536
 *                           ^
 *       hint: ports run from 0 to 65535
 *
 * If there were several attempts, each has a line with a remedy:
 *
 *     the system refused (system)
 *       tcp://localhost:80
 *       tcp://[::1]:80: connect: ECONNREFUSED; no server listens on ...
 *       tcp://127.0.0.1:80: connect: ECONNREFUSED; no server listens ...
 *
 * text[0 .. len) is what the error is about: the address, or the value of the
 * variable. text may be NULL if len is 0. Octets other than printable ASCII are
 * shown as \xHH. For a long text the part around the caret is shown. buf gets
 * *ret_len octets, of which the last is a newline, and then a NUL. No octet of
 * the text or of *error may lie in buf. Error: SBIND_BUFFER_TOO_SMALL, buf is
 * then untouched.
 */
#define SBIND_REPORT_MAX 3072 /* always enough, the NUL included */

sbind_status sbind_report(const sbind_error *error, const char *text,
                          size_t len, char *buf, size_t cap, size_t *ret_len);

/* Writes the report in one line for a log, without a newline and without
 * control characters:
 *
 *     the port is above 65535 (port-range); octet 20 of tcp://127.0.0.1:65536;
 *     hint: ports run from 0 to 65535
 */
sbind_status sbind_report_line(const sbind_error *error, const char *text,
                               size_t len, char *buf, size_t cap,
                               size_t *ret_len);

#ifdef __cplusplus
}
#endif
#endif
