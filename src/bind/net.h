/* net.h - the socket calls, which all systems have under the same names */
#ifndef SBIND_BIND_NET_H
#define SBIND_BIND_NET_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
/* Options that Windows has since 10 1709. The headers of mingw-w64 10 lack
 * them. */
#ifndef TCP_KEEPIDLE
#define TCP_KEEPIDLE 3
#endif
#ifndef TCP_KEEPCNT
#define TCP_KEEPCNT 16
#endif
#ifndef TCP_KEEPINTVL
#define TCP_KEEPINTVL 17
#endif
#ifndef SOMAXCONN_HINT
#define SOMAXCONN_HINT(n) (-(n))
#endif
#define SBIND__NO_FAMILY WSAEAFNOSUPPORT
#define SBIND__NO_ADDRESS WSAEADDRNOTAVAIL
/* The error if another socket uses the port exclusively, or if Windows has
 * reserved the port. */
#define SBIND__PORT_TAKEN WSAEACCES
/* Windows cuts a backlog down to about 200, unless it is given as a hint. */
#define SBIND__TCP_BACKLOG(n) ((n) > 200 ? SOMAXCONN_HINT(n) : (n))
#else
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
/* Another name for the same time. */
#ifdef __APPLE__
#define TCP_KEEPIDLE TCP_KEEPALIVE
#endif
/* Constants that are missing if the headers are older than the kernel. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define SBIND__NO_FAMILY EAFNOSUPPORT
#define SBIND__NO_ADDRESS EADDRNOTAVAIL
#define SBIND__PORT_TAKEN EADDRINUSE
#define SBIND__TCP_BACKLOG(n) (n)
#endif

/* Whether there are unix sockets that have a name and no file. */
#ifdef __linux__
#define SBIND__HAS_ABSTRACT 1
#else
#define SBIND__HAS_ABSTRACT 0
#endif

/* Sending to a peer that has gone must give an error, and not a signal. A flag
 * in each call of send asks for that, or on macOS an option of the socket. */
#ifdef __APPLE__
#define SBIND__NO_SIGNAL 0
static inline void sbind__never_signal(int fd)
{
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
}
#elif !defined _WIN32
#define SBIND__NO_SIGNAL MSG_NOSIGNAL
static inline void sbind__never_signal(int fd) { (void)fd; }
#endif

/* The type of a socket in these calls. The library's own type is
 * sbind_handle. */
#ifdef _WIN32
typedef SOCKET sbind__socket;
#else
typedef int sbind__socket;
#endif

#endif
