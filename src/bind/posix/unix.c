/* posix/unix.c - unix sockets that have no file, and connecting to unix sockets
 * that have a file. Socket files are made in posix/path.c. */
#define _XOPEN_SOURCE 700 /* S_ISSOCK */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "../../status/error.h"
#include "../deadline.h"
#include "../family.h"
#include "../socket.h"
#include "../hints.h"
#include "credentials.h"
#include "path.h"
#include "../system.h"
#include "place.h"
#include "unix_name.h"

/* ---- sockaddr_un ----------------------------------------------------------- */

/* unix(7): an abstract name begins with a NUL, and its length says where it
 * ends. */
static bool abstract_name(const sbind_address *a, sbind__unix_name *ret)
{
    if (!SBIND__HAS_ABSTRACT || a->name_length >= sizeof ret->sa.sun_path)
        return false;
    memset(ret, 0, sizeof *ret);
    ret->sa.sun_family = AF_UNIX;
    memcpy(ret->sa.sun_path + 1, a->name, a->name_length);
    ret->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
                              a->name_length);
    return true;
}

static sbind_status no_abstract_name(sbind_error *reterr)
{
    if (!SBIND__HAS_ABSTRACT)
        return sbind__fail_hint(SBIND_UNSUPPORTED,
                                "only Linux has abstract sockets; use a path",
                                reterr);
    return sbind__fail_hint(SBIND_PATH_TOO_LONG,
                            "an abstract name has at most 107 octets", reterr);
}

/* ---- Listening ------------------------------------------------------------- */

static sbind_status listen_abstract(int fd, const sbind_address *address,
                                    const sbind_listen_options *o,
                                    sbind_error *reterr)
{
    sbind__unix_name name;
    sbind_status s = sbind__set_unix_options(
        fd, o->receive_buffer, o->send_buffer, o->refuse_descriptors, reterr);
    if (s != SBIND_OK)
        return s;
    if (!abstract_name(address, &name))
        return no_abstract_name(reterr);
    return sbind__bind_and_listen(fd, (const struct sockaddr *)&name.sa,
                                  name.length, o->backlog, reterr);
}

sbind_status sbind__listen_unix(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr)
{
    int fd = -1;
    if (address->kind == SBIND_UNIX_PATH)
        return sbind__listen_path(address, options, ret, reterr);
    sbind_status s = sbind__new_socket(AF_UNIX, options->blocking, &fd, reterr);
    if (s != SBIND_OK)
        return s;
    s = listen_abstract(fd, address, options, reterr);
    if (s == SBIND_OK)
        sbind__new_listener(ret, fd, address, options->blocking);
    else
        sbind__close_fd(fd);
    return s;
}

/* ---- Connecting ------------------------------------------------------------ */

/* The caller closes *ret_pin after connecting, unless it is -1. */
static sbind_status name_of(const sbind_address *address, sbind__unix_name *ret,
                            int *ret_pin, sbind_error *reterr)
{
    *ret_pin = -1;
    if (address->kind == SBIND_UNIX_ABSTRACT)
        return abstract_name(address, ret) ? SBIND_OK
                                           : no_abstract_name(reterr);
    if (sbind__unix_path_name(address->name, address->name_length, ret))
        return SBIND_OK;
    return sbind__reach(address->name, ret, ret_pin, reterr);
}

/* Limits how long connect waits while the listener's backlog is full, because
 * poll cannot wait for that. 0 means no limit. */
static sbind_status set_send_timeout(int fd, int64_t milliseconds,
                                     sbind_error *reterr)
{
    int64_t seconds = milliseconds / 1000, rest = milliseconds % 1000;
    struct timeval t = {0, 0};
    /* time_t can be too small for 68 years or more, so such a time means no
     * limit */
    if (seconds <= INT32_MAX) {
        t.tv_sec = (time_t)seconds;
        t.tv_usec = (suseconds_t)(rest * 1000);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) != 0)
        return sbind__fail_call("setsockopt SO_SNDTIMEO", reterr);
    return SBIND_OK;
}

