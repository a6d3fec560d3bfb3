/* listening.c - measures how long opening sockets takes: with sbind, with the
 * system calls alone, and with libevent
 *
 * For each line of its input, the program measures everything once. It writes
 * lines of "what;who;nanoseconds", and then "end". listening.py sends a line to
 * one program after the other, so that they take turns. Sockets are made in the
 * current directory.
 */
#define _GNU_SOURCE
#include <sbind/sbind.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifdef BENCH_EVENT
#include <event2/event.h>
#include <event2/listener.h>
#endif

enum { TIMES = 200, MANY = 1000, CLIENTS = 100, MODE = 0600, BACKLOG = 4096 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void say(const char *what, const char *who, double begin, int times)
{
    printf("%s;%s;%.1f\n", what, who, (now() - begin) / times);
}

/* A call that fails makes the figures worthless. */
static int must(int result)
{
    if (result < 0) {
        perror("listening");
        exit(1);
    }
    return result;
}

static sbind_address parsed(const char *text)
{
    sbind_address a;
    if (sbind_parse(text, strlen(text), &a, NULL) != SBIND_OK)
        exit(1);
    return a;
}

static sbind_listener opened(const sbind_address *a)
{
    sbind_listener l = SBIND_LISTENER_INIT;
    if (sbind_listen(a, NULL, &l, NULL) != SBIND_OK)
        exit(1);
    return l;
}

static void by_sbind(const char *what, const char *text)
{
    const sbind_address a = parsed(text);
    double begin = now();
    for (int i = 0; i < TIMES; i++) {
        sbind_listener l = opened(&a);
        sbind_close(&l, NULL);
    }
    say(what, "sbind", begin, TIMES);
}

/* ---- The calls alone: those of syscalls_test, in their order --------------------- */

static int new_socket(int family)
{
    return must(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static void ipv4_by_calls(const struct sockaddr_in *at)
{
    double begin = now();
    for (int i = 0; i < TIMES; i++) {
        int on = 1, fd = new_socket(AF_INET);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        must(bind(fd, (const void *)at, sizeof *at));
        must(listen(fd, BACKLOG));
        close(fd);
    }
    say("IPv4", "calls", begin, TIMES);
}

static int lock(int directory, struct stat *st)
{
    int fd = must(openat(
        directory, ".s.sbind",
        O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, MODE));
    fstat(fd, st);
    must(flock(fd, LOCK_EX | LOCK_NB));
    fstatat(directory, ".s.sbind", st, AT_SYMLINK_NOFOLLOW);
    return fd;
}

static void unlock(int directory, int fd)
{
    must(unlinkat(directory, ".s.sbind", 0));
    close(fd);
}

/* The reason for each call is in src/bind/posix/path.c. */
static void path_by_calls(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "./s"};
    double begin = now();
    for (int i = 0; i < TIMES; i++) {
        struct stat st;
        struct ucred maker;
        int listens;
        socklen_t size = sizeof listens;
        int directory =
            must(open(".", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        fstat(directory, &st);
        int held = lock(directory, &st);
        int fd = new_socket(AF_UNIX);
        fchmod(fd, MODE);
        must(bind(fd, (const void *)&at, sizeof at));
        int pin = must(openat(directory, "s", O_PATH | O_NOFOLLOW | O_CLOEXEC));
        fstat(pin, &st);
        must(listen(fd, BACKLOG));
        unlock(directory, held);
        getpid();

        getpid();
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
        size = sizeof maker;
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &maker, &size);
        fstat(directory, &st);
        held = lock(directory, &st);
        fstatat(directory, "s", &st, AT_SYMLINK_NOFOLLOW);
        fstat(pin, &st);
        must(unlinkat(directory, "s", 0));
        fstat(held, &st);
        fstatat(directory, ".s.sbind", &st, AT_SYMLINK_NOFOLLOW);
        unlock(directory, held);
        close(fd);
        close(directory);
        close(pin);
    }
    say("path", "calls", begin, TIMES);
}

/* ---- libevent ------------------------------------------------------------------- */

#ifdef BENCH_EVENT
static void by_event(const char *what, const void *at, size_t size)
{
    static struct event_base *base;
    if (base == NULL)
        base = event_base_new();
    double begin = now();
    for (int i = 0; i < TIMES; i++) {
        struct evconnlistener *l = evconnlistener_new_bind(
            base, NULL, NULL,
            LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC |
                LEV_OPT_DISABLED,
            BACKLOG, at, (int)size);
        must(l == NULL ? -1 : 0);
        evconnlistener_free(l);
        unlink("s");
    }
    say(what, "libevent", begin, TIMES);
}
#else
static void by_event(const char *what, const void *at, size_t size)
{
    (void)what, (void)at, (void)size;
}
#endif

/* ---- Many -------------------------------------------------------------------------- */

/* Makes the address of an abstract socket. The name of the socket, without the
 * @, begins at index 8. */
static void name_of(int i, char at[32])
{
    snprintf(at, 32, "unix://@sbind-%d-%d", getpid(), i);
}

/* Opens "count" listeners, so that all are open at once, and closes them.
 * Prints the time for one listener. */
static void several(const char *what, int count)
{
    static sbind_address addresses[MANY];
    static sbind_listener listeners[MANY];
    char text[32];
    for (int i = 0; i < count; i++) {
        name_of(i, text);
        addresses[i] = parsed(text);
    }
    double begin = now();
    for (int i = 0; i < count; i++)
        listeners[i] = opened(&addresses[i]);
    for (int i = 0; i < count; i++)
        sbind_close(&listeners[i], NULL);
    say(what, "sbind", begin, count);
}

static void several_by_calls(const char *what, int count)
{
    static struct sockaddr_un addresses[MANY];
    static socklen_t sizes[MANY];
    static int fds[MANY];
    char text[32];
    for (int i = 0; i < count; i++) {
        name_of(i, text);
        addresses[i].sun_family = AF_UNIX;
        strcpy(addresses[i].sun_path + 1, text + 8);
        sizes[i] = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                               strlen(text + 8) + 1);
    }
    double begin = now();
    for (int i = 0; i < count; i++) {
        fds[i] = new_socket(AF_UNIX);
        must(bind(fds[i], (const void *)&addresses[i], sizes[i]));
        must(listen(fds[i], BACKLOG));
    }
    for (int i = 0; i < count; i++)
        close(fds[i]);
    say(what, "calls", begin, count);
}

/* ---- Accepting ------------------------------------------------------------------- */

static void accepting(const sbind_listener *l, const struct sockaddr_in *at,
                      bool by_call)
{
    int clients[CLIENTS];
    sbind_stream streams[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        must(connect(clients[i], (const void *)at, sizeof *at));
    }
    double begin = now();
    for (int i = 0; i < CLIENTS; i++) {
        struct sockaddr_storage peer;
        socklen_t size = sizeof peer;
        streams[i] = (sbind_stream)SBIND_STREAM_INIT;
        if (by_call)
            streams[i].fd = must(accept4((int)l->fd, (void *)&peer, &size,
                                         SOCK_CLOEXEC | SOCK_NONBLOCK));
        else
            must(sbind_accept(l, SBIND_NONBLOCKING, &streams[i], NULL) ==
                         SBIND_OK
                     ? 0
                     : -1);
    }
    say("accept", by_call ? "calls" : "sbind", begin, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        close((int)streams[i].fd);
        close(clients[i]);
    }
}

int main(void)
{
    struct rlimit files;
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "s"};
    struct sockaddr_in at = {.sin_family = AF_INET};
    const sbind_address any = parsed("tcp://127.0.0.1:0");
    sbind_listener l = opened(&any);
    sbind_address own;
    char text[64], line[8];

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (sbind_local_address(&l, &own, NULL) != SBIND_OK)
        return 1;
    sbind_close(&l, NULL);
    snprintf(text, sizeof text, "tcp://127.0.0.1:%u", own.port);
    at.sin_port = htons(own.port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const sbind_address address = parsed(text);

    while (fgets(line, sizeof line, stdin) != NULL) {
        by_sbind("IPv4", text);
        ipv4_by_calls(&at);
        by_event("IPv4", &at, sizeof at);
        by_sbind("path", "unix://./s");
        path_by_calls();
        by_event("path", &path, sizeof path);
        several("one of 10", 10);
        several_by_calls("one of 10", 10);
        several("one of 1,000", MANY);
        several_by_calls("one of 1,000", MANY);
        l = opened(&address);
        accepting(&l, &at, false);
        accepting(&l, &at, true);
        sbind_close(&l, NULL);
        puts("end");
        fflush(stdout);
    }
    return 0;
}
