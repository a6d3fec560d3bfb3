/* peer_plain.c - the parser that a competent programmer would write by hand. It
 * reads the same addresses except pipes, gives the same values, and uses
 * inet_pton for IPv6. It does not say where a text is wrong, and leaves a
 * half-filled value in that case.
 */
#include "peers.h"

#include <string.h>

#include <arpa/inet.h>

#include <sbind/parse.h>

static sbind_address value;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads digits without leading zeros, up to a limit. */
static const char *number(const char *at, const char *end, uint32_t most,
                          uint32_t *ret)
{
    const char *begin = at;
    uint64_t n = 0;
    for (; at < end && is_digit(*at) && n <= most; at++)
        n = n * 10 + (uint64_t)(*at - '0');
    *ret = (uint32_t)n;
    return at == begin || n > most || (*begin == '0' && at - begin > 1) ? NULL
                                                                        : at;
}

static bool port(const char *at, const char *end)
{
    uint32_t n;
    if (at >= end || *at != ':' || number(at + 1, end, 65535, &n) != end)
        return false;
    value.port = (uint16_t)n;
    return true;
}

static bool ipv4(const char *at, const char *end)
{
    for (int i = 0; i < 4; i++) {
        uint32_t octet;
        if (i > 0 && (at >= end || *at++ != '.'))
            return false;
        if ((at = number(at, end, 255, &octet)) == NULL)
            return false;
        value.ip[i] = (uint8_t)octet;
    }
    return port(at, end);
}

static bool ipv6(const char *at, const char *end)
{
    char text[46];
    const char *stop = memchr(at, ']', (size_t)(end - at)), *percent;
    size_t n;
    if (stop == NULL)
        return false;
    percent = memchr(at, '%', (size_t)(stop - at));
    n = (size_t)((percent != NULL ? percent : stop) - at);
    if (n >= sizeof text)
        return false;
    memcpy(text, at, n);
    text[n] = '\0';
    if (inet_pton(AF_INET6, text, value.ip) != 1)
        return false;
    if (percent != NULL) {
        size_t length = (size_t)(stop - ++percent);
        if (length == 0 || length > 15 || memcmp(percent, "25", 2) == 0)
            return false;
        for (size_t i = 0; i < length; i++)
            if (!is_letter(percent[i]) && !is_digit(percent[i]) &&
                strchr("-._~", percent[i]) == NULL)
                return false;
        memcpy(value.zone, percent, length);
        value.zone_length = (uint8_t)length;
    }
    return port(stop + 1, end);
}

/* Whether the last label is a number, which a host name may not end with. */
static bool numeric(const char *at, const char *end)
{
    if (end - at >= 2 && at[0] == '0' && (at[1] | 0x20) == 'x') {
        for (at += 2; at < end; at++)
            if (!is_digit(*at) && ((*at | 0x20) < 'a' || (*at | 0x20) > 'f'))
                return false;
        return true;
    }
    while (at < end && is_digit(*at))
        at++;
    return at == end;
}

static bool name(const char *at, const char *end)
{
    const char *label = at, *last = at, *begin = at;
    size_t n = 0;
    for (; at < end && *at != ':'; at++) {
        char c = *at;
        if (c == '.') {
            if (at == label || at - label > 63 || at[-1] == '-')
                return false;
            label = at + 1;
            if (at + 1 < end && at[1] != ':')
                last = label;
        } else if (!is_letter(c) && !is_digit(c) && c != '_' &&
                   (c != '-' || at == label)) {
            return false;
        }
        if (at - begin >= 254)
            return false;
        value.host[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    if (at == begin || (at == label && at[-1] != '.') || at[-1] == '-' ||
        at - label > 63 || n > 254 || (n == 254 && at[-1] != '.'))
        return false;
    value.host_length = (uint8_t)n;
    return !numeric(last, at[-1] == '.' ? at - 1 : at) && port(at, end);
}

static bool tcp(const char *at, const char *end)
{
    if (at == end)
        return true;
    if (*at == '*')
        return port(at + 1, end);
    if (*at == '[')
        return ipv6(at + 1, end);
    return ipv4(at, end) || name(at, end);
}

static bool octets(const char *at, const char *end, bool colon)
{
    size_t n = (size_t)(end - at);
    for (; at < end; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F || (!colon && *at == ':'))
            return false;
    if (n >= sizeof value.name)
        return false;
    memcpy(value.name, end - n, n);
    value.name_length = (uint16_t)n;
    return true;
}

static bool path(const char *at, const char *end)
{
    if (at == end)
        return false;
    if (*at == '@')
        return end - at > 1 && octets(at + 1, end, true);
    return end[-1] != '/' && octets(at, end, true);
}

static bool fd(const char *at, const char *end)
{
    if (at == end || (end - at == 1 && *at == '*'))
        return true;
    if (number(at, end, 2147483647, (uint32_t *)&value.fd) == end)
        return true;
    return strchr("+-* ", *at) == NULL && end[-1] != ' ' && end - at < 256 &&
           octets(at, end, false);
}

bool plain_parse(const char *text, size_t length)
{
    const char *end = text + length;
    memset(&value, 0, sizeof value);
    if (length > 1024)
        return false;
    if (strncmp(text, "tcp://", 6) == 0)
        return tcp(text + 6, end);
    if (strncmp(text, "unix://", 7) == 0)
        return path(text + 7, end);
    if (strncmp(text, "fd://", 5) == 0)
        return fd(text + 5, end);
    return false;
}
