/* posix/send.c - one datagram to NOTIFY_SOCKET, which only this file reads */
#define _POSIX_C_SOURCE 200809L
#include "../notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../../activation/variable.h"
#include "../../bind/deadline.h"
#include "../../bind/hints.h"
#include "../../bind/socket.h"
#include "../../bind/system.h"
#include "../../status/error.h"

#define ADDED_MAX 48 /* octets of a line MONOTONIC_USEC= */

/* A message under way. */
typedef struct message {
    const char *state;
    size_t length;
    char added[ADDED_MAX];
    size_t added_length;
    const int *fds;
    size_t count;
} message;

/* ---- The message ----------------------------------------------------------- */

/* Microseconds of the monotonic clock in decimal; returns how many digits. */
static size_t put_now(char *to)
{
    struct timespec t = {0, 0};
    char digits[20];
    size_t n = 0;
    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock */
    uint64_t left = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
    do {
        digits[n++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    for (size_t i = 0; i < n; i++)
        to[i] = digits[n - 1 - i];
    return n;
}

/* SPEC.md 8.5. A service manager ignores a RELOADING=1 without the time. */
static sbind_status add_time(message *m, sbind_error *reterr)
{
    static const char name[] = "\nMONOTONIC_USEC=";
    size_t skipped = m->state[m->length - 1] == '\n' ? 1 : 0;
    if (!sbind__has_line(m->state, m->length, "RELOADING=1", true) ||
        sbind__has_line(m->state, m->length, "MONOTONIC_USEC=", false))
        return SBIND_OK;
    m->added_length = sizeof name - 1 - skipped;
    memcpy(m->added, name + skipped, m->added_length);
    m->added_length += put_now(m->added + m->added_length);
    if (m->length + m->added_length > SBIND_NOTIFY_STATE_MAX)
        return sbind__fail_at(SBIND_BAD_NOTIFY_STATE, m->length, NULL, reterr);
    return SBIND_OK;
}

/* ---- Sending --------------------------------------------------------------- */

/* The hint for a call that failed with this error. If it is NULL, the hint is
 * that of connecting. */
static const char *hint_of(const char *call, int error)
{
    if (strcmp(call, "connect") == 0) {
        if (error == ENOENT || error == ECONNREFUSED)
            return "no service manager listens at NOTIFY_SOCKET";
        if (error == EACCES)
            return "this user may not write to the socket of NOTIFY_SOCKET";
        if (error == EPROTOTYPE)
            return "NOTIFY_SOCKET leads to a socket that takes no datagrams";
    }
    if (error == ETOOMANYREFS)
        return "too many descriptors are on their way to other processes; "
               "see: ulimit -n";
    return NULL;
}

static sbind_status fail_sending(const char *call, sbind_error *reterr)
{
    const char *hint = hint_of(call, errno);
    sbind_status s = sbind__fail_call(call, reterr);
    reterr->hint = hint;
    return s;
}

/* Check before making a socket. The new socket could get the number of a closed
 * descriptor, and would be passed in its place. */
static sbind_status check_open(const message *m, sbind_error *reterr)
{
    for (size_t i = 0; i < m->count; i++) {
        if (fcntl(m->fds[i], F_GETFD) >= 0)
            continue;
        sbind__fail_hint(SBIND_FD_CLOSED,
                         "descriptors are passed while they are open", reterr);
        reterr->fds[0] = m->fds[i];
        return SBIND_FD_CLOSED;
    }
    return SBIND_OK;
}

/* Waits for room in the queue of the service manager, but not for ever. The
 * socket has to be connected: poll reports any other socket as writable. */
static sbind_status send_message(int fd, const struct msghdr *header,
                                 sbind_error *reterr)
{
    const sbind__deadline deadline = sbind__deadline_in(SBIND_NOTIFY_WAIT);
    while (sendmsg(fd, header, SBIND__NO_SIGNAL | MSG_DONTWAIT) < 0) {
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        if (errno != EAGAIN)
            return fail_sending("sendmsg", reterr);
        int left = (int)sbind__time_left(&deadline);
        if (left == 0)
            return sbind__fail_hint(
                SBIND_TIMED_OUT,
                "the queue of the service manager is full: it is too busy, or "
                "hangs",
                reterr);
        if (poll(&wait, 1, left) < 0 && errno != EINTR)
            return fail_sending("poll", reterr);
    }
    return SBIND_OK;
}

static sbind_status send_with_fds(int fd, const message *m, sbind_error *reterr)
{
    union {
        struct cmsghdr header; /* for its alignment */
        char room[CMSG_SPACE(sizeof(int) * SBIND_NOTIFY_FDS_MAX)];
    } control;
    struct iovec parts[2] = {{(void *)(uintptr_t)m->state, m->length},
                             {(void *)(uintptr_t)m->added, m->added_length}};
    struct msghdr header = {.msg_iov = parts, .msg_iovlen = 2};
    if (m->count > 0) {
        const size_t length = sizeof(int) * m->count;
        memset(&control, 0, sizeof control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = (socklen_t)CMSG_LEN(length);
        memcpy(CMSG_DATA(&control.header), m->fds, length);
        header.msg_control = &control;
        header.msg_controllen = (socklen_t)CMSG_SPACE(length);
    }
    return send_message(fd, &header, reterr);
}

/* An abstract name has no NUL after it, since its length counts. */
static socklen_t fill_name(const sbind_address *address,
                           struct sockaddr_un *ret)
{
    const size_t skipped = address->kind == SBIND_UNIX_ABSTRACT ? 1 : 0;
    memset(ret, 0, sizeof *ret);
    ret->sun_family = AF_UNIX;
    memcpy(ret->sun_path + skipped, address->name, address->name_length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                       address->name_length + 1);
}

static sbind_status send_to(const sbind_address *address, const message *m,
                            sbind_error *reterr)
{
    struct sockaddr_un un;
    socklen_t length = fill_name(address, &un);
    sbind_status s;
    int fd = -1;
    if (address->kind == SBIND_UNIX_ABSTRACT && !SBIND__HAS_ABSTRACT)
        return sbind__fail(SBIND_UNSUPPORTED, reterr);
    s = sbind__new_notifier(&fd, reterr);
    if (s != SBIND_OK)
        return s;
    if (connect(fd, (const struct sockaddr *)&un, length) != 0)
        s = fail_sending("connect", reterr);
    else
        s = send_with_fds(fd, m, reterr);
    sbind__close_fd(fd);
    return s == SBIND_OK
               ? s
               : sbind__advise(s, address->kind, SBIND__TO_CONNECT, reterr);
}

static sbind_status notify(message *m, sbind_error *reterr)
{
    sbind_address address;
    sbind_status s = sbind_notify_check(m->state, m->length, m->count, reterr);
    if (s == SBIND_OK)
        s = add_time(m, reterr);
    if (s != SBIND_OK)
        return s;
    const char *value = sbind__getenv("NOTIFY_SOCKET");
    if (value == NULL)
        return SBIND_OK;
    s = sbind_notify_address(value, strlen(value), &address, reterr);
    if (s == SBIND_OK)
        s = check_open(m, reterr);
    return s == SBIND_OK ? send_to(&address, m, reterr) : s;
}

sbind_status sbind_notify(const char *state, const sbind_handle *fds,
                          size_t count, sbind_error *reterr)
{
    message m = {.state = state, .fds = fds, .count = count};
    sbind_error error;
    m.length = strlen(state);
    sbind_status s = notify(&m, &error);
    if (s != SBIND_OK && reterr != NULL)
        *reterr = error;
    return s;
}
