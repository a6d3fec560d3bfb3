/* values_test.c - does every accepted text give the value that its octets mean,
 * and is this value printed in its canonical spelling?
 *
 * Nothing is chosen at random: each section goes through all texts of a family,
 * or through all texts near its limits. The expected values come from SPEC.md,
 * never from the library. inet_pton and inet_ntop are compared as well.
 *
 * The variable SBIND_TEST_EXHAUSTIVE makes the test try all 2^32 IPv4
 * addresses, which takes minutes. SBIND_TEST_QUICK makes it try fewer texts,
 * for valgrind.
 *
 * Promises: P18 */
#include <arpa/inet.h>
#include <pthread.h>

#include "../../fuzz/print_ipv6.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_set(const char *variable) { return getenv(variable) != NULL; }

/* The step of a loop over numbers. It is a prime, so that every last digit
 * occurs. */
static uint32_t step(uint32_t when_quick)
{
    return is_set("SBIND_TEST_QUICK") ? when_quick : 1;
}

/* ---- Texts --------------------------------------------------------------- */

typedef struct text {
    char octets[1280];
    size_t length;
} text;

static void put(text *t, const char *octets, size_t n)
{
    assert_true(n <= sizeof t->octets - t->length);
    memcpy(t->octets + t->length, octets, n);
    t->length += n;
}

static void put_times(text *t, int c, size_t times)
{
    char octet = (char)c;
    for (size_t i = 0; i < times; i++)
        put(t, &octet, 1);
}

static void add(text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(text *t, const char *format, ...)
{
    size_t room = sizeof t->octets - t->length;
    va_list arguments;
    int n;
    va_start(arguments, format);
    n = vsnprintf(t->octets + t->length, room, format, arguments);
    va_end(arguments);
    assert_true(n >= 0 && (size_t)n < room);
    t->length += (size_t)n;
}

static text begin(const char *with)
{
    text t;
    t.length = 0;
    add(&t, "%s", with);
    return t;
}

static bool same(const text *a, const text *b)
{
    return a->length == b->length &&
           memcmp(a->octets, b->octets, a->length) == 0;
}

static void show(const char *before, const text *t)
{
    fprintf(stderr, "%s\"", before);
    for (size_t i = 0; i < t->length; i++) {
        unsigned char c = (unsigned char)t->octets[i];
        fprintf(stderr, c < 0x20 || c > 0x7E ? "<%02x>" : "%c", c);
    }
    fputs("\"\n", stderr);
}

static void fail_text(const text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail_text(const text *t, const char *format, ...)
{
    va_list arguments;
    show("text     ", t);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    fail();
}

static void expect_same(const text *t, const char *otherwise, const text *got,
                        const text *wanted)
{
    if (same(got, wanted))
        return;
    show("got      ", got);
    show("expected ", wanted);
    fail_text(t, "%s", otherwise);
}

/* ---- The languages of the parts, limits included ------------------------- */

static int lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
static bool among(int c, const char *of) { return c > 0 && strchr(of, c); }
static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_hex(int c) { return is_digit(c) || among(c, "abcdefABCDEF"); }
static bool is_alpha(int c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
static bool is_word(int c) { return is_alpha(c) || is_digit(c) || c == '_'; }
static bool is_host(int c) { return is_word(c) || c == '-' || c == '.'; }
static bool is_zone(int c) { return is_host(c) || c == '~'; }
static bool is_path(int c) { return c >= 0x20 && c != 0x7F; }
static bool is_print(int c) { return c >= 0x20 && c < 0x7F; }
static bool is_name(int c) { return is_print(c) && c != ':'; }
static bool is_start(int c) { return is_name(c) && !among(c, " *+-"); }
static bool is_segment(int c) { return is_print(c) && !among(c, "/\\"); }

static bool all(bool (*is)(int c), const char *p, size_t n)
{
    while (n > 0 && is((unsigned char)*p))
        p++, n--;
    return n == 0;
}

/* The number of octets before the next c, or of all octets. */
static size_t until(int c, const char *p, size_t n)
{
    const char *at = n == 0 ? NULL : memchr(p, c, n);
    return at == NULL ? n : (size_t)(at - p);
}

static bool label_holds(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_host(p[i]) || lower(p[i]) != p[i])
            return false;
    return n > 0 && n <= 63 && p[0] != '-' && p[n - 1] != '-';
}

/* ; name, in lower case; the last label not all DIGIT and not "0x" *HEXDIG */
static bool name_holds(const char *p, size_t n)
{
    n -= n > 0 && p[n - 1] == '.';
    if (n > 253)
        return false;
    for (size_t label;; p += label + 1, n -= label + 1) {
        label = until('.', p, n);
        if (!label_holds(p, label))
            return false;
        if (label == n)
            return !all(is_digit, p, n) &&
                   !(n >= 2 && p[0] == '0' && p[1] == 'x' &&
                     all(is_hex, p + 2, n - 2));
    }
}

/* ; zone, where "25" opens a number only (SPEC.md 3.1.5) */
static bool zone_holds(const char *p, size_t n)
{
    return n <= 15 && all(is_zone, p, n) &&
           (n < 2 || p[0] != '2' || p[1] != '5' || all(is_digit, p, n));
}

/* ; socket-name, SPEC.md 3.3.3 */
static bool socket_name_holds(const char *p, size_t n)
{
    return n > 0 && n <= 255 && all(is_name, p, n) && is_start(p[0]) &&
           p[n - 1] != ' ' && !all(is_digit, p, n);
}

/* How many octets the UTF-8 character at p has. 0 if it is invalid: not in its
 * shortest form, a surrogate, or above 10FFFF (RFC 3629 3). */
static size_t character(const char *p, size_t n)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char c = (unsigned char)p[0];
    size_t tail = c < 0xC0 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
    uint32_t code = tail == 0 ? c : c & (0x3FU >> tail);
    if (tail >= n || (c >= 0x80 && c < 0xC0) || c >= 0xF8)
        return 0;
    for (size_t i = 1; i <= tail; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3F);
    }
    return code < least[tail] || code > 0x10FFFF || code >> 11 == 0x1B
               ? 0
               : tail + 1;
}

