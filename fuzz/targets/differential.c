/* differential.c - asserts that sbind_parse gives the same verdict, kind and offset as
 * an automaton that grammar/prover makes from the ABNF. Limits and values are compared
 * with those that simple functions of this file find in the text. Asserts that
 * sbind_parse accepts the same IP addresses as inet_pton. */
#include <arpa/inet.h>

#include <sbind/parse.h>

#include "automaton.h"
#include "../fuzz.h"

enum { UNTOUCHED = 0xA5 };

/* ---- Verdict and offset ---------------------------------------------------- */

/* The length of the viable prefix, and the state after it. */
static size_t walk(const char *text, size_t size, size_t *ret_state)
{
    size_t state = 0, n = 0;
    for (; n < size; n++) {
        unsigned octet = (unsigned char)text[n];
        short next = after[state * CLASSES + class_of[octet]];
        if (next == DEAD)
            break;
        state = (size_t)next;
    }
    *ret_state = state;
    return n;
}

/* SPEC.md 2.2 and 2.3, for the name p[from ..) that ends before "end" */
static size_t name_limit(const char *p, size_t from, size_t end)
{
    size_t length = end - from, label = 0;
    for (size_t i = from; i < end; i++) {
        label = p[i] == '.' ? 0 : label + 1;
        if (label > 63)
            return i - from < 253 ? i : from + 253;
    }
    if (length > 0 && p[end - 1] == '.')
        length--;
    return length > 253 ? from + 253 : SIZE_MAX;
}

/* SPEC.md 2.6: counts UTF-16 units. There are "units" of them before p[from]. */
static size_t pipe_limit(const char *p, size_t n, size_t from, size_t units)
{
    for (size_t i = from; i < n; i++) {
        unsigned octet = (unsigned char)p[i];
        if (octet >= 0x80 && octet < 0xC0)
            continue;
        units += octet >= 0xF0 ? 2 : 1;
        if (units > 256)
            return i;
    }
    return SIZE_MAX;
}

