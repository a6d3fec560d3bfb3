/* connect.c - sbind connect: a client, copying both ways */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "number.h"
#include "rules.h"
#include "tcp_rows.h"

/* The command line, read. */
typedef struct request {
    sbind_connect_options options;
    ruleset rules; /* in the options if any is given */
    const char *address;
    bool accept_missing_pid;
    sbind_activation passed; /* to us; only if that is so */
} request;

/* Reads the environment for --accept-missing-pid and --passed-only. For other
 * options the library reads the environment itself, and then requires
 * LISTEN_PID. */
static int read_activation(const char *self, request *r, sbind_kind kind)
{
    sbind_error error;
    bool is_fd = sbind__is(kind, SBIND__FD);
    if (r->accept_missing_pid && !is_fd)
        return cli_usage(self, "--accept-missing-pid is for fd://");
    if (!r->accept_missing_pid && !(r->rules.policy.passed_only && is_fd))
        return DONE;
    r->options.activation = r->rules.policy.passed = &r->passed;
    return sbind_activation_take(
               r->accept_missing_pid ? SBIND_ACCEPT_MISSING_PID : 0, &r->passed,
               &error) == SBIND_OK
               ? DONE
               : cli_report(&error, "");
}

/* Copying reads and writes at the same time. For that, the handle of a pipe
 * must not block. A socket can block, and still be read and written at the same
 * time. */
static int connect_to(const char *self, request *r)
{
    sbind_connect_options *o = &r->options;
    const char *text = r->address;
    sbind_address address;
    sbind_error error;
    sbind_stream stream;
    int status = cli_parse_address(text, &address);
    if (status == DONE)
        status = read_activation(self, r, address.kind);
    if (status != DONE)
        return status;
    if (address.kind == SBIND_NPIPE)
        o->blocking = SBIND_NONBLOCKING;
    if (sbind_connect(&address, o, &stream, &error) != SBIND_OK)
        return rules_report(&error, text, &r->rules.policy);
    status = copy_both_ways(&stream);
    sbind_close_stream(&stream);
    return status;
}

/* ---- The command line ---------------------------------------------------- */

#define AT(member) offsetof(request, member)

static int read_timeout(const char *self, const option_row *row,
                        const char *text, void *at)
{
    int n, status = option_number(self, row, text, &n);
    if (status == DONE)
        *(int64_t *)at = n;
    return status;
}

static const option_row rows[] = {
    {"host", "ADDRESS", "the address to connect to, instead of an operand",
     option_text, .at = AT(address), .letter = 'H'},
    {"timeout", "MILLISECONDS",
     "give up connecting after this time; the default is 30000", read_timeout,
     .at = AT(options.timeout), .least = 1, .most = 86400000},
    {"attempt-delay", "MILLISECONDS",
     "wait this long before the next address of a host name is tried as well; "
     "the default is 250",
     option_number, .at = AT(options.attempt_delay),
     .least = SBIND_ATTEMPT_DELAY_MIN, .most = 86400000},
    {"receive-buffer", "OCTETS", "the size of the socket's receive buffer",
     option_number, .at = AT(options.receive_buffer), .least = 1,
     .most = INT32_MAX},
    {"send-buffer", "OCTETS", "the size of the socket's send buffer",
     option_number, .at = AT(options.send_buffer), .least = 1,
     .most = INT32_MAX},
    {.name = NULL},
};

static const option_row tcp_rows[] = {
    TCP_ROWS,
    {"device", "INTERFACE", "connect through this interface only", option_text,
     .at = AT(options.device)},
    {.name = NULL},
};

static const option_row fd_rows[] = {
    {"accept-missing-pid", NULL,
     "take passed sockets even if LISTEN_PID is not set", option_true,
     .at = AT(accept_missing_pid)},
    {.name = NULL},
};

static const option_row unix_rows[] = {
    {"refuse-descriptors", NULL, "let the server send no descriptors",
     option_set, .at = AT(options.refuse_descriptors), .value = SBIND_ON},
    {"unix-owner", "USER", "refuse a server that USER does not run",
     option_user, .at = AT(options.unix_owner),
     .takes = "a user of this machine, or " NUMBER_OF_AN_ID},
    {.name = NULL},
};

static const option_row pipe_rows[] = {
    {"pipe-owner", "SID,...", "refuse a pipe that none of these users owns",
     option_text, .at = AT(options.pipe_owner)},
    {"pipe-server", "PID", "refuse a pipe that process PID does not serve",
     option_number, .at = AT(options.pipe_server), .least = 1,
     .most = INT32_MAX, .takes = "a process id"},
    {"pipe-anonymous", NULL, "do not tell the server who this user is",
     option_set, .at = AT(options.pipe_anonymous), .value = SBIND_ON},
    {"pipe-remote", NULL, "allow a pipe of another machine", option_set,
     .at = AT(options.pipe_remote), .value = SBIND_ON},
    {.name = NULL},
};

static int connect_run(int argc, char **argv)
{
    request r = {.rules = rules_none()};
    operands o;
    if (cli_fill_standard_descriptors() != DONE)
        return SYSTEM;
    sbind_connect_options_init(&r.options);
    r.options.blocking = SBIND_BLOCKING;
    if (option_read(&connect_subcommand, argc, argv, &r, &o) != DONE)
        return USAGE;
    if (r.rules.given)
        r.options.policy = &r.rules.policy;
    if (o.first < argc && r.address == NULL)
        r.address = argv[o.first++];
    if (r.address == NULL)
        r.address = cli_host();
    if (r.address == NULL || o.first < argc)
        return cli_usage(argv[0], "one address is needed");
    return connect_to(argv[0], &r);
}

const subcommand connect_subcommand = {
    .name = "connect",
    .run = connect_run,
    .usages = {{"[OPTIONS] ADDRESS", "connect, and copy between the server and "
                                     "standard input and output"}},
    .about = "Connects. Then copies standard input to the server, and what the "
             "server sends to standard output, until both have ended.",
    .groups = {{.rows = rows},
               {RULES_TITLE, rules_rows, AT(rules), .once = true},
               {.title = "for TCP", .rows = tcp_rows},
               {.title = "for fd://", .rows = fd_rows},
               {.title = "for unix sockets", .rows = unix_rows},
               {.title = "for pipes of Windows", .rows = pipe_rows}},
};
