/* roundtrip.c - asserts that the canonical spelling of any address means the same
 * address, and that its own canonical spelling is the same text. sbind_format writes
 * IP addresses like inet_ntop does. A buffer of any capacity gets the whole text or
 * nothing. */
#include <arpa/inet.h>

#include <sbind/parse.h>

#include "../fuzz.h"
#include "../print_ipv6.h"

enum { GUARD = 16, UNTOUCHED = 0x5A };

/* Tries one capacity, in a block of this size and in a block with guards around it. */
static void check_capacity(const sbind_address *a, const char *canonical,
                           size_t length, size_t cap)
{
    static char room[GUARD + SBIND_FORMAT_MAX + GUARD];
    char *buf = room + GUARD, *exact = malloc(cap > 0 ? cap : 1);
    size_t n = SIZE_MAX, touched = cap > length ? length + 1 : 0;
    sbind_status status;
    CHECK(exact != NULL);
    memset(room, UNTOUCHED, GUARD + cap + GUARD);
    status = sbind_format(a, buf, cap, &n);
    CHECK(sbind_format(a, exact, cap, &n) == status);
    CHECK(status == (cap > length ? SBIND_OK : SBIND_BUFFER_TOO_SMALL));
    CHECK(n == (cap > length ? length : SIZE_MAX));
    CHECK(fuzz_is_all(room, GUARD, UNTOUCHED));
    CHECK(fuzz_is_all(buf + touched, cap + GUARD - touched, UNTOUCHED));
    if (touched > 0)
        CHECK(memcmp(buf, canonical, length) == 0 && buf[length] == '\0' &&
              memcmp(exact, buf, touched) == 0);
    free(exact);
}

/* Tries every capacity for a text of up to 128 octets. For a longer text it
 * tries 128 capacities, which the last octet of the text chooses. */
static void check_capacities(const sbind_address *a, const char *canonical,
                             size_t length)
{
    size_t step = (length + 127) / 128;
    size_t first = (unsigned char)canonical[length - 1] % step;
    for (size_t cap = first; cap < length; cap += step)
        check_capacity(a, canonical, length, cap);
    check_capacity(a, canonical, length, length);
    check_capacity(a, canonical, length, length + 1);
    check_capacity(a, canonical, length, SBIND_FORMAT_MAX);
}

static void check_fixed_point(const sbind_address *a, const char *canonical,
                              size_t length)
{
    char *text = fuzz_copy(canonical, length), other[SBIND_FORMAT_MAX];
    sbind_address again;
    size_t other_length;
    memset(&again, UNTOUCHED, sizeof again);
    CHECK(sbind_parse(text, length, &again, NULL) == SBIND_OK);
    CHECK(sbind_equal(a, &again) && sbind_equal(&again, a));
    CHECK(memcmp(a, &again, sizeof again) == 0);
    CHECK(sbind_format(&again, other, sizeof other, &other_length) == SBIND_OK);
    CHECK(length == other_length && memcmp(text, other, length) == 0);
    free(text);
}

/* inet_ntop writes ::/96 in mixed notation, which RFC 5952 leaves open. */
static void check_literal(const sbind_address *a)
{
    static const uint8_t zeros[12] = {0};
    char one[SBIND_IPV6_TEXT_MAX], two[SBIND_IPV6_TEXT_MAX];
    if (a->kind == SBIND_TCP_IPV4) {
        CHECK(sbind_format_ipv4(a->ip, one) == strlen(one));
        CHECK(inet_ntop(AF_INET, a->ip, two, sizeof two) != NULL);
        CHECK(strcmp(one, two) == 0);
    }
    if (a->kind == SBIND_TCP_IPV6 && memcmp(a->ip, zeros, sizeof zeros) != 0) {
        CHECK(sbind_format_ipv6(a->ip, one) == strlen(one));
        CHECK(print_ipv6(a->ip, two) != NULL);
        CHECK(strcmp(one, two) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    char canonical[SBIND_FORMAT_MAX];
    sbind_address address;
    size_t length;
    memset(&address, UNTOUCHED, sizeof address);
    if (sbind_parse(text, size, &address, NULL) == SBIND_OK) {
        CHECK(sbind_format(&address, canonical, sizeof canonical, &length) ==
              SBIND_OK);
        CHECK(length <= SBIND_TEXT_MAX && strlen(canonical) == length);
        check_fixed_point(&address, canonical, length);
        check_literal(&address);
        check_capacities(&address, canonical, length);
    }
    free(text);
    return 0;
}
