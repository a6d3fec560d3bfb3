/* format_test.c - can every valid value be printed and read back, and is every
 * other value refused?
 *
 * Promises: P19 */
#include <arpa/inet.h>

#include "../../fuzz/print_ipv6.h"
#include "support.h"

static const char *const addresses[] = {
    "tcp://",
    "tcp://127.0.0.1:80",
    "tcp://[::1]:0",
    "tcp://[fe80::1%eth0]:65535",
    "tcp://localhost:80",
    "tcp://a.b.:1",
    "tcp://*:80",
    "unix:///run/app.sock",
    "unix://x",
    "unix://@app",
    "fd://",
    "fd://*",
    "fd://0",
    "fd://2147483647",
    "fd://web server",
    "npipe://x",
    "npipe:////srv/pipe/a/b",
    "npipe:////./pipe/a/b",
    "tcp://[::ffff:1.2.3.4]:1",
    "tcp://[1:0:3:4:5:6:7:8]:1",
    "tcp://[::1]:1", /* these three differ from others only in the port */
    "tcp://localhost:81",
    "tcp://*:81",
};

enum { COUNT = sizeof addresses / sizeof *addresses };

static void check_round_trip(const sbind_address *a)
{
    char text[SBIND_FORMAT_MAX];
    size_t length;
    sbind_address again;
    assert_true(sbind_valid(a));
    assert_status(sbind_format(a, text, sizeof text, &length), SBIND_OK);
    assert_int_equal(strlen(text), length);
    assert_status(sbind_parse(text, length, &again, NULL), SBIND_OK);
    assert_true(sbind_equal(a, &again));
    assert_true(sbind_equal(&again, a));
}

static void canonical_texts_are_fixed_points(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        sbind_address a = parsed(addresses[i]);
        char text[SBIND_FORMAT_MAX];
        size_t length;
        check_round_trip(&a);
        sbind_format(&a, text, sizeof text, &length);
        assert_string_equal(text, addresses[i]);
    }
}

static void different_addresses_differ(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            sbind_address a = parsed(addresses[i]), b = parsed(addresses[j]);
            assert_int_equal(sbind_equal(&a, &b), i == j);
        }
    }
}

static void unused_members_do_not_count(void **state)
{
    sbind_address a = parsed("unix:///x"), b = a;
    (void)state;
    b.port = 7;
    b.ip[3] = 1;
    memset(b.host, 'x', sizeof b.host);
    assert_true(sbind_equal(&a, &b));
    assert_true(sbind_valid(&b));
}

static void every_capacity(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        sbind_address a = parsed(addresses[i]);
        size_t needed = strlen(addresses[i]) + 1;
        for (size_t cap = 0; cap <= needed; cap++) {
            char text[64];
            size_t length = 12345;
            memset(text, '#', sizeof text);
            sbind_status s = sbind_format(&a, text, cap, &length);
            for (size_t k = cap; k < sizeof text; k++)
                assert_int_equal(text[k], '#');
            if (cap == needed) {
                assert_status(s, SBIND_OK);
            } else {
                assert_status(s, SBIND_BUFFER_TOO_SMALL);
                assert_int_equal(length, 12345);
                assert_true(cap == 0 || text[0] == '#');
            }
        }
    }
}

static void refuse(sbind_address a, const char *why)
{
    char text[SBIND_FORMAT_MAX];
    size_t length;
    if (sbind_valid(&a))
        fail_msg("valid: %s", why);
    assert_status(sbind_format(&a, text, sizeof text, &length),
                  SBIND_INVALID_ADDRESS);
}

static sbind_address with_name(const char *text, const char *name)
{
    sbind_address a = parsed(text);
    memset(a.name, 0, sizeof a.name);
    memcpy(a.name, name, strlen(name));
    a.name_length = (uint16_t)strlen(name);
    return a;
}

static sbind_address with_host(const char *text, const char *host)
{
    sbind_address a = parsed(text);
    memset(a.host, 0, sizeof a.host);
    memcpy(a.host, host, strlen(host));
    a.host_length = (uint8_t)strlen(host);
    return a;
}

