/* main.c - sbind(1): picks the subcommand; what they all say */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
    const char *purpose;
} subcommands[] = {
    {"parse", cli_parse, "[--json] ADDRESS...",
     "print the canonical spelling and the parts of each address"},
    {"check", cli_check, "[POLICY...] ADDRESS...",
     "say whether a policy would accept each address"},
    {"explain", cli_explain, "ADDRESS...",
     "say what listening on each address would do here"},
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
    fputs("usage: sbind SUBCOMMAND [OPTIONS] [OPERANDS]\n\n", out);
    for (size_t i = 0; i < COUNT; i++)
        fprintf(out, "  sbind %s %s\n      %s\n", subcommands[i].name,
                subcommands[i].usage, subcommands[i].purpose);
    fputs("\n  -h, --help     of sbind, or of a subcommand\n"
          "  -V, --version\n\n"
          "The environment variable HOST is the default of -H. Addresses:\n"
          "  tcp://127.0.0.1:8080  tcp://[::1]:80  tcp://localhost:80  "
          "tcp://*:80\n"
          "  unix:///run/app.sock  unix://@abstract\n"
          "  fd://  fd://*  fd://3  fd://NAME  (socket activation)\n"
          "  npipe://NAME  \\\\.\\pipe\\NAME\n"
          "Exit status: 0 done, 1 an address was refused, 2 usage, 111 it "
          "could not be\nopened. Of listen: 126 the command cannot be run, 127 "
          "it was not found, else the\ncommand's own.\n",
          out);
}

int cli_try(const char *self)
{
    fprintf(stderr, "Try: %s --help\n", self);
    return USAGE;
}

int cli_usage(const char *self, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s: ", self);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return cli_try(self);
}

static int exit_status_of(sbind_status status)
{
    if (status == SBIND_OPTION_NOT_APPLICABLE || status == SBIND_BAD_OPTION)
        return USAGE;
    if (status == SBIND_SEVERAL || status == SBIND_AMBIGUOUS_FD_NAME)
        return REFUSED;
    return status >= 300 && status < 400 ? SYSTEM : REFUSED;
}

/* The text the error is about: for one of the environment, the variable's. */
static const char *subject_of(const sbind_error *error, const char *text)
{
    const char *value =
        error->variable == NULL ? text : getenv(error->variable);
    return value == NULL ? "" : value;
}

int cli_report(const sbind_error *error, const char *text)
{
    char report[SBIND_REPORT_MAX];
    size_t length;
    const char *subject = subject_of(error, text);
    if (sbind_report(error, subject, strlen(subject), report, sizeof report,
                     &length) == SBIND_OK)
        fprintf(stderr, "sbind: %s", report);
    if (subject == cli_host())
        fputs("  this is the value of the environment variable HOST\n", stderr);
    return exit_status_of(error->status);
}

int cli_failed(const char *call)
{
    fprintf(stderr, "sbind: %s: %s\n", call, strerror(errno));
    return SYSTEM;
}

int cli_without_effect(const char *call)
{
    fprintf(stderr, "sbind: %s: no error, and no effect\n", call);
    return SYSTEM;
}

int cli_parse_address(const char *text, sbind_address *ret)
{
    sbind_error error;
    if (sbind_parse(text, strlen(text), ret, &error) == SBIND_OK)
        return DONE;
    return cli_report(&error, text);
}

int cli_each(int argc, char **argv, int first,
             int (*one)(const char *text, const void *context),
             const void *context)
{
    int status = DONE;
    if (first >= argc)
        return cli_usage(argv[0], "an address is needed");
    for (int i = first; i < argc; i++) {
        int result = one(argv[i], context);
        status = result == DONE ? status : result;
    }
    return cli_finish_output(status);
}

int cli_finish_output(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_failed("standard output");
    return status;
}

void cli_put_octets(const char *octets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)octets[i];
        if (c >= 0x20 && c <= 0x7E)
            putchar(c);
        else
            printf("\\x%02x", c);
    }
}

/* What getopt_long says begins with argv[0]. */
static int run(size_t i, int argc, char **argv)
{
    static char self[32];
    snprintf(self, sizeof self, "sbind %s", subcommands[i].name);
    argv[0] = self;
    return subcommands[i].run(argc, argv);
}

int main(int argc, char **argv)
{
    const char *word;
    if (!cli_prepare(&argc, &argv))
        return cli_failed("the command line");
    word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
        print_usage(stdout);
        return cli_finish_output(DONE);
    }
    if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0) {
        puts("sbind " SBIND_VERSION);
        return cli_finish_output(DONE);
    }
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(word, subcommands[i].name) == 0)
            return run(i, argc - 1, argv + 1);
    if (word[0] == '\0')
        print_usage(stderr);
    else
        fprintf(stderr,
                "sbind: there is no subcommand '%s'\nTry: sbind "
                "--help\n",
                word);
    return USAGE;
}
