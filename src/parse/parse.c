/* parse.c - octets to value: first the lexer, then one function for each rule
 *
 * Each function quotes its production. The functions are called only for a text
 * that the lexer has accepted, so they do not check the grammar again.
 */
#include <sbind/parse.h>

#include <string.h>

#include "../status/error.h"
#include "inet.h"
#include "lexer.h"
#include "limits.h"
#include "numeric.h"
#include "refuse.h"

/* The rest of an accepted text, from some place to the end. */
typedef struct rest {
    const unsigned char *at;
    const unsigned char *limit;
} rest;

static rest behind(rest in, size_t n) { return (rest){in.at + n, in.limit}; }

static char lower(unsigned char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* ; name, server                  in lower case, SPEC.md 3.1.6
 * The grammar guarantees that the delimiter follows. */
static rest read_host(rest in, unsigned char delimiter, sbind_address *out)
{
    size_t n = 0;
    for (; in.at[n] != delimiter; n++)
        out->host[n] = lower(in.at[n]);
    out->host[n] = '\0';
    out->host_length = (uint8_t)n;
    return behind(in, n);
}

/* ; zone, before "]" */
static rest read_zone(rest in, sbind_address *out)
{
    size_t n = 0;
    for (; in.at[n] != ']'; n++)
        out->zone[n] = (char)in.at[n];
    out->zone_length = (uint8_t)n;
    return behind(in, n);
}

/* ; path, abstract-name, socket-name: the rest of the text. This text can
 * already lie in the member "name", so the NUL is written last. */
static void read_name(rest in, sbind_address *out)
{
    size_t n = (size_t)(in.limit - in.at);
    out->name_length = (uint16_t)n;
    char *name = memmove(out->name, in.at, n);
    name[n] = '\0';
}

/* ; ":" port */
static void read_port(rest in, sbind_address *out)
{
    uint32_t port;
    sbind__read_decimal(in.at + 1, in.limit, &port);
    out->port = (uint16_t)port;
}

/* ; tcp-default, fd-single, fd-all: nothing follows that has to be read */
static void read_nothing(rest in, sbind_address *out)
{
    (void)in;
    (void)out;
}

/* ; ( ipv4 / ipv6-literal ) ":" port    ipv6-literal = "[" ipv6 [ "%" zone ] "]" */
static void read_tcp_ip(rest in, sbind_address *out)
{
    const bool literal = *in.at == '[';
    in.at = (literal ? sbind__read_ipv6 : sbind__read_ipv4)(in.at + literal,
                                                            in.limit, out->ip);
    if (*in.at == '%')
        in = read_zone(behind(in, 1), out);
    read_port(behind(in, literal), out);
}

/* ; name ":" port */
static void read_tcp_name(rest in, sbind_address *out)
{
    read_port(read_host(in, ':', out), out);
}

/* ; fd-number = "fd://" number */
static void read_fd_number(rest in, sbind_address *out)
{
    uint32_t number;
    sbind__read_decimal(in.at, in.limit, &number);
    out->fd = (int32_t)number;
}

/* ; segment *( separator segment )     joined by backslashes, SPEC.md 3.4.1 */
static void read_segments(rest in, unsigned char separator, sbind_address *out)
{
    read_name(in, out);
    for (size_t i = 0; i < out->name_length; i++)
        if (out->name[i] == (char)separator)
            out->name[i] = '\\';
}

/* ; server separator pipe separator segments */
static void read_pipe(rest in, unsigned char separator, sbind_address *out)
{
    in = behind(read_host(in, separator, out), sizeof "/pipe/" - 1);
    read_segments(in, separator, out);
}

/* ; npipe-uri */
static void read_pipe_uri(rest in, sbind_address *out)
{
    read_pipe(in, '/', out);
}

/* ; npipe-unc */
static void read_pipe_unc(rest in, sbind_address *out)
{
    read_pipe(in, '\\', out);
}

/* ; npipe-local = "npipe://" segment */
static void read_local_pipe(rest in, sbind_address *out)
{
    memcpy(out->host, ".", 2);
    out->host_length = 1;
    read_name(in, out);
}

/* For rules whose only limit is that of the whole text. */
#define UNLIMITED (SBIND_TEXT_MAX + 1)

/* For each rule: the kind of address, the least length of a text that can exceed
 * a limit, where the first part of the text begins, and the function that reads
 * it. */
typedef struct form {
    sbind_kind kind;
    uint16_t limited; /* octets; a shorter text cannot exceed a limit */
    uint8_t skip;     /* octets before the first part */
    void (*read)(rest in, sbind_address *out);
} form;

static const form forms[] = {
    [SBIND__NO_RULE] = {0, 0, 0, NULL},
    [SBIND__TCP_DEFAULT] = {SBIND_TCP_DEFAULT, UNLIMITED, 6, read_nothing},
    [SBIND__TCP_IPV4] = {SBIND_TCP_IPV4, UNLIMITED, 6, read_tcp_ip},
    [SBIND__TCP_IPV6] = {SBIND_TCP_IPV6, UNLIMITED, 6, read_tcp_ip},
    [SBIND__TCP_NAME] = {SBIND_TCP_NAME, sizeof "tcp://:0" + SBIND_LABEL_MAX, 6,
                         read_tcp_name},
    [SBIND__TCP_ANY] = {SBIND_TCP_ANY, UNLIMITED, 7, read_port},
    [SBIND__UNIX_PATH] = {SBIND_UNIX_PATH, UNLIMITED, 7, read_name},
    [SBIND__UNIX_ABSTRACT] = {SBIND_UNIX_ABSTRACT, UNLIMITED, 8, read_name},
    [SBIND__FD_SINGLE] = {SBIND_FD_SINGLE, UNLIMITED, 5, read_nothing},
    [SBIND__FD_ALL] = {SBIND_FD_ALL, UNLIMITED, 6, read_nothing},
    [SBIND__FD_NUMBER] = {SBIND_FD_NUMBER, UNLIMITED, 5, read_fd_number},
    [SBIND__FD_NAME] = {SBIND_FD_NAME, SBIND_FD_NAME_MAX, 5, read_name},
    [SBIND__NPIPE_LOCAL] = {SBIND_NPIPE, SBIND_LABEL_MAX, 8, read_local_pipe},
    [SBIND__NPIPE_URI] = {SBIND_NPIPE, SBIND_LABEL_MAX, 10, read_pipe_uri},
    [SBIND__NPIPE_UNC] = {SBIND_NPIPE, SBIND_LABEL_MAX, 2, read_pipe_unc},
};
_Static_assert(sizeof forms / sizeof *forms == SBIND__RULES, "a form a rule");

/* Sets numbers to 0 and texts to the empty text. Of the long texts, only the first
 * octet is cleared. */
static void clear(sbind_address *out)
{
    memset(out, 0, offsetof(sbind_address, host));
    out->host[0] = out->name[0] = '\0';
}

/* ; address: reads what follows the scheme, as the rule that matched demands */
static void read_address(const form *of, const unsigned char *text, size_t len,
                         sbind_address *out)
{
    clear(out);
    out->kind = of->kind;
    of->read((rest){text + of->skip, text + len}, out);
}

/* Whether writing the value would change the text that it is read from. */
static bool lies_in(const unsigned char *text, size_t len,
                    const sbind_address *value)
{
    uintptr_t first = (uintptr_t)text, begin = (uintptr_t)value;
    return first < begin + sizeof *value && begin < first + len;
}

/* Moves a text that lies in *out to the end of *out. From there each part is
 * read before it is overwritten: the part after the scheme begins past the
 * members that are cleared, and the readers only move octets to the left. */
static const unsigned char *move_to_end(const unsigned char *text, size_t len,
                                        sbind_address *out)
{
    return memmove((unsigned char *)(out + 1) - len, text, len);
}

/* Refuses an empty text, or one that is longer than an address can be. The lexer
 * never sees more of a text than the longest text that is allowed. */
static sbind_status refuse_length(const unsigned char *text, size_t len,
                                  sbind_error *reterr)
{
    size_t viable =
        len == 0 ? 0 : sbind__lex_address(text, SBIND_TEXT_MAX).viable;
    return sbind__refuse(text, len, viable, reterr);
}

sbind_status sbind_parse(const char *text, size_t len, sbind_address *ret,
                         sbind_error *reterr)
{
    const unsigned char *octets = (const unsigned char *)text;
    sbind__lexed found = {SBIND__NO_RULE, 0};

    if (len == 0 || len > SBIND_TEXT_MAX)
        return refuse_length(octets, len, reterr);
    if (sbind__may_be_numeric(octets, len)) {
        found = sbind__read_numeric(octets, len, ret);
        if (found.rule != SBIND__NO_RULE)
            return SBIND_OK;
    }
    if (found.viable == 0)
        found = sbind__lex_address(octets, len);
    SBIND__ENSURE(found.viable <= len);
    if (found.rule == SBIND__NO_RULE)
        return sbind__refuse(octets, len, found.viable, reterr);
    const form *of = &forms[found.rule];
    if (len >= of->limited &&
        sbind__check_limits(octets, len).status != SBIND_OK)
        return sbind__refuse(octets, len, len, reterr);
    if (lies_in(octets, len, ret))
        octets = move_to_end(octets, len, ret);
    read_address(of, octets, len, ret);
    SBIND__ENSURE(ret->name[ret->name_length] == '\0' &&
                  ret->host[ret->host_length] == '\0' &&
                  ret->zone[ret->zone_length] == '\0');
    return SBIND_OK;
}
