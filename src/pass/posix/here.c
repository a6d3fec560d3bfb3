/* posix/here.c - prepares descriptors and environment in a child process
 *
 * Every function here is async-signal-safe, and so is every function that it
 * calls. The test "symbols" checks that. */
#define _POSIX_C_SOURCE 200809L
#include <sbind/pass.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* ---- Descriptors ------------------------------------------------------------- */

static bool note_failure(sbind_passed *passed, const char *call)
{
    passed->call = call;
    passed->os_error = errno;
    return false;
}

static int place_of(size_t i) { return SBIND_LISTEN_FDS_START + (int)i; }

/* Moves descriptors that would be overwritten. The places 3, 4, ... are filled
 * in order. A descriptor whose number is an earlier place than its own would be
 * overwritten before its turn, so it moves up first. A descriptor whose number
 * is a later place is still there when its turn comes. */
static bool make_way(sbind_passed *passed, int *fds)
{
    const int end = place_of(passed->count);
    for (size_t i = 0; i < passed->count; i++) {
        if (fds[i] < SBIND_LISTEN_FDS_START || fds[i] >= place_of(i))
            continue;
        fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, end);
        if (fds[i] < 0)
            return note_failure(passed, "fcntl F_DUPFD_CLOEXEC");
    }
    return true;
}

/* Puts a descriptor in its place. dup2 clears close-on-exec, but not if the
 * descriptor is there already. */
static bool put_at(sbind_passed *passed, int fd, int place)
{
    int result;
    if (fd == place) {
        result = fcntl(fd, F_SETFD, 0);
        return result < 0 ? note_failure(passed, "fcntl F_SETFD") : true;
    }
    do
        result = dup2(fd, place);
    while (result < 0 && errno == EINTR);
    return result < 0 ? note_failure(passed, "dup2") : true;
}

static bool place_descriptors(sbind_passed *passed)
{
    int fds[SBIND_PASS_MAX];
    memcpy(fds, passed->fds, sizeof fds);
    if (!make_way(passed, fds))
        return false;
    for (size_t i = 0; i < passed->count; i++)
        if (!put_at(passed, fds[i], place_of(i)))
            return false;
    for (size_t i = 0; i < passed->count; i++)
        if (fds[i] != passed->fds[i])
            close(fds[i]);
    return true;
}

/* ---- Variables ---------------------------------------------------------------- */

static bool is_ours(const char *variable)
{
    static const char *const names[] = {
        "LISTEN_PID=", "LISTEN_PIDFDID=", "LISTEN_FDS=", "LISTEN_FDNAMES="};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(variable, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static char *put_number(char *to, const char *name, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits, length = strlen(name);
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    memcpy(to, name, length);
    memcpy(to + length, digits + n, sizeof digits - n);
    to[length + sizeof digits - n] = '\0';
    return to;
}

/* How many variables of envp are kept. */
static size_t count_others(char *const envp[])
{
    size_t n = 0;
    for (; envp != NULL && *envp != NULL; envp++)
        n += !is_ours(*envp);
    return n;
}

/* Adds the variables for this process. The id of its pidfd stays the same over
 * exec. It is 0 on systems that do not have such ids. */
static void add_own(sbind_passed *passed, char **to)
{
    const uint64_t id = sbind_own_pidfdid();
    *to++ = put_number(passed->numbers[0], "LISTEN_PID=", (uint64_t)getpid());
    if (id != 0)
        *to++ = put_number(passed->numbers[1], "LISTEN_PIDFDID=", id);
    *to++ = put_number(passed->numbers[2], "LISTEN_FDS=", passed->count);
    if (passed->names[0] != '\0')
        *to++ = passed->names;
    *to = NULL;
}

sbind_status sbind_pass_here(sbind_passed *passed, char *const envp[],
                             char ***ret_envp)
{
    const bool has_room = passed->room != NULL;
    char **room = has_room ? passed->room : passed->variables;
    const size_t cap =
        has_room ? passed->room_count
                 : sizeof passed->variables / sizeof *passed->variables;
    const size_t others = count_others(envp);
    char **to = room;
    if (cap < 5 || others > cap - 5) /* four of ours, and NULL */
        return SBIND_BUFFER_TOO_SMALL;
    if (!place_descriptors(passed))
        return SBIND_SYSTEM;
    for (size_t i = 0; to < room + others; i++)
        if (!is_ours(envp[i]))
            *to++ = envp[i];
    *to = NULL;
    if (passed->count > 0)
        add_own(passed, to);
    *ret_envp = room;
    return SBIND_OK;
}
