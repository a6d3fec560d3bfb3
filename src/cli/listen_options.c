/* listen_options.c - the command line of sbind listen */
#include "cli.h"

#include <string.h>

#include "help.h"
#include "listen.h"
#include "number.h"
#include "tcp_rows.h"

/* ---- Options ------------------------------------------------------------- */

static int add_word(const char *self, const char *what, const char *text,
                    const char **list, size_t *count)
{
    if (*count == LISTENERS_MAX)
        return cli_usage(self, "too many %s", what);
    list[(*count)++] = text;
    return DONE;
}

static int read_host(const char *self, const option_row *row,
                     const char *option, void *at)
{
    request *r = at;
    (void)row;
    return add_word(self, "addresses", option, r->texts, &r->address_count);
}

/* Checks a name for a socket. If fd://NAME cannot mean it, that is a usage
 * error. */
static int read_name(const char *self, const option_row *row,
                     const char *option, void *at)
{
    request *r = at;
    char text[SBIND_TEXT_MAX + 8];
    sbind_address address;
    int n = snprintf(text, sizeof text, "fd://%s", option);
    if (n < 0 || (size_t)n >= sizeof text ||
        sbind_parse(text, (size_t)n, &address, NULL) != SBIND_OK ||
        address.kind != SBIND_FD_NAME)
        return option_refused(self, row);
    return add_word(self, "names", option, r->names, &r->name_count);
}

static int read_variable(const char *self, const option_row *row,
                         const char *option, void *at)
{
    request *r = at;
    (void)row;
    return serving_add_variable(self, option, &r->serving);
}

#define AT(member) offsetof(request, member)

static const option_row rows[] = {
    {"host", "ADDRESS",
     "listen on ADDRESS; may be repeated; the default is the environment "
     "variable HOST",
     read_host, .letter = 'H'},
    {"name", "NAME",
     "the name of all sockets; if repeated, one name for each -H", read_name,
     .takes = "a name that fd://NAME can ask for"},
    {"user", "USER",
     "become USER, with the groups of USER, before COMMAND starts", option_text,
     .at = AT(who.user)},
    {"primary-group", "GROUP", "use GROUP instead of the primary group of USER",
     option_text, .at = AT(who.primary_group)},
    {"supplementary-groups", "GROUP,...",
     "use these instead of the supplementary groups of USER", option_text,
     .at = AT(who.supplementary_groups)},
    {"no-new-privs", NULL,
     "COMMAND cannot gain privileges by running a program", option_true,
     .at = AT(no_new_privs)},
    {"close-fds", NULL,
     "pass no open descriptors except 0, 1, 2 and the sockets", option_true,
     .at = AT(close_fds)},
    {"nonblocking", NULL,
     "pass the sockets with O_NONBLOCK; without this option new sockets do not "
     "have it, and sockets that were passed to sbind stay as they are",
     option_set, .at = AT(options.blocking), .value = SBIND_NONBLOCKING},
    {"backlog", "N", "how many connections may wait; the default is 4096",
     option_number, .at = AT(options.backlog), .least = 1, .most = INT32_MAX},
    {"in-use-timeout", "MILLISECONDS",
     "keep trying for this time while an address is in use", option_number,
     .at = AT(options.in_use_timeout), .least = 1, .most = 86400000},
    {"receive-buffer", "OCTETS", "the size of the socket's receive buffer",
     option_number, .at = AT(options.receive_buffer), .least = 1,
     .most = INT32_MAX},
    {"send-buffer", "OCTETS", "the size of the socket's send buffer",
     option_number, .at = AT(options.send_buffer), .least = 1,
     .most = INT32_MAX},
    {"verbose", NULL,
     "write the addresses of the sockets to standard error; without COMMAND "
     "this is always done",
     option_true, .at = AT(verbose), .letter = 'v'},
    {.name = NULL},
};

