/* net.h - the socket calls, which all systems have under the same names */
#ifndef SBIND_BIND_NET_H
#define SBIND_BIND_NET_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
/* Of Windows 10 1709; the headers of mingw-w64 10 do not have them. */
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
/* Another socket uses the port exclusively, or Windows has reserved it. */
#define SBIND__PORT_TAKEN WSAEACCES
/* Windows cuts a plain number down to about 200. */
#define SBIND__TCP_BACKLOG(n) ((n) > 200 ? SOMAXCONN_HINT(n) : (n))
#else
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
/* Of headers older than the kernel. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define SBIND__NO_FAMILY EAFNOSUPPORT
#define SBIND__NO_ADDRESS EADDRNOTAVAIL
#define SBIND__PORT_TAKEN EADDRINUSE
#define SBIND__TCP_BACKLOG(n) (n)
#endif

/* What these calls take where others take an sbind_handle. */
#ifdef _WIN32
typedef SOCKET sbind__socket;
#else
typedef int sbind__socket;
#endif

#endif