static bool begins(const char *p, size_t n, const char *with)
{
    return n >= strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

static size_t place(const char *p, size_t from, size_t n, char wanted)
{
    while (from < n && p[from] != wanted)
        from++;
    return from;
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* The first octet past a limit in a viable prefix of n octets. */
static size_t limit(const char *p, size_t n)
{
    if (begins(p, n, "tcp://"))
        return n > 6 && p[6] == '[' ? SIZE_MAX
                                    : name_limit(p, 6, place(p, 6, n, ':'));
    if (begins(p, n, "fd://"))
        return n > 260 ? 260 : SIZE_MAX;
    if (begins(p, n, "npipe:////"))
        return least(name_limit(p, 10, place(p, 10, n, '/')),
                     pipe_limit(p, n, 10, 2));
    if (begins(p, n, "npipe://"))
        return pipe_limit(p, n, 8, strlen("\\\\.\\pipe\\"));
    if (begins(p, n, "\\\\"))
        return least(name_limit(p, 2, place(p, 2, n, '\\')),
                     pipe_limit(p, n, 0, 0));
    return SIZE_MAX;
}

/* ---- Values ---------------------------------------------------------------- */

/* Copies the octets from index "from" to the one before "end", and adds a
 * NUL. */
static size_t part(const char *text, size_t from, size_t end, char *ret)
{
    memcpy(ret, text + from, end - from);
    ret[end - from] = '\0';
    return end - from;
}

static void lower(char *text)
{
    static const char large[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (; *text != '\0'; text++)
        for (size_t i = 0; i < 26; i++)
            if (*text == large[i])
                *text = "abcdefghijklmnopqrstuvwxyz"[i];
}

static unsigned long number(const char *text, size_t from, size_t size)
{
    char digits[16];
    CHECK(size - from < sizeof digits);
    part(text, from, size, digits);
    return strtoul(digits, NULL, 10);
}

static void read_ipv6(const char *text, size_t size, sbind_address *ret)
{
    char ip[64];
    size_t close = place(text, 7, size, ']');
    size_t percent = place(text, 7, close, '%');
    CHECK(percent - 7 < sizeof ip);
    part(text, 7, percent, ip);
    CHECK(inet_pton(AF_INET6, ip, ret->ip) == 1);
    if (percent < close)
        ret->zone_length = (uint8_t)part(text, percent + 1, close, ret->zone);
    ret->port = (uint16_t)number(text, close + 2, size);
}

static void read_ipv4(const char *text, size_t size, sbind_address *ret)
{
    char ip[32];
    size_t colon = place(text, 6, size, ':');
    CHECK(colon - 6 < sizeof ip);
    part(text, 6, colon, ip);
    CHECK(inet_pton(AF_INET, ip, ret->ip) == 1);
    ret->port = (uint16_t)number(text, colon + 1, size);
}

static void read_host(const char *text, size_t from, size_t end,
                      sbind_address *ret)
{
    ret->host_length = (uint8_t)part(text, from, end, ret->host);
    lower(ret->host);
}

static void read_pipe(const char *text, size_t size, sbind_address *ret)
{
    char separator = text[0] == '\\' ? '\\' : '/';
    size_t from = text[0] == '\\' ? 2 : 10, end;
    if (separator == '/' && text[8] != '/') {
        strcpy(ret->host, ".");
        ret->host_length = 1;
        ret->name_length = (uint16_t)part(text, 8, size, ret->name);
        return;
    }
    end = place(text, from, size, separator);
    read_host(text, from, end, ret);
    ret->name_length = (uint16_t)part(text, end + 6, size, ret->name);
    for (size_t i = 0; i < ret->name_length; i++)
        if (ret->name[i] == separator)
            ret->name[i] = '\\';
}

/* Finds the value that an accepted text means. Numbers that the text does not have are
 * 0, texts that it does not have are empty, and all other octets stay UNTOUCHED. */
static void read_value(sbind_kind kind, const char *text, size_t size,
                       sbind_address *ret)
{
    size_t colon;
    memset(ret, UNTOUCHED, sizeof *ret);
    memset(ret, 0, offsetof(sbind_address, host));
    ret->host[0] = ret->name[0] = '\0';
    ret->kind = kind;
    switch (kind) {
    case SBIND_TCP_DEFAULT:
    case SBIND_FD_SINGLE:
    case SBIND_FD_ALL:
        break;
    case SBIND_TCP_IPV4:
        read_ipv4(text, size, ret);
        break;
    case SBIND_TCP_IPV6:
        read_ipv6(text, size, ret);
        break;
    case SBIND_TCP_NAME:
        colon = place(text, 6, size, ':');
        read_host(text, 6, colon, ret);
        ret->port = (uint16_t)number(text, colon + 1, size);
        break;
    case SBIND_TCP_ANY:
        ret->port = (uint16_t)number(text, 8, size);
        break;
    case SBIND_UNIX_PATH:
    case SBIND_UNIX_ABSTRACT:
        ret->name_length = (uint16_t)part(text, kind == SBIND_UNIX_PATH ? 7 : 8,
                                          size, ret->name);
        break;
    case SBIND_FD_NUMBER:
        ret->fd = (int32_t)number(text, 5, size);
        break;
    case SBIND_FD_NAME:
        ret->name_length = (uint16_t)part(text, 5, size, ret->name);
        break;
    case SBIND_NPIPE:
        read_pipe(text, size, ret);
        break;
    }
}

/* ---- inet_pton, both ways -------------------------------------------------- */

/* Whether "before", the host and "behind" together are an address of this kind. */
static bool is_host(const char *before, const char *host, const char *behind,
                    sbind_kind kind)
{
    char text[96];
    sbind_address a;
    int n = snprintf(text, sizeof text, "%s%s%s", before, host, behind);
    char *exact = fuzz_copy(text, (size_t)n);
    bool is = sbind_parse(exact, (size_t)n, &a, NULL) == SBIND_OK &&
              a.kind == kind && a.zone_length == 0;
    free(exact);
    return is;
}

/* Compares with inet_pton for the host of a text, even if the text ends within the
 * host. */
static void check_literals(const char *text, size_t size)
{
    char host[64];
    uint8_t ip[16];
    size_t from = begins(text, size, "tcp://[") ? 7 : 6;
    size_t end = from;
    if (!begins(text, size, "tcp://"))
        return;
    while (end < size && text[end] != '\0' && text[end] != '%' &&
           text[end] != ']' && (from == 7 || text[end] != ':'))
        end++;
    if (end - from >= 60)
        return;
    part(text, from, end, host);
    CHECK((inet_pton(AF_INET6, host, ip) == 1) ==
          is_host("tcp://[", host, "]:1", SBIND_TCP_IPV6));
    CHECK((inet_pton(AF_INET, host, ip) == 1) ==
          is_host("tcp://", host, ":1", SBIND_TCP_IPV4));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    size_t seen = least(size, SBIND_TEXT_MAX), state;
    size_t viable = walk(text, seen, &state);
    size_t offset = least(limit(text, viable), viable);
    bool member = viable == size && offset == viable && kind_of[state] != 0;
    sbind_address address, expected;
    sbind_error error;
    sbind_status status;
    memset(&address, UNTOUCHED, sizeof address);
    status = sbind_parse(text, size, &address, &error);
    CHECK((status == SBIND_OK) == member);
    if (member) {
        CHECK(address.kind == (sbind_kind)kind_of[state]);
        read_value(address.kind, text, size, &expected);
        CHECK(memcmp(&address, &expected, sizeof expected) == 0);
    } else {
        CHECK(error.offset == offset);
    }
    check_literals(text, size);
    free(text);
    return 0;
}
