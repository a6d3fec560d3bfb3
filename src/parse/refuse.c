/* refuse.c - why a text is refused: the names and hints of SPEC.md 4.2
 *
 * There is a function for each family. Like the paragraphs of the specification,
 * it looks at the viable prefix p and at the octet c after it. Since some address
 * begins with p, a few delimiters in p show in which part of an address p ends.
 */
#include "refuse.h"

#include <stdbool.h>
#include <string.h>

#include "../status/error.h"
#include "limits.h"
#include "scheme.h"

#define END (-1)

typedef struct refusal {
    const unsigned char *p; /* the viable prefix, without the scheme */
    size_t n;               /* its length */
    int c;                  /* the octet after it, or END */
} refusal;

typedef struct verdict {
    sbind_status status;
    const char *hint; /* NULL: the hint of the status */
} verdict;

static int to_lower(int c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; }

static bool is_digit(int c) { return c >= '0' && c <= '9'; }

static bool is_hex_digit(int c)
{
    return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static bool begins_in(refusal r, int c) { return r.n > 0 && r.p[0] == c; }

static bool ends_in(refusal r, int c) { return r.n > 0 && r.p[r.n - 1] == c; }

/* Where the octet c first occurs in p, or n if it does not. */
static size_t first_place(refusal r, int c)
{
    const unsigned char *at = r.n == 0 ? NULL : memchr(r.p, c, r.n);
    return at == NULL ? r.n : (size_t)(at - r.p);
}

static bool is_number(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && is_digit(p[i]))
        i++;
    return n > 0 && i == n;
}

/* ---- tcp:// --------------------------------------------------------------- */

/* Whether the last label of p consists of DIGITs only, or is "0x" *HEXDIG. A dot
 * at the end of p is not part of the label. */
static bool looks_like_number(refusal r)
{
    size_t end = ends_in(r, '.') ? r.n - 1 : r.n, start = end, i;
    while (start > 0 && r.p[start - 1] != '.')
        start--;
    if (is_number(r.p + start, end - start))
        return true;
    if (end - start < 2 || r.p[start] != '0' || to_lower(r.p[start + 1]) != 'x')
        return false;
    for (i = start + 2; i < end && is_hex_digit(r.p[i]); i++)
        ;
    return i == end;
}

/* 4.2.7 */
static verdict in_brackets(refusal r)
{
    size_t percent = first_place(r, '%');
    if (percent == r.n)
        return (verdict){SBIND_BAD_IPV6,
                         r.c == '.' ? "write an IPv4 address without brackets"
                                    : NULL};
    if (r.n - percent > 2 && r.p[percent + 1] == '2' && r.p[percent + 2] == '5')
        return (verdict){SBIND_BAD_ZONE,
                         "the percent sign is not encoded: write %eth0, not "
                         "%25eth0"};
    return (verdict){SBIND_BAD_ZONE, NULL};
}

/* 4.2.8: p has a host, and the port begins at "at" */
static verdict in_port(refusal r, size_t at)
{
    if (is_digit(r.c) && r.n > at && r.p[at] != '0')
        return (verdict){SBIND_PORT_RANGE, NULL};
    if (r.c == ':')
        return (verdict){SBIND_BAD_PORT,
                         "an IPv6 address stands in brackets, such as "
                         "tcp://[::1]:80"};
    if (r.n > at && !is_digit(r.c))
        return (verdict){SBIND_BAD_PORT, "nothing can follow the port number"};
    return (verdict){SBIND_BAD_PORT, NULL};
}

static verdict tcp_ends(refusal r)
{
    if (is_number(r.p, r.n))
        return (verdict){SBIND_UNEXPECTED_END,
                         "a host and a port are needed, such as tcp://*:8080"};
    if (begins_in(r, '[') && first_place(r, ']') == r.n)
        return (verdict){SBIND_UNEXPECTED_END, "close the bracket: [::1]:80"};
    return (verdict){SBIND_UNEXPECTED_END,
                     "a port is needed, such as tcp://127.0.0.1:8080"};
}

static verdict refuse_tcp(refusal r)
{
    bool bracket = begins_in(r, '[');
    size_t closed = bracket ? first_place(r, ']') : 0;
    size_t colon = bracket ? closed + 1 : first_place(r, ':');

    if (r.c == END)
        return tcp_ends(r);
    if (bracket && closed == r.n)
        return in_brackets(r);
    if (bracket && colon == r.n)
        return (verdict){SBIND_BAD_PORT, "a colon and a port follow the "
                                         "bracket, such as [::1]:80"};
    if (colon < r.n)
        return in_port(r, colon + 1);
    if (r.c == ':' && r.n > 0 && looks_like_number(r))
        return (verdict){SBIND_NUMERIC_HOST, NULL};
    if (r.c == ':' && r.n == 0)
        return (verdict){SBIND_BAD_HOST,
                         "write tcp://*:8080 for every address, or an IPv6 "
                         "address in brackets"};
    return (verdict){SBIND_BAD_HOST, NULL};
}

