/* parse.c - octets to value: the lexer's verdict, then one function a rule
 *
 * Each function quotes its production. The text has been accepted when one of
 * them is called; none checks again what the grammar has settled.
 */
#include <sbind/parse.h>

#include <string.h>

#include "../status/error.h"
#include "inet.h"
#include "lexer.h"
#include "limits.h"
#include "refuse.h"

/* What is left of an accepted text. */
typedef struct reader {
    const unsigned char *cursor;
    const unsigned char *limit;
} reader;

/* The octets before the next such delimiter, which the grammar has put there. */
static size_t span(const reader *in, unsigned char delimiter)
{
    size_t n = 0;
    while (in->cursor[n] != delimiter)
        n++;
    return n;
}

static void read_octets(reader *in, size_t n, char *ret)
{
    memcpy(ret, in->cursor, n);
    ret[n] = '\0';
    in->cursor += n;
}

static char lower(unsigned char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* ; name, server                  in lower case, SPEC.md 3.1.6 */
static void read_host(reader *in, unsigned char delimiter, sbind_address *out)
{
    size_t n = span(in, delimiter);
    for (size_t i = 0; i < n; i++)
        out->host[i] = lower(in->cursor[i]);
    out->host[n] = '\0';
    out->host_length = (uint8_t)n;
    in->cursor += n;
}

/* ; path, abstract-name, socket-name: the rest of the text */
static void read_name(reader *in, sbind_address *out)
{
    size_t n = (size_t)(in->limit - in->cursor);
    read_octets(in, n, out->name);
    out->name_length = (uint16_t)n;
}

/* ; ":" port */
static void read_port(reader *in, sbind_address *out)
{
    in->cursor++;
    out->port = (uint16_t)sbind__read_decimal(&in->cursor, in->limit);
}

/* ; tcp-default, fd-single, fd-all: nothing is left */
static void read_nothing(reader *in, sbind_address *out)
{
    (void)in;
    (void)out;
}

/* ; ipv4 ":" port */
static void read_tcp_ipv4(reader *in, sbind_address *out)
{
    sbind__read_ipv4(&in->cursor, in->limit, out->ip);
    read_port(in, out);
}

/* ; ipv6-literal = "[" ipv6 [ "%" zone ] "]" */
static void read_ipv6_literal(reader *in, sbind_address *out)
{
    in->cursor++;
    sbind__read_ipv6(&in->cursor, in->limit, out->ip);
    if (*in->cursor == '%') {
        in->cursor++;
        size_t n = span(in, ']');
        read_octets(in, n, out->zone);
        out->zone_length = (uint8_t)n;
    }
    in->cursor++;
}

/* ; ipv6-literal ":" port */
static void read_tcp_ipv6(reader *in, sbind_address *out)
{
    read_ipv6_literal(in, out);
    read_port(in, out);
}

/* ; name ":" port */
static void read_tcp_name(reader *in, sbind_address *out)
{
    read_host(in, ':', out);
    read_port(in, out);
}

/* ; fd-number = "fd://" number */
static void read_fd_number(reader *in, sbind_address *out)
{
    out->fd = (int32_t)sbind__read_decimal(&in->cursor, in->limit);
}

/* ; segment *( separator segment )     joined by backslashes, SPEC.md 3.4.1 */
static void read_segments(reader *in, unsigned char separator,
                          sbind_address *out)
{
    read_name(in, out);
    for (size_t i = 0; i < out->name_length; i++)
        if ((unsigned char)out->name[i] == separator)
            out->name[i] = '\\';
}

/* ; server separator pipe separator segments */
static void read_pipe(reader *in, unsigned char separator, sbind_address *out)
{
    read_host(in, separator, out);
    in->cursor += sizeof "/pipe/" - 1;
    read_segments(in, separator, out);
}

/* ; npipe-uri */
static void read_pipe_uri(reader *in, sbind_address *out)
{
    read_pipe(in, '/', out);
}

/* ; npipe-unc */
static void read_pipe_unc(reader *in, sbind_address *out)
{
    read_pipe(in, '\\', out);
}

/* ; npipe-local = "npipe://" segment */
static void read_local_pipe(reader *in, sbind_address *out)
{
    out->host[0] = '.';
    out->host_length = 1;
    read_name(in, out);
}

/* What each rule means, where its first part begins, and what reads it. */
static const struct {
    sbind_kind kind;
    uint8_t skip; /* octets before the first part */
    void (*read)(reader *in, sbind_address *out);
} forms[] = {
    [SBIND__TCP_DEFAULT] = {SBIND_TCP_DEFAULT, 6, read_nothing},
    [SBIND__TCP_IPV4] = {SBIND_TCP_IPV4, 6, read_tcp_ipv4},
    [SBIND__TCP_IPV6] = {SBIND_TCP_IPV6, 6, read_tcp_ipv6},
    [SBIND__TCP_NAME] = {SBIND_TCP_NAME, 6, read_tcp_name},
    [SBIND__TCP_ANY] = {SBIND_TCP_ANY, 7, read_port},
    [SBIND__UNIX_PATH] = {SBIND_UNIX_PATH, 7, read_name},
    [SBIND__UNIX_ABSTRACT] = {SBIND_UNIX_ABSTRACT, 8, read_name},
    [SBIND__FD_SINGLE] = {SBIND_FD_SINGLE, 5, read_nothing},
    [SBIND__FD_ALL] = {SBIND_FD_ALL, 6, read_nothing},
    [SBIND__FD_NUMBER] = {SBIND_FD_NUMBER, 5, read_fd_number},
    [SBIND__FD_NAME] = {SBIND_FD_NAME, 5, read_name},
    [SBIND__NPIPE_LOCAL] = {SBIND_NPIPE, 8, read_local_pipe},
    [SBIND__NPIPE_URI] = {SBIND_NPIPE, 10, read_pipe_uri},
    [SBIND__NPIPE_UNC] = {SBIND_NPIPE, 2, read_pipe_unc},
};
_Static_assert(sizeof forms / sizeof *forms == SBIND__RULES, "a form a rule");

/* ; address: what follows the scheme, by the rule that matched */
static void read_address(sbind__rule rule, const unsigned char *text,
                         size_t len, sbind_address *out)
{
    reader in = {text + forms[rule].skip, text + len};
    memset(out, 0, sizeof *out);
    out->kind = forms[rule].kind;
    forms[rule].read(&in, out);
}

/* Whether writing the value would change the text that it is read from. */
static bool lies_in(const unsigned char *text, size_t len,
                    const sbind_address *value)
{
    uintptr_t first = (uintptr_t)text, begin = (uintptr_t)value;
    return first < begin + sizeof *value && begin < first + len;
}

sbind_status sbind_parse(const char *text, size_t len, sbind_address *ret,
                         sbind_error *reterr)
{
    const unsigned char *octets = (const unsigned char *)(len ? text : "");
    size_t seen = len <= SBIND_TEXT_MAX ? len : SBIND_TEXT_MAX;
    size_t viable, past;
    sbind_status limit = SBIND_OK;
    sbind__rule rule = sbind__lex_address(octets, seen, &viable);

    past = sbind__check_limits(octets, viable, &limit);
    SBIND__ENSURE(past <= viable && viable <= seen);
    if (limit != SBIND_OK)
        return sbind__fail_at(limit, past, NULL, reterr);
    if (viable == seen && len > SBIND_TEXT_MAX)
        return sbind__fail_at(SBIND_TEXT_TOO_LONG, seen, NULL, reterr);
    if (rule == SBIND__NO_RULE)
        return sbind__refuse(octets, seen, viable, reterr);
    if (lies_in(octets, len, ret)) {
        unsigned char copy[SBIND_TEXT_MAX];
        memcpy(copy, octets, len);
        read_address(rule, copy, len, ret);
    } else {
        read_address(rule, octets, len, ret);
    }
    SBIND__ENSURE(ret->name[ret->name_length] == '\0' &&
                  ret->host[ret->host_length] == '\0' &&
                  ret->zone[ret->zone_length] == '\0');
    return SBIND_OK;
}
