/* parse.c - asserts of sbind_parse, sbind_format, sbind_valid, sbind_equal and
 * sbind_report that any octets are either refused at a place within them, or
 * have a value whose canonical spelling means the same and is a fixed point. */
#include <stdlib.h>
#include <string.h>

#include <sbind/parse.h>

#include "fuzz.h"

static void check_refusal(const char *text, size_t size, const sbind_error *e)
{
    char report[SBIND_REPORT_MAX];
    size_t length;
    CHECK(e->status >= 101 && e->status <= 119);
    CHECK(e->offset <= size && e->offset <= SBIND_TEXT_MAX);
    CHECK(sbind_report(e, text, size, report, sizeof report, &length) ==
          SBIND_OK);
    CHECK(report[length] == '\0' && report[length - 1] == '\n');
}

static void check_value(const sbind_address *a)
{
    sbind_address again;
    char text[SBIND_FORMAT_MAX], other[SBIND_FORMAT_MAX];
    size_t length, other_length;
    CHECK(sbind_valid(a));
    CHECK(sbind_format(a, text, sizeof text, &length) == SBIND_OK);
    CHECK(sbind_parse(text, length, &again, NULL) == SBIND_OK);
    CHECK(sbind_equal(a, &again) && memcmp(a, &again, sizeof again) == 0);
    CHECK(sbind_format(&again, other, sizeof other, &other_length) == SBIND_OK);
    CHECK(length == other_length && memcmp(text, other, length) == 0);
    for (size_t cap = 0; cap <= length; cap += length / 3 + 1)
        CHECK(sbind_format(a, other, cap, &other_length) ==
              SBIND_BUFFER_TOO_SMALL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    sbind_address address;
    sbind_error error;
    if (sbind_parse(text, size, &address, &error) == SBIND_OK)
        check_value(&address);
    else
        check_refusal(text, size, &error);
    free(text);
    return 0;
}
