/* lexer.h - which rule of sbind.abnf matches a text, or how long its viable prefix is */
#ifndef SBIND_PARSE_LEXER_H
#define SBIND_PARSE_LEXER_H

#include <stddef.h>

/* The alternatives of the rule "address". The lexer finds out which one matches. */
typedef enum sbind__rule {
    SBIND__NO_RULE = 0,
    SBIND__TCP_DEFAULT,
    SBIND__TCP_IPV4,
    SBIND__TCP_IPV6,
    SBIND__TCP_NAME,
    SBIND__TCP_ANY,
    SBIND__UNIX_PATH,
    SBIND__UNIX_ABSTRACT,
    SBIND__FD_SINGLE,
    SBIND__FD_ALL,
    SBIND__FD_NUMBER,
    SBIND__FD_NAME,
    SBIND__NPIPE_LOCAL,
    SBIND__NPIPE_URI,
    SBIND__NPIPE_UNC,
    SBIND__RULES /* how many there are */
} sbind__rule;

typedef struct sbind__lexed {
    sbind__rule rule;
    size_t viable; /* the length of the viable prefix (SPEC.md 4.1.1) */
} sbind__lexed;

/* Matches the whole of text[0 .. len) against "address", without the counted
 * limits. If a rule matches, the viable prefix has len octets. Never reads
 * text[len]. */
sbind__lexed sbind__lex_address(const unsigned char *text, size_t len);

#endif
