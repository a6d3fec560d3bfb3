/* win32/accept.c - accepts connections, as sockets that no child process
 * inherits
 *
 * A socket from accept can be inherited until it is changed, so a CreateProcess
 * in another thread could pass it to a child. AcceptEx uses a socket that was
 * made before, and that was never inheritable. */
#include "win32.h"

#include <mswsock.h>

#include "../../status/error.h"
#include "../socket.h"
#include "../system.h"

/* The room for each of the two addresses. The system needs 16 octets more than
 * the address. */
enum { ADDRESS_SIZE = sizeof(struct sockaddr_storage) + 16 };

typedef struct taking {
    OVERLAPPED overlapped; /* the system uses this until the call has ended */
    char addresses[2 * ADDRESS_SIZE]; /* likewise */
    HANDLE ended;
    sbind_handle socket;
} taking;

/* Whether the call failed because the connection is gone already. AcceptEx or
 * GetOverlappedResult says so. Another connection may be waiting, so
 * sbind_accept goes on as if no connection had come. */
static bool is_nobody(DWORD error)
{
    switch (error) {
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAENOTCONN:
    case ERROR_NETNAME_DELETED:
    case ERROR_CONNECTION_ABORTED:
    case ERROR_SEM_TIMEOUT:
    case ERROR_HOST_UNREACHABLE:
    case ERROR_NETWORK_UNREACHABLE:
        return true;
    default:
        return false;
    }
}

static sbind_status fail_taking(const char *call, sbind_error *reterr)
{
    return is_nobody(GetLastError())
               ? sbind__fail_call_as(SBIND_WOULD_BLOCK, call, reterr)
               : sbind__fail_call(call, reterr);
}

/* Finds AcceptEx. Each provider of sockets has its own, so Windows must be
 * asked for it. */
static sbind_status find_accept_ex(SOCKET listener, LPFN_ACCEPTEX *ret,
                                   sbind_error *reterr)
{
    GUID id = WSAID_ACCEPTEX;
    DWORD unused;
    if (WSAIoctl(listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id,
                 ret, sizeof *ret, &unused, NULL, NULL) != 0)
        return sbind__fail_call("WSAIoctl SIO_GET_EXTENSION_FUNCTION_POINTER",
                                reterr);
    return SBIND_OK;
}

/* SBIND_WOULD_BLOCK if no connection is waiting. */
static sbind_status look_for_client(const sbind_listener *l,
                                    sbind_error *reterr)
{
    fd_set waiting = {1, {(SOCKET)l->fd}};
    struct timeval at_once = {0, 0};
    int n = select(0, &waiting, NULL, NULL, &at_once);
    if (n < 0)
        return sbind__fail_call("select", reterr);
    return n > 0 ? SBIND_OK : sbind__fail(SBIND_WOULD_BLOCK, reterr);
}

/* Waits while AcceptEx takes a connection from the queue. If another thread has
 * taken it, the queue is empty, and the wait ends. AcceptEx is called before
 * this function looks at the queue. The reason is FD_ACCEPT: the system signals
 * it again only after an accept. ("WSAEventSelect function") */
static sbind_status await_ours(const sbind_listener *l, taking *t,
                               sbind_error *reterr)
{
    while (!HasOverlappedIoCompleted(&t->overlapped)) {
        sbind_status s = look_for_client(l, reterr);
        if (s != SBIND_OK)
            return s;
        WaitForSingleObject(t->ended, 1); /* or, if it fails, not at all */
    }
    return SBIND_OK;
}

/* Waits for the end of AcceptEx, if the listener blocks. The wait needs only
 * the event, so another thread may close the listener meanwhile, which ends the
 * wait. When this function returns, the system no longer uses *t. */
static sbind_status await_end(const sbind_listener *l, taking *t,
                              sbind_error *reterr)
{
    HANDLE h = (HANDLE)l->fd;
    DWORD unused;
    sbind_status s = l->nonblocking ? await_ours(l, t, reterr) : SBIND_OK;
    if (s != SBIND_OK)
        CancelIoEx(h, &t->overlapped);
    if (GetOverlappedResult(h, &t->overlapped, &unused, TRUE))
        /* the connection may have come before the cancellation */
        return SBIND_OK;
    if (s == SBIND_OK || GetLastError() != ERROR_OPERATION_ABORTED)
        s = fail_taking("AcceptEx", reterr);
    sbind__end_overlapped(h, &t->overlapped);
    return s;
}

/* Starts AcceptEx. The lowest bit of the event is set, so that a completion
 * port of the program, if the listener has one, does not get the result. */
static sbind_status connect_socket(const sbind_listener *l, taking *t,
                                   sbind_error *reterr)
{
    LPFN_ACCEPTEX accept_ex = NULL;
    DWORD unused;
    sbind_status s = find_accept_ex((SOCKET)l->fd, &accept_ex, reterr);
    if (s != SBIND_OK)
        return s;
    t->overlapped.hEvent = (HANDLE)((ULONG_PTR)t->ended | 1);
    if (!accept_ex((SOCKET)l->fd, (SOCKET)t->socket, t->addresses, 0,
                   ADDRESS_SIZE, ADDRESS_SIZE, &unused, &t->overlapped) &&
        GetLastError() != ERROR_IO_PENDING)
        return fail_taking("AcceptEx", reterr);
    return await_end(l, t, reterr);
}

