/* main.c - sbind(1): picks the subcommand */
#include "cli.h"

#include <string.h>

#include "option.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *purpose;
} subcommands[] = {
    {"parse", cli_parse, "[--json] ADDRESS...",
     "print the canonical spelling and the parts of each address"},
    {"check", cli_check, "[POLICY...] -- ADDRESS...",
     "say whether a policy would accept each address"},
    {"explain", cli_explain, "ADDRESS...",
     "say what listening on each address would do"},
    {"listen", cli_listen, "[-H ADDRESS]... [OPTIONS] -- COMMAND [ARG...]",
     "listen on every address, then become COMMAND with the sockets passed"},
    {"listen", cli_listen, "[OPTIONS] ADDRESS",
     "serve one client: copy between it and standard input and output"},
    {"connect", cli_connect, "[OPTIONS] ADDRESS",
     "connect: copy between the server and standard input and output"},
    {"adapter", cli_adapter, "",
     "answer requests of the conformance suite, one a line"},
};

enum { COUNT = sizeof subcommands / sizeof *subcommands };

static void print_usage(FILE *out)
{
    cli_text(out, "usage: sbind SUBCOMMAND [OPTIONS] [OPERANDS]\n\n");
    for (size_t i = 0; i < COUNT; i++) {
        cli_say(out, "  sbind %s %s", subcommands[i].name,
                subcommands[i].usage);
        cli_say(out, "      %s", subcommands[i].purpose);
    }
    cli_text(
        out,
        "\n  -h, --help     of sbind, or of a subcommand\n"
        "  -V, --version\n\n"
        "The environment variable HOST is the default of -H. Addresses:\n"
        "  tcp://127.0.0.1:8080  tcp://[::1]:80  tcp://localhost:80  "
        "tcp://*:80\n"
        "  unix:///run/app.sock  unix://@abstract\n"
        "  fd://  fd://*  fd://3  fd://NAME  (socket activation)\n"
        "  npipe://NAME  \\\\.\\pipe\\NAME\n"
        "Exit status: 0 done, 1 an address was refused, 2 usage, 111 it "
        "could not be\nopened. Of listen: 126 the command cannot be run, 127 "
        "it was not found, else the\ncommand's own.\n");
}

/* What is said about options begins with argv[0]. */
static int run(size_t i, int argc, char **argv)
{
    static char self[32];
    snprintf(self, sizeof self, "sbind %s", subcommands[i].name);
    argv[0] = self;
    return subcommands[i].run(argc, argv);
}

static bool is_version(const char *word)
{
    return strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0;
}

static bool is_option(const char *word)
{
    return is_version(word) || strcmp(word, "-h") == 0 ||
           strcmp(word, "--help") == 0;
}

int main(int argc, char **argv)
{
    const char *word;
    if (!cli_prepare(&argc, &argv))
        return cli_failed("the command line");
    word = argc > 1 ? argv[1] : "";
    if (option_is_help(argc, argv)) {
        print_usage(stdout);
        return cli_finish_output(DONE);
    }
    if (argc == 2 && is_version(word)) {
        cli_say(stdout, "sbind " SBIND_VERSION);
        return cli_finish_output(DONE);
    }
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(word, subcommands[i].name) == 0)
            return run(i, argc - 1, argv + 1);
    if (word[0] == '\0')
        print_usage(stderr);
    else if (is_option(word))
        cli_usage("sbind", "%s stands alone", word);
    else if (word[0] == '-')
        cli_usage("sbind", "there is no option %s", word);
    else
        cli_usage("sbind", "there is no subcommand %s", word);
    return USAGE;
}
