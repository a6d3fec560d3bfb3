/* win32_who.c - who has an address is not looked for on Windows */
#include "who.h"

void who_listens(const sbind_address *address) { (void)address; }
