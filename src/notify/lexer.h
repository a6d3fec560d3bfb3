/* lexer.h - which texts match the rules of notify.abnf */
#ifndef SBIND_NOTIFY_LEXER_H
#define SBIND_NOTIFY_LEXER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum sbind__notify_rule {
    SBIND__NOTIFY_SOCKET,
    SBIND__NOTIFY_STATE
} sbind__notify_rule;

/* Whether the whole of text[0 .. len) matches the rule. *ret_viable is the
 * length of the viable prefix. Never reads text[len]. */
bool sbind__lex_notify(sbind__notify_rule rule, const unsigned char *text,
                       size_t len, size_t *ret_viable);

#endif
