/* posix/signals.c - the signals that sbind listen waits for */
#define _POSIX_C_SOURCE 200809L /* sigaction */
#include "signals.h"

#include <stddef.h>

#include "../cli.h"

enum { SHELL_SIGNAL = 128 };

static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
enum { ENDS = sizeof ends / sizeof *ends };

/* Whether the signal was ignored from the start. nohup and shells do this for a
 * program that has to survive the signal. */
static bool is_ignored(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

static void list(bool with_children, sigset_t *ret)
{
    sigemptyset(ret);
    for (size_t i = 0; i < ENDS; i++)
        if (!is_ignored(ends[i]))
            sigaddset(ret, ends[i]);
    if (with_children)
        sigaddset(ret, SIGCHLD);
}

/* Stops ignoring SIGCHLD, because a process that ignores it is not told when its
 * children end. Ignores SIGPIPE. */
static bool settle_children(signals *s)
{
    const struct sigaction known = {.sa_handler = SIG_DFL};
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    return sigaction(SIGCHLD, &known, &s->child) == 0 &&
           sigaction(SIGPIPE, &ignored, &s->pipe) == 0;
}

int signals_take(bool with_children, signals *ret)
{
    *ret = (signals){.fd = -1, .with_children = with_children};
    list(with_children, &ret->taken);
    if (sigprocmask(SIG_BLOCK, &ret->taken, &ret->mask) != 0)
        return cli_failed("sigprocmask");
    if (with_children && !settle_children(ret))
        return cli_failed("sigaction");
    return signals_open(ret);
}

void signals_give_back(const signals *s)
{
    if (s->with_children) {
        sigaction(SIGCHLD, &s->child, NULL);
        sigaction(SIGPIPE, &s->pipe, NULL);
    }
    sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

int signals_end(const signals *s, int status)
{
    const struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t one;
    if (s->end == 0)
        return status;
    sigemptyset(&one);
    sigaddset(&one, s->end);
    sigaction(s->end, &action, NULL);
    raise(s->end);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    return SHELL_SIGNAL + s->end;
}