/* ; segment. Returns its UTF-16 units (a character of four octets has two), or
 * 0 if it is not a segment */
static size_t segment_units(const char *p, size_t n)
{
    size_t units = 0, length;
    if (n <= 2 && memcmp(p, "..", n) == 0)
        return 0;
    for (; n > 0; p += length, n -= length) {
        length = character(p, n);
        if (length == 0 || (length == 1 && !is_segment(*p)))
            return 0;
        units += length == 4 ? 2 : 1;
    }
    return units;
}

/* SPEC.md 2.6 and 3.4.1: \\server\pipe\name */
static bool pipe_holds(const sbind_address *a)
{
    const char *p = a->name;
    size_t n = a->name_length, units = 2 + a->host_length + 5;
    uint8_t ip[4];
    if (strcmp(a->host, ".") != 0 && !name_holds(a->host, a->host_length) &&
        inet_pton(AF_INET, a->host, ip) != 1)
        return false;
    for (size_t length;; p += length + 1, n -= length + 1) {
        length = until('\\', p, n);
        if (segment_units(p, length) == 0)
            return false;
        units += 1 + segment_units(p, length);
        if (length == n)
            return units <= 256;
    }
}

static bool parts_hold(const sbind_address *a)
{
    const char *name = a->name;
    size_t n = a->name_length;
    switch (a->kind) {
    case SBIND_TCP_IPV6:
        return zone_holds(a->zone, a->zone_length);
    case SBIND_TCP_NAME:
        return name_holds(a->host, a->host_length);
    case SBIND_UNIX_PATH:
        return n > 0 && all(is_path, name, n) && name[0] != '@' &&
               name[n - 1] != '/';
    case SBIND_UNIX_ABSTRACT:
        return n > 0 && all(is_path, name, n);
    case SBIND_FD_NAME:
        return socket_name_holds(name, n);
    case SBIND_NPIPE:
        return pipe_holds(a);
    case SBIND_FD_NUMBER:
        return a->fd >= 0;
    case SBIND_TCP_DEFAULT:
    case SBIND_TCP_IPV4:
    case SBIND_TCP_ANY:
    case SBIND_FD_SINGLE:
    case SBIND_FD_ALL:
        return true;
    }
    return false;
}

/* ---- The canonical spelling, from a value and from a text ---------------- */

static void add_ipv4(text *t, const uint8_t ip[4])
{
    char dotted[INET_ADDRSTRLEN];
    add(t, "%s", inet_ntop(AF_INET, ip, dotted, sizeof dotted));
}

static bool groups_are_zero(const uint8_t ip[16], size_t from, size_t to)
{
    static const uint8_t zeros[16];
    return memcmp(ip + 2 * from, zeros, 2 * (to - from)) == 0;
}

static void add_groups(text *t, const uint8_t ip[16], size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        add(t, "%s%x", i > from ? ":" : "", ip[2 * i] << 8 | ip[2 * i + 1]);
}

/* Prints an IPv6 address by RFC 5952 4 and 5, and SPEC.md 3.1.4. inet_ntop of
 * glibc differs in one case: it writes ::1.2.3.4 where we write ::102:304. */
static void add_ipv6(text *t, const uint8_t ip[16])
{
    if (groups_are_zero(ip, 0, 5) && ip[10] == 0xFF && ip[11] == 0xFF) {
        add(t, "::ffff:");
        add_ipv4(t, ip + 12);
        return;
    }
    for (size_t run = 8; run >= 2; run--) {
        for (size_t at = 0; at + run <= 8; at++) {
            if (!groups_are_zero(ip, at, at + run))
                continue;
            add_groups(t, ip, 0, at);
            add(t, "::");
            add_groups(t, ip, at + run, 8);
            return;
        }
    }
    add_groups(t, ip, 0, 8);
}

/* SPEC.md 3.4.2 */
static void add_pipe(text *t, const char *host, size_t host_length,
                     const char *name, size_t n, char separator)
{
    bool local = host_length == 1 && host[0] == '.';
    if (local && until(separator, name, n) == n) {
        put(t, name, n);
        return;
    }
    add(t, "//");
    for (size_t i = 0; i < host_length; i++)
        put_times(t, lower(host[i]), 1);
    add(t, "/pipe/");
    for (size_t i = 0; i < n; i++)
        put_times(t, name[i] == separator ? '/' : name[i], 1);
}

/* Makes a text from the parts of a value, by the rules of SPEC.md 3. */
static text rebuild(const sbind_address *a)
{
    static const char *const before[] = {
        "",        "tcp://",  "tcp://",   "tcp://[", "tcp://",
        "tcp://*", "unix://", "unix://@", "fd://",   "fd://*",
        "fd://",   "fd://",   "npipe://"};
    text t = begin(a->kind < COUNT(before) ? before[a->kind] : "?");
    if (a->kind == SBIND_NPIPE) {
        add_pipe(&t, a->host, a->host_length, a->name, a->name_length, '\\');
        return t;
    }
    if (a->kind == SBIND_TCP_IPV4)
        add_ipv4(&t, a->ip);
    if (a->kind == SBIND_TCP_IPV6) {
        add_ipv6(&t, a->ip);
        add(&t, "%s%.*s]", a->zone_length > 0 ? "%" : "", a->zone_length,
            a->zone);
    }
    if (a->kind == SBIND_FD_NUMBER)
        add(&t, "%d", a->fd);
    put(&t, a->host, a->host_length);
    put(&t, a->name, a->name_length);
    if (a->kind >= SBIND_TCP_IPV4 && a->kind <= SBIND_TCP_ANY)
        add(&t, ":%u", a->port);
    return t;
}

