/* format.h - functions whose arguments the compiler compares with a format */
#ifndef SBIND_CLI_FORMAT_H
#define SBIND_CLI_FORMAT_H

/* Argument number "text" is the format. The values for it begin with argument
 * number "first". For a va_list, "first" is 0. MSVC does not compare the
 * two. */
#ifdef __GNUC__
#define CLI_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CLI_PRINTF(text, first)
#endif

#endif
