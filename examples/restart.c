/* SPDX-License-Identifier: MIT OR Apache-2.0
 * restart.c - a server that starts itself anew at SIGHUP, without losing a
 * connection: restart tcp://127.0.0.1:7007 unix:///run/app.sock */
#define _GNU_SOURCE /* pipe2, execvpe */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "report.h"

enum { MOST = 16, READY = SBIND_LISTEN_FDS_START + MOST };
static sbind_listener listeners[MOST];
static const sbind_listener *each[MOST];
static struct pollfd p[2 + MOST] = {{.events = POLLIN}, {-1, POLLIN, 0}};
static size_t count;

static void open_all(const char *text)
{
    sbind_address address;
    sbind_error e;
    size_t n;
    if (sbind_parse(text, strlen(text), &address, &e) != SBIND_OK ||
        sbind_listen_all(&address, NULL, listeners + count, MOST - count, &n,
                         &e) != SBIND_OK)
        exit(refuse("restart", &e, text));
    for (; n > 0; n--, count++) {
        each[count] = &listeners[count];
        p[2 + count] = (struct pollfd){listeners[count].fd, POLLIN, 0};
    }
}

/* Returns the pipe on which the successor says that it is ready. */
static int start(char **argv)
{
    static sbind_passed passed;
    char **envp;
    int ends[2];
    if (sbind_pass(each, NULL, count, &passed, NULL) != SBIND_OK ||
        pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    /* move the listeners first: one of them can have the number READY */
    if (fork() == 0) {
        int end = fcntl(ends[1], F_DUPFD_CLOEXEC, READY + 1);
        if (sbind_pass_here(&passed, environ, &envp) == SBIND_OK &&
            dup2(end, READY) == READY)
            execvpe(argv[0], argv, envp);
        _exit(127);
    }
    return close(ends[1]) == 0 ? ends[0] : -1;
}

int main(int argc, char **argv)
{
    bool is_passed = getenv("LISTEN_FDS") != NULL;
    struct signalfd_siginfo signal;
    sbind_stream client;
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    sigprocmask(SIG_BLOCK, &hangup, NULL);
    p[0].fd = signalfd(-1, &hangup, SFD_CLOEXEC);
    for (int i = 1; i < (is_passed ? 2 : argc); i++)
        open_all(is_passed ? "fd://*" : argv[i]);
    if (is_passed && write(READY, "", 1) == 1)
        close(READY);
    while (poll(p, 2 + count, -1) > 0) {
        for (size_t i = 0; i < count; i++)
            if (sbind_accept(each[i], SBIND_BLOCKING, &client, NULL) == 0) {
                dprintf(client.fd, "%d\n", (int)getpid());
                sbind_close_stream(&client);
            }
        if (p[1].revents != 0 && read(p[1].fd, &signal, 1) == 1)
            /* the socket files stay, because the successor uses them */
            return 0;
        if (p[1].revents != 0 && close(p[1].fd) == 0)
            p[1].fd = -1; /* it has failed: go on */
        if (p[0].revents != 0 && read(p[0].fd, &signal, sizeof signal) > 0 &&
            p[1].fd < 0)
            p[1].fd = start(argv);
    }
}
