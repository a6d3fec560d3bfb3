/* plan.c - writes the lines of sbind explain to a buffer, by src/cli/plan.c */
#include "plan.h"

#include <stdarg.h>

#include "../src/cli/explain.h"
#include "../src/status/writer.h"

/* The lines without the address have fewer than 2,048 octets, and one line repeats
 * a part of the address. */
static char lines[2048 + SBIND_TEXT_MAX];
static sbind__writer writer;
static bool refused;

static void put_argument(char conversion, va_list *arguments)
{
    if (conversion == 's') {
        sbind__put_text(&writer, va_arg(*arguments, const char *));
    } else if (conversion == 'u') {
        sbind__put_decimal(&writer, va_arg(*arguments, unsigned));
    } else { /* d: IPV6_V6ONLY or a descriptor, never negative */
        sbind__put_decimal(&writer, (uint32_t)va_arg(*arguments, int));
    }
}

/* Each line ends in a NUL, which no address contains. */
static void say(const char *format, va_list *arguments)
{
    for (const char *at = format; *at != '\0'; at++) {
        if (*at == '%')
            put_argument(*++at, arguments);
        else
            sbind__put(&writer, at, 1);
    }
    sbind__put(&writer, "", 1);
}

void explain_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, &arguments);
    va_end(arguments);
}

void explain_refused(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, &arguments);
    va_end(arguments);
    refused = true;
}

plan plan_of(const sbind_address *address)
{
    writer = (sbind__writer){.buf = lines, .cap = sizeof lines};
    refused = false;
    explain_listening(address);
    return (plan){lines, writer.length, refused};
}
