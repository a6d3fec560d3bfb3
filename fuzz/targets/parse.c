/* parse.c - asserts that sbind_parse gives, for any octets, either a value
 * whose members are within their bounds, or an error at an offset within the
 * octets. If sbind_parse gives a value, it leaves the error untouched. If it
 * gives an error, it leaves the value untouched. The result does not depend on
 * what follows the octets. The octets before the offset are a viable prefix.
 * sbind_report reports every such error. */
#include <sbind/parse.h>

#include "../fuzz.h"

enum { UNTOUCHED = 0xA5, TAIL = 24 };

/* Whether the member has n octets without NUL, then a NUL, and then only the octet
 * "behind". */
static bool is_text(const char *member, size_t n, size_t room,
                    unsigned char behind)
{
    CHECK(n < room);
    return memchr(member, '\0', room) == member + n &&
           fuzz_is_all(member + n + 1, room - n - 1, behind);
}

/* The value was UNTOUCHED before. Only octets with a meaning may have been written. */
static void check_value(const sbind_address *a)
{
    CHECK(sbind_scheme(a->kind) != NULL);
    CHECK(a->fd >= 0);
    CHECK(is_text(a->zone, a->zone_length, sizeof a->zone, '\0'));
    CHECK(is_text(a->host, a->host_length, sizeof a->host, UNTOUCHED));
    CHECK(is_text(a->name, a->name_length, sizeof a->name, UNTOUCHED));
    CHECK(a->host_length <= SBIND_HOST_MAX + 1);
    CHECK(sbind_valid(a));
}

static void check_report(const sbind_error *e, const char *text, size_t size)
{
    static const char shown[] =
        "\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
        "abcdefghijklmnopqrstuvwxyz{|}~";
    char report[SBIND_REPORT_MAX];
    size_t length;
    CHECK(sbind_report(e, text, size, report, sizeof report, &length) ==
          SBIND_OK);
    CHECK(length < sizeof report && report[length] == '\0');
    CHECK(report[length - 1] == '\n');
    CHECK(strspn(report, shown) == length);
}

/* Some address begins with the octets before the offset. */
static void check_viable(const char *text, size_t offset)
{
    sbind_address address;
    sbind_error error;
    char *prefix = fuzz_copy(text, offset);
    if (sbind_parse(prefix, offset, &address, &error) != SBIND_OK)
        CHECK(error.offset == offset);
    free(prefix);
}

static void check_refusal(const char *text, size_t size, const sbind_error *e)
{
    CHECK(e->status >= 101 && e->status <= 119);
    CHECK(e->offset <= size && e->offset <= SBIND_TEXT_MAX);
    CHECK(e->variable == NULL && e->call == NULL && e->os_name == NULL);
    CHECK(e->os_error == 0 && e->fds[0] == -1 && e->fds[1] == -1);
    CHECK(e->attempt_count == 0);
    check_report(e, text, size);
    check_viable(text, e->offset);
}

/* The result is the same if other octets follow the text. */
static void check_independence(const char *text, size_t size, int tail,
                               const sbind_address *a, const sbind_error *e,
                               sbind_status expected)
{
    char *longer = malloc(size + TAIL);
    sbind_address address;
    sbind_error error;
    CHECK(longer != NULL);
    memset(&address, UNTOUCHED, sizeof address);
    memcpy(longer, text, size);
    memset(longer + size, tail, TAIL);
    CHECK(sbind_parse(longer, size, &address, &error) == expected);
    if (expected == SBIND_OK)
        CHECK(memcmp(&address, a, sizeof *a) == 0);
    else
        CHECK(error.offset == e->offset && error.hint == e->hint);
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int tails[] = {'\0', '0', ':', 0xFF};
    char *text = fuzz_copy(data, size);
    sbind_address address;
    sbind_error error;
    sbind_status status;
    memset(&address, UNTOUCHED, sizeof address);
    memset(&error, UNTOUCHED, sizeof error);
    status = sbind_parse(text, size, &address, &error);
    if (status == SBIND_OK) {
        CHECK(fuzz_is_all(&error, sizeof error, UNTOUCHED));
        check_value(&address);
    } else {
        CHECK(fuzz_is_all(&address, sizeof address, UNTOUCHED) &&
              error.status == status);
        check_refusal(text, size, &error);
    }
    check_independence(text, size, tails[size % 4], &address, &error, status);
    CHECK(sbind_parse(text, size, &address, NULL) == status);
    free(text);
    return 0;
}
