/* connect.c - sbind connect: a client, copying both ways */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "option.h"
#include "rules.h"

static const struct option options[] = {
    {"host", required_argument, NULL, 'H'},
    {"timeout", required_argument, NULL, 't'},
    {"attempt-delay", required_argument, NULL, 'a'},
    {"nodelay", no_argument, NULL, 'n'},
    {"keepalive", no_argument, NULL, 'k'},
    {"device", required_argument, NULL, 'd'},
    {"receive-buffer", required_argument, NULL, 'r'},
    {"send-buffer", required_argument, NULL, 's'},
    {"unix-owner", required_argument, NULL, 'u'},
    {"pipe-owner", required_argument, NULL, 'o'},
    {"pipe-server", required_argument, NULL, 'p'},
    {"pipe-anonymous", no_argument, NULL, 'A'},
    {"pipe-remote", no_argument, NULL, 'R'},
    {"accept-missing-pid", no_argument, NULL, 'm'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "usage: sbind connect [OPTIONS] ADDRESS\n"
    "  Connects, then copies standard input to the server and the server to\n"
    "  standard output, until both have ended.\n"
    "  -H, --host ADDRESS      the same as the operand\n"
    "  --timeout MILLISECONDS  for connecting, 30000 unless given\n"
    "  --attempt-delay MILLISECONDS  until the next address of a name is "
    "tried\n"
    "                          beside the others, 250 unless given\n"
    "  --nodelay  --keepalive  --device INTERFACE\n"
    "  --receive-buffer OCTETS  --send-buffer OCTETS\n"
    "which addresses are refused, as by sbind check:\n"
    "  --strict  --absolute  --no-abstract  --numeric  --local-pipe\n"
    "  --no-wildcard  --passed-only  --within=DIR  --loopback  --portable\n"
    "  --scheme=LIST\n"
    "for fd://:\n"
    "  --accept-missing-pid    also when LISTEN_PID is not set\n"
    "for unix sockets:\n"
    "  --unix-owner USER       refuse any but this user's server\n"
    "for pipes of Windows:\n"
    "  --pipe-owner SID        refuse any but this user's pipe\n"
    "  --pipe-server PID       refuse any but this process's pipe\n"
    "  --pipe-anonymous        do not tell the server who this user is\n"
    "  --pipe-remote           allow a pipe of another machine";

/* The command line, read. */
typedef struct request {
    sbind_connect_options options;
    ruleset rules; /* in the options if any is given */
    const char *address;
    bool accept_missing_pid;
    sbind_activation passed; /* to us; only if that is so */
} request;

/* The library reads the environment by itself, and insists on LISTEN_PID. */
static int read_activation(const char *self, request *r, sbind_kind kind)
{
    sbind_error error;
    bool is_fd = strcmp(sbind_scheme(kind), "fd") == 0;
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

/* Copying reads and writes a pipe at the same time, which takes a handle that
 * does not block; a socket can block and do both. */
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

static int read_unix_owner(const char *self, sbind_connect_options *o)
{
    uint32_t unused;
    return number_read_user(optarg, &o->unix_owner, &unused)
               ? DONE
               : cli_usage(self, "--unix-owner takes a user of this machine, "
                                 "or " NUMBER_OF_AN_ID);
}

/* Options of pipes. */
static int read_pipe_option(const char *self, int c, sbind_connect_options *o)
{
    int process;
    switch (c) {
    case 'o':
        o->pipe_owner = optarg;
        return DONE;
    case 'p':
        if (!number_read(optarg, 1, INT32_MAX, &process))
            return cli_usage(self, "--pipe-server takes a process id");
        o->pipe_server = (uint32_t)process;
        return DONE;
    case 'A':
        o->pipe_anonymous = SBIND_ON;
        return DONE;
    case 'R':
        o->pipe_remote = SBIND_ON;
        return DONE;
    default: /* option_next has said what is wrong */
        return USAGE;
    }
}

/* One option; DONE, or the exit status. */
static int read_option(const char *self, int c, sbind_connect_options *o)
{
    int n;
    switch (c) {
    case 't':
        if (!number_read(optarg, 1, 86400000, &n))
            return cli_usage(self, "--timeout takes 1 to 86400000");
        o->timeout = n;
        return DONE;
    case 'a':
        if (!number_read(optarg, SBIND_ATTEMPT_DELAY_MIN, 86400000, &n))
            return cli_usage(self, "--attempt-delay takes 10 to 86400000");
        o->attempt_delay = n;
        return DONE;
    case 'n':
        o->nodelay = SBIND_ON;
        return DONE;
    case 'k':
        o->keepalive = SBIND_ON;
        return DONE;
    case 'd':
        o->device = optarg;
        return DONE;
    case 'r':
        return number_read(optarg, 1, INT32_MAX, &o->receive_buffer)
                   ? DONE
                   : cli_usage(self, "--receive-buffer takes 1 to 2147483647");
    case 's':
        return number_read(optarg, 1, INT32_MAX, &o->send_buffer)
                   ? DONE
                   : cli_usage(self, "--send-buffer takes 1 to 2147483647");
    case 'u':
        return read_unix_owner(self, o);
    default:
        return read_pipe_option(self, c, o);
    }
}

int cli_connect(int argc, char **argv)
{
    struct option all[RULE_OPTIONS + sizeof options / sizeof *options];
    request r = {.address = NULL};
    int c;
    rules_list(all);
    memcpy(all + RULE_OPTIONS, options, sizeof options);
    if (option_is_help(argc, argv))
        return cli_help(help);
    if (cli_fill_standard_descriptors() != DONE)
        return SYSTEM;
    sbind_policy_init(&r.rules.policy);
    sbind_connect_options_init(&r.options);
    r.options.blocking = SBIND_BLOCKING;
    while ((c = option_next(argc, argv, "+:hH:", all)) != -1) {
        int status = DONE;
        if (c == 'H')
            r.address = optarg;
        else if (c == 'm')
            r.accept_missing_pid = true;
        else if (rules_has(c))
            status = rules_read(argv[0], c, &r.rules);
        else
            status = read_option(argv[0], c, &r.options);
        if (status != DONE)
            return status;
    }
    if (rules_any(&r.rules))
        r.options.policy = &r.rules.policy;
    if (optind < argc && r.address == NULL)
        r.address = argv[optind++];
    if (r.address == NULL)
        r.address = cli_host();
    if (r.address == NULL || optind < argc)
        return cli_usage(argv[0], "one address is needed");
    return connect_to(argv[0], &r);
}
