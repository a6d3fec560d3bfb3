/* refuse.c - sbind__refuse, for any text of at most ROOM octets and any length of its
 * viable prefix. The text ends where the array ends, so that a read past the end is an
 * alarm. Also for a text that is too long, whatever limits.c says about it.
 */
#include "../../src/parse/refuse.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM], longer[SBIND_TEXT_MAX + 1];

sbind__limit sbind__find_limit(const unsigned char *text, size_t viable)
{
    (void)text;
    if (Frama_C_interval(0, 1))
        return (sbind__limit){SBIND_OK, viable};
    return (sbind__limit){SBIND_HOST_TOO_LONG,
                          (size_t)Frama_C_interval(0, (int)viable)};
}

static void refuse_one(size_t len, size_t viable)
{
    sbind_error error;
    sbind__refuse(room + ROOM - len, len, viable, &error);
    //@ check \initialized(&error.status);
    //@ check error.offset == viable;
}

static void refuse_longer(void)
{
    sbind_error error;
    sbind__refuse(longer, sizeof longer, SBIND_TEXT_MAX, &error);
    //@ check \initialized(&error.status);
    //@ check error.offset <= SBIND_TEXT_MAX;
}

int main(void)
{
    Frama_C_make_unknown((char *)longer, sizeof longer);
    refuse_longer();
    Frama_C_make_unknown((char *)room, ROOM);
    //@ loop unroll ROOM + 1;
    for (size_t len = 0; len <= ROOM; len++)
        //@ loop unroll ROOM + 1;
        for (size_t viable = 0; viable <= len; viable++)
            refuse_one(len, viable);
    return 0;
}
