/* numeric_test.c - does numeric.c give the same answers as the lexer, and the same
 * values as inet_pton?
 *
 * numeric.c judges each number of a text by the octets of this number alone. So
 * it is enough to change one number of an address at a time. The test replaces
 * this number by all short texts made of a few octets: the ends of the ranges
 * in a rule, octets next to them, and delimiters. With SBIND_TEST_QUICK the
 * test takes fewer octets. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <sys/mman.h>

#include "support.h"

#include "../../src/parse/inet.h"
#include "../../src/parse/lexer.h"
#include "../../src/parse/numeric.h"

static char *page_end;           /* no octet after this place can be read */
static size_t accepted, refused; /* without texts that are left to the lexer */

static int map_pages(void **state)
{
    char *pages = mmap(NULL, 65536 * 2, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)state;
    page_end = pages + 65536;
    return pages == MAP_FAILED ? -1 : mprotect(page_end, 65536, PROT_NONE);
}

/* The readers of inet.c, which read a text that the lexer has accepted, give the same
 * value. */
static void check_other_readers(const char *text, const sbind_address *a)
{
    const unsigned char *at = (const unsigned char *)text + 6;
    uint8_t ip[16] = {0};
    if (a->kind == SBIND_TCP_IPV4)
        at = sbind__read_ipv4(at, at + strlen(text + 6), ip);
    else
        at = sbind__read_ipv6(at + 1, at + strlen(text + 6), ip);
    assert_memory_equal(a->ip, ip, 16);
    assert_true(*at == ':' || *at == '%' || *at == ']');
}

static void check_value(const char *text, size_t n, const sbind_address *a)
{
    char host[64] = "", zone[32] = "", plain[96];
    unsigned port;
    uint8_t ip[16] = {0};
    snprintf(plain, sizeof plain, "%.*s", (int)n, text);
    if (a->kind == SBIND_TCP_IPV6) {
        size_t part = strcspn(plain + 7, "%]");
        memcpy(host, plain + 7, part);
        if (plain[7 + part] == '%')
            assert_int_equal(sscanf(plain + 8 + part, "%31[^]]", zone), 1);
        assert_int_equal(inet_pton(AF_INET6, host, ip), 1);
    } else {
        assert_int_equal(a->kind, SBIND_TCP_IPV4);
        assert_int_equal(sscanf(plain, "tcp://%63[^:]", host), 1);
        assert_int_equal(inet_pton(AF_INET, host, ip), 1);
    }
    assert_int_equal(sscanf(strrchr(plain, ':'), ":%u", &port), 1);
    assert_memory_equal(a->ip, ip, 16);
    check_other_readers(plain, a);
    assert_int_equal(a->port, port);
    assert_string_equal(a->zone, zone);
    assert_int_equal(a->zone_length, strlen(zone));
    assert_int_equal(a->fd + a->host_length + a->name_length, 0);
    assert_int_equal(a->host[0] + a->name[0], 0);
}

static void check(const char *octets, size_t n)
{
    const unsigned char *text = memcpy(page_end - n, octets, n);
    sbind__lexed expected = sbind__lex_address(text, n), found;
    static sbind_address a;
    if (!sbind__may_be_numeric(text, n))
        return;
    found = sbind__read_numeric(text, n, &a);
    if (found.viable == 0)
        return;
    if (found.rule != expected.rule || found.viable != expected.viable)
        fail_msg("%.*s: rule %d at %zu is not rule %d at %zu", (int)n, octets,
                 found.rule, found.viable, expected.rule, expected.viable);
    if (found.rule == SBIND__NO_RULE) {
        refused++;
        return;
    }
    accepted++;
    check_value(octets, n, &a);
}

/* Checks each text that consists of "before", "length" octets of the set, and
 * "after". */
static void check_all(const char *before, const char *set, size_t length,
                      const char *after)
{
    size_t begin = strlen(before), end = strlen(after), of = strlen(set);
    size_t count = 1;
    char text[128];
    memcpy(text, before, begin);
    memcpy(text + begin + length, after, end);
    for (size_t i = 0; i < length; i++)
        count *= of;
    for (size_t number = 0; number < count; number++) {
        size_t rest = number;
        for (size_t i = 0; i < length; i++, rest /= of)
            text[begin + i] = set[rest % of];
        check(text, begin + length + end);
    }
}

/* Does the same for every length from 0 to "most". */
static void check_up_to(const char *before, const char *set, size_t most,
                        const char *after)
{
    for (size_t length = 0; length <= most; length++)
        check_all(before, set, length, after);
}

static bool quick(void) { return getenv("SBIND_TEST_QUICK") != NULL; }