typedef struct option {
    int level, name;
    const char *get, *set; /* the calls, for errors */
} option;

#define OPTION(level, name)                                                    \
    {                                                                          \
        level, name, "getsockopt " #name, "setsockopt " #name                  \
    }

/* Copies one option. If this Windows does not know the option, the listener
 * does not have it either. */
static sbind_status copy_option(SOCKET from, SOCKET to, const option *o,
                                int *ret, sbind_error *reterr)
{
    int length = sizeof *ret;
    *ret = 0;
    if (getsockopt(from, o->level, o->name, (char *)ret, &length) != 0)
        return WSAGetLastError() == WSAENOPROTOOPT
                   ? SBIND_OK
                   : sbind__fail_call(o->get, reterr);
    if (*ret != 0 &&
        setsockopt(to, o->level, o->name, (const char *)ret, sizeof *ret) != 0)
        return fail_taking(o->set, reterr);
    return SBIND_OK;
}

/* Copies the options that this library sets. The system promises that a
 * connection has the properties of its listener, but does not say which.
 * ("AcceptEx function") */
static sbind_status copy_options(SOCKET from, SOCKET to, sbind_error *reterr)
{
    static const option nodelay = OPTION(IPPROTO_TCP, TCP_NODELAY);
    static const option keepalive = OPTION(SOL_SOCKET, SO_KEEPALIVE);
    static const option probes[] = {OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
                                    OPTION(IPPROTO_TCP, TCP_KEEPINTVL),
                                    OPTION(IPPROTO_TCP, TCP_KEEPCNT)};
    int value, has_probes = 0;
    sbind_status s = copy_option(from, to, &nodelay, &value, reterr);
    if (s == SBIND_OK)
        s = copy_option(from, to, &keepalive, &has_probes, reterr);
    for (size_t i = 0; s == SBIND_OK && has_probes && i < 3; i++)
        s = copy_option(from, to, &probes[i], &value, reterr);
    return s;
}

/* Completes the socket: before this, it knows neither its addresses nor the
 * options of its listener. If the program waits for clients with an event, the
 * socket has inherited that event. This function removes the event from the
 * socket, because a socket with an event cannot block. */
static sbind_status complete(const sbind_listener *l, SOCKET s, bool is_tcp,
                             sbind_blocking blocking, sbind_error *reterr)
{
    SOCKET listener = (SOCKET)l->fd;
    if (setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                   (const char *)&listener, sizeof listener) != 0)
        return fail_taking("setsockopt SO_UPDATE_ACCEPT_CONTEXT", reterr);
    if (WSAEventSelect(s, NULL, 0) != 0)
        return sbind__fail_call("WSAEventSelect", reterr);
    sbind_status status = is_tcp ? copy_options(listener, s, reterr) : SBIND_OK;
    if (status == SBIND_OK)
        status = sbind__set_blocking((sbind_handle)s, blocking, NULL, reterr);
    return status;
}

static sbind_status take_connection(const sbind_listener *l, taking *t,
                                    bool is_tcp, sbind_blocking blocking,
                                    sbind_error *reterr)
{
    t->ended = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (t->ended == NULL)
        return sbind__fail_call("CreateEventW", reterr);
    sbind_status s = connect_socket(l, t, reterr);
    if (s == SBIND_OK)
        s = complete(l, (SOCKET)t->socket, is_tcp, blocking, reterr);
    sbind__close_handle(t->ended);
    return s;
}

/* A connection is of the listener's family. */
static sbind_status family_of(const sbind_listener *l, int *ret,
                              sbind_error *reterr)
{
    struct sockaddr_storage own;
    int length = sizeof own;
    if (getsockname((SOCKET)l->fd, (struct sockaddr *)&own, &length) != 0)
        return sbind__fail_call("getsockname", reterr);
    *ret = own.ss_family;
    return SBIND_OK;
}

static sbind_kind kind_of_connection(const sbind_listener *l, int family)
{
    if (family == AF_INET)
        return SBIND_TCP_IPV4;
    return family == AF_INET6 ? SBIND_TCP_IPV6 : l->kind;
}

sbind_status sbind__accept_socket(const sbind_listener *listener,
                                  sbind_blocking blocking, sbind_stream *ret,
                                  sbind_error *reterr)
{
    taking t = {.socket = -1};
    int family = AF_UNSPEC;
    sbind_status s = family_of(listener, &family, reterr);
    if (s == SBIND_OK)
        s = sbind__new_socket(family, SBIND_BLOCKING, &t.socket, reterr);
    if (s == SBIND_OK)
        s = take_connection(listener, &t, family != AF_UNIX, blocking, reterr);
    if (s == SBIND_OK)
        *ret = (sbind_stream){t.socket, kind_of_connection(listener, family)};
    else
        sbind__close_fd(t.socket);
    return s;
}
