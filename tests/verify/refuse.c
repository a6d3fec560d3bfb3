/* refuse.c - sbind__refuse, for any text of at most ROOM octets and any length of its
 * viable prefix. The text ends where the array ends, so that a read past the end is an
 * alarm.
 */
#include "../../src/parse/refuse.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];

static void refuse_one(size_t len, size_t viable)
{
    sbind_error error;
    sbind__refuse(room + ROOM - len, len, viable, &error);
    //@ check \initialized(&error.status);
    //@ check error.offset == viable;
}

int main(void)
{
    Frama_C_make_unknown((char *)room, ROOM);
    //@ loop unroll ROOM + 1;
    for (size_t len = 0; len <= ROOM; len++)
        //@ loop unroll ROOM + 1;
        for (size_t viable = 0; viable <= len; viable++)
            refuse_one(len, viable);
    return 0;
}
