/* limits.c - src/parse/limits.c, for any viable prefix of at most ROOM octets. A
 * short prefix ends where the array ends, so that a read past the end is an alarm. This
 * shows that the code checks the length before it looks at the first octets.
 */
#include "../../src/parse/limits.c"
#include "__fc_builtin.h"

enum { SHORT = 16 };

static unsigned char room[ROOM];

static void check_one(const unsigned char *text, size_t viable, size_t most)
{
    sbind__limit limit = sbind__check_limits(text, viable);
    //@ check limit.past <= most;
}

int main(void)
{
    Frama_C_make_unknown((char *)room, ROOM);
    //@ loop unroll SHORT + 1;
    for (size_t viable = 0; viable <= SHORT; viable++)
        check_one(room + ROOM - viable, viable, viable);
    check_one(room, (size_t)Frama_C_interval(0, ROOM), ROOM);
    return 0;
}
