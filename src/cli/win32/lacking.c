/* win32/lacking.c - functions of the command that do not exist on Windows */
#include "../cli.h"
#include "../here.h"
#include "../identity.h"
#include "../number.h"
#include "../obstacle.h"

/* Never uses colours: a console shows them only after a program has switched
 * that on. */
bool cli_has_colours(FILE *out)
{
    (void)out;
    return false;
}

int identity_resolve(const char *self, identity *who)
{
    if (who->user == NULL)
        return DONE;
    return cli_usage(self, "there is no --user on Windows");
}

/* Accepts any text. Windows has no numbers for users and groups, so the library
 * then says that socket files have neither owner nor group. */
bool number_read_user(const char *text, uint32_t *ret_uid, uint32_t *ret_gid)
{
    (void)text;
    *ret_uid = *ret_gid = 0;
    return true;
}

bool number_read_group(const char *text, uint32_t *ret_gid)
{
    (void)text;
    *ret_gid = 0;
    return true;
}

/* Says nothing: on Windows, the command does not look for what is in the
 * way. */
void obstacle_say(const sbind_error *error, const sbind_address *address)
{
    (void)error;
    (void)address;
}

/* --here does not exist: on Windows, only binding an address shows whether it
 * is free. */
int here_available(const char *self)
{
    return cli_usage(self, "there is no --here on Windows");
}

const char *here_look(const sbind_address *address)
{
    (void)address;
    return "unknown";
}
