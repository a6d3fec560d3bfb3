/* listen.c - sbind listen: sockets for another program, or for one client */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "listen.h"
#include "serve.h"

/* Reads the environment. Passed sockets that no address asks for must not stay
 * open in the command. If the environment is malformed, it is unknown which
 * descriptors these are, so the command is refused. But if no address needs the
 * environment, and LISTEN_PID does not name this process, the mistake does not
 * matter. */
static int read_activation(const char *self, request *r)
{
    unsigned flags = r->accept_missing_pid ? SBIND_ACCEPT_MISSING_PID : 0;
    bool is_asked_for = listen_any(r, listen_is_inherited);
    sbind_error error;
    if (r->accept_missing_pid && !is_asked_for)
        return cli_usage(self, "--accept-missing-pid is for fd://");
    if (r->command == NULL && !r->accept_missing_pid &&
        !r->rules.policy.passed_only)
        return DONE; /* the library reads the environment if it has to */
    r->options.activation = r->rules.policy.passed = &r->passed;
    if (sbind_activation_take(flags, &r->passed, &error) == SBIND_OK ||
        (!is_asked_for && strcmp(error.variable, "LISTEN_PID") == 0))
        return DONE;
    return cli_report(&error, "");
}

/* ---- Serving ------------------------------------------------------------------- */

/* Serves one client. Closes the listener before copying begins. */
static int serve_one(const request *r, opened *o)
{
    sbind_stream stream;
    sbind_error error;
    sbind_status s;
    do
        s = sbind_accept(&o->listeners[0], SBIND_BLOCKING, &stream, &error);
    while (s == SBIND_WOULD_BLOCK || s == SBIND_INTERRUPTED);
    listen_close(o);
    if (s != SBIND_OK)
        return cli_report(&error, r->texts[0]);
    /* descriptor 0 may have been fd://0 */
    if (cli_fill_standard_descriptors() != DONE)
        return cli_failed("open /dev/null");
    int status = copy_both_ways(&stream);
    sbind_close_stream(&stream);
    return status;
}

int listen_run(int argc, char **argv)
{
    static request r; /* 700 KB together: too much for some stacks */
    static opened o;
    if (cli_fill_standard_descriptors() != DONE)
        return SYSTEM;
    int status = listen_read(argc, argv, &r);
    if (status == DONE)
        status = read_activation(argv[0], &r);
    if (status == DONE)
        status = identity_resolve(argv[0], &r.who);
    if (status == DONE && r.command != NULL)
        status = serve_prepare(argv[0], &r);
    if (status != DONE)
        return status;
    if (r.command == NULL)
        r.options.blocking = SBIND_BLOCKING;
    status = listen_open(&r, &o);
    if (status == DONE)
        status = r.command != NULL ? serve_command(&r, &o) : serve_one(&r, &o);
    free(r.who.groups);
    return status;
}