/* Makes the canonical spelling from an accepted text alone, without its value.
 * Only ipv6, name and the pipes have more than one spelling. */
static text spell(const text *t)
{
    const char *p = t->octets, separator = *p == '\\' ? '\\' : '/';
    size_t n = t->length;
    text ret = begin("");
    if (n > 7 && memcmp(p, "tcp://[", 7) == 0) {
        char ip[64] = "";
        uint8_t octets[16];
        size_t length = strcspn(p + 7, "%]");
        memcpy(ip, p + 7, length < sizeof ip ? length : 0);
        if (inet_pton(AF_INET6, ip, octets) != 1)
            fail_text(t, "accepted, but not by inet_pton");
        put(&ret, p, 7);
        add_ipv6(&ret, octets);
        put(&ret, p + 7 + length, n - 7 - length);
    } else if (*p == '\\' || (n > 10 && memcmp(p, "npipe:////", 10) == 0)) {
        size_t from = *p == '\\' ? 2 : 10;
        size_t host = until(separator, p + from, n - from);
        size_t name = from + host + 6; /* "/pipe/" */
        add(&ret, "npipe://");
        add_pipe(&ret, p + from, host, p + name, n - name, separator);
    } else {
        for (size_t i = 0; i < n; i++)
            put_times(&ret, p[0] == 't' ? lower(p[i]) : p[i], 1);
    }
    return ret;
}

/* ---- The oracle ---------------------------------------------------------- */

/* The last accepted value of each kind, and its canonical spelling. */
static sbind_address previous[SBIND_NPIPE + 1];
static text previous_text[SBIND_NPIPE + 1];

static text print(const text *t, const sbind_address *a)
{
    char buf[SBIND_FORMAT_MAX];
    text ret = begin("");
    size_t n = 0;
    sbind_status s = sbind_format(a, buf, sizeof buf, &n);
    if (s != SBIND_OK || buf[n] != '\0')
        fail_text(t, "the value is not printed: %s", sbind_status_name(s));
    put(&ret, buf, n);
    return ret;
}

/* Checks SPEC.md 3.0. If the spelling made from the text alone equals the one
 * made from the value alone, the value is what the octets mean. */
static void check_value(const text *t, const sbind_address *a)
{
    text spelled = spell(t), rebuilt = rebuild(a), printed = print(t, a), again;
    sbind_address b;
    expect_same(t, "the value does not say what the text says", &rebuilt,
                &spelled);
    expect_same(t, "the value is not printed canonically", &printed, &spelled);
    if (!parts_hold(a))
        fail_text(t, "accepted, but a part of the value is not in its rule");
    if (sbind_parse(printed.octets, printed.length, &b, NULL) != SBIND_OK ||
        !sbind_equal(a, &b) || !sbind_equal(&b, a))
        fail_text(t, "the canonical spelling has another value");
    again = print(t, &b);
    expect_same(t, "canonical spelling is no fixed point", &again, &printed);
    if (sbind_equal(a, &previous[a->kind]) !=
        same(&printed, &previous_text[a->kind])) {
        show("previous ", &previous_text[a->kind]);
        fail_text(t, "sbind_equal is wrong about these two");
    }
    previous[a->kind] = *a;
    previous_text[a->kind] = printed;
}

/* Requires this status for the text t. If the status is an error, also requires
 * this offset. */
static void expect(const text *t, sbind_status wanted, size_t offset)
{
    sbind_address a;
    sbind_error e = {.offset = SBIND_NO_OFFSET};
    sbind_status s = sbind_parse(t->octets, t->length, &a, &e);
    if (s != wanted || e.status != s || (s != SBIND_OK && e.offset != offset))
        fail_text(t, "got %s at %zd, expected %s at %zd", sbind_status_name(s),
                  e.offset, sbind_status_name(wanted), offset);
    if (s == SBIND_OK)
        check_value(t, &a);
}

/* ---- Every port of up to six digits -------------------------------------- */

/* The error for a port that is not one (SPEC.md 4.2.6 and 4.2.8). Each
 * beginning of a port is a port itself, so the viable prefix is the longest
 * beginning that is a port (4.1.1). */
static void check_port(size_t unused, const char *digits, size_t n)
{
    text t = begin("tcp://127.0.0.1:");
    size_t viable = 0;
    long port = 0;
    (void)unused;
    while (viable < n && (viable == 0 || digits[0] != '0')) {
        port = port * 10 + (digits[viable] - '0');
        if (port > 65535)
            break;
        viable++;
    }
    put(&t, digits, n);
    if (n == 0)
        expect(&t, SBIND_UNEXPECTED_END, 16);
    else if (viable == n)
        expect(&t, SBIND_OK, 0);
    else
        expect(&t, digits[0] == '0' ? SBIND_BAD_PORT : SBIND_PORT_RANGE,
               16 + viable);
}

/* Calls "check" for all texts of at most this many digits, also for the empty
 * text. */
static void for_digits(size_t most, uint32_t stride,
                       void (*check)(size_t with, const char *digits, size_t n),
                       size_t with)
{
    char digits[16];
    uint32_t count = 1;
    for (size_t n = 0; n <= most; n++, count *= 10) {
        for (uint32_t i = 0; i < count; i += stride) {
            snprintf(digits, sizeof digits, "%010u", i);
            check(with, digits + 10 - n, n);
        }
    }
}

static void every_port_text(void **state)
{
    (void)state;
    for_digits(6, step(401), check_port, 0);
}

/* ---- IPv6, with glibc as the other reader -------------------------------- */

static bool glibc_reads(const char *ip, size_t n, const char *more,
                        size_t more_n)
{
    uint8_t ignored[16];
    text t = begin("");
    put(&t, ip, n);
    put(&t, more, more_n);
    put(&t, "", 1);
    return inet_pton(AF_INET6, t.octets, ignored) == 1;
}

