/* lexer.c - match() of src/parse/lexer.c over any text of at most ROOM octets
 *
 * The text begins anywhere and ends where the object does, so that each octet
 * read past the end is an alarm.
 */
#include "../../src/parse/lexer.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];

int main(void)
{
    const unsigned char *limit = room + ROOM, *text, *last = limit;
    sbind__rule rule;
    Frama_C_make_unknown((char *)room, ROOM);
    text = room + Frama_C_interval(0, ROOM);
    rule = match(text, limit, &last);
    //@ check SBIND__NO_RULE <= rule <= SBIND__NPIPE_UNC;
    //@ check 0 <= last - (const unsigned char *)room <= ROOM;
    return 0;
}
