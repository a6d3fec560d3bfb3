/* lexer.re - the rule "address" of grammar/sbind.abnf: an automaton for each
 * family of addresses, which begins after the scheme
 *
 * The definitions below are the rules of the ABNF under the same names, with
 * "_" for "-". The counted limits (SPEC.md 2) are in limits.c.
 *
 * Every rule ends in NUL, and contains NUL nowhere else. At the end of the text
 * peek() returns NUL without reading there. So a match whose last place is "len"
 * is a match of the whole text. A match whose last place is an earlier one has met
 * a NUL in the text, and does not count. With or without a match, the last place has the first octet
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

/* "last" is the last place that peek() has looked at. */
static inline sbind__lexed found(sbind__rule rule, size_t len, size_t last)
{
    return (sbind__lexed){last == len ? rule : SBIND__NO_RULE, last};
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
static sbind__lexed match_none(const unsigned char *text, size_t len, size_t at)
{
    size_t last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, len, last); }
    ("tcp:/" | "unix:/" | "fd:/" | "npipe:/" | "\\") end
                                { return found(SBIND__NO_RULE, len, last); }
    */
}

static sbind__lexed match_tcp(const unsigned char *text, size_t len, size_t at)
{
    size_t last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, len, last); }
    end                         { return found(SBIND__TCP_DEFAULT, len, last); }
    ipv4 ":" port end           { return found(SBIND__TCP_IPV4, len, last); }
    "[" ipv6 ("%" zone)? "]:" port end
                                { return found(SBIND__TCP_IPV6, len, last); }
    name ":" port end           { return found(SBIND__TCP_NAME, len, last); }
    "*:" port end               { return found(SBIND__TCP_ANY, len, last); }
    */
}

static sbind__lexed match_path(const unsigned char *text, size_t len, size_t at)
{
    size_t last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, len, last); }
    path end                    { return found(SBIND__UNIX_PATH, len, last); }
    */
}

static sbind__lexed match_abstract(const unsigned char *text, size_t len, size_t at)
{
    size_t last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, len, last); }
    abstract_name end           { return found(SBIND__UNIX_ABSTRACT, len, last); }
    */
}

static sbind__lexed match_fd(const unsigned char *text, size_t len, size_t at)
{
    size_t last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, len, last); }
    end                         { return found(SBIND__FD_SINGLE, len, last); }
    "*" end                     { return found(SBIND__FD_ALL, len, last); }
    number end                  { return found(SBIND__FD_NUMBER, len, last); }
    socket_name end             { return found(SBIND__FD_NAME, len, last); }
    */
}

static sbind__lexed match_npipe(const unsigned char *text, size_t len, size_t at)
{
    size_t last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, len, last); }
    segment end                 { return found(SBIND__NPIPE_LOCAL, len, last); }
    "//" server "/" pipe ("/" segment)+ end
                                { return found(SBIND__NPIPE_URI, len, last); }
    */
}

static sbind__lexed match_unc(const unsigned char *text, size_t len, size_t at)
{
    size_t last;
    /*!re2c
    *                           { return found(SBIND__NO_RULE, len, last); }
    server "\\" pipe ("\\" segment)+ end
                                { return found(SBIND__NPIPE_UNC, len, last); }
    */
}

/* Matches the text from "at" on with the automaton of the scheme. */
static sbind__lexed match_behind(sbind__scheme scheme,
                                 const unsigned char *text, size_t len,
                                 size_t at)
{
    switch (scheme) {
    case SBIND__NO_SCHEME:
        break;
    case SBIND__OF_TCP:
        return match_tcp(text, len, at);
    case SBIND__OF_UNIX:
        return match_path(text, len, at);
    case SBIND__OF_ABSTRACT:
        return match_abstract(text, len, at);
    case SBIND__OF_FD:
        return match_fd(text, len, at);
    case SBIND__OF_NPIPE:
        return match_npipe(text, len, at);
    case SBIND__OF_UNC:
        return match_unc(text, len, at);
    }
    return match_none(text, len, at);
}

/* Where the automaton of a family begins. The automata of paths and abstract names
 * remember only the last octet. So they need not read the path-octets at the
 * beginning of the text. */
static size_t begin_of(sbind__scheme scheme, const unsigned char *text,
                       size_t len)
{
    size_t begin = sbind__scheme_length(scheme);
    return scheme == SBIND__OF_UNIX || scheme == SBIND__OF_ABSTRACT
               ? sbind__skip_path_octets(text, len, begin)
               : begin;
}

sbind__lexed sbind__lex_address(const unsigned char *text, size_t len)
{
    sbind__scheme scheme = sbind__scheme_of(text, len);
    return match_behind(scheme, text, len, begin_of(scheme, text, len));
}