/* Whether some IPv6 address begins with ip[0 .. n). If so, at least one of
 * these endings completes it. */
static bool can_become_ipv6(const char *ip, size_t n)
{
    static const char *const more[] = {"::", "1:1:1:1:1:1:1:1", "1.1.1.1",
                                       ":1:1:1:1:1:1:1:1", ".1.1.1"};
    for (size_t i = 0; i < COUNT(more); i++)
        for (size_t k = 0; k <= strlen(more[i]); k++)
            if (glibc_reads(ip, n, more[i], k))
                return true;
    return false;
}

/* SPEC.md 4.2.7. The grammar of RFC 3986 accepts what glibc's inet_pton
 * accepts. This includes "1:2:3:4:5:6:7::" and "::2:3:4:5:6:7:8". It excludes
 * "::" for no group, leading zeros in an IPv4 part, and an IPv4 part elsewhere
 * than at the end. */
static void check_ipv6(const text *ip)
{
    text t = begin("tcp://[");
    size_t viable = 0;
    put(&t, ip->octets, ip->length);
    add(&t, "]:1");
    if (glibc_reads(ip->octets, ip->length, "", 0)) {
        expect(&t, SBIND_OK, 0);
        return;
    }
    while (viable < ip->length && can_become_ipv6(ip->octets, viable + 1))
        viable++;
    expect(&t, SBIND_BAD_IPV6, 7 + viable);
}

/* ---- Every octet of up to four digits in every place of an IPv4 address -- */

/* SPEC.md 3.1.3 and 4.2.9: the last label of each of these texts is a number.
 * So a text that is not an ipv4 is not a name either. */
static void check_octet(size_t place, const char *digits, size_t n)
{
    text t = begin("tcp://"), ip = begin("1::");
    size_t at = 6 + 2 * place;
    unsigned octet = 0;
    for (size_t i = 0; i < n; i++)
        octet = octet * 10 + (unsigned)(digits[i] - '0');
    for (size_t i = 0; i < 4; i++) {
        add(&t, "%s", i > 0 ? "." : "");
        put(&t, i == place ? digits : "7", i == place ? n : 1);
    }
    put(&ip, t.octets + 6, t.length - 6);
    check_ipv6(&ip);
    add(&t, ":1");
    if (n == 0 && place < 3)
        expect(&t, SBIND_BAD_HOST, at); /* a dot where a label begins */
    else if (n == 0 || (n > 1 && digits[0] == '0') || octet > 255)
        expect(&t, SBIND_NUMERIC_HOST, t.length - 2);
    else
        expect(&t, SBIND_OK, 0);
}

static void every_ipv4_octet_text(void **state)
{
    (void)state;
    for (size_t place = 0; place < 4; place++)
        for_digits(4, step(29), check_octet, place);
}

/* ---- Every shape of an IPv6 address -------------------------------------- */

/* Writes n groups with the numbers first, first + 1, and so on. They have one
 * to four digits in turn, with or without leading zeros, in lower or upper
 * case. */
static void add_styled(text *t, size_t first, size_t n, size_t style)
{
    for (size_t i = first; i < first + n; i++) {
        int digits = (int)(1 + (i + style) % 4);
        unsigned group = (unsigned)((i + 9) % 15 + 1);
        if ((style & 4) != 0 && digits > 1)
            group |= (unsigned)(10 + i % 6) << 4 * (digits - 1);
        add(t, style & 8 ? "%s%0*X" : "%s%0*x", i > first ? ":" : "", digits,
            group);
    }
}

/* Tries all shapes of an address, such as "1:2", "1:2:192.0.2.33" and "1::2".
 * Those with an IPv4 part before "::" are not addresses. */
enum { PLAIN, PLAIN_IPV4, GAP, GAP_IPV4, IPV4_GAP, SHAPES };

static void check_shape(int shape, size_t left, size_t right, size_t style)
{
    bool ipv4 = shape == PLAIN_IPV4 || shape == GAP_IPV4, fits;
    size_t groups = left + right + (ipv4 ? 2 : 0);
    text ip = begin("");
    add_styled(&ip, 0, left, style);
    if (shape == IPV4_GAP || (ipv4 && shape < GAP))
        add(&ip, "%s192.0.2.33", left > 0 ? ":" : "");
    add(&ip, "%s", shape >= GAP ? "::" : "");
    add_styled(&ip, left, right, style);
    if (shape == GAP_IPV4)
        add(&ip, "%s192.0.2.33", right > 0 ? ":" : "");
    fits = shape < GAP ? groups == 8 : groups <= 7 && shape != IPV4_GAP;
    if (glibc_reads(ip.octets, ip.length, "", 0) != fits)
        fail_text(&ip, "inet_pton is wrong about it");
    check_ipv6(&ip);
}

static void every_ipv6_shape(void **state)
{
    (void)state;
    for (size_t style = 0; style < 16; style += step(5))
        for (int shape = 0; shape < SHAPES; shape++)
            for (size_t left = 0; left <= 9; left++)
                for (size_t right = 0; right <= (shape < GAP ? 0 : 9); right++)
                    check_shape(shape, left, right, style);
}

/* Tries the address in full, and with "::" for every run of zero groups, even
 * for a single one. All have the same value. */
static void check_spellings(const uint8_t ip[16])
{
    char printed[INET6_ADDRSTRLEN];
    text ours = begin(""), glibc;
    for (size_t at = 0; at < 8; at++) {
        for (size_t end = at; end <= 8 && groups_are_zero(ip, at, end); end++) {
            text t = begin("");
            add_groups(&t, ip, 0, at);
            add(&t, "%s", end > at ? "::" : at > 0 ? ":" : "");
            add_groups(&t, ip, end, 8);
            check_ipv6(&t);
        }
    }
    add_ipv6(&ours, ip);
    glibc = begin(print_ipv6(ip, printed));
    if (!groups_are_zero(ip, 0, 6) || groups_are_zero(ip, 6, 7))
        expect_same(&ours, "inet_ntop prints otherwise", &ours, &glibc);
}

