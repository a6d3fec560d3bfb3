/* notify_lexer.c - the two automata of src/notify/lexer.c, for any text of at most
 * ROOM octets. The text ends where the array ends, so that a read past the end is an
 * alarm.
 */
#include "../../src/notify/lexer.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];

int main(void)
{
    const unsigned char *text, *limit = room + ROOM, *last;
    Frama_C_make_unknown((char *)room, ROOM);
    text = room + Frama_C_interval(0, ROOM);
    last = limit;
    match_socket(text, limit, &last);
    //@ check 0 <= last - (const unsigned char *)room <= ROOM;
    last = limit;
    match_state(text, limit, &last);
    //@ check 0 <= last - (const unsigned char *)room <= ROOM;
    return 0;
}
