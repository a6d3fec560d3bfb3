/* format.c - value to canonical text. With this text it also decides whether a
 * value is valid, and whether two values mean the same. */
#include "format.h"

#include <string.h>

#include "../status/writer.h"
#include "family.h"

/* Room for the text of a value with any content. The members cannot be trusted
 * until the text has been parsed back. */
#define DRAFT_MAX (SBIND_NAME_MAX + SBIND_HOST_MAX + 32)

static void put_port(sbind__writer *to, const sbind_address *a)
{
    sbind__put_text(to, ":");
    sbind__put_decimal(to, a->port);
}

/* Writes as many octets as the value says, but never reads past the member. */
static void put_host(sbind__writer *to, const sbind_address *a)
{
    size_t n = a->host_length;
    sbind__put(to, a->host, n < sizeof a->host ? n : sizeof a->host);
}

static size_t name_length(const sbind_address *a)
{
    size_t n = a->name_length;
    return n < sizeof a->name ? n : sizeof a->name;
}

static void put_name(sbind__writer *to, const sbind_address *a)
{
    sbind__put(to, a->name, name_length(a));
}

static void put_zone(sbind__writer *to, const sbind_address *a)
{
    size_t n = a->zone_length;
    if (n == 0)
        return;
    sbind__put_text(to, "%");
    sbind__put(to, a->zone, n < sizeof a->zone ? n : sizeof a->zone);
}

/* SPEC.md 3.1.4 */
static void put_ipv6_literal(sbind__writer *to, const sbind_address *a)
{
    char ip[SBIND_IPV6_TEXT_MAX];
    sbind__put_text(to, "[");
    sbind__put(to, ip, sbind_format_ipv6(a->ip, ip));
    put_zone(to, a);
    sbind__put_text(to, "]");
}

static void put_ipv4(sbind__writer *to, const sbind_address *a)
{
    char ip[SBIND_IPV4_TEXT_MAX];
    sbind__put(to, ip, sbind_format_ipv4(a->ip, ip));
}

static bool is_local_segment(const sbind_address *a)
{
    return a->host_length == 1 && a->host[0] == '.' &&
           memchr(a->name, '\\', name_length(a)) == NULL;
}

/* SPEC.md 3.4.2 */
static void put_pipe(sbind__writer *to, const sbind_address *a)
{
    if (is_local_segment(a)) {
        put_name(to, a);
        return;
    }
    sbind__put_text(to, "//");
    put_host(to, a);
    sbind__put_text(to, "/pipe/");
    for (size_t i = 0; i < name_length(a); i++)
        sbind__put(to, a->name[i] == '\\' ? "/" : a->name + i, 1);
}

/* Writes nothing if the kind is unknown. */
static void put_scheme(sbind__writer *to, const sbind_address *a)
{
    const char *scheme = sbind_scheme(a->kind);
    if (scheme == NULL)
        return;
    sbind__put_text(to, scheme);
    sbind__put_text(to, "://");
}

static void write_address(sbind__writer *to, const sbind_address *a)
{
    put_scheme(to, a);
    switch (a->kind) {
    case SBIND_TCP_DEFAULT:
    case SBIND_FD_SINGLE:
        break;
    case SBIND_TCP_IPV4:
        put_ipv4(to, a);
        put_port(to, a);
        break;
    case SBIND_TCP_IPV6:
        put_ipv6_literal(to, a);
        put_port(to, a);
        break;
    case SBIND_TCP_NAME:
        put_host(to, a);
        put_port(to, a);
        break;
    case SBIND_TCP_ANY:
        sbind__put_text(to, "*");
        put_port(to, a);
        break;
    case SBIND_UNIX_ABSTRACT:
        sbind__put_text(to, "@");
        put_name(to, a);
        break;
    case SBIND_UNIX_PATH:
    case SBIND_FD_NAME:
        put_name(to, a);
        break;
    case SBIND_FD_ALL:
        sbind__put_text(to, "*");
        break;
    case SBIND_FD_NUMBER:
        sbind__put_decimal(to, (uint32_t)a->fd);
        break;
    case SBIND_NPIPE:
        put_pipe(to, a);
        break;
    }
}

/* Compares the NUL after the octets, too: a value without it is not valid. */
static bool same_octets(const char *a, size_t a_length, const char *b,
                        size_t b_length, size_t room)
{
    return a_length == b_length && a_length < room &&
           memcmp(a, b, a_length + 1) == 0;
}

static bool same_host(const sbind_address *a, const sbind_address *b)
{
    return same_octets(a->host, a->host_length, b->host, b->host_length,
                       sizeof a->host);
}

static bool same_zone(const sbind_address *a, const sbind_address *b)
{
    return same_octets(a->zone, a->zone_length, b->zone, b->zone_length,
                       sizeof a->zone);
}

static bool same_name(const sbind_address *a, const sbind_address *b)
{
    return same_octets(a->name, a->name_length, b->name, b->name_length,
                       sizeof a->name);
}

/* Writes the text of a value that may be invalid, and returns its length. */
static size_t write_draft(char draft[DRAFT_MAX], const sbind_address *a)
{
    sbind__writer to = {draft, DRAFT_MAX, 0, false};
    write_address(&to, a);
    return to.length;
}

sbind_status sbind_format(const sbind_address *address, char *buf, size_t cap,
                          size_t *ret_len)
{
    return sbind_valid(address)
               ? sbind__format_valid(address, buf, cap, ret_len)
               : SBIND_INVALID_ADDRESS;
}

sbind_status sbind__format_valid(const sbind_address *address, char *buf,
                                 size_t cap, size_t *ret_len)
{
    char draft[DRAFT_MAX];
    size_t length = write_draft(draft, address);
    if (length >= cap)
        return SBIND_BUFFER_TOO_SMALL;
    memcpy(buf, draft, length);
    buf[length] = '\0';
    *ret_len = length;
    return SBIND_OK;
}

/* A value is valid if its text is an address that means the same value. The text
 * and the value read back from it share their memory, which saves a kilobyte of
 * the stack. */
bool sbind_valid(const sbind_address *address)
{
    union {
        char draft[DRAFT_MAX];
        sbind_address value;
    } again;
    size_t length = write_draft(again.draft, address);
    return sbind_parse(again.draft, length, &again.value, NULL) == SBIND_OK &&
           sbind_equal(&again.value, address);
}

bool sbind_equal(const sbind_address *a, const sbind_address *b)
{
    // clang-tidy does not see that sbind_parse has written into a union
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case SBIND_TCP_DEFAULT:
    case SBIND_FD_SINGLE:
    case SBIND_FD_ALL:
        return true;
    case SBIND_TCP_IPV4:
        return a->port == b->port && memcmp(a->ip, b->ip, 4) == 0;
    case SBIND_TCP_IPV6:
        return a->port == b->port && memcmp(a->ip, b->ip, 16) == 0 &&
               same_zone(a, b);
    case SBIND_TCP_NAME:
        return a->port == b->port && same_host(a, b);
    case SBIND_TCP_ANY:
        return a->port == b->port;
    case SBIND_UNIX_PATH:
    case SBIND_UNIX_ABSTRACT:
    case SBIND_FD_NAME:
        return same_name(a, b);
    case SBIND_FD_NUMBER:
        return a->fd == b->fd;
    case SBIND_NPIPE:
        return same_host(a, b) && same_name(a, b);
    }
    return false;
}
