/* notify_probe.c - sends STATE to the service manager, with the descriptors FD.
 * With "serve NAME" it is a service: it says that it is ready after it has
 * waited for the file NAME, reloads at SIGHUP, and ends at SIGTERM. It prints
 * the result of each message. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sbind/notify.h>

/* Under set-user-id, AddressSanitizer can neither look for leaks nor read its
 * options. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

static int notify(const char *state, const int *fds, size_t count)
{
    sbind_error error;
    sbind_status s = sbind_notify(state, fds, count, &error);
    printf("%s\n", sbind_status_name(s));
    if (s != SBIND_OK && error.call != NULL)
        printf("%s %s\n", error.call, error.os_name);
    fflush(stdout);
    return s == SBIND_OK ? 0 : 1;
}

static int serve(const char *file)
{
    const struct timespec moment = {0, 5000000};
    sigset_t wanted;
    int signal;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGHUP);
    sigaddset(&wanted, SIGTERM);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    while (access(file, F_OK) != 0)
        nanosleep(&moment, NULL);
    notify(SBIND_NOTIFY_READY "\nSTATUS=serving", NULL, 0);
    while (sigwait(&wanted, &signal) == 0 && signal == SIGHUP) {
        notify(SBIND_NOTIFY_RELOADING, NULL, 0);
        notify(SBIND_NOTIFY_READY, NULL, 0);
    }
    notify(SBIND_NOTIFY_STOPPING, NULL, 0);
    return 0;
}

int main(int argc, char **argv)
{
    int fds[300];
    size_t count = 0;
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2]);
    if (argc < 2 || argc > 300)
        return 2;
    for (int i = 2; i < argc; i++)
        fds[count++] = atoi(argv[i]);
    return notify(argv[1], fds, count);
}
