/* linux/signal_fd.c - reads signals from a descriptor, by signalfd(2) */
#define _POSIX_C_SOURCE 200809L
#include <sys/signalfd.h>
#include <unistd.h>

#include "../cli.h"
#include "../posix/signals.h"

int signals_open(signals *s)
{
    s->fd = signalfd(-1, &s->taken, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->fd < 0 ? cli_failed("signalfd") : DONE;
}

void signals_read(signals *s)
{
    struct signalfd_siginfo one;
    while (read(s->fd, &one, sizeof one) == (ssize_t)sizeof one)
        if (one.ssi_signo != SIGCHLD)
            s->end = (int)one.ssi_signo;
}