static void every_pattern_of_zero_groups(void **state)
{
    static const unsigned others[] = {1, 0xFFFF, 0xA0};
    (void)state;
    for (unsigned pattern = 0; pattern < 256; pattern += step(3)) {
        for (size_t k = 0; k < COUNT(others); k++) {
            uint8_t ip[16] = {0};
            for (size_t i = 0; i < 8; i++) {
                unsigned group = pattern >> i & 1 ? others[k] : 0;
                ip[2 * i] = (uint8_t)(group >> 8);
                ip[2 * i + 1] = (uint8_t)group;
            }
            check_spellings(ip);
        }
    }
}

static void every_value_of_an_ipv6_group(void **state)
{
    static const char *const formats[] = {"%s%x", "%s%04X", "%s%X", "%s%04x"};
    const unsigned stride = step(2003);
    (void)state;
    for (size_t position = 0; position < 8; position++) {
        for (unsigned group = 0; group <= 0xFFFF; group += stride) {
            text ip = begin("");
            for (size_t i = 0; i < 8; i++)
                add(&ip, formats[position % 4], i > 0 ? ":" : "",
                    i == position ? group : 0);
            check_ipv6(&ip);
        }
    }
}

/* ---- Descriptors around every edge --------------------------------------- */

/* The limits of numbers (SPEC.md 3.3.2, 3.3.3, 4.2.2 and 4.2.3), with octets
 * that may follow the digits. */
static void check_fd(const char *digits)
{
    static const struct {
        const char *more;
        sbind_status status;
        size_t further;
    } ends[] = {{"x", SBIND_OK, 0},
                {" x", SBIND_OK, 0},
                {" ", SBIND_BAD_FD_NAME, 1},
                {":", SBIND_BAD_FD, 0},
                {"x:", SBIND_BAD_FD_NAME, 1}};
    text t = begin("fd://");
    size_t n = strlen(digits);
    add(&t, "%s", digits);
    if (n > 1 && digits[0] == '0')
        expect(&t, SBIND_BAD_FD, 5 + n);
    else if (n > 10 || (n == 10 && strcmp(digits, "2147483647") > 0))
        expect(&t, SBIND_FD_RANGE, 5 + n);
    else
        expect(&t, SBIND_OK, 0);
    for (size_t i = 0; i < COUNT(ends); i++) {
        t.length = 5 + n;
        add(&t, "%s", ends[i].more);
        expect(&t, ends[i].status, 5 + n + ends[i].further);
    }
}

/* Tries seven numbers from this one on, each with no to three leading zeros. */
static void check_fds_from(const char *first)
{
    char digits[64];
    size_t end = 4 + strlen(first);
    snprintf(digits, sizeof digits, "0000%s", first);
    for (int k = 0; k < 7; k++) {
        size_t begins = strspn(digits, "0"), i = end - 1;
        begins -= begins == end; /* zero itself */
        for (size_t zeros = 0; zeros <= 3; zeros++)
            check_fd(digits + begins - zeros);
        for (; digits[i] == '9'; i--)
            digits[i] = '0';
        digits[i]++;
    }
}

static void every_edge_of_a_descriptor(void **state)
{
    /* 2^31, 2^32, 2^63 and 2^64, less 3 */
    static const char *const below[] = {"2147483645", "4294967293",
                                        "9223372036854775805",
                                        "18446744073709551613"};
    char digits[48];
    (void)state;
    check_fds_from("0");
    for (size_t n = 1; n <= 40; n++) { /* 10^n less 3 */
        memset(digits, '9', n);
        digits[n - 1] = '7';
        digits[n] = '\0';
        check_fds_from(digits);
    }
    for (size_t i = 0; i < COUNT(below); i++)
        check_fds_from(below[i]);
}

/* ---- Every octet at every kind of place ---------------------------------- */

enum { FIRST = 1, MIDDLE = 2, LAST = 4, ONLY = 8, ANYWHERE = 15 };

/* A part of an address, between "before" and "after", and the classes of octets
 * that it may contain. Other octets are refused at their place. The status is
 * "bad" if the first octet is wrong, and "bad_later" for the others. */
typedef struct body {
    const char *before, *after;
    bool (*at_an_end)(int c), (*inside)(int c);
    sbind_status bad, bad_later;
} body;

/* Sets of such parts, one bit for each, in the order of the array. A label can
 * be the first of several, a middle one, the last one, or the only one. */
enum { PATH = 1, ABSTRACT = 2, SOCKET = 4, ZONE = 8 };
enum { HEAD = 16, MID = 32, TAIL = 64, HOST = 128, LABELS = 240 };
enum { LOCAL = 256, URI = 512, UNC = 1024, PIPES = 1792, SERVER = 2048 };

#define TWICE(status) status, status

static const body bodies[] = {
    {"unix://", "", is_path, is_path, TWICE(SBIND_BAD_PATH)},
    {"unix://@", "", is_path, is_path, TWICE(SBIND_BAD_ABSTRACT_NAME)},
    {"fd://", "", is_start, is_name, SBIND_BAD_FD, SBIND_BAD_FD_NAME},
    {"tcp://[::1%", "]:80", is_zone, is_zone, TWICE(SBIND_BAD_ZONE)},
    {"tcp://", ".q.q:80", is_word, is_host, TWICE(SBIND_BAD_HOST)},
    {"tcp://q.", ".q:80", is_word, is_host, TWICE(SBIND_BAD_HOST)},
    {"tcp://q.q.", ":80", is_word, is_host, TWICE(SBIND_BAD_HOST)},
    {"tcp://", ":80", is_word, is_host, TWICE(SBIND_BAD_HOST)},
    {"npipe://", "", is_segment, is_segment, TWICE(SBIND_BAD_PIPE_NAME)},
    {"npipe:////Q/pipe/", "", is_segment, is_segment,
     TWICE(SBIND_BAD_PIPE_NAME)},
    {"\\\\.\\PIPE\\", "", is_segment, is_segment, TWICE(SBIND_BAD_PIPE_NAME)},
    {"npipe:////", "/pipe/q", is_word, is_host, TWICE(SBIND_BAD_PIPE_SERVER)},
};

