/* lexer.re - the rule "address" of grammar/sbind.abnf: an automaton for each
 * family of addresses, which begins after the scheme
 *
 * The definitions below are the rules of the ABNF under the same names, with
 * "_" for "-". The counted limits (SPEC.md 2) are in limits.c.
 *
 * Every rule ends in NUL, and contains NUL nowhere else. At the end of the text
 * peek() returns NUL without reading there. So a match whose last place is "len"
 * is a match of the whole text. A match whose last place is an earlier one has met
 * a NUL in the text. With or without a match, the last place has the first octet
 * that could not continue an address: it is the length of the viable prefix.
 */
#include "lexer.h"

#include "path.h"
#include "scheme.h"

#define OCTET(text, len, at) (at < len ? text[at] : 0)

/* A build for small size calls a function here, because a call is shorter than
 * the code of the macro. */
#if defined(__GNUC__) && defined(__OPTIMIZE_SIZE__)
__attribute__((noinline)) static unsigned char peek(const unsigned char *text,
                                                    size_t len, size_t at)
{
    return OCTET(text, len, at);
}
#else
#define peek OCTET
#endif

/* The interface that re2c asks for. No rule has to go back in the text, so backup
 * and restore do nothing. */
#define YYPEEK() (last = at, peek(text, len, at))
#define YYSKIP() (++at)
#define YYBACKUP() ((void)0)
#define YYRESTORE() ((void)0)

/* The rule that matches what follows the scheme, and the last place that peek()
 * has looked at. */
typedef struct match {
    sbind__rule rule;
    size_t last;
} match;

static match found(sbind__rule rule, size_t last)
{
    return (match){rule, last};
}

/*!re2c
re2c:api = custom;
re2c:define:YYCTYPE = "unsigned char";
re2c:yyfill:enable = 0;
re2c:sentinel = 0;

end         = [\x00];

ALPHA       = [A-Za-z];
DIGIT       = [0-9];
HEXDIG      = [0-9A-Fa-f];

// TCP
port        = DIGIT | [1-9] DIGIT{1,3} | [1-5] DIGIT{4}
            | "6" [0-4] DIGIT{3} | "65" [0-4] DIGIT{2}
            | "655" [0-2] DIGIT | "6553" [0-5];
dec_octet   = DIGIT | [1-9] DIGIT | "1" DIGIT{2}
            | "2" [0-4] DIGIT | "25" [0-5];
ipv4        = dec_octet ("." dec_octet){3};
h16         = HEXDIG{1,4};
ls32        = h16 ":" h16 | ipv4;
ipv6        =                            (h16 ":"){6} ls32
            |                       "::" (h16 ":"){5} ls32
            | (               h16)? "::" (h16 ":"){4} ls32
            | ((h16 ":"){0,1} h16)? "::" (h16 ":"){3} ls32
            | ((h16 ":"){0,2} h16)? "::" (h16 ":"){2} ls32
            | ((h16 ":"){0,3} h16)? "::"  h16 ":"     ls32
            | ((h16 ":"){0,4} h16)? "::"              ls32
            | ((h16 ":"){0,5} h16)? "::"              h16
            | ((h16 ":"){0,6} h16)? "::";
zone_octet  = ALPHA | DIGIT | [-._~];
zone_first  = zone_octet \ "2";
zone_second = zone_octet \ "5";
zone        = zone_first zone_octet{0,14}
            | "2" (zone_second zone_octet{0,13})?
            | "25" DIGIT{0,13};
word        = ALPHA | DIGIT | "_";
letter      = word \ DIGIT;
not_x       = letter \ [Xx];
not_hex     = letter \ HEXDIG;
tail        = ((word | "-")* word)?;
dash        = "-"+ word tail;
mark        = letter tail | dash;
label       = word tail;
last_label  = letter tail
            | [1-9] DIGIT* mark
            | "0" DIGIT+ mark
            | "0" not_x tail
            | "0" dash
            | '0x' HEXDIG* not_hex tail
            | '0x' HEXDIG* dash;
name        = (label ".")* last_label "."?;

// Unix domain sockets
path_octet  = [\x20-\x7E\x80-\xFF];
path_last   = path_octet \ "/";
path        = path_octet* path_last; // what begins with "@" has another scheme
abstract_name = path_octet+;

// Inherited descriptors
number      = DIGIT | [1-9] DIGIT{1,8} | "1" DIGIT{9} | "20" DIGIT{8}
            | "21" [0-3] DIGIT{7} | "214" [0-6] DIGIT{6}
            | "2147" [0-3] DIGIT{5} | "21474" [0-7] DIGIT{4}
            | "214748" [0-2] DIGIT{3} | "2147483" [0-5] DIGIT{2}
            | "21474836" [0-3] DIGIT | "214748364" [0-7];
name_octet  = [\x20-\x39\x3B-\x7E];
name_graph  = name_octet \ " ";
name_mark   = name_graph \ DIGIT;
name_first  = name_mark \ [-+*];
name_rest   = (name_octet* name_graph)?;
socket_name = name_first name_rest
            | DIGIT+ name_mark name_rest
            | DIGIT+ " " name_octet* name_graph;

// Windows named pipes
utf8_tail   = [\x80-\xBF];
utf8_2      = [\xC2-\xDF] utf8_tail;
utf8_3      = "\xE0" [\xA0-\xBF] utf8_tail | [\xE1-\xEC] utf8_tail{2}
            | "\xED" [\x80-\x9F] utf8_tail | [\xEE-\xEF] utf8_tail{2};
utf8_4      = "\xF0" [\x90-\xBF] utf8_tail{2} | [\xF1-\xF3] utf8_tail{3}
            | "\xF4" [\x80-\x8F] utf8_tail{2};
seg_char    = [\x20-\x2D\x30-\x5B\x5D-\x7E] | utf8_2 | utf8_3 | utf8_4;
seg_any     = "." | seg_char;
segment     = seg_char seg_any* | "." seg_char seg_any* | ".." seg_any+;
server      = "." | name | ipv4;
pipe        = 'pipe';
*/

