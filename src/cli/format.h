/* format.h - functions whose arguments the compiler compares with a format */
#ifndef SBIND_CLI_FORMAT_H
#define SBIND_CLI_FORMAT_H

/* The format is the argument of number "text". Those for it begin at "first"; 0
 * for a va_list. MSVC does not look at them. */
#ifdef __GNUC__
#define CLI_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define CLI_PRINTF(text, first)
#endif

#endif