/* ---- unix:// -------------------------------------------------------------- */

static verdict refuse_unix(refusal r)
{
    if (r.c == END && r.n == 0)
        return (verdict){SBIND_UNEXPECTED_END,
                         "a path is needed, such as unix:///run/app.sock"};
    return (verdict){SBIND_BAD_PATH,
                     r.c == END ? "a path does not end in a slash" : NULL};
}

/* After unix://@ */
static verdict refuse_abstract(refusal r)
{
    if (r.c == END)
        return (verdict){SBIND_UNEXPECTED_END,
                         "an abstract name has at least one octet; the file @ "
                         "is unix://./@"};
    return (verdict){SBIND_BAD_ABSTRACT_NAME, NULL};
}

/* ---- fd:// ---------------------------------------------------------------- */

/* 4.2.2 */
static verdict fd_ends(refusal r)
{
    if (ends_in(r, ' '))
        return (verdict){SBIND_BAD_FD_NAME, "a name does not end in a space"};
    if (!begins_in(r, '0'))
        return (verdict){SBIND_FD_RANGE, NULL};
    return (verdict){SBIND_BAD_FD, "a descriptor has no leading zeros"};
}

/* 4.2.3 */
static verdict refuse_fd(refusal r)
{
    if (r.c == END)
        return fd_ends(r);
    if (r.n == 0 && (r.c == '+' || r.c == '-'))
        return (verdict){SBIND_BAD_FD, "a descriptor has no sign"};
    if (r.n == 0 || begins_in(r, '*') || is_number(r.p, r.n))
        return (verdict){SBIND_BAD_FD, NULL};
    return (verdict){SBIND_BAD_FD_NAME, NULL};
}

/* ---- npipe:// and \\ ------------------------------------------------------ */

/* Whether p ends within a character of UTF-8. It does if the first octet of the
 * last character demands more octets than follow it. */
