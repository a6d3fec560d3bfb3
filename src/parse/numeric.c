/* numeric.c - IP addresses with a port, recognised without the lexer
 *
 * A processor cannot predict the digits of such a text. Branches on them would
 * cost more time than everything else, so the readers do not branch on a digit.
 *
 * The answers are those of the lexer. For most texts that are not accepted this
 * file gives no answer, and leaves them to the lexer. numeric_test compares the
 * two.
 */
#include "numeric.h"

#include <string.h>

#include "inet.h"

typedef struct numeric {
    uint8_t ip[16];
    char zone[SBIND_ZONE_MAX + 1];
    uint8_t zone_length;
    uint16_t port;
} numeric;

#define NO_GAP 17 /* more octets than an IPv6 address has */

/* Each reader returns the place where it stopped, or NULL if the lexer has to
 * read the text. */
typedef const unsigned char *place;

/* Sets all bits of the result if "bit" is 1, and none if it is 0. */
static inline unsigned mask(unsigned bit) { return 0U - bit; }

/* ; dec-octet: the digits among the three octets at "at"
 *
 * For numbers of one, two and three digits, the tables have the least value,
 * and the difference between the greatest and the least. A number with a
 * leading zero is below the least value, and a first octet that is not a digit
 * is above the greatest. */
static inline place read_octet(place at, uint8_t *ret, unsigned *wrong)
{
    static const uint8_t least[] = {0, 10, 100}, span[] = {9, 89, 155};
    unsigned value = (unsigned)at[0] - '0', b = (unsigned)at[1] - '0';
    unsigned c = (unsigned)at[2] - '0';
    unsigned two = b <= 9, three = two & (c <= 9), more = two + three;
    value += (9 * value + b) & mask(two);
    value += (9 * value + c) & mask(three);
    *wrong |= value - least[more] > span[more];
    *ret = (uint8_t)value;
    return at + 1 + more;
}

/* ; ipv4 */
static place read_ipv4(place at, place limit, uint8_t ip[4])
{
    unsigned wrong = 0;
    for (int i = 0; i < 3; i++) {
        if (limit - at < 5) /* "1.1:1" */
            return NULL;
        at = read_octet(at, &ip[i], &wrong);
        if (wrong != 0 || *at++ != '.')
            return NULL;
    }
    if (limit - at < 3) /* "1:1" */
        return NULL;
    at = read_octet(at, &ip[3], &wrong);
    return wrong == 0 ? at : NULL;
}

/* ; h16: the HEXDIGs at the beginning of the four octets at "at" */
static inline place read_h16(place at, uint8_t ret[2])
{
    unsigned a = sbind__hex_digits[at[0]], b = sbind__hex_digits[at[1]];
    unsigned c = sbind__hex_digits[at[2]], d = sbind__hex_digits[at[3]];
    unsigned one = a != 0, two = one & (b != 0), three = two & (c != 0);
    unsigned four = three & (d != 0), value = a - one;
    value += (15 * value + b - 1) & mask(two);
    value += (15 * value + c - 1) & mask(three);
    value += (15 * value + d - 1) & mask(four);
    ret[0] = (uint8_t)(value >> 8);
    ret[1] = (uint8_t)value;
    return at + one + two + three + four;
}

/* Moves the groups that were read after a "::" to the end. Returns whether the
 * result is an address. */
static bool spread(uint8_t ip[16], size_t used, size_t gap)
{
    if (gap == NO_GAP || used > 14)
        return gap == NO_GAP && used == 16;
    memmove(ip + 16 - (used - gap), ip + gap, used - gap);
    memset(ip + gap, 0, 16 - used);
    return true;
}

/* ; ipv6. This function looks at four octets of each group, and at the octet after
 * them. If fewer than five octets are left, the lexer has to read the text. */
static place read_ipv6(place at, place limit, uint8_t ip[16])
{
    size_t used = 0, gap = NO_GAP;
    if (at[0] == ':' && at[1] == ':') {
        at += 2;
        gap = 0;
    }
    for (;;) {
        place end;
        if (limit - at < 3) /* "]:1" */
            return NULL;
        if (gap == used && (*at == ']' || *at == '%'))
            break;
        if (limit - at < 5 || (end = read_h16(at, ip + used)) == at)
            return NULL;
        if (*end == '.') {
            at = used <= 12 ? read_ipv4(at, limit, ip + used) : NULL;
            used += 4;
            break;
        }
        at = end;
        used += 2;
        if (*at != ':' || used == 16)
            break;
        at++;
        if (gap == NO_GAP && at < limit && *at == ':') {
            at++;
            gap = used;
        }
    }
    return at != NULL && spread(ip, used, gap) ? at : NULL;
}

static bool is_zone_octet(unsigned char c)
{
    return (c | 0x20U) - 'a' < 26 || (unsigned)c - '0' < 10 || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* ; zone. If a zone begins with "25", the lexer has to read the text. */
static place read_zone(place at, place limit, numeric *ret)
{
    size_t n = 0;
    for (; n < SBIND_ZONE_MAX && at < limit && is_zone_octet(*at); at++)
        ret->zone[n++] = (char)*at;
    ret->zone_length = (uint8_t)n;
    if (n == 0 || (ret->zone[0] == '2' && ret->zone[1] == '5'))
        return NULL;
    return at;
}

/* ; "[" ipv6 [ "%" zone ] "]" */
static place read_literal(place at, place limit, numeric *ret)
{
    at = read_ipv6(at + 1, limit, ret->ip);
    if (at != NULL && at < limit && *at == '%')
        at = read_zone(at + 1, limit, ret);
    return at != NULL && at < limit && *at == ']' ? at + 1 : NULL;
}

/* ; port. Returns the end of the port, or the first octet that cannot continue
 * it. The loop may branch: a processor cannot predict how long the port is, but
 * that costs a single wrong guess. */
static place read_port(place at, place limit, uint16_t *ret)
{
    unsigned value = 0;
    if (at < limit && *at == '0')
        limit = at + 1;
    for (; at < limit; at++) {
        unsigned digit = (unsigned)*at - '0', next = value * 10 + digit;
        if (digit > 9 || next > 65535)
            break;
        value = next;
    }
    *ret = (uint16_t)value;
    return at;
}

static void write_value(sbind_kind kind, const numeric *from,
                        sbind_address *out)
{
    memset(out, 0, offsetof(sbind_address, ip));
    out->kind = kind;
    out->port = from->port;
    out->zone_length = from->zone_length;
    memcpy(out->ip, from->ip, sizeof out->ip);
    memcpy(out->zone, from->zone, sizeof out->zone);
    out->host[0] = out->name[0] = '\0';
}

sbind__lexed sbind__read_numeric(const unsigned char *text, size_t len,
                                 sbind_address *ret)
{
    place at = text + 6, limit = text + len, port;
    numeric found = {{0}, {0}, 0, 0};
    bool bracket = *at == '[';
    at = bracket ? read_literal(at, limit, &found)
                 : read_ipv4(at, limit, found.ip);
    if (at == NULL || at == limit || *at != ':')
        return (sbind__lexed){SBIND__NO_RULE, 0};
    port = at + 1;
    at = read_port(port, limit, &found.port);
    if (at < limit || at == port)
        return (sbind__lexed){SBIND__NO_RULE, (size_t)(at - text)};
    write_value(bracket ? SBIND_TCP_IPV6 : SBIND_TCP_IPV4, &found, ret);
    return (sbind__lexed){bracket ? SBIND__TCP_IPV6 : SBIND__TCP_IPV4, len};
}