static void every_octet_of_ipv4(void **state)
{
    static const char *const around[][2] = {
        {"tcp://", ".2.3.4:5"},           {"tcp://1.", ".3.4:5"},
        {"tcp://1.2.", ".4:5"},           {"tcp://1.2.3.", ":5"},
        {"tcp://255.255.255.", ":65535"}, {"tcp://[::", ".2.3.4]:5"},
        {"tcp://1", "2.3.4:5"},           {"tcp://1.2", "3.4:5"},
        {"tcp://1.2.3", "4:5"},           {"tcp://1.2.3.4", "5"},
        {"tcp://[::1.2.3.", "]:5"},       {"tcp://[1:2:3:4:5:6:", ".2.3.4]:5"},
        {"tcp://100.200.255.", ""},       {"tcp://[::100.200.255.", ""}};
    (void)state;
    accepted = 0;
    for (size_t i = 0; i < sizeof around / sizeof *around; i++)
        check_up_to(around[i][0], "0124569.:/x]\xB0", quick() ? 3 : 4,
                    around[i][1]);
    assert_true(accepted > 300);
}

static void every_octet_of_a_group(void **state)
{
    static const char *const around[][2] = {
        {"tcp://[", ":2:3:4:5:6:7:8]:9"}, {"tcp://[1:2:3:", ":5:6:7:8]:9"},
        {"tcp://[1:2:3:4:5:6:7:", "]:9"}, {"tcp://[::", ":3]:9"},
        {"tcp://[1:2", "3::4]:9"},        {"tcp://[1::2", "3]:9"},
        {"tcp://[1::", "]:90"},           {"tcp://[", "::]:90"},
        {"tcp://[1:2:3:4:5:6:", ":7]:9"}, {"tcp://[ffff::", "%e]:9"}};
    (void)state;
    accepted = 0;
    for (size_t i = 0; i < sizeof around / sizeof *around; i++)
        check_up_to(around[i][0], "09afAF:gG/@`.]%", quick() ? 3 : 4,
                    around[i][1]);
    assert_true(accepted > 1000);
}

static void every_port(void **state)
{
    static const char *const hosts[] = {"tcp://1.2.3.4", "tcp://[::1:2]",
                                        "tcp://[fe80::1:2%eth0]"};
    char text[64];
    (void)state;
    accepted = refused = 0;
    for (size_t i = 0; i < 3; i++) {
        check_up_to(hosts[i], "014569:/ ", quick() ? 5 : 6, "");
        for (int port = 0; port <= 70000; port += quick() ? 97 : 1)
            check(text,
                  (size_t)snprintf(text, sizeof text, "%s:%d", hosts[i], port));
    }
    assert_true(accepted > 2000);
    assert_true(refused > 2000);
}

static void every_zone(void **state)
{
    char text[64];
    (void)state;
    accepted = 0;
    check_up_to("tcp://[fe80::1:2%", "2535a-~!]", 5, "]:80");
    for (int length = 0; length < 20; length++)
        for (int place = 0; place < length; place++)
            for (int octet = 0; octet < 256; octet++) {
                int n =
                    snprintf(text, sizeof text, "tcp://[fe80::1:2%%%.*s]:80",
                             length, "abcdefghijklmnopqrstuvwxyz");
                text[17 + place] = (char)octet;
                check(text, (size_t)n);
            }
    assert_true(accepted > 5000);
}

static void every_octet_after_every_beginning(void **state)
{
    static const char *const full[] = {
        "tcp://255.255.255.255:65535", "tcp://[::255.255.255.255]:65535",
        "tcp://[1:2:3:4:5:6:255.255.255.255%zone]:65535"};
    char text[64] = "";
    (void)state;
    check(text, 0);
    for (size_t i = 0; i < sizeof full / sizeof *full; i++)
        for (size_t n = 0; n <= strlen(full[i]); n++)
            for (int octet = 0; octet < 256; octet++) {
                memcpy(text, full[i], n);
                text[n] = (char)octet;
                check(text, n + 1);
            }
}

/* Makes hosts in brackets from random parts in random order. */
static void random_parts(void **state)
{
    static const char *const parts[] = {"1",  "ab12",  "0",       "::", ":",
                                        ":",  ":",     "1.2.3.4", "%e", ".",
                                        "]:", "00001", "]",       "f"};
    unsigned seed = 1;
    (void)state;
    accepted = 0;
    for (int round = quick() ? 100000 : 1000000; round > 0; round--) {
        char text[256] = "tcp://[";
        for (size_t i = 0; i < 4 + (seed >> 28); i++) {
            seed = seed * 1664525U + 1013904223U;
            strcat(text, parts[(seed >> 16) % (sizeof parts / sizeof *parts)]);
        }
        if (round % 2 == 0)
            strcat(text, "]:80");
        check(text, strlen(text));
    }
    assert_true(accepted > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_octet_of_ipv4),
        cmocka_unit_test(every_octet_of_a_group),
        cmocka_unit_test(every_port),
        cmocka_unit_test(every_zone),
        cmocka_unit_test(every_octet_after_every_beginning),
        cmocka_unit_test(random_parts),
    };
    limit_time();
    return cmocka_run_group_tests(tests, map_pages, NULL);
}
