/* posix/announce.c - tells other processes that the sockets listen */
#define _POSIX_C_SOURCE 200809L /* sigaction */
#include "announce.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "../cli.h"

/* ---- Before ------------------------------------------------------------------ */

static bool is_passed(const request *r, int fd)
{
    if (fd < SBIND_LISTEN_FDS_START + (int)r->passed.count)
        return true;
    for (size_t i = 0; i < r->address_count; i++)
        if (r->addresses[i].kind == SBIND_FD_NUMBER && r->addresses[i].fd == fd)
            return true;
    return false;
}

int announce_check(const char *self, const request *r)
{
    const int fd = r->serving.ready_fd;
    if (fd == 0)
        return DONE;
    if (is_passed(r, fd))
        return cli_usage(self, "--ready-fd %d is a socket that was passed", fd);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return cli_usage(self, "--ready-fd %d is not open", fd);
    if ((flags & O_ACCMODE) == O_RDONLY)
        return cli_usage(self, "--ready-fd %d is not open for writing", fd);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return cli_failed("fcntl F_SETFD");
    return DONE;
}

/* ---- Then -------------------------------------------------------------------- */

static int print_addresses(const opened *o)
{
    for (size_t i = 0; i < o->count; i++) {
        char text[SBIND_FORMAT_MAX];
        size_t length;
        sbind_error error;
        sbind_address own;
        if (sbind_local_address(&o->listeners[i], &own, &error) != SBIND_OK)
            return cli_report(&error, "");
        if (sbind_format(&own, text, sizeof text, &length) == SBIND_OK)
            cli_say(stdout, "%s", text);
    }
    return cli_finish_output(DONE);
}

static int say_ready(int fd)
{
    if (write(fd, "\n", 1) != 1)
        return cli_failed("write to --ready-fd");
    close(fd);
    return DONE;
}

static int announce_all(const request *r, const opened *o)
{
    int status = DONE;
    if (r->serving.print_address)
        status = print_addresses(o);
    if (status == DONE && r->serving.ready_fd != 0)
        status = say_ready(r->serving.ready_fd);
    return status;
}

/* Ignores SIGPIPE while it writes. If the reader has gone, writing then fails
 * with an error. The signal would end the process and leave socket files
 * behind. */
int announce(const request *r, const opened *o)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    if (sigaction(SIGPIPE, &ignore, &before) != 0)
        return cli_failed("sigaction SIGPIPE");
    int status = announce_all(r, o);
    sigaction(SIGPIPE, &before, NULL);
    return status;
}
