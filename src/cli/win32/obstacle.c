/* win32/obstacle.c - what is in the way is not looked for on Windows */
#include "../obstacle.h"

void obstacle_say(const sbind_error *error, const sbind_address *address)
{
    (void)error;
    (void)address;
}
