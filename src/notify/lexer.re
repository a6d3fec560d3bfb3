/* lexer.re - an automaton for each rule of grammar/notify.abnf
 *
 * It works like src/parse/lexer.re. Every rule ends in NUL, and YYPEEK() gives NUL
 * at the end of the text. The last place that YYPEEK() has looked at is the length
 * of the viable prefix.
 */
#include "lexer.h"

#define YYPEEK() (*last = cursor, cursor < limit ? *cursor : (unsigned char)0)
#define YYSKIP() (cursor += cursor < limit)
#define YYBACKUP() ((void)0)
#define YYRESTORE() ((void)0)

/*!re2c
    re2c:api = custom;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:yyfill:enable = 0;
    re2c:sentinel = 0;

    end             = [\x00];
    DIGIT           = [0-9];

    text_octet      = [\x20-\x7E\x80-\xFF];
    path_end        = [\x20-\x2E\x30-\x7E\x80-\xFF];
    notify_path     = "/" text_octet* path_end;
    notify_abstract = "@" text_octet+;
    notify_socket   = notify_path | notify_abstract; // at most 107: notify.c

    name_begin      = [A-Z_];
    name_more       = [A-Z_] | DIGIT;
    notify_name     = name_begin name_more*;
    notify_line     = notify_name "=" text_octet*;
    notify_state    = notify_line ("\n" notify_line)* "\n"?; // at most 4096
*/

static bool match_socket(const unsigned char *text, const unsigned char *limit,
                         const unsigned char **last)
{
    const unsigned char *cursor = text;
    /*!re2c
    *                   { return false; }
    notify_socket end   { return true; }
    */
}

static bool match_state(const unsigned char *text, const unsigned char *limit,
                        const unsigned char **last)
{
    const unsigned char *cursor = text;
    /*!re2c
    *                   { return false; }
    notify_state end    { return true; }
    */
}

bool sbind__lex_notify(sbind__notify_rule rule, const unsigned char *text,
                       size_t len, size_t *ret_viable)
{
    const unsigned char *limit = text + len, *last = text;
    bool matched = rule == SBIND__NOTIFY_SOCKET
                       ? match_socket(text, limit, &last)
                       : match_state(text, limit, &last);
    *ret_viable = (size_t)(last - text);
    return matched && last == limit;
}