static const option_row client_rows[] = {
    {"accept", NULL,
     "start COMMAND for each connection, which is its descriptor 3",
     option_true, .at = AT(serving.accept)},
    {"inetd", NULL,
     "make the connection standard input and output of COMMAND; without "
     "--accept, do this with the only listening socket",
     option_true, .at = AT(serving.inetd)},
    {"max-connections", "N",
     "serve at most N connections at once; the others wait; the default is 64",
     option_number, .at = AT(serving.max_connections), .least = 1,
     .most = INT32_MAX},
    {"max-connections-per-user", "N",
     "for unix sockets: close connections of a user who has N already",
     option_number, .at = AT(serving.max_per_user), .least = 1,
     .most = INT32_MAX},
    {"max-connections-per-address", "N",
     "for TCP: close connections of an IP address that has N already",
     option_number, .at = AT(serving.max_per_address), .least = 1,
     .most = INT32_MAX},
    {.name = NULL},
};

static const option_row command_rows[] = {
    {"lazy", NULL, "wait for the first client, then become COMMAND",
     option_true, .at = AT(serving.lazy)},
    {"print-address", NULL,
     "print the address of each socket before COMMAND starts", option_true,
     .at = AT(serving.print_address)},
    {"ready-fd", "N",
     "once the sockets listen, write a newline to descriptor N and close it",
     option_number, .at = AT(serving.ready_fd), .least = 3, .most = INT32_MAX,
     .takes = "a descriptor from 3 on"},
    {"setenv", "VARIABLE",
     "give COMMAND the variable NAME=VALUE, or NAME as sbind has it",
     read_variable, .letter = 'E'},
    {.name = NULL},
};

static const option_row fd_rows[] = {
    {"accept-missing-pid", NULL,
     "take passed sockets even if LISTEN_PID is not set", option_true,
     .at = AT(accept_missing_pid)},
    {.name = NULL},
};

static const option_row path_rows[] = {
    {"mode", "OCTAL", "the mode of the socket file; the default is 0600",
     option_mode, .at = AT(options.mode), .takes = "octal digits, 0 to 0777"},
    {"owner", "USER", "the owner of the socket file", option_user,
     .at = AT(options.owner),
     .takes = "a user of this machine, or " NUMBER_OF_AN_ID},
    {"group", "GROUP", "the group of the socket file", option_gid,
     .at = AT(options.group),
     .takes = "a group of this machine, or " NUMBER_OF_AN_ID},
    {"replace", NULL, "take over the path if a process listens on it",
     option_set, .at = AT(options.existing), .value = SBIND_REPLACE},
    {"refuse", NULL, "do not replace any socket file, not even a stale one",
     option_set, .at = AT(options.existing), .value = SBIND_REFUSE},
    {"any-directory", NULL,
     "allow a directory in which other users can replace files", option_true,
     .at = AT(options.any_directory)},
    {.name = NULL},
};

static const option_row unix_rows[] = {
    {"refuse-descriptors", NULL,
     "let no client send descriptors; needs Linux 6.16", option_set,
     .at = AT(options.refuse_descriptors), .value = SBIND_ON},
    {.name = NULL},
};

static const option_row tcp_rows[] = {
    {"no-reuse-address", NULL, "do not set SO_REUSEADDR", option_set,
     .at = AT(options.reuse_address), .value = SBIND_OFF},
    {"reuse-port", NULL, "set SO_REUSEPORT", option_set,
     .at = AT(options.reuse_port), .value = SBIND_ON},
    {"freebind", NULL, "allow an address that no interface has yet", option_set,
     .at = AT(options.freebind), .value = SBIND_ON},
    {"device", "INTERFACE", "listen on this interface only", option_text,
     .at = AT(options.device)},
    {"dual-stack", NULL, "accept IPv4 as well on an IPv6 address", option_set,
     .at = AT(options.v6only), .value = SBIND_OFF},
    TCP_ROWS,
    {.name = NULL},
};

static const option_row pipe_rows[] = {
    {"pipe-sddl", "SDDL",
     "who may use the pipe; the default is this user and SYSTEM", option_text,
     .at = AT(options.pipe_sddl)},
    {.name = NULL},
};