/* A text that does not begin with a scheme. Its viable prefix ends at the latest
 * before the last octet of a scheme. */
static match match_none(const unsigned char *text, size_t len)
{
    size_t at = 0, last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, last); }
    ("tcp:/" | "unix:/" | "fd:/" | "npipe:/" | "\\") end
                                { return found(SBIND__NO_RULE, last); }
    */
}

static match match_tcp(const unsigned char *text, size_t len)
{
    size_t at = 0, last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, last); }
    end                         { return found(SBIND__TCP_DEFAULT, last); }
    ipv4 ":" port end           { return found(SBIND__TCP_IPV4, last); }
    "[" ipv6 ("%" zone)? "]:" port end
                                { return found(SBIND__TCP_IPV6, last); }
    name ":" port end           { return found(SBIND__TCP_NAME, last); }
    "*:" port end               { return found(SBIND__TCP_ANY, last); }
    */
}

static match match_path(const unsigned char *text, size_t len)
{
    size_t at = 0, last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, last); }
    path end                    { return found(SBIND__UNIX_PATH, last); }
    */
}

static match match_abstract(const unsigned char *text, size_t len)
{
    size_t at = 0, last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, last); }
    abstract_name end           { return found(SBIND__UNIX_ABSTRACT, last); }
    */
}

static match match_fd(const unsigned char *text, size_t len)
{
    size_t at = 0, last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, last); }
    end                         { return found(SBIND__FD_SINGLE, last); }
    "*" end                     { return found(SBIND__FD_ALL, last); }
    number end                  { return found(SBIND__FD_NUMBER, last); }
    socket_name end             { return found(SBIND__FD_NAME, last); }
    */
}

static match match_npipe(const unsigned char *text, size_t len)
{
    size_t at = 0, last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, last); }
    segment end                 { return found(SBIND__NPIPE_LOCAL, last); }
    "//" server "/" pipe ("/" segment)+ end
                                { return found(SBIND__NPIPE_URI, last); }
    */
}

static match match_unc(const unsigned char *text, size_t len)
{
    size_t at = 0, last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, last); }
    server "\\" pipe ("\\" segment)+ end
                                { return found(SBIND__NPIPE_UNC, last); }
    */
}

static match match_behind(sbind__scheme scheme, const unsigned char *text,
                          size_t len)
{
    switch (scheme) {
    case SBIND__NO_SCHEME:
        break;
    case SBIND__OF_TCP:
        return match_tcp(text, len);
    case SBIND__OF_UNIX:
        return match_path(text, len);
    case SBIND__OF_ABSTRACT:
        return match_abstract(text, len);
    case SBIND__OF_FD:
        return match_fd(text, len);
    case SBIND__OF_NPIPE:
        return match_npipe(text, len);
    case SBIND__OF_UNC:
        return match_unc(text, len);
    }
    return match_none(text, len);
}

/* Where the automaton of a family begins. The automata of paths and abstract names
 * remember only the last octet. So they need not read the path-octets at the
 * beginning of the text, and begin at the last of them. */
static size_t begin_of(sbind__scheme scheme, const unsigned char *text,
                       size_t len)
{
    size_t begin = sbind__scheme_length(scheme), n;
    if (scheme != SBIND__OF_UNIX && scheme != SBIND__OF_ABSTRACT)
        return begin;
    n = sbind__path_octets(text + begin, len - begin);
    return n > 0 ? begin + n - 1 : begin;
}

sbind__lexed sbind__lex_address(const unsigned char *text, size_t len)
{
    sbind__scheme scheme = sbind__scheme_of(text, len);
    size_t begin = begin_of(scheme, text, len);
    match m = match_behind(scheme, text + begin, len - begin);
    size_t viable = begin + m.last;
    return (sbind__lexed){viable == len ? m.rule : SBIND__NO_RULE, viable};
}
