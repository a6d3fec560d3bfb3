/* format.h - functions whose arguments the compiler compares with a format */
#ifndef SBIND_CLI_FORMAT_H
#define SBIND_CLI_FORMAT_H

/* Argument number "text" is the format, and its arguments begin at number
 * "first", or it is 0 for a va_list. MSVC does not check them. */
#ifdef __GNUC__
#define CLI_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CLI_PRINTF(text, first)
#endif

#endif
