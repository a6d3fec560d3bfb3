/* cli.h - what the subcommands of sbind share */
#ifndef SBIND_CLI_CLI_H
#define SBIND_CLI_CLI_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include <sbind/sbind.h>

#include "../parse/family.h"
#include "format.h"

/* Exit statuses; the last two are those of a shell. */
enum {
    DONE = 0,
    REFUSED = 1,
    USAGE = 2,
    SYSTEM = 111,
    NOT_EXECUTABLE = 126,
    NOT_FOUND = 127
};

/* ---- What a person reads (say.c) --------------------------------------------- */

/* Prints a line, and adds the newline. Octets other than printable ASCII become
 * \xHH. A very long line is cut, and ends in "...". */
void cli_say(FILE *out, const char *format, ...) CLI_PRINTF(2, 3);

enum {
    LINE_SIZE = 4096,   /* longer than any address */
    CLI_PAINT_MAX = 16, /* octets that begin and end a colour */
    CLI_SHOWN_MAX = 4 * LINE_SIZE + CLI_PAINT_MAX + sizeof "...\n"
};

/* Makes the text of such a line, without a newline. */
void cli_show(char ret[CLI_SHOWN_MAX], const char *format, va_list arguments)
    CLI_PRINTF(2, 0);

/* Prints a line. On a terminal that shows colours, the first occurrence of this
 * word has the colour. If word is NULL, the whole line has it. */
typedef enum cli_colour { CLI_PLAIN, CLI_RED, CLI_GREEN } cli_colour;

void cli_say_in(FILE *out, cli_colour colour, const char *word,
                const char *format, ...) CLI_PRINTF(4, 5);

/* Prints text exactly as it is. The text must be made by this program, like a
 * report. */
void cli_text(FILE *out, const char *text);

/* Says what is wrong with the command line; returns USAGE. self is argv[0]. */
int cli_usage(const char *self, const char *format, ...) CLI_PRINTF(2, 3);

/* Reports an error about text, a NUL-terminated address, on standard error.
 * Returns the exit status that fits the error. */
int cli_report(const sbind_error *error, const char *text);

/* Reports a call of the command itself that has failed, and errno. Returns
 * SYSTEM. */
int cli_failed(const char *call);

/* Reports a call that succeeded without changing anything. Returns SYSTEM. */
int cli_without_effect(const char *call);

/* Flushes standard output. Returns status, or SYSTEM if the output could not be
 * written. */
int cli_finish_output(int status);

/* ---- Operands (operand.c) ---------------------------------------------------- */

/* Calls "one" for each of the operands argv[first ..]. Returns DONE, or the
 * status of the last call that did not succeed. */
int cli_each(int argc, char **argv, int first,
             int (*one)(const char *text, const void *context),
             const void *context);

/* Parses text. DONE, or REFUSED after reporting why. */
int cli_parse_address(const char *text, sbind_address *ret);

/* ---- JSON (json.c): the answers of the adapter, SPEC.md 7.3 ------------------ */

void json_parse(FILE *out, const char *text, size_t len);
void json_activation(FILE *out, const sbind_activation_input *in);

/* ---- What platforms differ in (posix/, win32/) ------------------------- */

/* The first thing main does: on Windows it makes the arguments UTF-8 and the
 * standard streams binary. False when it cannot. */
bool cli_prepare(int *argc, char ***argv);

/* Whether to use colours on this stream. */
bool cli_has_colours(FILE *out);

/* The value of the environment variable HOST, or NULL if it is not set. Every
 * call returns the same pointer. On Windows the value is in UTF-8. */
const char *cli_host(void);

/* Opens /dev/null in place of each of standard input, output and error that is
 * closed, so that no socket gets its number. DONE or SYSTEM. */
int cli_fill_standard_descriptors(void);

/* ---- Copying (posix/copy.c, win32/copy.c) ----------------------------------- */

/* Copies standard input to the socket and the socket to standard output until
 * both have ended. The end of the input is passed on as a half-close. A pipe
 * cannot be half-closed: there a client ends once its input has ended and the
 * server is silent.
 *
 * DONE means that everything was copied and that the peer has taken it. With
 * TCP, the peer's system has acknowledged it. With a unix socket, the peer has
 * read it; on macOS, the peer's system has it. On Windows, only our own system
 * has accepted it and has reported no error. On failure, says what failed and
 * returns SYSTEM. */
int copy_both_ways(const sbind_stream *stream);

#endif
