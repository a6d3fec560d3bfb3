/* macos/signal_fd.c - waits for signals at a descriptor, by kqueue(2)
 *
 * The queue only wakes us. It reports a signal although the signal is blocked, and
 * the signal stays pending. sigwait(2) then takes it. */
#include <fcntl.h>
#include <stddef.h>
#include <sys/event.h>
#include <unistd.h>

#include "../cli.h"
#include "../posix/signals.h"

static bool watch(int queue, const sigset_t *taken)
{
    for (int i = 1; i < NSIG; i++) {
        struct kevent one;
        EV_SET(&one, i, EVFILT_SIGNAL, EV_ADD, 0, 0, NULL);
        if (sigismember(taken, i) == 1 &&
            kevent(queue, &one, 1, NULL, 0, NULL) != 0)
            return false;
    }
    return true;
}

static bool is_pending(const signals *s, const sigset_t *pending, int signal)
{
    return sigismember(pending, signal) == 1 &&
           sigismember(&s->taken, signal) == 1;
}

/* The queue does not report a signal that came before the queue was made. If such a
 * signal is pending, this function makes the queue ready. */
static bool wake_for_earlier(const signals *s)
{
    sigset_t pending;
    struct kevent wake;
    bool is_needed = false;
    if (sigpending(&pending) != 0)
        return false;
    for (int i = 1; i < NSIG; i++)
        is_needed = is_needed || is_pending(s, &pending, i);
    EV_SET(&wake, 0, EVFILT_USER, EV_ADD | EV_CLEAR, NOTE_TRIGGER, 0, NULL);
    return !is_needed || kevent(s->fd, &wake, 1, NULL, 0, NULL) == 0;
}

int signals_open(signals *s)
{
    s->fd = kqueue();
    if (s->fd < 0)
        return cli_failed("kqueue");
    if (fcntl(s->fd, F_SETFD, FD_CLOEXEC) != 0)
        return cli_failed("fcntl F_SETFD");
    return watch(s->fd, &s->taken) && wake_for_earlier(s)
               ? DONE
               : cli_failed("kevent");
}

static void drain(int queue)
{
    const struct timespec now = {0, 0};
    struct kevent one;
    while (kevent(queue, NULL, 0, &one, 1, &now) > 0)
        continue;
}

static void take(signals *s, int signal)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    if (sigwait(&one, &signal) == 0 && signal != SIGCHLD)
        s->end = signal;
}

/* Takes every signal that is pending. SIGCHLD may be missing among them, but the
 * queue has woken us, and the caller looks for children anyway. */
void signals_read(signals *s)
{
    sigset_t pending;
    drain(s->fd);
    if (sigpending(&pending) != 0)
        return;
    for (int i = 1; i < NSIG; i++)
        if (is_pending(s, &pending, i))
            take(s, i);
}
