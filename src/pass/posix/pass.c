/* posix/pass.c - checks which sockets a child process is to get, and records them */
#include <sbind/pass.h>

#include <fcntl.h>
#include <string.h>

#include <sbind/parse.h>

#include "../../status/error.h"
#include "../../status/writer.h"

#define SCHEME "fd://"
#define NAME_MAX_OCTETS 255

/* Checks the name of a socket: fd://NAME must be able to mean it. */
static sbind_status check_name(const char *name, sbind_error *reterr)
{
    const size_t before = sizeof SCHEME - 1;
    char text[sizeof SCHEME + NAME_MAX_OCTETS + 1];
    sbind__writer to = {text, sizeof text, 0, false};
    size_t length = strlen(name);
    sbind_address a;
    sbind_error e;
    sbind__put_text(&to, SCHEME);
    sbind__put(&to, name,
               length > NAME_MAX_OCTETS ? NAME_MAX_OCTETS + 1 : length);
    if (sbind_parse(text, to.length, &a, &e) != SBIND_OK)
        return sbind__fail_at(SBIND_BAD_FD_NAME,
                              e.offset > before ? e.offset - before : 0, NULL,
                              reterr);
    if (a.kind != SBIND_FD_NAME)
        return sbind__fail_at(SBIND_BAD_FD_NAME, 0,
                              "numbers, * and nothing are no names", reterr);
    return SBIND_OK;
}

static sbind_status check_listener(const sbind_listener *l, sbind_error *reterr)
{
    if (l->kind == 0 || l->fd < 0)
        return sbind__fail_hint(SBIND_FD_CLOSED,
                                "the listener is empty: it was never opened, "
                                "or it was closed",
                                reterr);
    if (fcntl(l->fd, F_GETFD) < 0) {
        sbind__fail_hint(SBIND_FD_CLOSED,
                         "descriptors are passed while they are open", reterr);
        reterr->fds[0] = l->fd;
        return SBIND_FD_CLOSED;
    }
    return SBIND_OK;
}

static sbind_status check_all(const sbind_listener *const *listeners,
                              const char *const *names, size_t count,
                              sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    if (count > SBIND_PASS_MAX)
        return sbind__fail_hint(SBIND_TOO_MANY_PASSED,
                                "pass at most 256 descriptors to a child",
                                reterr);
    for (size_t i = 0; s == SBIND_OK && i < count; i++) {
        s = check_listener(listeners[i], reterr);
        if (s != SBIND_OK || names == NULL)
            continue;
        s = check_name(names[i], reterr);
        if (s != SBIND_OK)
            reterr->fds[0] = listeners[i]->fd;
    }
    return s;
}

/* Writes the names into an array that has room for the longest ones. */
static void put_names(const char *const *names, size_t count, sbind_passed *ret)
{
    sbind__writer to = {ret->names, sizeof ret->names, 0, false};
    for (size_t i = 0; i < count; i++) {
        sbind__put_text(&to, i == 0 ? "LISTEN_FDNAMES=" : ":");
        sbind__put_text(&to, names[i]);
    }
    sbind__put_end(&to);
}

sbind_status sbind_pass(const sbind_listener *const *listeners,
                        const char *const *names, size_t count,
                        sbind_passed *ret, sbind_error *reterr)
{
    sbind_error error;
    sbind_status s = check_all(listeners, names, count, &error);
    if (s != SBIND_OK) {
        if (reterr != NULL)
            *reterr = error;
        return s;
    }
    memset(ret, 0, sizeof *ret);
    ret->count = count;
    for (size_t i = 0; i < count; i++)
        ret->fds[i] = listeners[i]->fd;
    if (names != NULL)
        put_names(names, count, ret);
    return SBIND_OK;
}
