/* win32/identity.c - on Windows the command is run by whoever runs sbind */
#include "../cli.h"
#include "../identity.h"

int identity_resolve(const char *self, identity *who)
{
    if (who->user == NULL)
        return DONE;
    return cli_usage(self, "there is no --user on Windows");
}