static void values_that_no_text_has(void **state)
{
    static const char *const hosts[] = {"A",   "a:80",  "127.0.0.1", "*",
                                        "",    "1.2",   "0x1",       "-a",
                                        "a b", "[::1]", "a..b",      "a/b"};
    static const char *const paths[] = {"", "@x", "x/", "/", "a\nb", "a\x7F"};
    static const char *const names[] = {"",    "3",  "03", "*",    "+a",
                                        "a:b", "a ", " a", "a\x80"};
    static const char *const pipes[] = {
        "", ".", "..", "a/b", "a\\", "\\a", "a\\..\\b", "\xC3", "a\x01"};
    sbind_address a = parsed("tcp://h:80");
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        refuse(with_host("tcp://h:80", hosts[i]), hosts[i]);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        refuse(with_name("unix:///x", paths[i]), paths[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        refuse(with_name("fd://web", names[i]), names[i]);
    for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++)
        refuse(with_name("npipe://x", pipes[i]), pipes[i]);
    refuse(with_host("npipe://x", "SRV"), "SRV");
    a = parsed("fd://3");
    a.fd = -1;
    refuse(a, "descriptor -1");
    a = parsed("tcp://[fe80::1%eth0]:80");
    memcpy(a.zone, "25eth", 6);
    a.zone_length = 5;
    refuse(a, "zone 25eth");
}

static void numbers_that_are_no_kind(void **state)
{
    sbind_address a = parsed("tcp://h:80");
    (void)state;
    for (int kind = -300; kind < 300; kind++) {
        if (kind >= SBIND_TCP_DEFAULT && kind <= SBIND_NPIPE)
            continue;
        a.kind = (sbind_kind)kind;
        refuse(a, "no kind");
        assert_null(sbind_scheme(a.kind));
    }
}

static void lengths_and_ends_are_checked(void **state)
{
    sbind_address a = parsed("unix:///x");
    (void)state;
    a.name[a.name_length] = 'y';
    refuse(a, "no NUL");
    a = parsed("unix:///x");
    memset(a.name, 'x', sizeof a.name);
    a.name_length = UINT16_MAX;
    refuse(a, "a length past the member");
    a = parsed("tcp://h:80");
    memset(a.host, 'h', sizeof a.host);
    a.host_length = UINT8_MAX;
    refuse(a, "a host past the member");
    a = parsed("tcp://[fe80::1%eth0]:80");
    memset(a.zone, 'z', sizeof a.zone);
    a.zone_length = UINT8_MAX;
    refuse(a, "a zone past the member");
}

/* Values of random content never cause a crash, and a valid value can be read back. */
static void arbitrary_values(void **state)
{
    uint32_t random = 7;
    size_t valid = 0;
    (void)state;
    for (int round = 0; round < 50000; round++) {
        const char *text = addresses[next_random(&random) % COUNT];
        sbind_address a;
        unsigned char *octets = memset(&a, 0x5A, sizeof a);
        uint32_t changes = next_random(&random) % 4;
        assert_status(sbind_parse(text, strlen(text), &a, NULL), SBIND_OK);
        for (uint32_t i = 0; i < changes; i++)
            octets[next_random(&random) % sizeof a] =
                (unsigned char)next_random(&random);
        a.kind = (sbind_kind)(next_random(&random) % 14);
        if (sbind_valid(&a)) {
            check_round_trip(&a);
            valid++;
        }
    }
    assert_true(valid > 1000);
}

/* RFC 5952 section 4 and 5, and SPEC.md 3.1.4. */
static void ipv6_as_rfc_5952_wants_it(void **state)
{
    static const char *const examples[][2] = {
        {"2001:0db8::0001", "2001:db8::1"},
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
        {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:DB8::ABCD", "2001:db8::abcd"},
        {"::", "::"},
        {"1::", "1::"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"0:0:0:0:0:ffff:c000:221", "::ffff:192.0.2.33"},
        {"::1.2.3.4", "::102:304"},
        {"64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        uint8_t ip[16];
        char text[SBIND_IPV6_TEXT_MAX];
        assert_int_equal(inet_pton(AF_INET6, examples[i][0], ip), 1);
        assert_int_equal(sbind_format_ipv6(ip, text), strlen(examples[i][1]));
        assert_string_equal(text, examples[i][1]);
    }
}

/* glibc prints like RFC 5952, except addresses like ::1.2.3.4, whose first 96
 * bits are zero. */
static void ipv6_as_glibc_prints_it(void **state)
{
    uint32_t random = 99;
    (void)state;
    for (int round = 0; round < 100000; round++) {
        uint8_t ip[16];
        char text[SBIND_IPV6_TEXT_MAX], wanted[INET6_ADDRSTRLEN];
        for (size_t i = 0; i < 16; i += 2) {
            uint32_t r = next_random(&random);
            ip[i] = r & 1 ? 0 : (uint8_t)(r >> 8);
            ip[i + 1] = r & 6 ? 0 : (uint8_t)(r >> 16);
        }
        ip[round % 12] |= 1;
        print_ipv6(ip, wanted);
        sbind_format_ipv6(ip, text);
        if (strchr(wanted, '.') == NULL || strncmp(wanted, "::ffff:", 7) == 0)
            assert_string_equal(text, wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_texts_are_fixed_points),
        cmocka_unit_test(different_addresses_differ),
        cmocka_unit_test(unused_members_do_not_count),
        cmocka_unit_test(every_capacity),
        cmocka_unit_test(values_that_no_text_has),
        cmocka_unit_test(numbers_that_are_no_kind),
        cmocka_unit_test(lengths_and_ends_are_checked),
        cmocka_unit_test(arbitrary_values),
        cmocka_unit_test(ipv6_as_rfc_5952_wants_it),
        cmocka_unit_test(ipv6_as_glibc_prints_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