/* An exception to the table above. It applies if an octet from "from" to "to" is
 * at one of these places in one of these bodies. The text then has this status,
 * and "further" octets from that place on still belong to the viable prefix
 * (SPEC.md 4.1.1). If several rows apply, the first one counts. */
typedef struct exception {
    int bodies, places, from, to;
    sbind_status status;
    size_t further;
} exception;

static const exception exceptions[] = {
    {PATH, LAST | ONLY, '/', '/', SBIND_BAD_PATH, 1}, /* 4.2.4 */
    {PATH, ONLY, '@', '@', SBIND_UNEXPECTED_END, 1},
    {SOCKET, ONLY, '*', '*', SBIND_OK, 0},      /* fd-all */
    {SOCKET, FIRST, '*', '*', SBIND_BAD_FD, 1}, /* 4.2.3 */
    {SOCKET, LAST, '*', '+', SBIND_OK, 0},      /* name-graph */
    {SOCKET, LAST, '-', '-', SBIND_OK, 0},
    {SOCKET, LAST, ' ', ' ', SBIND_BAD_FD_NAME, 1},     /* 4.2.2 */
    {ZONE, MIDDLE | LAST, ']', ']', SBIND_BAD_PORT, 1}, /* 4.2.8 */
    {HOST, ONLY, '*', '*', SBIND_OK, 0},                /* any */
    {HOST, ONLY, '[', '[', SBIND_BAD_IPV6, 2},          /* "[:8": 4.2.7 */
    {HOST | HEAD, FIRST | ONLY, '[', '[', SBIND_BAD_IPV6, 1},
    {HOST | HEAD, FIRST | ONLY, '*', '*', SBIND_BAD_HOST, 1}, /* 4.2.10 */
    {HOST | TAIL, LAST, '.', '.', SBIND_OK, 0},           /* the trailing dot */
    {HOST | TAIL, ONLY, '0', '9', SBIND_NUMERIC_HOST, 1}, /* 4.2.9 */
    {LABELS, LAST, '-', '.', SBIND_BAD_HOST, 1},
    {LABELS, MIDDLE | LAST, ':', ':', SBIND_BAD_PORT, 1},
    {MID | TAIL, FIRST | ONLY, ':', ':', SBIND_BAD_PORT, 1},
    {PIPES, ANYWHERE, 0x80, 0xC1, SBIND_BAD_UTF8, 0}, /* 4.2.11 */
    {PIPES, ANYWHERE, 0xC2, 0xF4, SBIND_BAD_UTF8, 1},
    {PIPES, ANYWHERE, 0xF5, 0xFF, SBIND_BAD_UTF8, 0},
    {PIPES, ONLY, '.', '.', SBIND_BAD_PIPE_NAME, 1},
    {LOCAL, FIRST, '/', '/', SBIND_BAD_PIPE_SERVER, 1}, /* 4.2.13 */
    {LOCAL, ONLY, '/', '/', SBIND_UNEXPECTED_END, 1},   /* 4.2.12 */
    {URI, MIDDLE, '/', '/', SBIND_OK, 0},
    {URI, LAST, '/', '/', SBIND_UNEXPECTED_END, 1},
    {UNC, MIDDLE, '\\', '\\', SBIND_OK, 0},
    {UNC, LAST, '\\', '\\', SBIND_UNEXPECTED_END, 1},
    {SERVER, FIRST, '.', '.', SBIND_BAD_PIPE_SERVER, 1},
    {SERVER, LAST | ONLY, '.', '.', SBIND_OK, 0},
    {SERVER, LAST, '-', '-', SBIND_BAD_PIPE_SERVER, 1},
    {SERVER, ONLY, '0', '9', SBIND_BAD_PIPE_SERVER, 1},
    {SERVER, MIDDLE | LAST, '/', '/', SBIND_BAD_PIPE_NAME, 1},
};

static const exception *find_exception(int body_bit, int place, int octet)
{
    for (size_t i = 0; i < COUNT(exceptions); i++) {
        const exception *x = &exceptions[i];
        if ((x->bodies & body_bit) != 0 && (x->places & place) != 0 &&
            octet >= x->from && octet <= x->to)
            return x;
    }
    return NULL;
}

/* The test requires as well that the value contains the octet. */
static void check_octet_of_body(size_t i, int place, int octet)
{
    const exception *x = find_exception(1 << i, place, octet);
    const body *b = &bodies[i];
    text t = begin(b->before);
    size_t at;
    put_times(&t, 'q', place == MIDDLE ? 2 : place == LAST ? 4 : 0);
    at = t.length;
    put_times(&t, octet, 1);
    put_times(&t, 'q', place == MIDDLE ? 2 : place == FIRST ? 4 : 0);
    add(&t, "%s", b->after);
    if (x != NULL)
        expect(&t, x->status, at + x->further);
    else if ((place == MIDDLE ? b->inside : b->at_an_end)(octet))
        expect(&t, SBIND_OK, 0);
    else
        expect(&t, place & (FIRST | ONLY) ? b->bad : b->bad_later, at);
}

static void every_octet_at_every_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++)
        for (int place = FIRST; place <= ONLY; place *= 2)
            for (int octet = 0; octet < 256; octet++)
                check_octet_of_body(i, place, octet);
}

/* ---- Limits: names of hosts ---------------------------------------------- */