static sbind_status connect_at_once(int fd, const sbind__unix_name *name,
                                    sbind_error *reterr)
{
    /* This is called only with a name that could be made.
     * NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) */
    if (connect(fd, (const struct sockaddr *)&name->sa, name->length) == 0)
        return SBIND_OK;
    return errno == EAGAIN || errno == EINTR
               ? sbind__fail(SBIND_WOULD_BLOCK, reterr)
               : sbind__fail_call("connect", reterr);
}

static sbind_status connect_by(int fd, const sbind__unix_name *name,
                               int64_t timeout, sbind_error *reterr)
{
    sbind__deadline deadline = sbind__deadline_in(timeout);
    sbind_status s;
    int failed;
    do {
        int64_t left = sbind__time_left(&deadline);
        if (left == 0)
            return sbind__fail(SBIND_TIMED_OUT, reterr);
        s = set_send_timeout(fd, left < 0 ? 0 : left, reterr);
        if (s != SBIND_OK)
            return s;
        // filled in always: an alias fits
        // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage)
        failed = connect(fd, (const struct sockaddr *)&name->sa, name->length);
    } while (failed && errno == EINTR);
    if (failed)
        return errno == EAGAIN ? sbind__fail(SBIND_TIMED_OUT, reterr)
                               : sbind__fail_call("connect", reterr);
    return set_send_timeout(fd, 0, reterr);
}

/* Adds a hint if the path is not a socket. The system refuses such a file like
 * a socket on which no server listens. Links are followed, as connect does. */
static void tell_what_refused(const sbind_address *address, sbind_error *reterr)
{
    struct stat st;
    if (reterr->os_error == ECONNREFUSED && address->kind == SBIND_UNIX_PATH &&
        fstatat(AT_FDCWD, address->name, &st, 0) == 0)
        reterr->hint = sbind__not_socket_hint(&st);
}

static sbind_blocking while_connecting(const sbind_connect_options *o)
{
    return o->timeout == 0 ? SBIND_NONBLOCKING : SBIND_BLOCKING;
}

static sbind_status connect_named(int fd, const sbind_address *address,
                                  const sbind_connect_options *o,
                                  sbind_error *reterr)
{
    const sbind_blocking at_first = while_connecting(o);
    const sbind_blocking wanted =
        o->blocking == SBIND_NONBLOCKING ? SBIND_NONBLOCKING : SBIND_BLOCKING;
    sbind__unix_name name;
    int pin = -1;
    sbind_status s = sbind__set_unix_options(
        fd, o->receive_buffer, o->send_buffer, o->refuse_descriptors, reterr);
    if (s == SBIND_OK)
        s = name_of(address, &name, &pin, reterr);
    if (s == SBIND_OK)
        s = o->timeout == 0 ? connect_at_once(fd, &name, reterr)
                            : connect_by(fd, &name, o->timeout, reterr);
    if (s == SBIND_SYSTEM)
        tell_what_refused(address, reterr);
    s = sbind__not_reached(pin, s, reterr);
    sbind__close_fd(pin);
    if (s == SBIND_OK && o->unix_owner != SBIND_NO_ID)
        s = sbind__check_unix_owner(fd, o->unix_owner, reterr);
    if (s == SBIND_OK && wanted != at_first)
        s = sbind__set_blocking(fd, wanted, NULL, reterr);
    return s;
}

sbind_status sbind__connect_unix(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr)
{
    int fd = -1;
    sbind_status s =
        sbind__new_socket(AF_UNIX, while_connecting(options), &fd, reterr);
    if (s != SBIND_OK)
        return s;
    s = connect_named(fd, address, options, reterr);
    if (s == SBIND_OK)
        *ret = (sbind_stream){fd, address->kind};
    else
        sbind__close_fd(fd);
    return s;
}
