/* listen.c - sbind listen: sockets for another program, or for one client */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "launch.h"
#include "number.h"
#include "obstacle.h"
#include "option.h"

enum { LISTENERS_MAX = 256 };

#define COUNT "1 to 2147483647"

enum {
    OPT_NAME = 1000,
    OPT_MODE,
    OPT_OWNER,
    OPT_GROUP,
    OPT_USER,
    OPT_PRIMARY_GROUP,
    OPT_SUPPLEMENTARY_GROUPS,
    OPT_NO_NEW_PRIVS,
    OPT_CLOSE_FDS,
    OPT_BACKLOG,
    OPT_NO_REUSE_ADDRESS,
    OPT_REUSE_PORT,
    OPT_REPLACE,
    OPT_REFUSE,
    OPT_ANY_DIRECTORY,
    OPT_DUAL_STACK,
    OPT_NODELAY,
    OPT_KEEPALIVE,
    OPT_FREEBIND,
    OPT_DEVICE,
    OPT_RECEIVE_BUFFER,
    OPT_SEND_BUFFER,
    OPT_NONBLOCKING,
    OPT_PIPE_SDDL,
    OPT_ACCEPT_MISSING_PID
};

static const struct option options[] = {
    {"host", required_argument, NULL, 'H'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"name", required_argument, NULL, OPT_NAME},
    {"user", required_argument, NULL, OPT_USER},
    {"primary-group", required_argument, NULL, OPT_PRIMARY_GROUP},
    {"supplementary-groups", required_argument, NULL, OPT_SUPPLEMENTARY_GROUPS},
    {"no-new-privs", no_argument, NULL, OPT_NO_NEW_PRIVS},
    {"close-fds", no_argument, NULL, OPT_CLOSE_FDS},
    {"nonblocking", no_argument, NULL, OPT_NONBLOCKING},
    {"backlog", required_argument, NULL, OPT_BACKLOG},
    {"receive-buffer", required_argument, NULL, OPT_RECEIVE_BUFFER},
    {"send-buffer", required_argument, NULL, OPT_SEND_BUFFER},
    {"mode", required_argument, NULL, OPT_MODE},
    {"owner", required_argument, NULL, OPT_OWNER},
    {"group", required_argument, NULL, OPT_GROUP},
    {"replace", no_argument, NULL, OPT_REPLACE},
    {"refuse", no_argument, NULL, OPT_REFUSE},
    {"any-directory", no_argument, NULL, OPT_ANY_DIRECTORY},
    {"no-reuse-address", no_argument, NULL, OPT_NO_REUSE_ADDRESS},
    {"reuse-port", no_argument, NULL, OPT_REUSE_PORT},
    {"dual-stack", no_argument, NULL, OPT_DUAL_STACK},
    {"nodelay", no_argument, NULL, OPT_NODELAY},
    {"keepalive", no_argument, NULL, OPT_KEEPALIVE},
    {"freebind", no_argument, NULL, OPT_FREEBIND},
    {"device", required_argument, NULL, OPT_DEVICE},
    {"pipe-sddl", required_argument, NULL, OPT_PIPE_SDDL},
    {"accept-missing-pid", no_argument, NULL, OPT_ACCEPT_MISSING_PID},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "usage: sbind listen [-H ADDRESS]... [OPTIONS] -- COMMAND [ARG...]\n"
    "       sbind listen [OPTIONS] ADDRESS\n"
    "  Listens on every address, then becomes COMMAND with the sockets passed "
    "as\n"
    "  a service manager does (LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS,\n"
    "  LISTEN_FDNAMES). Without a command: serves one client on an address "
    "that\n"
    "  means one socket, copying between it and standard input and output.\n"
    "  -H, --host ADDRESS   may be repeated; unless given, HOST in the "
    "environment\n"
    "  --name NAME          of the sockets; repeated, one for each -H\n"
    "  --user USER          become this user before COMMAND, with its groups\n"
    "  --primary-group GROUP  --supplementary-groups GROUP,...\n"
    "                       these groups instead\n"
    "  --no-new-privs       no set-user-id program gives it more\n"
    "  --close-fds          pass no other open descriptor but 0, 1 and 2\n"
    "  --nonblocking        pass the sockets with O_NONBLOCK; without it new "
    "ones\n"
    "                       have none, and passed ones stay as they are\n"
    "  --backlog N  --receive-buffer OCTETS  --send-buffer OCTETS\n"
    "  -v, --verbose        say on standard error where it listens; without a\n"
    "                       command it always does\n"
    "for fd://:\n"
    "  --accept-missing-pid  also when LISTEN_PID is not set\n"
    "for unix paths:\n"
    "  --mode OCTAL         of the socket file, 0600 unless given\n"
    "  --owner USER  --group GROUP\n"
    "  --replace            take over from one who listens there\n"
    "  --refuse             do not even replace a stale socket file\n"
    "  --any-directory      even one where others can replace files\n"
    "for TCP:\n"
    "  --no-reuse-address  --reuse-port  --freebind  --device INTERFACE\n"
    "  --dual-stack         IPv4 as well on an IPv6 address\n"
    "  --nodelay  --keepalive\n"
    "for pipes of Windows:\n"
    "  --pipe-sddl SDDL     who may do what, this user and SYSTEM unless given";

/* The command line, read. */
typedef struct request {
    const char *texts[LISTENERS_MAX];
    sbind_address addresses[LISTENERS_MAX]; /* of the texts */
    size_t address_count;
    const char *names[LISTENERS_MAX];
    size_t name_count;
    sbind_listen_options options;
    bool accept_missing_pid;
    sbind_activation passed; /* to us */
    identity who;            /* to become before the command */
    bool no_new_privs;
    bool close_fds;
    bool verbose;
    const char *last_argument; /* of an option */
    char **command;            /* NULL: serve one client */
} request;

/* The sockets, and for each the -H it comes from. */
typedef struct opened {
    sbind_listener listeners[LISTENERS_MAX];
    size_t address_of[LISTENERS_MAX];
    size_t count;
} opened;

/* ---- The command line ------------------------------------------------------- */

static int wrong(const char *self, const char *option, const char *wanted)
{
    return cli_usage(self, "%s takes %s", option, wanted);
}

/* Options that take no argument. False: it is not one of them. */
static bool read_flag(int c, request *r)
{
    sbind_listen_options *o = &r->options;
    switch (c) {
    case 'v':
        r->verbose = true;
        return true;
    case OPT_NO_NEW_PRIVS:
        r->no_new_privs = true;
        return true;
    case OPT_CLOSE_FDS:
        r->close_fds = true;
        return true;
    case OPT_ACCEPT_MISSING_PID:
        r->accept_missing_pid = true;
        return true;
    case OPT_NONBLOCKING:
        o->blocking = SBIND_NONBLOCKING;
        return true;
    case OPT_REPLACE:
        o->existing = SBIND_REPLACE;
        return true;
    case OPT_REFUSE:
        o->existing = SBIND_REFUSE;
        return true;
    case OPT_ANY_DIRECTORY:
        o->any_directory = true;
        return true;
    case OPT_NO_REUSE_ADDRESS:
        o->reuse_address = SBIND_OFF;
        return true;
    case OPT_REUSE_PORT:
        o->reuse_port = SBIND_ON;
        return true;
    case OPT_DUAL_STACK:
        o->v6only = SBIND_OFF;
        return true;
    case OPT_NODELAY:
        o->nodelay = SBIND_ON;
        return true;
    case OPT_KEEPALIVE:
        o->keepalive = SBIND_ON;
        return true;
    case OPT_FREEBIND:
        o->freebind = SBIND_ON;
        return true;
    default:
        return false;
    }
}

static int add(const char *self, const char *what, const char *text,
               const char **list, size_t *count)
{
    if (*count == LISTENERS_MAX)
        return cli_usage(self, "too many %s", what);
    list[(*count)++] = text;
    return DONE;
}

/* Of the socket file. */
static int read_ids(const char *self, int c, request *r)
{
    uint32_t unused;
    if (c == OPT_OWNER)
        return number_read_user(optarg, &r->options.owner, &unused)
                   ? DONE
                   : wrong(self, "--owner",
                           "a user of this machine, or " NUMBER_OF_AN_ID);
    return number_read_group(optarg, &r->options.group)
               ? DONE
               : wrong(self, "--group",
                       "a group of this machine, or " NUMBER_OF_AN_ID);
}

/* A name that could not be asked for by fd://NAME is a mistake. */
static int read_name(const char *self, request *r)
{
    char text[SBIND_TEXT_MAX + 8];
    sbind_address address;
    int n = snprintf(text, sizeof text, "fd://%s", optarg);
    if (n < 0 || (size_t)n >= sizeof text ||
        sbind_parse(text, (size_t)n, &address, NULL) != SBIND_OK ||
        address.kind != SBIND_FD_NAME)
        return wrong(self, "--name", "a name that fd://NAME can ask for");
    return add(self, "names", optarg, r->names, &r->name_count);
}

static int read_option(const char *self, int c, request *r)
{
    sbind_listen_options *o = &r->options;
    if (read_flag(c, r))
        return DONE;
    switch (c) {
    case 'H':
        return add(self, "addresses", optarg, r->texts, &r->address_count);
    case OPT_NAME:
        return read_name(self, r);
    case OPT_OWNER:
    case OPT_GROUP:
        return read_ids(self, c, r);
    case OPT_USER:
        r->who.user = optarg;
        return DONE;
    case OPT_PRIMARY_GROUP:
        r->who.primary_group = optarg;
        return DONE;
    case OPT_SUPPLEMENTARY_GROUPS:
        r->who.supplementary_groups = optarg;
        return DONE;
    case OPT_DEVICE:
        o->device = optarg;
        return DONE;
    case OPT_PIPE_SDDL:
        o->pipe_sddl = optarg;
        return DONE;
    case OPT_MODE:
        return number_read_mode(optarg, &o->mode)
                   ? DONE
                   : wrong(self, "--mode", "octal digits, 0 to 0777");
    case OPT_BACKLOG:
        return number_read(optarg, 1, INT32_MAX, &o->backlog)
                   ? DONE
                   : wrong(self, "--backlog", COUNT);
    case OPT_RECEIVE_BUFFER:
        return number_read(optarg, 1, INT32_MAX, &o->receive_buffer)
                   ? DONE
                   : wrong(self, "--receive-buffer", COUNT);
    case OPT_SEND_BUFFER:
        return number_read(optarg, 1, INT32_MAX, &o->send_buffer)
                   ? DONE
                   : wrong(self, "--send-buffer", COUNT);
    default: /* option_next has said what is wrong */
        return USAGE;
    }
}

static bool is_for_a_command(const request *r)
{
    return r->name_count > 0 || r->who.user != NULL || r->no_new_privs ||
           r->close_fds || r->options.blocking == SBIND_NONBLOCKING;
}

/* What follows the options: "-- COMMAND", or one address. */
static int read_operands(int argc, char **argv, request *r)
{
    const char *host = cli_host();
    const char *before = argv[optind - 1];
    bool separated = strcmp(before, "--") == 0 && before != r->last_argument;
    if (separated && optind == argc)
        return cli_usage(argv[0], "a command comes after --");
    if (separated) {
        r->command = argv + optind;
    } else if (optind < argc && r->address_count > 0) {
        return cli_usage(argv[0], "-- comes before the command");
    } else if (optind < argc) {
        r->texts[r->address_count++] = argv[optind++];
        if (optind < argc)
            return cli_usage(argv[0], "one address, or -H and -- COMMAND");
    }
    if (r->address_count == 0 && host != NULL)
        r->texts[r->address_count++] = host;
    if (r->address_count == 0)
        return cli_usage(argv[0], "an address is needed: -H ADDRESS");
    if (r->command == NULL && r->address_count > 1)
        return cli_usage(argv[0], "several addresses need a command");
    if (r->command == NULL && is_for_a_command(r))
        return cli_usage(argv[0], "--name, --user, --no-new-privs, --close-fds "
                                  "and --nonblocking are for a command");
    if (r->name_count > 1 && r->name_count != r->address_count)
        return cli_usage(argv[0], "one --name, or as many as -H");
    return DONE;
}

/* ---- Opening ------------------------------------------------------------------ */

static int parse_all(request *r)
{
    for (size_t i = 0; i < r->address_count; i++) {
        int status = cli_parse_address(r->texts[i], &r->addresses[i]);
        if (status != DONE)
            return status;
    }
    return DONE;
}

/* Which groups of options apply to a kind. */
static bool is_tcp(sbind_kind kind)
{
    return strcmp(sbind_scheme(kind), "tcp") == 0;
}

static bool is_path(sbind_kind kind) { return kind == SBIND_UNIX_PATH; }

static bool is_pipe(sbind_kind kind) { return kind == SBIND_NPIPE; }

static bool is_dual(sbind_kind kind)
{
    return kind == SBIND_TCP_IPV6 || kind == SBIND_TCP_ANY;
}

static bool is_inherited(sbind_kind kind)
{
    return strcmp(sbind_scheme(kind), "fd") == 0;
}

static bool is_new(sbind_kind kind) { return !is_inherited(kind); }

static void drop_tcp(sbind_listen_options *o)
{
    o->reuse_address = o->reuse_port = SBIND_UNSET;
    o->nodelay = o->keepalive = o->freebind = SBIND_UNSET;
    o->device = NULL;
}

static void drop_dual(sbind_listen_options *o) { o->v6only = SBIND_UNSET; }

static void drop_path(sbind_listen_options *o)
{
    o->existing = SBIND_RECLAIM;
    o->mode = -1;
    o->owner = o->group = SBIND_NO_ID;
    o->any_directory = false;
}

static void drop_pipe(sbind_listen_options *o) { o->pipe_sddl = NULL; }

static void drop_new(sbind_listen_options *o)
{
    o->backlog = o->receive_buffer = o->send_buffer = 0;
}

static const struct {
    bool (*applies)(sbind_kind kind);
    void (*drop)(sbind_listen_options *o);
} groups[] = {{is_tcp, drop_tcp},
              {is_path, drop_path},
              {is_dual, drop_dual},
              {is_new, drop_new},
              {is_pipe, drop_pipe}};

static bool applies_to_any(const request *r, bool (*applies)(sbind_kind))
{
    for (size_t i = 0; i < r->address_count; i++)
        if (applies(r->addresses[i].kind))
            return true;
    return false;
}

/* Of several addresses each takes the options that apply to it. What applies
 * to none of them stays, for the library to refuse. */
static sbind_listen_options options_for(const request *r, sbind_kind kind)
{
    sbind_listen_options o = r->options;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (!groups[i].applies(kind) && applies_to_any(r, groups[i].applies))
            groups[i].drop(&o);
    return o;
}

static int report_failure(const request *r, size_t i, const sbind_error *error)
{
    int status = cli_report(error, r->texts[i]);
    obstacle_say(error, &r->addresses[i]);
    return status;
}

/* For one client. Whether the address means one socket is known before anything
 * is opened. */
static int open_single(const request *r, opened *o)
{
    sbind_listen_options own = options_for(r, r->addresses[0].kind);
    sbind_error error;
    sbind_status s = sbind_listen(&r->addresses[0], &own, o->listeners, &error);
    if (s == SBIND_SEVERAL || s == SBIND_AMBIGUOUS_FD_NAME)
        error.hint = "name one of them, or give a command after --: it gets "
                     "all of them";
    if (s != SBIND_OK)
        return report_failure(r, 0, &error);
    o->count = 1;
    return DONE;
}

/* What was passed to us and is not asked for must not be open in the command. If
 * the environment is malformed, nobody can tell which descriptors that are. Then
 * it is refused, unless nothing of it is asked for and not even LISTEN_PID says
 * that it is meant for us. */
static int read_activation(const char *self, request *r)
{
    unsigned flags = r->accept_missing_pid ? SBIND_ACCEPT_MISSING_PID : 0;
    bool is_asked_for = applies_to_any(r, is_inherited);
    sbind_error error;
    if (r->accept_missing_pid && !is_asked_for)
        return cli_usage(self, "--accept-missing-pid is for fd://");
    if (r->command == NULL && !r->accept_missing_pid)
        return DONE; /* the library reads it if it has to */
    r->options.activation = &r->passed;
    if (sbind_activation_take(flags, &r->passed, &error) == SBIND_OK ||
        (!is_asked_for && strcmp(error.variable, "LISTEN_PID") == 0))
        return DONE;
    return cli_report(&error, "");
}

static int open_one(const request *r, size_t i, opened *o)
{
    sbind_listen_options own = options_for(r, r->addresses[i].kind);
    sbind_error error;
    size_t count;
    if (sbind_listen_all(&r->addresses[i], &own, o->listeners + o->count,
                         LISTENERS_MAX - o->count, &count, &error) != SBIND_OK)
        return report_failure(r, i, &error);
    for (; count > 0; count--)
        o->address_of[o->count++] = i;
    return DONE;
}

static void close_all(opened *o)
{
    sbind_error error;
    for (size_t i = 0; i < o->count; i++)
        if (sbind_close(&o->listeners[i], &error) != SBIND_OK)
            cli_report(&error, "");
}

static void say_address(const sbind_address *own, const char *text)
{
    cli_say(stderr, "sbind: listening on %s", text);
    if (own->kind == SBIND_UNIX_PATH && own->name_length > PLAIN_PATH_MAX)
        cli_say(stderr, "  its path has more than 107 octets: many clients, "
                        "curl and socat among them, cannot reach it");
}

static void say_where(const opened *o)
{
    for (size_t i = 0; i < o->count; i++) {
        sbind_address own;
        char text[SBIND_FORMAT_MAX];
        size_t length;
        if (sbind_local_address(&o->listeners[i], &own, NULL) == SBIND_OK &&
            sbind_format(&own, text, sizeof text, &length) == SBIND_OK)
            say_address(&own, text);
    }
}

static int open_all(const request *r, opened *o)
{
    for (size_t i = 0; i < r->address_count; i++) {
        int status = open_one(r, i, o);
        if (status != DONE) {
            close_all(o);
            return status;
        }
    }
    return DONE;
}

static int open_and_say(const request *r, opened *o)
{
    int status = r->command == NULL ? open_single(r, o) : open_all(r, o);
    if (status == DONE && (r->verbose || r->command == NULL))
        say_where(o);
    return status;
}

/* ---- Serving ------------------------------------------------------------------- */

/* "web:web:admin", one name a socket; NULL when none were given. */
static char *join_names(const request *r, const opened *o)
{
    size_t room = 1;
    char *list, *to;
    if (r->name_count == 0)
        return NULL;
    for (size_t i = 0; i < o->count; i++)
        room += strlen(r->names[r->name_count > 1 ? o->address_of[i] : 0]) + 1;
    list = to = malloc(room);
    for (size_t i = 0; list != NULL && i < o->count; i++)
        // cppcheck-suppress uninitdata ; sprintf is what initialises it
        to += sprintf(to, "%s%s", i > 0 ? ":" : "",
                      r->names[r->name_count > 1 ? o->address_of[i] : 0]);
    return list;
}

static int become_command(const request *r, opened *o)
{
    int status;
    char *names = join_names(r, o);
    launch l = {.command = r->command,
                .listeners = o->listeners,
                .count = o->count,
                .fdnames = names,
                .passed = &r->passed,
                .who = &r->who,
                .no_new_privs = r->no_new_privs,
                .close_fds = r->close_fds};
    if (r->name_count > 0 && names == NULL)
        status = cli_failed("malloc");
    else
        status = launch_command(&l);
    free(names);
    close_all(o);
    return status;
}

/* One client; the socket is gone before the copying begins. */
static int serve_one(const request *r, opened *o)
{
    sbind_stream stream;
    sbind_error error;
    sbind_status s;
    int status;
    do
        s = sbind_accept(&o->listeners[0], SBIND_BLOCKING, &stream, &error);
    while (s == SBIND_WOULD_BLOCK);
    close_all(o);
    if (s != SBIND_OK)
        return cli_report(&error, r->texts[0]);
    if (cli_fill_standard_descriptors() != DONE) /* one may have been fd://0 */
        return cli_failed("open /dev/null");
    status = copy_both_ways(&stream);
    sbind_close_stream(&stream);
    return status;
}

int cli_listen(int argc, char **argv)
{
    static request r;
    static opened o;
    int c, status;
    if (option_is_help(argc, argv))
        return cli_help(help);
    if (cli_fill_standard_descriptors() != DONE)
        return SYSTEM;
    sbind_listen_options_init(&r.options);
    r.options.blocking = SBIND_AS_INHERITED;
    while ((c = option_next(argc, argv, "+:hvH:", options)) != -1) {
        r.last_argument = optarg;
        status = read_option(argv[0], c, &r);
        if (status != DONE)
            return status;
    }
    status = read_operands(argc, argv, &r);
    if (status == DONE)
        status = parse_all(&r);
    if (status == DONE)
        status = read_activation(argv[0], &r);
    if (status == DONE)
        status = identity_resolve(argv[0], &r.who);
    if (status != DONE)
        return status;
    if (r.command == NULL)
        r.options.blocking = SBIND_BLOCKING;
    status = open_and_say(&r, &o);
    if (status == DONE)
        status = r.command != NULL ? become_command(&r, &o) : serve_one(&r, &o);
    free(r.who.groups);
    return status;
}