/* The first octet past a limit (SPEC.md 2.2, 2.3 and 2.7), or n if there is
 * none. */
static size_t past_limits(const char *name, size_t n)
{
    size_t past = n;
    if (n - (name[n - 1] == '.') > 253)
        past = 253;
    for (size_t at = 0, label; at < n; at += label + 1) {
        label = until('.', name + at, n - at);
        if (label > 63 && at + 63 < past)
            past = at + 63;
    }
    return past;
}

/* Tries a name between "before" and "after". If it is the server of a pipe
 * (2.6), two backslashes come before it, and at least seven units after it. */
static void check_name_in(const text *name, const char *before,
                          const char *after, sbind_status otherwise)
{
    size_t n = name->length, past = past_limits(name->octets, n);
    size_t from = strlen(before);
    text t = begin(before);
    put(&t, name->octets, n);
    add(&t, "%s", after);
    if (past < n)
        expect(&t, SBIND_HOST_TOO_LONG, from + past);
    else if (before[0] != 't' && 2 + n + 7 > 256)
        expect(&t, SBIND_PIPE_NAME_TOO_LONG, from + 254);
    else
        expect(&t, otherwise, from + n);
}

/* Tries the name in an address, in a text that goes wrong later or stops too
 * early, and in pipes. Then tries all of these with a trailing dot. */
static void check_name(text *name)
{
    check_name_in(name, "tcp://", ":1", SBIND_OK);
    check_name_in(name, "tcp://", "!", SBIND_BAD_HOST);
    check_name_in(name, "tcp://", "", SBIND_UNEXPECTED_END);
    check_name_in(name, "npipe:////", "/pipe/q", SBIND_OK);
    check_name_in(name, "\\\\", "\\pipe\\q", SBIND_OK);
    if (name->octets[name->length - 1] == '.')
        return;
    add(name, ".");
    check_name(name);
}

static void every_length_of_a_label(void **state)
{
    static const char *const around[][2] = {
        {"", ""}, {"", ".b.c"}, {"a.", ".c"}, {"a.b.", ""}};
    (void)state;
    for (size_t n = 1; n <= 70; n++) {
        for (size_t i = 0; i < COUNT(around); i++) {
            text name = begin(around[i][0]);
            put_times(&name, 'X', n);
            add(&name, "%s", around[i][1]);
            check_name(&name);
        }
    }
}

static void every_length_of_a_name(void **state)
{
    static const size_t labels[] = {1, 2, 3, 10, 62, 63, 64, 65, 127};
    (void)state;
    for (size_t n = 240; n <= 260; n++) {
        for (size_t i = 0; i < COUNT(labels); i++) {
            text name = begin("");
            for (size_t k = 1; k <= n; k++)
                put_times(&name, k % (labels[i] + 1) == 0 ? '.' : 'x', 1);
            check_name(&name);
        }
    }
}

/* ---- Limits: zones, names of sockets, whole texts ------------------------ */

/* SPEC.md 2.4 */
static void every_length_of_a_zone(void **state)
{
    static const char *const first[] = {"e", "1", "2", "25", "2-"};
    (void)state;
    for (size_t i = 0; i < COUNT(first); i++) {
        for (size_t n = strlen(first[i]); n <= 20; n++) {
            text t = begin("tcp://[::1%");
            add(&t, "%s", first[i]);
            put_times(&t, '0', n - strlen(first[i]));
            add(&t, "]:1");
            expect(&t, n <= 15 ? SBIND_OK : SBIND_BAD_ZONE, 11 + 15);
        }
    }
}

/* Limits of SPEC.md 2.5, 2.7, 4.2.2 and 4.2.3: one octet is repeated n times,
 * and other octets follow. */
static void check_socket_name(int fill, size_t n, const char *end)
{
    size_t viable = n + (*end == ' ');
    text t = begin("fd://");
    put_times(&t, fill, n);
    add(&t, "%s", end);
    if (viable > 255)
        expect(&t, SBIND_BAD_FD_NAME, 5 + 255);
    else if (*end == ' ' || (*end == ':' && fill == 'x'))
        expect(&t, SBIND_BAD_FD_NAME, 5 + viable);
    else if (fill == 'x')
        expect(&t, SBIND_OK, 0);
    else
        expect(&t, fill == '0' || *end == ':' ? SBIND_BAD_FD : SBIND_FD_RANGE,
               5 + n);
}

static void every_length_of_a_socket_name(void **state)
{
    (void)state;
    for (size_t n = 250; n <= 260; n++) {
        for (int i = 0; i < 3; i++) {
            check_socket_name("x70"[i], n, "");
            check_socket_name("x70"[i], n, " ");
            check_socket_name("x70"[i], n, ":");
        }
    }
}

/* The limit of SPEC.md 2.1 and 2.8: a text of n octets, with a given last
 * octet. */
static void check_text_length(const char *before, size_t n, int last)
{
    bool path = strcmp(before, "unix://") == 0;
    text t = begin(before);
    put_times(&t, 'x', n - 1 - t.length);
    put_times(&t, last, 1);
    if (last == '\n' && n - 1 < 1024)
        expect(&t, path ? SBIND_BAD_PATH : SBIND_BAD_ABSTRACT_NAME, n - 1);
    else if (n > 1024)
        expect(&t, SBIND_TEXT_TOO_LONG, 1024);
    else
        expect(&t, last == '/' && path ? SBIND_BAD_PATH : SBIND_OK, n);
}

static void every_length_of_a_text(void **state)
{
    (void)state;
    for (size_t n = 1000; n <= 1050; n++) {
        for (int i = 0; i < 3; i++) {
            check_text_length("unix://", n, "x/\n"[i]);
            check_text_length("unix://@", n, "x/\n"[i]);
        }
    }
}

/* ---- Limits: names of pipes ---------------------------------------------- */

typedef struct piece {
    const char *octets;
    size_t units; /* of \\server\pipe\name in UTF-16, SPEC.md 2.6 */
} piece;

