/* json_writer.c - writes JSON, for programs that read the answers of the
 * command */
#include "json_writer.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- Text ---------------------------------------------------------------------- */

/* The length of the UTF-8 character with which the n octets begin. 0 if they do
 * not begin with one. */
static size_t read_character(const unsigned char *s, size_t n, uint32_t *ret)
{
    static const uint32_t first[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    uint32_t c = length == 1 ? s[0] : s[0] & (0x7FU >> length);
    if (s[0] > 0xF4 || (s[0] >= 0x80 && s[0] < 0xC2) || length > n)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3FU);
    }
    if (c < first[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *ret = c;
    return length;
}

static bool is_utf8(const char *text, size_t length)
{
    uint32_t c;
    while (length > 0) {
        size_t n = read_character((const unsigned char *)text, length, &c);
        if (n == 0)
            return false;
        text += n;
        length -= n;
    }
    return true;
}

static void put_character(uint32_t c)
{
    if (c == '"' || c == '\\')
        printf("\\%c", (char)c);
    else if (c >= 0x20 && c <= 0x7E)
        putchar((int)c);
    else if (c < 0x10000)
        printf("\\u%04x", (unsigned)c);
    else
        printf("\\u%04x\\u%04x", (unsigned)(0xD7C0 + (c >> 10)),
               (unsigned)(0xDC00 + (c & 0x3FF)));
}

/* It is UTF-8. */
static void put_text(const char *text, size_t length)
{
    uint32_t c = 0;
    putchar('"');
    while (length > 0) {
        size_t n = read_character((const unsigned char *)text, length, &c);
        put_character(c);
        text += n;
        length -= n;
    }
    putchar('"');
}

/* ---- Values -------------------------------------------------------------------- */

static void put_key(json_writer *w, const char *key)
{
    if (w->follows)
        putchar(',');
    if (key != NULL)
        printf("\"%s\":", key);
    w->follows = true;
}

void json_begin(json_writer *w, const char *key, char bracket)
{
    put_key(w, key);
    putchar(bracket);
    w->follows = false;
}

void json_end(json_writer *w, char bracket)
{
    putchar(bracket);
    w->follows = true;
}

void json_newline(void) { putchar('\n'); }

void json_text(json_writer *w, const char *key, const char *text)
{
    put_key(w, key);
    put_text(text, strlen(text));
}

void json_number(json_writer *w, const char *key, long long number)
{
    put_key(w, key);
    printf("%lld", number);
}

void json_bool(json_writer *w, const char *key, bool value)
{
    put_key(w, key);
    fputs(value ? "true" : "false", stdout);
}

void json_null(json_writer *w, const char *key)
{
    put_key(w, key);
    fputs("null", stdout);
}

void json_octets(json_writer *w, const char *key, const char *octets,
                 size_t length)
{
    put_key(w, key);
    if (is_utf8(octets, length))
        put_text(octets, length);
    else
        fputs("null", stdout);
    printf(",\"%s_hex\":\"", key);
    for (size_t i = 0; i < length; i++)
        printf("%02x", (unsigned)(unsigned char)octets[i]);
    putchar('"');
}
