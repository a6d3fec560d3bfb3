/* format.c - sbind_format, sbind_valid and sbind_equal, for values of any content
 * and buffers of each capacity. The buffer ends where the array ends, so that a write
 * past its end is an alarm.
 *
 * EVA does not read the code of sbind__put, but relies on its contract, which WP
 * proves.
 */
#include "contracts.h"
#include "../../src/parse/family.c"
#include "../../src/parse/format.c"
#include "../../src/parse/inet.c"
#include "../../src/status/writer.c"
#include "__fc_builtin.h"

static sbind_address address, other;
static char room[ROOM];

/* Takes the place of the parser, and returns any answer that a parser could
 * give. Only one thing is certain: a text that is too long is refused. */
sbind_status sbind_parse(const char *text, size_t len, sbind_address *ret,
                         sbind_error *reterr)
{
    (void)reterr;
    //@ check \valid_read(text + (0 .. len - 1));
    if (len > SBIND_TEXT_MAX || Frama_C_interval(0, 1))
        return SBIND_TEXT_TOO_LONG;
    Frama_C_make_unknown((char *)ret, sizeof *ret);
    return SBIND_OK;
}

static void format(char *buf, size_t cap)
{
    size_t n = 0;
    if (sbind_format(&address, buf, cap, &n) == SBIND_OK) {
        //@ check n < SBIND_FORMAT_MAX;
        //@ check n < cap;
    }
}

int main(void)
{
    //@ widen_hints global:"all", DRAFT_MAX;
    Frama_C_make_unknown((char *)&address, sizeof address);
    Frama_C_make_unknown((char *)&other, sizeof other);
    sbind_valid(&address);
    sbind_equal(&address, &other);
    //@ loop unroll ROOM + 1;
    for (size_t cap = 0; cap <= ROOM; cap++)
        format(room + ROOM - cap, cap);
    return 0;
}
