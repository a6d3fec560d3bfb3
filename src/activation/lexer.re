/* lexer.re - an automaton for each rule of grammar/activation.abnf
 *
 * It works like src/parse/lexer.re. Every rule ends in NUL, and YYPEEK() gives NUL
 * at the end of the value. The last place that YYPEEK() has looked at is the length
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

    end          = [\x00];
    DIGIT        = [0-9];

    to_2147483639 = "1" DIGIT{9} | "20" DIGIT{8}
                 | "21" [0-3] DIGIT{7} | "214" [0-6] DIGIT{6}
                 | "2147" [0-3] DIGIT{5} | "21474" [0-7] DIGIT{4}
                 | "214748" [0-2] DIGIT{3} | "2147483" [0-5] DIGIT{2}
                 | "21474836" [0-3] DIGIT;
    int31        = [1-9] DIGIT{0,8} | to_2147483639 | "214748364" [0-7];
    fd_count     = [1-9] DIGIT{0,8} | to_2147483639 | "214748364" [0-4];
    uint64       = [1-9] DIGIT{0,18} | "1" [0-7] DIGIT{18}
                 | "18" [0-3] DIGIT{17} | "184" [0-3] DIGIT{16}
                 | "1844" [0-5] DIGIT{15} | "18446" [0-6] DIGIT{14}
                 | "184467" [0-3] DIGIT{13} | "1844674" [0-3] DIGIT{12}
                 | "184467440" [0-6] DIGIT{10} | "1844674407" [0-2] DIGIT{9}
                 | "18446744073" [0-6] DIGIT{8}
                 | "1844674407370" [0-8] DIGIT{6}
                 | "18446744073709" [0-4] DIGIT{5}
                 | "184467440737095" [0-4] DIGIT{4}
                 | "18446744073709550" DIGIT{3}
                 | "18446744073709551" [0-5] DIGIT{2}
                 | "1844674407370955160" DIGIT
                 | "1844674407370955161" [0-5];
    name_octet   = [\x20-\x39\x3B-\x7E];
    passed_name  = name_octet*; // at most 255: see activation.c

    listen_pid     = int31;
    listen_pidfdid = uint64;
    listen_fds     = fd_count;
    listen_fdnames = passed_name (":" passed_name)*;
*/

static bool match_pid(const unsigned char *cursor, const unsigned char *limit,
                      const unsigned char **last)
{
    /*!re2c
    *                   { return false; }
    listen_pid end      { return true; }
    */
}

static bool match_pidfdid(const unsigned char *cursor,
                          const unsigned char *limit,
                          const unsigned char **last)
{
    /*!re2c
    *                   { return false; }
    listen_pidfdid end  { return true; }
    */
}

static bool match_fds(const unsigned char *cursor, const unsigned char *limit,
                      const unsigned char **last)
{
    /*!re2c
    *                   { return false; }
    listen_fds end      { return true; }
    */
}

static bool match_fdnames(const unsigned char *cursor,
                          const unsigned char *limit,
                          const unsigned char **last)
{
    /*!re2c
    *                   { return false; }
    listen_fdnames end  { return true; }
    */
}

bool sbind__lex_activation(sbind__variable variable, const unsigned char *value,
                           size_t len, size_t *ret_viable)
{
    const unsigned char *limit = value + len, *last = value;
    bool matched = false;
    switch (variable) {
    case SBIND__LISTEN_PID:
        matched = match_pid(value, limit, &last);
        break;
    case SBIND__LISTEN_PIDFDID:
        matched = match_pidfdid(value, limit, &last);
        break;
    case SBIND__LISTEN_FDS:
        matched = match_fds(value, limit, &last);
        break;
    case SBIND__LISTEN_FDNAMES:
        matched = match_fdnames(value, limit, &last);
        break;
    }
    *ret_viable = (size_t)(last - value);
    return matched && last == limit;
}
