/* serve_options.c - checks which options of sbind listen for its command go
 * together */
#include "cli.h"

#include <stdint.h>
#include <string.h>

#include "listen.h"

/* ---- Variables ------------------------------------------------------------------ */

/* The variables that sbind sets itself. REMOTE_ADDR and REMOTE_PORT are checked
 * later, because only --accept sets them. */
static const char *const own[] = {"LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS",
                                  "LISTEN_FDNAMES"};
static const char *const peers[] = {"REMOTE_ADDR", "REMOTE_PORT"};

static bool is_named(const char *variable, const char *name)
{
    const size_t length = strlen(name);
    return strncmp(variable, name, length) == 0 &&
           (variable[length] == '=' || variable[length] == '\0');
}

static const char *find_named(const char *variable, const char *const *names,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_named(variable, names[i]))
            return names[i];
    return NULL;
}

/* A name as in shells. */
static bool has_name(const char *variable)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz_";
    const size_t length =
        strspn(variable, letters) > 0
            ? strspn(variable, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz_0123456789")
            : 0;
    return length > 0 && (variable[length] == '=' || variable[length] == '\0');
}

int serving_add_variable(const char *self, const char *variable, serving *s)
{
    if (!has_name(variable))
        return cli_usage(self,
                         "--setenv takes NAME or NAME=VALUE, with letters, "
                         "digits and _ in NAME");
    const char *name = find_named(variable, own, sizeof own / sizeof *own);
    if (name != NULL)
        return cli_usage(self, "%s is set by sbind itself", name);
    if (s->variable_count == VARIABLES_MAX)
        return cli_usage(self, "too many variables");
    s->variables[s->variable_count++] = variable;
    return DONE;
}

/* ---- Together --------------------------------------------------------------------- */

static bool may_be_unix(sbind_kind kind)
{
    return sbind__is(kind, SBIND__FD | SBIND__UNIX);
}

static bool may_be_tcp(sbind_kind kind)
{
    return sbind__is(kind, SBIND__FD | SBIND__TCP);
}

static int check_limits(const char *self, const request *r)
{
    const serving *s = &r->serving;
    if (s->max_per_user > 0 && !listen_any(r, may_be_unix))
        return cli_usage(self, "--max-connections-per-user is for unix "
                               "sockets: TCP does not tell the user");
    if (s->max_per_address > 0 && !listen_any(r, may_be_tcp))
        return cli_usage(self, "--max-connections-per-address is for TCP");
    return DONE;
}

static int check_accept(const char *self, const request *r)
{
    const serving *s = &r->serving;
    if (s->lazy)
        return cli_usage(self, "--accept starts no command before there is a "
                               "client: leave --lazy out");
    for (size_t i = 0; i < s->variable_count; i++) {
        const char *name = find_named(s->variables[i], peers, 2);
        if (name != NULL)
            return cli_usage(self, "%s is set by --accept", name);
    }
    return check_limits(self, r);
}

int serving_check(const char *self, const request *r)
{
    const serving *s = &r->serving;
    if (s->inetd && r->name_count > 0)
        return cli_usage(self, "--name is for sockets that are passed, and "
                               "--inetd passes none");
    if (s->accept)
        return check_accept(self, r);
    if (s->max_connections > 0 || s->max_per_user > 0 || s->max_per_address > 0)
        return cli_usage(self, "limits of connections need --accept");
    if (s->inetd && r->address_count > 1)
        return cli_usage(self, "--inetd is for one address, or goes with "
                               "--accept");
    return DONE;
}

/* Makes the listener non-blocking for --accept. Several processes may accept
 * from it. If it blocked, one of them could wait for a client that another has
 * already accepted. */
void serving_settle(request *r)
{
    if (!r->serving.accept)
        return;
    r->serving.blocking = r->options.blocking == SBIND_NONBLOCKING
                              ? SBIND_NONBLOCKING
                              : SBIND_BLOCKING;
    r->options.blocking = SBIND_NONBLOCKING;
}
