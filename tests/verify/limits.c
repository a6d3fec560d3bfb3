/* limits.c - src/parse/limits.c over any viable prefix of at most ROOM octets */
#include "../../src/parse/limits.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];

int main(void)
{
    sbind_status status = SBIND_OK;
    size_t viable, past;
    Frama_C_make_unknown((char *)room, ROOM);
    viable = (size_t)Frama_C_interval(0, ROOM);
    past = sbind__check_limits(room, viable, &status);
    //@ check past <= ROOM;
    return 0;
}
