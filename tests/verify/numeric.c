/* numeric.c - src/parse/numeric.c, for any text of at most ROOM octets that begins
 * like an address with an IP address. The text ends where the array ends, so that a
 * read past the end is an alarm.
 */
#include "../../src/parse/numeric.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];

static void read_one(size_t len)
{
    const unsigned char *text = room + ROOM - len;
    sbind_address value = {0};
    if (sbind__may_be_numeric(text, len)) {
        sbind__lexed found = sbind__read_numeric(text, len, &value);
        //@ check 0 <= found.viable <= len;
        //@ check found.rule \in {SBIND__NO_RULE, SBIND__TCP_IPV4, SBIND__TCP_IPV6};
    }
    //@ check value.kind \in {0, SBIND_TCP_IPV4, SBIND_TCP_IPV6};
    //@ check value.zone_length <= SBIND_ZONE_MAX;
    //@ check value.zone[SBIND_ZONE_MAX] == 0;
}

int main(void)
{
    Frama_C_make_unknown((char *)room, ROOM);
    //@ loop unroll ROOM + 1;
    for (size_t len = 0; len <= ROOM; len++)
        read_one(len);
    return 0;
}
