/* inet.c - numbers and IP addresses: text to value and back (SPEC.md 3.1) */
#include "inet.h"

#include <stdbool.h>
#include <string.h>

#include <sbind/parse.h>

const uint8_t sbind__hex_digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

/* ---- Text to value -------------------------------------------------------- */

/* ; ipv4 = dec-octet 3( "." dec-octet ) */
const unsigned char *sbind__read_ipv4(const unsigned char *at,
                                      const unsigned char *limit,
                                      uint8_t ret[4])
{
    for (int i = 0; i < 4; i++) {
        uint32_t octet;
        if (i > 0 && at < limit)
            at++; /* "." */
        at = sbind__read_decimal(at, limit, &octet);
        ret[i] = (uint8_t)octet;
    }
    return at;
}

/* ; h16 = 1*4HEXDIG */
static const unsigned char *read_h16(const unsigned char *at,
                                     const unsigned char *limit, unsigned *ret)
{
    unsigned value = 0;
    for (; at < limit && sbind__hex_digits[*at] != 0; at++)
        value = value * 16 + sbind__hex_digits[*at] - 1;
    *ret = value;
    return at;
}

/* ; ipv6: groups and at most one "::"; an ipv4 may replace the last two groups
 *
 * Stores the groups from the left. When all are read, it moves the groups to the
 * right of "::" to the end. A dot after the digits shows that they begin an
 * ipv4. */
const unsigned char *sbind__read_ipv6(const unsigned char *at,
                                      const unsigned char *limit,
                                      uint8_t ret[16])
{
    size_t used = 0, gap = 16;
    memset(ret, 0, 16);
    while (used < 16) {
        const unsigned char *end;
        unsigned group;
        if (at < limit && *at == ':')
            at++;
        if (at < limit && *at == ':') {
            at++;
            gap = used;
        }
        end = read_h16(at, limit, &group);
        if (end == at)
            break; /* "]" or "%", after a final "::" */
        if (used <= 12 && end < limit && *end == '.') {
            at = sbind__read_ipv4(at, limit, ret + used);
            used += 4;
            continue;
        }
        at = end;
        ret[used++] = (uint8_t)(group >> 8);
        ret[used++] = (uint8_t)group;
    }
    if (gap < used) {
        size_t moved = used - gap;
        memmove(ret + 16 - moved, ret + gap, moved);
        memset(ret + gap, 0, 16 - used);
    }
    return at;
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

/* RFC 5952 4.2: finds the longest run of at least two zero groups. If several
 * runs are equally long, finds the first. Returns its length, or 0 if there is
 * no such run. */
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
        if (i == start) { /* start is 8 if there is no run */
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
