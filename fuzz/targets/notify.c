/* notify.c - asserts that sbind_notify_address and sbind_notify_check accept
 * any text, or refuse it at the offset that a naive reading of SPEC.md 8 finds.
 * Asserts that an address means the same as "unix://" and the text.
 *
 * Input: an octet, which is the number of descriptors, and the text. */
#include <sbind/notify.h>

#include "../fuzz.h"

/* ---- The naive reading ----------------------------------------------------- */

static bool is_text(uint8_t octet) { return octet >= 0x20 && octet != 0x7F; }

/* How many octets at the beginning of the text could begin an address. *ret_whole
 * says whether the whole text is an address. */
static size_t address_length(const uint8_t *text, size_t size, bool *ret_whole)
{
    size_t n = 0;
    *ret_whole = false;
    if (size == 0 || strchr("/@", text[0]) == NULL || text[0] == '\0')
        return 0;
    while (n < size && n < 107 && is_text(text[n]))
        n++;
    *ret_whole =
        n == size && n > 1 && (text[0] == '@' || text[size - 1] != '/');
    return n;
}

/* Does the same for the text of a state, which it reads line by line. */
static size_t state_length(const uint8_t *text, size_t size, bool *ret_whole)
{
    enum { BEGIN, NAME, VALUE } place = BEGIN;
    size_t n = 0;
    for (; n < size && n < 4096; n++) {
        uint8_t c = text[n];
        bool is_letter = c == '_' || (c >= 'A' && c <= 'Z');
        if (place == VALUE && c == '\n')
            place = BEGIN;
        else if (place == VALUE && !is_text(c))
            break;
        else if (place == BEGIN && is_letter)
            place = NAME;
        else if (place == NAME && c == '=')
            place = VALUE;
        else if (place == BEGIN ||
                 (place == NAME && !is_letter && (c < '0' || c > '9')))
            break;
    }
    *ret_whole = n == size && n > 0 && place != NAME;
    return n;
}

/* Whether the state has this line. */
static bool has_line(const char *state, size_t size, const char *line)
{
    size_t n = strlen(line);
    for (size_t at = 0; at + n <= size; at++)
        if (memcmp(state + at, line, n) == 0 &&
            (at == 0 || state[at - 1] == '\n') &&
            (at + n == size || state[at + n] == '\n'))
            return true;
    return false;
}

/* ---- What is asserted ------------------------------------------------------ */

static void check_same(const char *text, size_t size, const sbind_address *a)
{
    char *whole = malloc(size + 7);
    sbind_address expected;
    if (whole == NULL)
        abort();
    memcpy(whole, "unix://", 7);
    memcpy(whole + 7, text, size);
    memset(&expected, 0, sizeof expected);
    CHECK(sbind_parse(whole, size + 7, &expected, NULL) == SBIND_OK);
    CHECK(memcmp(&expected, a, sizeof expected) == 0);
    free(whole);
}

static void check_address(const char *text, size_t size)
{
    bool whole;
    size_t n = address_length((const uint8_t *)text, size, &whole);
    sbind_address a, before;
    sbind_error e;
    memset(&a, 0xA5, sizeof a);
    before = a;
    sbind_status status = sbind_notify_address(text, size, &a, &e);
    CHECK(status == (whole ? SBIND_OK : SBIND_BAD_NOTIFY_SOCKET));
    CHECK(sbind_notify_address(text, size, &before, NULL) == status);
    if (whole) {
        check_same(text, size, &a);
        return;
    }
    CHECK(e.status == status && e.offset == n);
    CHECK(strcmp(e.variable, "NOTIFY_SOCKET") == 0);
    CHECK(fuzz_is_all(&a, sizeof a, 0xA5));
}

static void check_state(const char *text, size_t size, size_t count)
{
    bool whole, takes = has_line(text, size, "FDSTORE=1") ||
                        has_line(text, size, "BARRIER=1");
    size_t n = state_length((const uint8_t *)text, size, &whole);
    sbind_error e;
    sbind_status expected = SBIND_BAD_NOTIFY_STATE;
    if (whole && count > 253)
        expected = SBIND_TOO_MANY_PASSED;
    else if (whole && (count == 0 || takes))
        expected = SBIND_OK;
    memset(&e, 0xA5, sizeof e);
    CHECK(sbind_notify_check(text, size, count, &e) == expected);
    CHECK(sbind_notify_check(text, size, count, NULL) == expected);
    if (expected == SBIND_OK) {
        CHECK(fuzz_is_all(&e, sizeof e, 0xA5));
        return;
    }
    CHECK(e.status == expected && e.variable == NULL);
    CHECK(e.offset == (whole ? SBIND_NO_OFFSET : n));
    CHECK((e.hint != NULL) == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input left = {data, size};
    size_t count = fuzz_octet(&left);
    const char *text = fuzz_copy(left.at, left.left);
    check_address(text, left.left);
    check_state(text, left.left, count);
    fuzz_free(text);
    return 0;
}
