/* win32/serve.c - sbind listen on Windows, where programs take no sockets as
 * with sd_listen_fds */
#include "../serve.h"

#include <windows.h>

#include "../cli.h"

/* The first option in use that does not exist on Windows, or NULL. */
static const char *first_given(const serving *s)
{
    const struct {
        bool is_given;
        const char *name;
    } options[] = {
        {s->accept, "--accept"},
        {s->inetd, "--inetd"},
        {s->lazy, "--lazy"},
        {s->max_connections > 0, "--max-connections"},
        {s->max_per_user > 0, "--max-connections-per-user"},
        {s->max_per_address > 0, "--max-connections-per-address"},
        {s->print_address, "--print-address"},
        {s->ready_fd != 0, "--ready-fd"},
        {s->variable_count > 0, "--setenv"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].is_given)
            return options[i].name;
    return NULL;
}

int serve_prepare(const char *self, const request *r)
{
    const char *name = first_given(&r->serving);
    if (name == NULL)
        return DONE;
    return cli_usage(self, "there is no %s on Windows", name);
}

int serve_command(const request *r, opened *o)
{
    (void)r;
    listen_close(o);
    cli_say(stderr, "sbind: on Windows no sockets can be passed to a command; "
                    "leave it out to serve one client");
    return SYSTEM;
}

int serve_pause(const request *r, int milliseconds)
{
    (void)r;
    Sleep((DWORD)milliseconds);
    return DONE;
}
