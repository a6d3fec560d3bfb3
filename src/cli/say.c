/* say.c - the one way in which the command shows what others have written: an
 * address, an argument, the name of a file
 *
 * Whatever is not printable ASCII is shown as \xHH, as the report of an error
 * shows it. So nobody can colour, move or turn round what stands on a terminal,
 * or begin a line of a log. */
#include "cli.h"

#include <stdarg.h>
#include <string.h>

enum { LINE_SIZE = 4096 }; /* longer than any address */

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

/* Windows keeps what fputs writes to standard error until the end. */
void cli_text(FILE *out, const char *text)
{
    fputs(text, out);
    if (out == stderr)
        fflush(out);
}

/* In one piece, so that what several processes say does not mix. */
void cli_say(FILE *out, const char *format, ...)
{
    char line[LINE_SIZE], shown[4 * LINE_SIZE + sizeof "...\n"], *to = shown;
    va_list arguments;
    int n;
    va_start(arguments, format);
    n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (int i = 0; i < n && i < LINE_SIZE - 1; i++)
        to = escape((unsigned char)line[i], to);
    strcpy(to, n < LINE_SIZE ? "\n" : "...\n");
    cli_text(out, shown);
}

int cli_help(const char *text)
{
    puts(text);
    return cli_finish_output(DONE);
}
