/* win32/lacking.c - what the command does not have on Windows */
#include "../cli.h"
#include "../here.h"
#include "../identity.h"
#include "../number.h"
#include "../obstacle.h"

/* A console shows colours only when a program switches that on. */
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

/* Users and groups have no numbers on Windows. Given any number, the library
 * says that socket files have neither owner nor group. */
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

/* The command does not look for what is in the way. */
void obstacle_say(const sbind_error *error, const sbind_address *address)
{
    (void)error;
    (void)address;
}

/* Whether an address is free shows only when a program binds it. */
int here_available(const char *self)
{
    return cli_usage(self, "there is no --here on Windows");
}

const char *here_look(const sbind_address *address)
{
    (void)address;
    return "unknown";
}
