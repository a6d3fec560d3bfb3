/* parse_test.c - does sbind_parse keep its promises where examples do not
 * reach: for every octet, every length, every number?
 *
 * Promises: P1 */
#include <arpa/inet.h>

#include "support.h"

static sbind_status try(const char *text, size_t length, size_t *ret_offset)
{
    sbind_address a;
    sbind_error e;
    sbind_status s = sbind_parse(text, length, &a, &e);
    *ret_offset = s == SBIND_OK ? length : e.offset;
    return s;
}

static void nothing_is_written_that_should_not_be(void **state)
{
    sbind_address a, a_before;
    sbind_error e, e_before;
    (void)state;
    memset(&a, 0x5A, sizeof a);
    memset(&e, 0x5A, sizeof e);
    a_before = a;
    e_before = e;
    assert_status(sbind_parse("tcp://x", 7, &a, NULL), SBIND_UNEXPECTED_END);
    assert_memory_equal(&a, &a_before, sizeof a);
    assert_status(sbind_parse("fd://3", 6, &a, &e), SBIND_OK);
    assert_memory_equal(&e, &e_before, sizeof e);
    assert_status(sbind_parse(NULL, 0, &a, &e), SBIND_UNEXPECTED_END);
    assert_int_equal(e.offset, 0);
}

/* Puts every octet at the first, a middle and the last place of a part.
 * Compares with the set of octets that may be there. */