/* Checks the limit with a text of at least "most" UTF-16 units. It begins with
 * "first". Then letters x follow until the text has "plain" units, and after
 * them copies of c. If there is a separator, it stands in place of every tenth
 * x or c. The last "cut" octets of the text are left out. The last c still
 * counts as if it were whole (SPEC.md 2.7). */
static void check_pipe(piece first, piece c, const char *separator, size_t most,
                       size_t plain, size_t cut)
{
    text t = begin(first.octets);
    size_t units = first.units, past = 0;
    for (size_t i = 1; units < most; i++) {
        piece next = units < plain ? (piece){"x", 1} : c;
        if (i % 10 == 0 && *separator != '\0' && units + 1 < most)
            next = (piece){separator, 1};
        units += next.units;
        if (units > 256 && past == 0)
            past = t.length;
        add(&t, "%s", next.octets);
    }
    t.length -= cut;
    if (past > 0)
        expect(&t, SBIND_PIPE_NAME_TOO_LONG, past);
    else
        expect(&t, cut > 0 ? SBIND_BAD_UTF8 : SBIND_OK, t.length);
}

static void every_length_of_a_pipe(void **state)
{
    static const piece firsts[] = {
        {"npipe://", 9}, {"npipe:////Srv/Pipe/", 11}, {"\\\\Srv\\Pipe\\", 11}};
    static const char *const separators[] = {"", "/", "\\"};
    static const piece characters[] = {{"x", 1},
                                       {"\xC2\x80", 1},
                                       {"\xDF\xBF", 1},
                                       {"\xE0\xA0\x80", 1},
                                       {"\xEF\xBF\xBF", 1},
                                       {"\xF0\x90\x80\x80", 2},
                                       {"\xF3\xBF\xBF\xBF", 2},
                                       {"\xF4\x8F\xBF\xBF", 2}};
    (void)state;
    for (size_t i = 0; i < 3 * COUNT(characters) * 11; i++) {
        piece first = firsts[i % 3], c = characters[i / 3 % COUNT(characters)];
        size_t most = 250 + i / 3 / COUNT(characters);
        for (size_t cut = 0; cut < strlen(c.octets); cut++) {
            check_pipe(first, c, "", most, 0, cut);
            check_pipe(first, c, "", most, most - 3, cut);
            check_pipe(first, c, separators[i % 3], most, 0, cut);
        }
    }
}

/* ---- Every IPv4 address -------------------------------------------------- */

typedef struct sweep {
    unsigned long long at, stride;
    pthread_t thread;
} sweep;

static const unsigned long long past_ipv4 = 1ULL << 32;
static char decimals[256][12];

/* Whether the library prints the address correctly and reads it back. */
static bool survives(uint32_t address)
{
    uint8_t ip[4];
    char wanted[32] = "", t[32] = "tcp://", *to = wanted;
    sbind_address a;
    size_t n;
    for (int i = 0; i < 4; i++) {
        ip[i] = (uint8_t)(address >> (24 - 8 * i));
        for (const char *d = decimals[ip[i]]; *d != '\0'; d++)
            *to++ = *d;
        *to++ = i < 3 ? '.' : '\0';
    }
    n = sbind_format_ipv4(ip, t + 6);
    if (strcmp(t + 6, wanted) != 0 || t[6 + n] != '\0')
        return false;
    memcpy(t + 6 + n, ":1", 2);
    return sbind_parse(t, 6 + n + 2, &a, NULL) == SBIND_OK &&
           a.kind == SBIND_TCP_IPV4 && a.port == 1 && memcmp(a.ip, ip, 4) == 0;
}

/* Stops at the first address that the library does not print and read back. */
static void *sweep_ipv4(void *context)
{
    sweep *s = context;
    while (s->at < past_ipv4 && survives((uint32_t)s->at))
        s->at += s->stride;
    return NULL;
}

/* Tries about a million addresses at equal distances, unless
 * SBIND_TEST_EXHAUSTIVE is set. */
static void every_ipv4_address(void **state)
{
    sweep sweeps[64];
    uint32_t distance = is_set("SBIND_TEST_EXHAUSTIVE") ? 1
                        : is_set("SBIND_TEST_QUICK")    ? 1000003
                                                        : 4099;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t threads = n < 1 ? 1 : n > 64 ? 64 : (uint32_t)n;
    (void)state;
    for (unsigned i = 0; i < 256; i++)
        snprintf(decimals[i], sizeof decimals[i], "%u", i);
    for (uint32_t i = 0; i < threads; i++) {
        sweep *s = &sweeps[i];
        s->at = distance * i;
        s->stride = distance * threads;
        assert_int_equal(pthread_create(&s->thread, NULL, sweep_ipv4, s), 0);
    }
    for (uint32_t i = 0; i < threads; i++)
        pthread_join(sweeps[i].thread, NULL);
    for (uint32_t i = 0; i < threads; i++)
        if (sweeps[i].at < past_ipv4)
            fail_msg("%#llx is not printed in dotted decimal or not read back",
                     sweeps[i].at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_port_text),
        cmocka_unit_test(every_ipv4_octet_text),
        cmocka_unit_test(every_ipv6_shape),
        cmocka_unit_test(every_pattern_of_zero_groups),
        cmocka_unit_test(every_value_of_an_ipv6_group),
        cmocka_unit_test(every_edge_of_a_descriptor),
        cmocka_unit_test(every_octet_at_every_place),
        cmocka_unit_test(every_length_of_a_label),
        cmocka_unit_test(every_length_of_a_name),
        cmocka_unit_test(every_length_of_a_zone),
        cmocka_unit_test(every_length_of_a_socket_name),
        cmocka_unit_test(every_length_of_a_text),
        cmocka_unit_test(every_length_of_a_pipe),
        cmocka_unit_test(every_ipv4_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
