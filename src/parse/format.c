/* format.c - value to canonical text, and the questions about values that
 * it answers: is this one valid, do these two mean the same */
#include <sbind/parse.h>

#include <string.h>

/* Room for what any content of a value can write: no member is trusted before
 * the text has been parsed back. */
#define DRAFT_MAX (SBIND_NAME_MAX + SBIND_HOST_MAX + 32)

typedef struct draft {
    char text[DRAFT_MAX];
    size_t length;
} draft;

static void put(draft *d, const char *octets, size_t n)
{
    memcpy(d->text + d->length, octets, n);
    d->length += n;
}

static void put_text(draft *d, const char *text) { put(d, text, strlen(text)); }

static void put_decimal(draft *d, uint32_t value)
{
    char digits[10];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(d, digits + n, sizeof digits - n);
}

static void put_port(draft *d, const sbind_address *a)
{
    put_text(d, ":");
    put_decimal(d, a->port);
}

/* Lengths are as the value says, but never past its members. */
static void put_host(draft *d, const sbind_address *a)
{
    size_t n = a->host_length;
    put(d, a->host, n < sizeof a->host ? n : sizeof a->host);
}

static void put_name(draft *d, const sbind_address *a)
{
    size_t n = a->name_length;
    put(d, a->name, n < sizeof a->name ? n : sizeof a->name);
}

static void put_zone(draft *d, const sbind_address *a)
{
    size_t n = a->zone_length;
    if (n == 0)
        return;
    put_text(d, "%");
    put(d, a->zone, n < sizeof a->zone ? n : sizeof a->zone);
}

/* SPEC.md 3.1.4 */
static void put_ipv6_literal(draft *d, const sbind_address *a)
{
    char ip[SBIND_IPV6_TEXT_MAX];
    put_text(d, "[");
    put(d, ip, sbind_format_ipv6(a->ip, ip));
    put_zone(d, a);
    put_text(d, "]");
}

static void put_ipv4(draft *d, const sbind_address *a)
{
    char ip[SBIND_IPV4_TEXT_MAX];
    put(d, ip, sbind_format_ipv4(a->ip, ip));
}

static bool is_local_segment(const sbind_address *a)
{
    size_t n = a->name_length < sizeof a->name ? a->name_length : 0;
    return a->host_length == 1 && a->host[0] == '.' &&
           (n == 0 || memchr(a->name, '\\', n) == NULL);
}

/* SPEC.md 3.4.2 */
static void put_pipe(draft *d, const sbind_address *a)
{
    size_t from;
    if (is_local_segment(a)) {
        put_name(d, a);
        return;
    }
    put_text(d, "//");
    put_host(d, a);
    put_text(d, "/pipe/");
    from = d->length;
    put_name(d, a);
    for (size_t i = from; i < d->length; i++)
        if (d->text[i] == '\\')
            d->text[i] = '/';
}

static void write_draft(draft *d, const sbind_address *a)
{
    const char *scheme = sbind_scheme(a->kind);
    d->length = 0;
    if (scheme == NULL)
        return;
    put_text(d, scheme);
    put_text(d, "://");
    switch (a->kind) {
    case SBIND_TCP_DEFAULT:
    case SBIND_FD_SINGLE:
        break;
    case SBIND_TCP_IPV4:
        put_ipv4(d, a);
        put_port(d, a);
        break;
    case SBIND_TCP_IPV6:
        put_ipv6_literal(d, a);
        put_port(d, a);
        break;
    case SBIND_TCP_NAME:
        put_host(d, a);
        put_port(d, a);
        break;
    case SBIND_TCP_ANY:
        put_text(d, "*");
        put_port(d, a);
        break;
    case SBIND_UNIX_ABSTRACT:
        put_text(d, "@");
        put_name(d, a);
        break;
    case SBIND_UNIX_PATH:
    case SBIND_FD_NAME:
        put_name(d, a);
        break;
    case SBIND_FD_ALL:
        put_text(d, "*");
        break;
    case SBIND_FD_NUMBER:
        put_decimal(d, (uint32_t)a->fd);
        break;
    case SBIND_NPIPE:
        put_pipe(d, a);
        break;
    }
}

/* Whether the draft is an address and means *a: then it is its canonical
 * spelling, and the value is valid. */
static bool means(const draft *d, const sbind_address *a)
{
    sbind_address again;
    return sbind_parse(d->text, d->length, &again, NULL) == SBIND_OK &&
           sbind_equal(&again, a);
}

/* The NUL after the octets counts: a value without it is not valid. */
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

const char *sbind_scheme(sbind_kind kind)
{
    switch (kind) {
    case SBIND_TCP_DEFAULT:
    case SBIND_TCP_IPV4:
    case SBIND_TCP_IPV6:
    case SBIND_TCP_NAME:
    case SBIND_TCP_ANY:
        return "tcp";
    case SBIND_UNIX_PATH:
    case SBIND_UNIX_ABSTRACT:
        return "unix";
    case SBIND_FD_SINGLE:
    case SBIND_FD_ALL:
    case SBIND_FD_NUMBER:
    case SBIND_FD_NAME:
        return "fd";
    case SBIND_NPIPE:
        return "npipe";
    }
    return NULL;
}

sbind_status sbind_format(const sbind_address *address, char *buf, size_t cap,
                          size_t *ret_len)
{
    draft d;
    write_draft(&d, address);
    if (!means(&d, address))
        return SBIND_INVALID_ADDRESS;
    if (d.length >= cap)
        return SBIND_BUFFER_TOO_SMALL;
    memcpy(buf, d.text, d.length);
    buf[d.length] = '\0';
    *ret_len = d.length;
    return SBIND_OK;
}

bool sbind_valid(const sbind_address *address)
{
    draft d;
    write_draft(&d, address);
    return means(&d, address);
}

bool sbind_equal(const sbind_address *a, const sbind_address *b)
{
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
