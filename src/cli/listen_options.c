/* listen_options.c - the command line of sbind listen */
#include "cli.h"

#include <string.h>

#include "listen.h"
#include "number.h"
#include "option.h"

#define COUNT "1 to 2147483647"

enum {
    OPT_NAME = 1000, /* below those of rules.h */
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

/* ---- Options ------------------------------------------------------------- */

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

/* ---- Operands ------------------------------------------------------------ */

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
    struct option all[RULE_OPTIONS + sizeof options / sizeof *options];
    int c, status;
    rules_list(all);
    memcpy(all + RULE_OPTIONS, options, sizeof options);
    sbind_policy_init(&ret->rules.policy);
    sbind_listen_options_init(&ret->options);
    ret->options.blocking = SBIND_AS_INHERITED;
    while ((c = option_next(argc, argv, "+:hvH:", all)) != -1) {
        ret->last_argument = optarg;
        status = rules_has(c) ? rules_read(argv[0], c, &ret->rules)
                              : read_option(argv[0], c, ret);
        if (status != DONE)
            return status;
    }
    if (rules_any(&ret->rules))
        ret->options.policy = &ret->rules.policy;
    status = read_operands(argc, argv, ret);
    if (status == DONE)
        status = parse_all(ret);
    return status;
}
