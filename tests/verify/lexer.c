/* lexer.c - the automata of src/parse/lexer.c, for any text of at most ROOM octets.
 * The longest text ends where the array ends, so that a read past the end is an
 * alarm.
 */
#include "../../src/parse/lexer.c"
#include "__fc_builtin.h"

static unsigned char room[ROOM];

static void check_one(sbind__scheme scheme, size_t len)
{
    sbind__lexed found = match_behind(scheme, room, len, 0);
    //@ check SBIND__NO_RULE <= found.rule <= SBIND__NPIPE_UNC;
    //@ check found.viable <= ROOM;
}

int main(void)
{
    size_t len = (size_t)Frama_C_interval(0, ROOM);
    Frama_C_make_unknown((char *)room, ROOM);
    // a place is at most ROOM
    /*@ widen_hints global:"all", 4095, 4096; */
    check_one(SBIND__NO_SCHEME, len);
    check_one(SBIND__OF_TCP, len);
    check_one(SBIND__OF_UNIX, len);
    check_one(SBIND__OF_ABSTRACT, len);
    check_one(SBIND__OF_FD, len);
    check_one(SBIND__OF_NPIPE, len);
    check_one(SBIND__OF_UNC, len);
    return 0;
}
