/* inet.c - numbers and IP addresses: text to value and back (SPEC.md 3.1) */
#include "inet.h"

#include <stdbool.h>
#include <string.h>

#include <sbind/parse.h>

static bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

static bool is_hex_digit(unsigned char c)
{
    unsigned char lower = (unsigned char)(c | 0x20);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

static unsigned hex_value(unsigned char c)
{
    return is_digit(c) ? (unsigned)(c - '0')
                       : (unsigned)((c | 0x20) - 'a') + 10;
}

/* ---- Text to value -------------------------------------------------------- */

/* ; number, port, dec-octet: DIGITs that fit in 31 bits */
uint32_t sbind__read_decimal(const unsigned char **cursor,
                             const unsigned char *limit)
{
    uint32_t value = 0;
    while (*cursor < limit && is_digit(**cursor))
        value = value * 10 + (uint32_t)(*(*cursor)++ - '0');
    return value;
}

/* ; ipv4 = dec-octet 3( "." dec-octet ) */
void sbind__read_ipv4(const unsigned char **cursor, const unsigned char *limit,
                      uint8_t ret[4])
{
    for (int i = 0; i < 4; i++) {
        if (i > 0 && *cursor < limit)
            ++*cursor; /* "." */
        ret[i] = (uint8_t)sbind__read_decimal(cursor, limit);
    }
}

/* ; h16 = 1*4HEXDIG */
static unsigned read_h16(const unsigned char **cursor,
                         const unsigned char *limit)
{
    unsigned value = 0;
    while (*cursor < limit && is_hex_digit(**cursor))
        value = value << 4 | hex_value(*(*cursor)++);
    return value;
}

/* Whether an ipv4 and no h16 begins here: digits, then a dot. */
static bool at_ipv4(const unsigned char *cursor, const unsigned char *limit)
{
    while (cursor < limit && is_digit(*cursor))
        cursor++;
    return cursor < limit && *cursor == '.';
}

/* ; ipv6: groups and at most one "::", the last two groups perhaps an ipv4
 *
 * Groups are stored from the left; what stands right of "::" is moved to the
 * end when all are read. */
void sbind__read_ipv6(const unsigned char **cursor, const unsigned char *limit,
                      uint8_t ret[16])
{
    size_t used = 0, gap = 16;
    memset(ret, 0, 16);
    while (*cursor < limit && used < 16) {
        if (**cursor == ':') {
            ++*cursor;
            if (*cursor < limit && **cursor == ':') {
                ++*cursor;
                gap = used;
            }
        }
        if (used <= 12 && at_ipv4(*cursor, limit)) {
            sbind__read_ipv4(cursor, limit, ret + used);
            used += 4;
        } else if (*cursor < limit && is_hex_digit(**cursor)) {
            unsigned group = read_h16(cursor, limit);
            ret[used++] = (uint8_t)(group >> 8);
            ret[used++] = (uint8_t)group;
        } else {
            break; /* "]" or "%", after a final "::" */
        }
    }
    if (gap < used) {
        size_t moved = used - gap;
        memmove(ret + 16 - moved, ret + gap, moved);
        memset(ret + gap, 0, 16 - used);
    }
}

/* ---- Value to text -------------------------------------------------------- */

static size_t write_octet(char *buf, unsigned value)
{
    size_t n = 0;
    if (value >= 100)
        buf[n++] = (char)('0' + value / 100);
    if (value >= 10)
        buf[n++] = (char)('0' + value / 10 % 10);
    buf[n++] = (char)('0' + value % 10);
    return n;
}

size_t sbind_format_ipv4(const uint8_t ip[4], char buf[SBIND_IPV4_TEXT_MAX])
{
    size_t n = 0;
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            buf[n++] = '.';
        n += write_octet(buf + n, ip[i]);
    }
    buf[n] = '\0';
    return n;
}

static unsigned group_at(const uint8_t ip[16], size_t i)
{
    return (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
}

static size_t write_group(char *buf, unsigned group)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;
    for (int shift = 12; shift >= 0; shift -= 4)
        if (group >> shift != 0 || shift == 0)
            buf[n++] = digits[group >> shift & 15];
    return n;
}

/* RFC 5952 4.2: the first of the longest runs of zero groups, of two or more.
 * Returns its length, 0 if there is none. */
static size_t longest_zero_run(const uint8_t ip[16], size_t *ret_start)
{
    size_t best = 1, run = 0;
    for (size_t i = 0; i < 8; i++) {
        run = group_at(ip, i) == 0 ? run + 1 : 0;
        if (run > best) {
            best = run;
            *ret_start = i + 1 - run;
        }
    }
    return best > 1 ? best : 0;
}

size_t sbind_format_ipv6(const uint8_t ip[16], char buf[SBIND_IPV6_TEXT_MAX])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
    size_t n = 0, start = 8, run;

    if (memcmp(ip, mapped, sizeof mapped) == 0) { /* RFC 5952 5 */
        memcpy(buf, "::ffff:", 7);
        return 7 + sbind_format_ipv4(ip + 12, buf + 7);
    }
    run = longest_zero_run(ip, &start);
    for (size_t i = 0; i < 8; i++) {
        if (i == start) { /* 8: there is none */
            buf[n++] = ':';
            buf[n++] = ':';
            i += run - 1;
            continue;
        }
        if (i > 0 && i != start + run)
            buf[n++] = ':';
        n += write_group(buf + n, group_at(ip, i));
    }
    buf[n] = '\0';
    return n;
}
