/* option.h - the options of a subcommand */
#ifndef SBIND_CLI_OPTION_H
#define SBIND_CLI_OPTION_H

#include <getopt.h>
#include <stdbool.h>

/* -h or --help, and nothing else. Among other arguments it is a mistake: a
 * program that passes on what others wrote must not take help for a success. */
bool option_is_help(int argc, char **argv);

enum { OPTION_WRONG = 0 };

/* The next option, as getopt_long: -1 when there are no more. OPTION_WRONG after
 * it has said what is wrong, help in a wrong place included. "letters" begins
 * with "+:", the colon so that getopt_long itself says nothing, and has "h", the
 * options {"help", no_argument, NULL, 'h'}. */
int option_next(int argc, char **argv, const char *letters,
                const struct option *options);

#endif
