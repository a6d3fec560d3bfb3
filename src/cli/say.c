/* say.c - prints text that came from outside: an address, an argument, the name
 * of a file
 *
 * Octets other than printable ASCII are shown as \xHH, as in the report of an
 * error. So no such text can change colours, move the cursor or reverse the
 * direction on a terminal, or begin a new line in a log. */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Returns where the next octet goes. */
static char *escape(unsigned char c, char *to)
{
    static const char digits[] = "0123456789abcdef";
    if (c >= 0x20 && c <= 0x7E) {
        *to++ = (char)c;
        return to;
    }
    *to++ = '\\';
    *to++ = 'x';
    *to++ = digits[c >> 4];
    *to++ = digits[c & 15];
    return to;
}

/* Windows keeps what fputs writes to standard error until the process ends. */
void cli_text(FILE *out, const char *text)
{
    fputs(text, out);
    if (out == stderr)
        fflush(out);
}

/* There is room behind the text. */
static void insert(char *at, const char *what)
{
    size_t n = strlen(what);
    memmove(at + n, at, strlen(at) + 1);
    for (size_t i = 0; i < n; i++)
        at[i] = what[i];
}

void cli_show(char ret[CLI_SHOWN_MAX], const char *format, va_list arguments)
{
    char line[LINE_SIZE], *to = ret;
    int n = vsnprintf(line, sizeof line, format, arguments);
    for (int i = 0; i < n && i < LINE_SIZE - 1; i++)
        to = escape((unsigned char)line[i], to);
    *to = '\0';
    if (n >= LINE_SIZE)
        insert(to, "...");
}

/* Prints the text in one call, so that the lines of several processes do not
 * mix. */
void cli_say(FILE *out, const char *format, ...)
{
    char shown[CLI_SHOWN_MAX];
    va_list arguments;
    va_start(arguments, format);
    cli_show(shown, format, arguments);
    va_end(arguments);
    insert(shown + strlen(shown), "\n");
    cli_text(out, shown);
}

/* ---- Colours --------------------------------------------------------------------- */

static void paint(char *at, size_t n, cli_colour colour)
{
    static const char *const begin[] = {"", "\033[1;31m", "\033[32m"};
    insert(at + n, "\033[0m");
    insert(at, begin[colour]);
}

void cli_say_in(FILE *out, cli_colour colour, const char *word,
                const char *format, ...)
{
    char shown[CLI_SHOWN_MAX], *at;
    va_list arguments;
    va_start(arguments, format);
    cli_show(shown, format, arguments);
    va_end(arguments);
    at = word == NULL ? shown : strstr(shown, word);
    if (at != NULL && colour != CLI_PLAIN && cli_has_colours(out))
        paint(at, strlen(word == NULL ? shown : word), colour);
    insert(shown + strlen(shown), "\n");
    cli_text(out, shown);
}

/* Finds the caret of a report. It is alone on its line. An address above it may
 * look the same, so the last such line counts. */
static char *find_caret(char *report)
{
    char *found = NULL;
    for (char *line = report; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, "\n ");
        if (line[0] == '^' && line[1] == '\n')
            found = line;
    }
    return found;
}

/* Colours the name of the command before an error, and the caret. */
static void paint_report(char *report)
{
    char *caret = find_caret(report);
    if (caret != NULL)
        paint(caret, 1, CLI_RED);
    paint(report, strlen("sbind"), CLI_RED);
}

/* ---- What ends a subcommand ------------------------------------------------------ */

int cli_finish_output(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_failed("standard output");
    return status;
}

int cli_usage(const char *self, const char *format, ...)
{
    char message[LINE_SIZE]; /* what is longer, cli_say cuts */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    cli_say_in(stderr, CLI_RED, self, "%s: %s", self, message);
    cli_say(stderr, "Try: %s --help", self);
    return USAGE;
}

int cli_failed(const char *call)
{
    cli_say_in(stderr, CLI_RED, "sbind", "sbind: %s: %s", call,
               strerror(errno));
    return SYSTEM;
}

int cli_without_effect(const char *call)
{
    cli_say_in(stderr, CLI_RED, "sbind", "sbind: %s: no error, and no effect",
               call);
    return SYSTEM;
}

static int exit_status_of(sbind_status status)
{
    if (status == SBIND_OPTION_NOT_APPLICABLE || status == SBIND_BAD_OPTION)
        return USAGE;
    if (status == SBIND_SEVERAL || status == SBIND_AMBIGUOUS_FD_NAME)
        return REFUSED;
    return status >= 300 && status < 400 ? SYSTEM : REFUSED;
}

/* The text that the error is about. For an error in the environment it is the
 * value of the variable. */
static const char *subject_of(const sbind_error *error, const char *text)
{
    const char *value =
        error->variable == NULL ? text : getenv(error->variable);
    return value == NULL ? "" : value;
}

static void say_host(sbind_status status)
{
    cli_say(stderr, "  this is the value of the environment variable HOST");
    if (status == SBIND_UNKNOWN_SCHEME)
        cli_say(stderr, "  which tcsh sets to the name of the machine; use -H");
}

int cli_report(const sbind_error *error, const char *text)
{
    char report[sizeof "sbind: " + SBIND_REPORT_MAX +
                (size_t)2 * CLI_PAINT_MAX] = "sbind: ";
    char *after = report + strlen(report);
    size_t length;
    const char *subject = subject_of(error, text);
    if (sbind_report(error, subject, strlen(subject), after, SBIND_REPORT_MAX,
                     &length) == SBIND_OK) {
        if (cli_has_colours(stderr))
            paint_report(report);
        cli_text(stderr, report);
    }
    if (subject == cli_host())
        say_host(error->status);
    return exit_status_of(error->status);
}
