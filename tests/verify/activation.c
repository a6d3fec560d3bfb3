/* activation.c - sbind_activation_read and its first name, for each choice of
 * variables that are set. Each variable has ROOM octets of any content.
 */
#include "../../src/activation/activation.c"
#include "__fc_builtin.h"

static char room[4][ROOM];

/* Takes the place of the lexer, and returns any answer that a lexer could give.
 * activation_lexer.c verifies the lexer itself. */
bool sbind__lex_activation(sbind__variable variable, const unsigned char *value,
                           size_t len, size_t *ret_viable)
{
    (void)variable, (void)value;
    *ret_viable = (size_t)Frama_C_interval(0, (int)len);
    return *ret_viable == len && Frama_C_interval(0, 1);
}

static sbind_activation_input in;

static void set(sbind_env_value *value, unsigned which, unsigned choice)
{
    value->text = choice >> which & 1 ? room[which] : NULL;
    value->length = ROOM;
}

static void read_one(void)
{
    sbind_activation out;
    sbind_env_value name;
    sbind_error error;
    if (sbind_activation_read(&in, &out, &error) == SBIND_OK)
        sbind_activation_next_name(&out.names, &name);
}

int main(void)
{
    Frama_C_make_unknown((char *)room, sizeof room);
    Frama_C_make_unknown((char *)&in.self_pid, sizeof in.self_pid);
    Frama_C_make_unknown((char *)&in.self_pidfdid, sizeof in.self_pidfdid);
    Frama_C_make_unknown((char *)&in.fd_limit, sizeof in.fd_limit);
    in.accept_missing_pid = Frama_C_interval(0, 1);
    for (unsigned choice = 0; choice < 16; choice++) {
        set(&in.pid, 0, choice);
        set(&in.pidfdid, 1, choice);
        set(&in.fds, 2, choice);
        set(&in.fdnames, 3, choice);
        read_one();
    }
    return 0;
}
