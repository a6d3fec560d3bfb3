/* socket.c - what stream sockets of every family need, on every system */
#include "socket.h"

#include "../status/error.h"
#include "system.h"

sbind_status sbind__set_option(sbind_handle fd, int level, int name, int value,
                               const char *call, sbind_error *reterr)
{
    if (setsockopt((sbind__socket)fd, level, name, (const char *)&value,
                   sizeof value) != 0)
        return sbind__fail_call(call, reterr);
    return SBIND_OK;
}

sbind_status sbind__set_switch(sbind_handle fd, int level, int name,
                               sbind_switch s, const char *call,
                               sbind_error *reterr)
{
    if (s == SBIND_UNSET)
        return SBIND_OK;
    return sbind__set_option(fd, level, name, s == SBIND_ON, call, reterr);
}

sbind_status sbind__set_buffers(sbind_handle fd, int receive, int send,
                                sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (receive > 0)
        s = sbind__set_option(fd, SOL_SOCKET, SO_RCVBUF, receive,
                              "setsockopt SO_RCVBUF", reterr);
    if (s == SBIND_OK && send > 0)
        s = sbind__set_option(fd, SOL_SOCKET, SO_SNDBUF, send,
                              "setsockopt SO_SNDBUF", reterr);
    return s;
}

sbind_status sbind__set_tcp_options(sbind_handle fd, sbind_switch nodelay,
                                    sbind_switch keepalive, const char *device,
                                    sbind_error *reterr)
{
    sbind_status s = sbind__set_switch(fd, IPPROTO_TCP, TCP_NODELAY, nodelay,
                                       "setsockopt TCP_NODELAY", reterr);
    if (s == SBIND_OK)
        s = sbind__set_switch(fd, SOL_SOCKET, SO_KEEPALIVE, keepalive,
                              "setsockopt SO_KEEPALIVE", reterr);
    if (s == SBIND_OK)
        s = sbind__set_device(fd, device, reterr);
    return s;
}

sbind_status sbind__bind_and_listen(sbind_handle fd, const struct sockaddr *sa,
                                    socklen_t length, int backlog,
                                    sbind_error *reterr)
{
    if (bind((sbind__socket)fd, sa, length) != 0)
        return sbind__fail_call("bind", reterr);
    /* Two sockets with SO_REUSEADDR can be bound to one port; only the first
       can listen, so EADDRINUSE may come from here. */
    if (listen((sbind__socket)fd, backlog) != 0)
        return sbind__fail_call("listen", reterr);
    return SBIND_OK;
}

sbind_status sbind__finish_connection(sbind_handle fd, sbind_error *reterr)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt((sbind__socket)fd, SOL_SOCKET, SO_ERROR, (char *)&error,
                   &length) != 0)
        return sbind__fail_call("getsockopt SO_ERROR", reterr);
    return error == 0 ? SBIND_OK : sbind__fail_code("connect", error, reterr);
}