static bool ends_within_character(refusal r)
{
    size_t tail = 0, wanted;
    unsigned char first;
    while (tail < r.n && (r.p[r.n - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail == r.n)
        return false;
    first = r.p[r.n - 1 - tail];
    wanted = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    return wanted > tail;
}

/* 4.2.11 */
static verdict in_segment(refusal r, const char *hint)
{
    if (ends_within_character(r) || r.c >= 0x80)
        return (verdict){SBIND_BAD_UTF8, NULL};
    if (r.c == END && (r.n == 0 || ends_in(r, '/') || ends_in(r, '\\')))
        return (verdict){SBIND_UNEXPECTED_END, "the name of a pipe is missing"};
    return (verdict){SBIND_BAD_PIPE_NAME, hint};
}

static verdict refuse_local_pipe(refusal r)
{
    return in_segment(r, r.c == '/' ? "a name with slashes is written "
                                      "npipe:////./pipe/NAME"
                                    : NULL);
}

/* After npipe:// and two slashes, or after two backslashes. */
static verdict refuse_pipe(refusal r, int separator)
{
    size_t server = first_place(r, separator);

    if (r.n - server > 5) /* "/pipe/" */
        return in_segment(r, NULL);
    if (r.c == END)
        return (verdict){SBIND_UNEXPECTED_END, "the name of a pipe is missing"};
    if (r.n == 0 && r.c == '?')
        return (verdict){SBIND_BAD_PIPE_SERVER,
                         "a pipe of this machine is written \\\\.\\pipe\\NAME, "
                         "with a dot"};
    return (verdict){server < r.n ? SBIND_BAD_PIPE_NAME : SBIND_BAD_PIPE_SERVER,
                     NULL};
}

/* After npipe://, with or without the two slashes of a server. */
static verdict refuse_npipe(refusal r)
{
    if (r.n == 1 && r.p[0] == '/')
        return refuse_pipe(r, '\\');
    if (r.n < 2 || r.p[0] != '/' || r.p[1] != '/')
        return refuse_local_pipe(r);
    return refuse_pipe((refusal){r.p + 2, r.n - 2, r.c}, '/');
}

/* ---- All families --------------------------------------------------------- */

/* How other programs write addresses, and the hint that says how sbind writes
 * them. The first row whose word begins the text counts. */
static const struct {
    const char *word; /* in lower case */
    const char *hint;
} guesses[] = {
    {"unix-abstract:", "an abstract socket is written unix://@NAME"},
    {"unix:abstract=", "an abstract socket is written unix://@NAME"},
    {"unix:@", "an abstract socket is written unix://@NAME"},
    {"unix:path=", "the path is written without \"path=\": unix:///PATH"},
    {"unix:///", "a scheme is in lower case: unix:///PATH"},
    {"unix://", "a scheme is in lower case: unix://PATH"},
    {"unix:/", "two slashes come before the path: unix:///PATH"},
    {"unix:", "two slashes follow the colon: unix://PATH"},
    {"tcp:", "a TCP socket is written tcp://HOST:PORT, in lower case"},
    {"fd:", "a descriptor is written fd://3 or fd://NAME, in lower case"},
    {"npipe:", "a named pipe is written npipe://NAME, in lower case"},
    {"udp", "datagrams have no address here; tcp:// and unix:// are for "
            "streams"},
    {"vsock:", "vsock has no address here; use tcp:// or unix://"},
    {"systemd:", "a socket that systemd passes is written fd:// or fd://NAME"},
    {"http:", "write the socket, not the URL: tcp://HOST:PORT"},
    {"https:", "write the socket, not the URL: tcp://HOST:PORT"},
    {"/", "a unix socket is written unix:///PATH or unix://@NAME"},
    {".", "a unix socket is written unix:///PATH or unix://@NAME"},
    {"@", "a unix socket is written unix:///PATH or unix://@NAME"},
};

static bool has_word(const unsigned char *text, size_t len, const char *word)
{
    size_t i = 0;
    while (i < len && word[i] != '\0' &&
           to_lower(text[i]) == (unsigned char)word[i])
        i++;
    return word[i] == '\0';
}

/* Guesses which address was meant, and returns the hint or NULL. */
static const char *guess(const unsigned char *text, size_t len)
{
    int first = to_lower(text[0]);
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++)
        if (guesses[i].word[0] == first && has_word(text, len, guesses[i].word))
            return guesses[i].hint;
    return memchr(text, ':', len) != NULL || is_number(text, len)
               ? "a TCP socket is written tcp://HOST:PORT"
               : NULL;
}

/* 4.2.1 */
static verdict refuse_scheme(size_t len, size_t viable)
{
    if (viable == len)
        return (verdict){SBIND_UNEXPECTED_END,
                         len == 0 ? "an address is needed" : NULL};
    return (verdict){SBIND_UNKNOWN_SCHEME, NULL};
}

static verdict refuse_by_scheme(const unsigned char *text, size_t len,
                                size_t viable)
{
    sbind__scheme scheme = sbind__scheme_of(text, viable);
    size_t begin = sbind__scheme_length(scheme);
    refusal r = {text + begin, viable - begin,
                 viable < len ? text[viable] : END};

    switch (scheme) {
    case SBIND__OF_TCP:
        return refuse_tcp(r);
    case SBIND__OF_ABSTRACT:
        return refuse_abstract(r);
    case SBIND__OF_UNIX:
        return refuse_unix(r);
    case SBIND__OF_FD:
        return refuse_fd(r);
    case SBIND__OF_NPIPE:
        return refuse_npipe(r);
    case SBIND__OF_UNC:
        return refuse_pipe(r, '\\');
    case SBIND__NO_SCHEME:
        break;
    }
    return refuse_scheme(len, viable);
}

/* Looks for a hint only if the caller wants to know more than the status. */
sbind_status sbind__refuse(const unsigned char *text, size_t len, size_t viable,
                           sbind_error *reterr)
{
    sbind__limit limit = sbind__check_limits(text, viable);
    verdict v;

    SBIND__ENSURE(limit.past <= viable);
    if (limit.status != SBIND_OK)
        return sbind__fail_at(limit.status, limit.past, NULL, reterr);
    if (viable == SBIND_TEXT_MAX && len > SBIND_TEXT_MAX)
        return sbind__fail_at(SBIND_TEXT_TOO_LONG, viable, NULL, reterr);
    v = viable == 0 ? refuse_scheme(len, 0)
                    : refuse_by_scheme(text, len, viable);
    if (reterr == NULL)
        return v.status;
    if (v.status == SBIND_UNKNOWN_SCHEME)
        v.hint = guess(text, len <= SBIND_TEXT_MAX ? len : SBIND_TEXT_MAX);
    return sbind__fail_at(v.status, viable, v.hint, reterr);
}
