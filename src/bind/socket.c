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

/* 0 is the system's choice. */
static sbind_status set_number(sbind_handle fd, int name, int value,
                               const char *call, sbind_error *reterr)
{
    if (value == 0)
        return SBIND_OK;
    return sbind__set_option(fd, IPPROTO_TCP, name, value, call, reterr);
}

static sbind_status set_probes(sbind_handle fd, const sbind__tcp_options *o,
                               sbind_error *reterr)
{
    sbind_status s = set_number(fd, TCP_KEEPIDLE, o->idle,
                                "setsockopt TCP_KEEPIDLE", reterr);
    if (s == SBIND_OK)
        s = set_number(fd, TCP_KEEPINTVL, o->interval,
                       "setsockopt TCP_KEEPINTVL", reterr);
    if (s == SBIND_OK)
        s = set_number(fd, TCP_KEEPCNT, o->count, "setsockopt TCP_KEEPCNT",
                       reterr);
    return s;
}

sbind_status sbind__set_tcp_options(sbind_handle fd,
                                    const sbind__tcp_options *o,
                                    sbind_error *reterr)
{
    sbind_status s = sbind__set_switch(fd, IPPROTO_TCP, TCP_NODELAY, o->nodelay,
                                       "setsockopt TCP_NODELAY", reterr);
    if (s == SBIND_OK)
        s = sbind__set_switch(fd, SOL_SOCKET, SO_KEEPALIVE, o->keepalive,
                              "setsockopt SO_KEEPALIVE", reterr);
    if (s == SBIND_OK)
        s = set_probes(fd, o, reterr);
    if (s == SBIND_OK)
        s = sbind__set_own_tcp_options(fd, o, reterr);
    return s;
}

sbind_status sbind__bind_and_listen(sbind_handle fd, const struct sockaddr *sa,
                                    socklen_t length, int backlog,
                                    sbind_error *reterr)
{
    if (bind((sbind__socket)fd, sa, length) != 0)
        return sbind__fail_call("bind", reterr);
    /* bind allows two sockets with SO_REUSEADDR on one port. Only the first
     * socket can listen, so listen can fail with EADDRINUSE, just like bind. */
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
