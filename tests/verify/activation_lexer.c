/* activation_lexer.c - the four automata of src/activation/lexer.c, for any value of
 * at most ROOM octets. The value ends where the array ends, so that a read past the
 * end is an alarm.
 */
#include "../../src/activation/lexer.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];

static void match(sbind__variable variable, const unsigned char *value)
{
    const unsigned char *limit = room + ROOM, *last = limit;
    switch (variable) {
    case SBIND__LISTEN_PID:
        match_pid(value, limit, &last);
        break;
    case SBIND__LISTEN_PIDFDID:
        match_pidfdid(value, limit, &last);
        break;
    case SBIND__LISTEN_FDS:
        match_fds(value, limit, &last);
        break;
    case SBIND__LISTEN_FDNAMES:
        match_fdnames(value, limit, &last);
        break;
    }
    //@ check 0 <= last - (const unsigned char *)room <= ROOM;
}

int main(void)
{
    const unsigned char *value;
    Frama_C_make_unknown((char *)room, ROOM);
    value = room + Frama_C_interval(0, ROOM);
    match(SBIND__LISTEN_PID, value);
    match(SBIND__LISTEN_PIDFDID, value);
    match(SBIND__LISTEN_FDS, value);
    match(SBIND__LISTEN_FDNAMES, value);
    return 0;
}
