/* lexer.h - which values match the rules of activation.abnf */
#ifndef SBIND_ACTIVATION_LEXER_H
#define SBIND_ACTIVATION_LEXER_H

#include <stdbool.h>
#include <stddef.h>

/* The four rules, in the order of SPEC.md 6.2. */
typedef enum sbind__variable {
    SBIND__LISTEN_PID,
    SBIND__LISTEN_PIDFDID,
    SBIND__LISTEN_FDS,
    SBIND__LISTEN_FDNAMES
} sbind__variable;

/* Whether the whole of value[0 .. len) matches the rule of the variable.
 * *ret_viable is the length of the viable prefix. Never reads value[len]. */
bool sbind__lex_activation(sbind__variable variable, const unsigned char *value,
                           size_t len, size_t *ret_viable);

#endif
