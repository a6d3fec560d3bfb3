/* posix/serve.c - how sbind listen runs a command */
#define _POSIX_C_SOURCE 200809L /* sigaction */
#include "../serve.h"

#include <poll.h>
#include <string.h>

#include "../cli.h"
#include "../launch.h"
#include "announce.h"
#include "clients.h"
#include "drop.h"
#include "find.h"
#include "signals.h"
#include "variables.h"

static signals taken; /* used only if sbind waits for a client */

static bool waits(const request *r)
{
    return r->serving.accept || r->serving.lazy;
}

int serve_prepare(const char *self, const request *r)
{
    int status = drop_check(self, r->no_new_privs);
    if (status == DONE)
        status = announce_check(self, r);
    if (status != DONE || !waits(r))
        return status;
    status = find_command(r->command[0], variables_value(&r->serving, "PATH"));
    return status == DONE ? signals_take(r->serving.accept, &taken) : status;
}

static int become_command(const request *r, opened *o)
{
    const char *names[LISTENERS_MAX]; /* one for each socket */
    launch l = {.command = r->command,
                .listeners = o->listeners,
                .count = o->count,
                .names = r->name_count > 0 ? names : NULL,
                .passed = &r->passed,
                .who = &r->who,
                .no_new_privs = r->no_new_privs,
                .close_fds = r->close_fds,
                .inetd = r->serving.inetd};
    for (size_t i = 0; r->name_count > 0 && i < o->count; i++)
        names[i] = r->names[r->name_count > 1 ? o->address_of[i] : 0];
    return launch_command(&l);
}

/* Waits for a client, restores the signals, and becomes the command. */
static int become_later(const request *r, opened *o)
{
    int status = clients_await(o, &taken);
    if (status != DONE || taken.end != 0)
        return status;
    signals_give_back(&taken);
    return become_command(r, o);
}

static int become_server(const request *r, opened *o)
{
    if (r->serving.accept)
        return clients_serve(r, o, &taken);
    return r->serving.lazy ? become_later(r, o) : become_command(r, o);
}

int serve_command(const request *r, opened *o)
{
    int status = variables_set(&r->serving);
    if (status == DONE)
        status = announce(r, o);
    if (status == DONE)
        status = become_server(r, o);
    listen_close(o);
    return signals_end(&taken, status);
}

/* Waits, but ends early for a signal that sbind handles. Such a signal is blocked, so
 * it has to be read from its descriptor. */
int serve_pause(const request *r, int milliseconds)
{
    const bool is_taken = r->command != NULL && waits(r);
    struct pollfd signal = {taken.fd, POLLIN, 0};
    poll(&signal, is_taken ? 1 : 0, milliseconds);
    if (is_taken)
        signals_read(&taken);
    return signals_end(&taken, taken.end == 0 ? DONE : SYSTEM);
}
