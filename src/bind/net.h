/* net.h - the socket calls, which all systems have under the same names */
#ifndef SBIND_BIND_NET_H
#define SBIND_BIND_NET_H

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#define SBIND__NO_FAMILY WSAEAFNOSUPPORT
#define SBIND__NO_ADDRESS WSAEADDRNOTAVAIL
#else
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#define SBIND__NO_FAMILY EAFNOSUPPORT
#define SBIND__NO_ADDRESS EADDRNOTAVAIL
#endif

/* What these calls take where others take an sbind_handle. */
#ifdef _WIN32
typedef SOCKET sbind__socket;
#else
typedef int sbind__socket;
#endif

#endif
