/* posix/socket.c - makes stream sockets and sets their options, except for those that
 * some systems lack */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "../../status/error.h"
#include "../family.h"
#include "../socket.h"
#include "../system.h"
#include "fresh.h"
#include "stream.h"

sbind_status sbind__new_stream(int family, sbind_blocking blocking,
                               int protocol, int *ret_fd, sbind_error *reterr)
{
    const char *call;
    int fd = sbind__fresh_socket(family, SOCK_STREAM, protocol,
                                 blocking == SBIND_NONBLOCKING, &call);
    if (fd < 0)
        return sbind__fail_call(call, reterr);
    *ret_fd = fd;
    return SBIND_OK;
}

sbind_status sbind__new_socket(int family, sbind_blocking blocking, int *ret_fd,
                               sbind_error *reterr)
{
    return sbind__new_stream(family, blocking, 0, ret_fd, reterr);
}

sbind_status sbind__new_notifier(int *ret_fd, sbind_error *reterr)
{
    const char *call;
    int fd = sbind__fresh_socket(AF_UNIX, SOCK_DGRAM, 0, false, &call);
    if (fd < 0)
        return sbind__fail_call(call, reterr);
    sbind__never_signal(fd);
    *ret_fd = fd;
    return SBIND_OK;
}

sbind_status sbind__set_blocking(int fd, sbind_blocking blocking,
                                 int *ret_before, sbind_error *reterr)
{
    int flags, wanted;
    if (blocking == SBIND_AS_INHERITED)
        return SBIND_OK;
    flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return sbind__fail_call("fcntl F_GETFL", reterr);
    wanted =
        blocking == SBIND_BLOCKING ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (wanted == flags)
        return SBIND_OK;
    if (fcntl(fd, F_SETFL, wanted) != 0)
        return sbind__fail_call("fcntl F_SETFL", reterr);
    if (ret_before != NULL)
        *ret_before = flags;
    return SBIND_OK;
}

/* ---- Connecting -------------------------------------------------------------- */

sbind_status sbind__begin_connection(int fd, const struct sockaddr *sa,
                                     socklen_t length, sbind_error *reterr)
{
    if (connect(fd, sa, length) == 0 || errno == EINPROGRESS || errno == EINTR)
        return SBIND_OK;
    return sbind__fail_call("connect", reterr);
}

/* Like poll(2), but signals do not end the wait. Returns how many descriptors
 * are ready, or -1 and sets errno. */
static int poll_until(struct pollfd *polls, size_t n,
                      const sbind__deadline *deadline)
{
    for (;;) {
        int64_t left = sbind__time_left(deadline);
        int ready =
            poll(polls, (nfds_t)n, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return ready;
        if (ready == 0 && sbind__time_left(deadline) == 0)
            return 0;
    }
}

sbind_status sbind__await(const int *fds, bool *ret_ready, size_t n,
                          const sbind__deadline *deadline, sbind_error *reterr)
{
    struct pollfd polls[SBIND__AWAIT_MAX];
    for (size_t i = 0; i < n; i++)
        polls[i] = (struct pollfd){.fd = fds[i], .events = POLLOUT};
    if (poll_until(polls, n, deadline) < 0)
        return sbind__fail_call("poll", reterr);
    for (size_t i = 0; i < n; i++)
        ret_ready[i] = polls[i].revents != 0;
    return SBIND_OK;
}

sbind_status sbind__socket_address(int fd, sbind_address *ret,
                                   sbind_error *reterr)
{
    struct sockaddr_storage sa;
    socklen_t length = sizeof sa;
    memset(&sa, 0, sizeof sa);
    if (getsockname(fd, (struct sockaddr *)&sa, &length) != 0)
        return sbind__fail_call("getsockname", reterr);
    sbind_status s =
        sbind__from_sockaddr((const struct sockaddr *)&sa, length, ret);
    return s == SBIND_OK ? s : sbind__fail(s, reterr);
}
