/* parse.c - sbind parse: the canonical spelling and the parts of addresses */
#include "cli.h"

#include <inttypes.h>
#include <string.h>

#include "help.h"

static void print_part(const char *name, const char *value)
{
    cli_say(stdout, "  %-7s %s", name, value);
}

static void print_ip(const sbind_address *a)
{
    char ip[SBIND_IPV6_TEXT_MAX];
    if (a->kind == SBIND_TCP_IPV4)
        sbind_format_ipv4(a->ip, ip);
    else
        sbind_format_ipv6(a->ip, ip);
    print_part(a->kind == SBIND_TCP_IPV4 ? "ipv4" : "ipv6", ip);
    if (a->zone_length > 0)
        print_part("zone", a->zone);
}

static void print_parts(const sbind_address *a)
{
    print_part("scheme", sbind_scheme(a->kind));
    switch (a->kind) {
    case SBIND_TCP_DEFAULT:
        print_part("host", "the program's default");
        return;
    case SBIND_TCP_IPV4:
    case SBIND_TCP_IPV6:
        print_ip(a);
        break;
    case SBIND_TCP_NAME:
        print_part("name", a->host);
        break;
    case SBIND_TCP_ANY:
        print_part("host", "every address of this machine");
        break;
    case SBIND_UNIX_PATH:
        print_part("path", a->name);
        return;
    case SBIND_UNIX_ABSTRACT:
        print_part("name", a->name);
        return;
    case SBIND_FD_SINGLE:
        print_part("sockets", "the only one passed");
        return;
    case SBIND_FD_ALL:
        print_part("sockets", "every one passed");
        return;
    case SBIND_FD_NUMBER:
        cli_say(stdout, "  %-7s %" PRId32, "fd", a->fd);
        return;
    case SBIND_FD_NAME:
        print_part("name", a->name);
        return;
    case SBIND_NPIPE:
        print_part("server", a->host);
        print_part("name", a->name);
        return;
    }
    cli_say(stdout, "  %-7s %u", "port", (unsigned)a->port);
}

static int parse_one(const char *text, const void *context)
{
    sbind_address address;
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    int status = cli_parse_address(text, &address);
    (void)context;
    if (status != DONE)
        return status;
    sbind_format(&address, canonical, sizeof canonical, &length);
    cli_say(stdout, "%s", canonical);
    print_parts(&address);
    return DONE;
}

static int parse_one_as_json(const char *text, const void *context)
{
    sbind_address address;
    (void)context;
    json_parse(stdout, text, strlen(text));
    return sbind_parse(text, strlen(text), &address, NULL) == SBIND_OK
               ? DONE
               : REFUSED;
}

typedef struct request {
    bool json;
} request;

static const option_row rows[] = {
    {"json", NULL,
     "print a line of JSON for each address instead, as sbind adapter does",
     option_true, .at = offsetof(request, json)},
    {.name = NULL},
};

static int parse_run(int argc, char **argv)
{
    request r = {.json = false};
    operands o;
    if (option_read(&parse_subcommand, argc, argv, &r, &o) != DONE)
        return USAGE;
    return cli_each(argc, argv, o.first, r.json ? parse_one_as_json : parse_one,
                    NULL);
}

const subcommand parse_subcommand = {
    .name = "parse",
    .run = parse_run,
    .usages = {{"[--json] ADDRESS...",
                "print the canonical spelling and the parts of each address"}},
    .about = "Prints the canonical spelling and the parts of each address. "
             "Shows octets that are not printable ASCII as \\xHH. --json "
             "prints all texts in hexadecimal.",
    .groups = {{.rows = rows}},
};
