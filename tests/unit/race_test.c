/* race_test.c - can another user connect before the file has its final mode?
 * Can another user make us change a file that this user chooses?
 *
 * The other user is a process with uid 1000 that never rests. The test also
 * runs starters as they are often written, and has to catch them. Otherwise it
 * could not fail.
 *
 * Promises: P5 P6 */
#define _GNU_SOURCE /* setresuid */
#include "support.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

enum {
    OTHER = 1000,
    ROUNDS = 2500,
    SWAPS = 1000,
    ATTEMPTS = 3, /* the least number of rounds where success needs luck */
    ROUNDS_BAD = 100000
};

/* The name at which a socket "s" is bound when it replaces a live one. */
#define HIDDEN ".s.sbind-new"

static char directory[] = "/tmp/sbind-race-XXXXXX";
static struct shared {
    atomic_int hits;     /* he got in */
    atomic_int attempts; /* how often the other user has tried */
    atomic_bool begun;
} * shared;

static const char *path_of(const char *name)
{
    static char text[2][96];
    static int turn;
    turn = !turn;
    snprintf(text[turn], sizeof text[turn], "%s/%s", directory, name);
    return text[turn];
}

static struct sockaddr_un name_of(const char *name)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    snprintf(sa.sun_path, sizeof sa.sun_path, "%s", path_of(name));
    return sa;
}

/* ---- The other user ------------------------------------------------------------- */

static void connect_on_and_on(void)
{
    const struct sockaddr_un names[] = {name_of("s"), name_of(HIDDEN)};
    for (unsigned i = 0;; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(fd, (const struct sockaddr *)&names[i % 2],
                    sizeof names[0]) == 0)
            atomic_fetch_add(&shared->hits, 1);
        atomic_fetch_add(&shared->attempts, 1);
        close(fd);
    }
}

/* Puts links to the victim at every name at which a starter may make a
 * socket. */
static void swap_on_and_on(void)
{
    char link[96], victim[96], names[2][96];
    snprintf(victim, sizeof victim, "%s", path_of("victim"));
    snprintf(names[0], sizeof names[0], "%s", path_of("open/s"));
    snprintf(names[1], sizeof names[1], "%s", path_of("open/" HIDDEN));
    snprintf(link, sizeof link, "%s", path_of("open/link"));
    for (unsigned i = 0;; i++) {
        struct stat st;
        if (lstat(names[i % 2], &st) != 0 || !S_ISSOCK(st.st_mode))
            continue;
        if (symlink(victim, link) == 0 && rename(link, names[i % 2]) == 0)
            atomic_fetch_add(&shared->attempts, 1);
    }
}

static pid_t start(void (*what)(void))
{
    pid_t pid;
    atomic_store(&shared->hits, 0);
    atomic_store(&shared->attempts, 0);
    atomic_store(&shared->begun, false);
    pid = fork();
    if (pid == 0) {
        if (setresgid(OTHER, OTHER, OTHER) != 0 ||
            setresuid(OTHER, OTHER, OTHER) != 0 ||
            prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
            _exit(1);
        atomic_store(&shared->begun, true);
        what();
    }
    assert_true(pid > 0);
    while (!atomic_load(&shared->begun))
        usleep(1000);
    return pid;
}

static void stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* ---- Before the mode forbids it --------------------------------------------------- */

static void listen_ours(void)
{
    char text[128];
    sbind_address a;
    sbind_listener l;
    snprintf(text, sizeof text, "unix://%s", path_of("s"));
    a = parsed(text);
    assert_status(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    sbind_close(&l, NULL);
}

static void bind_listen_narrow(void)
{
    const struct sockaddr_un name = name_of("s");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(fd, 8), 0);
    usleep(100);
    assert_int_equal(chmod(name.sun_path, 0600), 0);
    unlink(name.sun_path);
    close(fd);
}

static int hits(void (*starter)(void), int rounds)
{
    pid_t pid = start(connect_on_and_on);
    for (int i = 0; i < rounds && atomic_load(&shared->hits) == 0; i++)
        starter();
    while (atomic_load(&shared->hits) == 0 &&
           atomic_load(&shared->attempts) < rounds)
        starter(); /* the machine was so busy that the other user rested */
    stop(pid);
    return atomic_load(&shared->hits);
}

static void nobody_gets_in_before_the_mode_forbids_it(void **state)
{
    mode_t own = umask(0);
    (void)state;
    assert_int_equal(hits(listen_ours, ROUNDS), 0);
    assert_int_not_equal(hits(bind_listen_narrow, ROUNDS_BAD), 0);
    umask(own);
}

/* ---- A file of his choice ---------------------------------------------------------- */

static bool is_untouched(void)
{
    struct stat st;
    assert_int_equal(stat(path_of("victim"), &st), 0);
    return st.st_mode == (S_IFREG | 0600) && st.st_uid == 0 && st.st_gid == 0;
}

static void clear(void)
{
    DIR *d = opendir(path_of("open"));
    const struct dirent *entry;
    while ((entry = readdir(d)) != NULL)
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
}

/* The other user can decide whether chmod works, but not which file it
 * changes. */
static void listen_ours_openly(void)
{
    char text[128];
    sbind_address a;
    sbind_listener l;
    sbind_listen_options o;
    snprintf(text, sizeof text, "unix://%s", path_of("open/s"));
    a = parsed(text);
    sbind_listen_options_init(&o);
    o.any_directory = true;
    o.mode = 0666;
    o.owner = OTHER;
    if (sbind_listen(&a, &o, &l, NULL) == SBIND_OK)
        sbind_close(&l, NULL);
    clear();
}

static void bind_and_widen(void)
{
    const struct sockaddr_un name = name_of("open/s");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (const struct sockaddr *)&name, sizeof name) == 0) {
        usleep(100);
        chmod(name.sun_path, 0666);
    }
    close(fd);
    clear();
}

static bool changes_the_victim(void (*starter)(void), int rounds)
{
    pid_t pid;
    bool is_changed = false;
    assert_int_equal(chmod(path_of("victim"), 0600), 0);
    pid = start(swap_on_and_on);
    for (int i = 0; !is_changed &&
                    (i < rounds || atomic_load(&shared->attempts) < ATTEMPTS);
         i++) {
        starter();
        is_changed = !is_untouched();
    }
    stop(pid);
    clear();
    return is_changed;
}

static void nobody_chooses_which_file_is_changed(void **state)
{
    mode_t own = umask(077);
    (void)state;
    assert_false(changes_the_victim(listen_ours_openly, SWAPS));
    assert_true(changes_the_victim(bind_and_widen, ROUNDS_BAD));
    umask(own);
}

/* ---- The ground ----------------------------------------------------------------------- */

static int prepare(void **state)
{
    int fd;
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chmod(directory, 0755), 0);
    assert_int_equal(mkdir(path_of("open"), 0777), 0);
    assert_int_equal(chmod(path_of("open"), 0777), 0);
    fd = openat(AT_FDCWD, path_of("victim"), O_CREAT | O_WRONLY, 0600);
    return close(fd);
}

static int clear_up(void **state)
{
    (void)state;
    rmdir(path_of("open"));
    unlink(path_of("victim"));
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_gets_in_before_the_mode_forbids_it),
        cmocka_unit_test(nobody_chooses_which_file_is_changed),
    };
    if (geteuid() != 0) {
        fputs("SKIPPED: only root can be two users\n", stderr);
        return 77;
    }
    limit_time();
    return cmocka_run_group_tests(tests, prepare, clear_up);
}
