/* help.h - the help of sbind and of each subcommand */
#ifndef SBIND_CLI_HELP_H
#define SBIND_CLI_HELP_H

#include <stdio.h>

#include "option.h"

extern const subcommand parse_subcommand, check_subcommand, explain_subcommand,
    listen_subcommand, connect_subcommand, adapter_subcommand, help_subcommand;

/* All subcommands. The last entry is NULL. */
extern const subcommand *const subcommands[];

const subcommand *subcommand_find(const char *name); /* NULL: there is none */

/* Says that there is no such subcommand, and which one may be meant. Returns
 * USAGE. */
int subcommand_unknown(const char *name);

void help_print(FILE *out);
void help_print_subcommand(FILE *out, const subcommand *s);

#endif