const subcommand listen_subcommand = {
    .name = "listen",
    .run = listen_run,
    .usages = {{"[-H ADDRESS]... [OPTIONS] -- COMMAND [ARG...]",
                "listen on every address, then become COMMAND and pass it the "
                "sockets"},
               {"[OPTIONS] ADDRESS", "serve one client: copy between it and "
                                     "standard input and output"}},
    .about = "Listens on every address, then becomes COMMAND. Passes it the "
             "sockets as a service manager does (LISTEN_PID, LISTEN_PIDFDID, "
             "LISTEN_FDS, LISTEN_FDNAMES). Without COMMAND, serves one client: "
             "copies between it and standard input and output. Then ADDRESS "
             "must mean one socket.",
    .groups = {{.rows = rows},
               {.title = "a process for each client (Linux)",
                .rows = client_rows},
               {.title = "for COMMAND (Linux)", .rows = command_rows},
               {RULES_TITLE, rules_rows, AT(rules), .once = true},
               {.title = "for fd://", .rows = fd_rows},
               {.title = "for unix paths", .rows = path_rows},
               {.title = "for unix sockets", .rows = unix_rows},
               {.title = "for TCP", .rows = tcp_rows},
               {.title = "for pipes of Windows", .rows = pipe_rows}},
};

/* ---- Operands ------------------------------------------------------------ */

static bool is_for_a_command(const request *r)
{
    return r->name_count > 0 || r->who.user != NULL || r->no_new_privs ||
           r->close_fds || r->options.blocking == SBIND_NONBLOCKING;
}

static bool is_about_running(const serving *s)
{
    return s->accept || s->inetd || s->lazy || s->print_address ||
           s->ready_fd != 0 || s->max_connections > 0 || s->max_per_user > 0 ||
           s->max_per_address > 0 || s->variable_count > 0;
}

/* Reads what follows the options: "-- COMMAND", or an address. */
static int read_operands(int argc, char **argv, const operands *o, request *r)
{
    const char *self = argv[0], *host = cli_host();
    int first = o->first;
    if (o->separated && first == argc)
        return cli_usage(self, "a command comes after --");
    if (o->separated) {
        r->command = argv + first;
    } else if (first < argc && r->address_count > 0) {
        return cli_usage(self, "-- comes before the command");
    } else if (first < argc) {
        r->texts[r->address_count++] = argv[first++];
        if (first < argc)
            return cli_usage(self, "one address, or -H and -- COMMAND");
    }
    if (r->address_count == 0 && host != NULL)
        r->texts[r->address_count++] = host;
    if (r->address_count == 0)
        return cli_usage(self, "an address is needed: -H ADDRESS");
    if (r->command == NULL && r->address_count > 1)
        return cli_usage(self, "several addresses need a command");
    if (r->command == NULL && is_for_a_command(r))
        return cli_usage(self, "--name, --user, --no-new-privs, --close-fds "
                               "and --nonblocking are for a command");
    if (r->command == NULL && is_about_running(&r->serving))
        return cli_usage(
            self, "--accept, --inetd, --lazy, --max-connections, "
                  "--print-address, --ready-fd and -E are for a command");
    if (r->name_count > 1 && r->name_count != r->address_count)
        return cli_usage(self, "one --name, or as many as -H");
    return DONE;
}

static int parse_all(request *r)
{
    for (size_t i = 0; i < r->address_count; i++) {
        int status = cli_parse_address(r->texts[i], &r->addresses[i]);
        if (status != DONE)
            return status;
    }
    return DONE;
}

bool listen_any(const request *r, bool (*applies)(sbind_kind kind))
{
    for (size_t i = 0; i < r->address_count; i++)
        if (applies(r->addresses[i].kind))
            return true;
    return false;
}

int listen_read(int argc, char **argv, request *ret)
{
    operands o;
    ret->rules = rules_none();
    sbind_listen_options_init(&ret->options);
    ret->options.blocking = SBIND_AS_INHERITED;
    int status = option_read(&listen_subcommand, argc, argv, ret, &o);
    if (ret->rules.given)
        ret->options.policy = &ret->rules.policy;
    if (status == DONE)
        status = read_operands(argc, argv, &o, ret);
    if (status == DONE)
        status = parse_all(ret);
    if (status == DONE && ret->command != NULL)
        status = serving_check(argv[0], ret);
    serving_settle(ret);
    return status;
}