static void check_octets(const char *before, const char *after,
                         const char *first, const char *middle,
                         const char *last)
{
    char text[64];
    size_t begin = strlen(before), offset;
    for (int place = 0; place < 3; place++) {
        const char *allowed = place == 0 ? first : place == 1 ? middle : last;
        for (int octet = 0; octet < 256; octet++) {
            size_t n = begin;
            memcpy(text, before, begin);
            memcpy(text + n, "qqqqq", 5);
            text[n + (size_t)place * 2] = (char)octet;
            n += 5;
            memcpy(text + n, after, strlen(after));
            n += strlen(after);
            bool wanted = octet != 0 && strchr(allowed, octet) != NULL;
            bool got = try(text, n, &offset) == SBIND_OK;
            if (got != wanted)
                fail_msg("%s: octet %d at place %d", before, octet, place);
        }
    }
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* All octets from "low" on, except those in "without". */
static const char *all_but(char set[257], int low, const char *without)
{
    size_t n = 0;
    for (int c = low; c < 256; c++)
        if (c != 0x7F && strchr(without, c) == NULL)
            set[n++] = (char)c;
    set[n] = '\0';
    return set;
}

static void every_octet_in_every_part(void **state)
{
    char a[257], b[257], c[257];
    (void)state;
    /* a leading "@" begins an abstract name, which is another kind of
     * address */
    check_octets("unix://", "", all_but(a, 0x20, ""), all_but(b, 0x20, ""),
                 all_but(c, 0x20, "/"));
    check_octets("unix://@", "", all_but(a, 0x20, ""), a, a);
    check_octets("tcp://", ":80", LETTERS DIGITS "_", LETTERS DIGITS "_-.",
                 LETTERS DIGITS "_.");
    check_octets("tcp://[fe80::1%", "]:80", LETTERS DIGITS "-._~",
                 LETTERS DIGITS "-._~", LETTERS DIGITS "-._~");
    all_but(a, 0x20, ":");
    a[strcspn(a, "\x80")] = '\0';
    memcpy(b, a, sizeof a);
    assert_int_equal(strlen(a), 94);
    check_octets("fd://", "",
                 "!\"#$%&'(),./" DIGITS ";<=>?@[\\]^_`{|}~" LETTERS, a, a + 1);
}

static void every_port(void **state)
{
    char text[64];
    size_t offset;
    (void)state;
    for (long value = 0; value <= 999999; value++) {
        int n = snprintf(text, sizeof text, "tcp://h:%ld", value);
        sbind_status s = try(text, (size_t)n, &offset);
        if ((s == SBIND_OK) != (value <= 65535))
            fail_msg("%s: %s", text, sbind_status_name(s));
        if (s != SBIND_OK && (s != SBIND_PORT_RANGE || offset >= (size_t)n))
            fail_msg("%s: %s at %zu", text, sbind_status_name(s), offset);
    }
    for (long value = 0; value <= 99999; value++) {
        int n = snprintf(text, sizeof text, "tcp://h:0%ld", value);
        assert_status(try(text, (size_t)n, &offset), SBIND_BAD_PORT);
        assert_int_equal(offset, 9);
    }
}

/* Texts whose numbers are the largest of their length, and all forms of UTF-8. */
static const char *const full[] = {
    "tcp://255.255.255.255:65535",
    "tcp://249.199.99.9:6553",
    "tcp://[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%zone]:65535",
    "tcp://[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535",
    "tcp://[::255.249.199.99]:6553",
    "tcp://25.name.:65535",
    "tcp://*:65535",
    "fd://2147483647",
    "npipe://\xC3\xA9\xE0\xA0\x80\xE1\x80\x80\xED\x80\x80\xEF\xBF\xBF",
    "npipe://\xF1\x80\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
    "npipe:////s/pipe/\xE0\xA0\x80\xED\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
    "npipe:////server/pipe/\xE1\x80\x80/\xF1\x80\x80\x80",
    "\\\\server\\pipe\\\xE1\x80\x80\\\xF1\x80\x80\x80",
};

/* An error is at the first octet that no address can have there. So if one
 * octet is added to a beginning of an address, the error is at this octet or at
 * the end of the text. */
static void every_octet_after_every_beginning(void **state)
{
    char text[64];
    size_t offset;
    (void)state;
    for (size_t i = 0; i < sizeof full / sizeof *full; i++)
        for (size_t n = 0; n <= strlen(full[i]); n++)
            for (int octet = 0; octet < 256; octet++) {
                memcpy(text, full[i], n);
                text[n] = (char)octet;
                if (try(text, n + 1, &offset) != SBIND_OK && offset != n &&
                    offset != n + 1)
                    fail_msg("%.*s, octet %d: %zu", (int)n, text, octet,
                             offset);
            }
}

static void every_dec_octet(void **state)
{
    char text[64];
    (void)state;
    for (int place = 0; place < 4; place++) {
        for (int value = 0; value <= 1099; value++) {
            sbind_address a;
            int parts[4] = {1, 1, 1, 1}, n;
            parts[place] = value;
            n = snprintf(text, sizeof text, "tcp://%d.%d.%d.%d:1", parts[0],
                         parts[1], parts[2], parts[3]);
            if (value > 255) {
                assert_status(sbind_parse(text, (size_t)n, &a, NULL),
                              SBIND_NUMERIC_HOST);
                continue;
            }
            assert_status(sbind_parse(text, (size_t)n, &a, NULL), SBIND_OK);
            assert_int_equal(a.kind, SBIND_TCP_IPV4);
            assert_int_equal(a.ip[place], value);
        }
    }
}

/* Checks a limit: the longest accepted text, and the error for one octet
 * more. */
static void check_limit(const char *before, const char *unit, size_t units,
                        const char *after, sbind_status wanted, size_t offset)
{
    char text[2048];
    for (size_t n = units - 1; n <= units + 1; n++) {
        size_t length = strlen(before), got;
        memcpy(text, before, length);
        for (size_t i = 0; i < n; i++, length += strlen(unit))
            memcpy(text + length, unit, strlen(unit));
        memcpy(text + length, after, strlen(after));
        length += strlen(after);
        sbind_status s = try(text, length, &got);
        if (n <= units) {
            assert_status(s, SBIND_OK);
        } else {
            assert_status(s, wanted);
            assert_int_equal(got, offset);
        }
    }
}

static void every_limit(void **state)
{
    (void)state;
    check_limit("unix://", "x", 1017, "", SBIND_TEXT_TOO_LONG, 1024);
    check_limit("unix://@", "x", 1016, "", SBIND_TEXT_TOO_LONG, 1024);
    check_limit("tcp://", "x", 63, ":1", SBIND_HOST_TOO_LONG, 69);
    check_limit("tcp://a", ".b", 126, ":1", SBIND_HOST_TOO_LONG, 259);
    check_limit("tcp://a", ".b", 126, ".:1", SBIND_HOST_TOO_LONG, 259);
    check_limit("tcp://[::1%", "x", 15, "]:1", SBIND_BAD_ZONE, 26);
    check_limit("fd://", "x", 255, "", SBIND_BAD_FD_NAME, 260);
    check_limit("npipe://", "x", 247, "", SBIND_PIPE_NAME_TOO_LONG, 255);
    check_limit("npipe://", "\xE2\x82\xAC", 247, "", SBIND_PIPE_NAME_TOO_LONG,
                8 + 247 * 3);
    check_limit("npipe://x", "\xF0\x9F\x98\x80", 123, "",
                SBIND_PIPE_NAME_TOO_LONG, 9 + 123 * 4);
    check_limit("\\\\.\\pipe\\", "x", 247, "", SBIND_PIPE_NAME_TOO_LONG, 256);
    check_limit("npipe:////srv/pipe/", "x", 245, "", SBIND_PIPE_NAME_TOO_LONG,
                264);
}

/* Compares with inet_pton of glibc, which reads the same addresses
 * independently. */
static void ipv6_as_glibc_reads_it(void **state)
{
    static const char octets[] = "0123456789abcdefABCDEF::::::::....";
    uint32_t random = 20260101;
    size_t accepted = 0;
    (void)state;
    for (int round = 0; round < 300000; round++) {
        char ip[48], text[80];
        unsigned char wanted[16];
        sbind_address a;
        size_t n = next_random(&random) % 40;
        for (size_t i = 0; i < n; i++)
            ip[i] = octets[next_random(&random) % (sizeof octets - 1)];
        if (round % 2 == 0) /* something near an address */
            n = (size_t)snprintf(
                ip, sizeof ip, "%x:%x::%x:%x", next_random(&random) & 0x1FFFF,
                next_random(&random) & 0xFFFF, next_random(&random) & 0xFFF,
                next_random(&random) & 0xF);
        ip[n] = '\0';
        bool ok = inet_pton(AF_INET6, ip, wanted) == 1;
        int length = snprintf(text, sizeof text, "tcp://[%s]:1", ip);
        sbind_status s = sbind_parse(text, (size_t)length, &a, NULL);
        if ((s == SBIND_OK) != ok)
            fail_msg("%s: %s", ip, sbind_status_name(s));
        if (ok)
            assert_memory_equal(a.ip, wanted, 16);
        accepted += ok;
    }
    assert_true(accepted > 1000);
}

/* The length of the viable prefix of a path, found octet by octet (the rule
 * path-octet). */
static size_t path_octets(const char *text, size_t length)
{
    size_t n = 0;
    while (n < length && (unsigned char)text[n] >= 0x20 && text[n] != 0x7F)
        n++;
    return n;
}

static void check_path(const char *text, size_t length, size_t scheme)
{
    size_t offset, n = scheme + path_octets(text + scheme, length - scheme);
    bool whole = n == length && (scheme == 8 || text[length - 1] != '/');
    assert_int_equal(try(text, length, &offset) == SBIND_OK, whole);
    assert_int_equal(offset, n);
}

/* The library reads paths many octets at a time, and fewer near the end. So the
 * test puts every octet at every place, for every length that makes a
 * difference, with and without another octet before the end that is not
 * allowed. */
static void every_octet_at_every_place_of_a_path(void **state)
{
    static const char *const schemes[] = {"unix://", "unix://@"};
    char text[8 + 80];
    (void)state;
    for (size_t s = 0; s < 2; s++)
        for (size_t n = 1; n <= 80; n++)
            for (size_t at = s == 0; at < n; at++)
                for (int octet = 0; octet < 256; octet++) {
                    size_t scheme = strlen(schemes[s]);
                    memset(text, 'x', sizeof text);
                    memcpy(text, schemes[s], scheme);
                    text[scheme + at] = (char)octet;
                    check_path(text, scheme + n, scheme);
                    text[scheme + n - 1] = octet % 2 == 0 ? '\n' : '/';
                    check_path(text, scheme + n, scheme);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_written_that_should_not_be),
        cmocka_unit_test(every_octet_in_every_part),
        cmocka_unit_test(every_octet_at_every_place_of_a_path),
        cmocka_unit_test(every_port),
        cmocka_unit_test(every_octet_after_every_beginning),
        cmocka_unit_test(every_dec_octet),
        cmocka_unit_test(every_limit),
        cmocka_unit_test(ipv6_as_glibc_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
