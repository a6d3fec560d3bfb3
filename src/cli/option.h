/* option.h - the options of a subcommand, in one table, from which they are
 * read and help is printed */
#ifndef SBIND_CLI_OPTION_H
#define SBIND_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

/* ---- The table ---------------------------------------------------------------- */

typedef struct option_row option_row;

/* Reads the argument of an option, and stores its value at "at". The argument
 * is NULL if the option takes none. DONE, or the exit status after saying what
 * is wrong. self is argv[0]. */
typedef int option_reader(const char *self, const option_row *row,
                          const char *text, void *at);

struct option_row {
    const char *name;     /* without its dashes; NULL after the last row */
    const char *argument; /* its name in help; NULL: the option takes none */
    const char *help;     /* a sentence */
    option_reader *read;
    /* the offset of the value in the structure of its group */
    size_t at;
    char letter;     /* 0: none */
    int value;       /* of option_set */
    int least, most; /* of option_number */
    /* describes a valid argument; NULL for a number, whose limits describe it */
    const char *takes;
};

typedef struct option_group {
    const char *title;      /* NULL: of the first */
    const option_row *rows; /* NULL after the last group */
    size_t at;              /* offset of their structure in the whole */
    /* Whether each of these options may be given only once: a second one could
     * undo what the author of a script wanted with the first. Then the
     * structure of the group begins with a bool that says whether any option
     * was given. */
    bool once;
} option_group;

/* The most entries of each list. One more entry, which is zero, ends a list. */
enum { SUBCOMMAND_USAGES = 4, SUBCOMMAND_GROUPS = 16 };

typedef struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is "sbind NAME" */
    struct {
        const char *operands; /* NULL after the last usage */
        const char *purpose;
    } usages[SUBCOMMAND_USAGES + 1];
    const char *about; /* paragraphs, a newline between two */
    option_group groups[SUBCOMMAND_GROUPS + 1];
} subcommand;

/* ---- Readers ------------------------------------------------------------------ */

option_reader option_true;   /* a bool becomes true */
option_reader option_set;    /* an int or an enum becomes .value */
option_reader option_number; /* an int of 32 bits from .least to .most */
option_reader option_mode;   /* an int32_t, in octal digits */
option_reader option_user;   /* a uint32_t */
option_reader option_gid;    /* a uint32_t */
option_reader option_text;   /* a const char * */

/* Says what the option takes; returns USAGE. */
int option_refused(const char *self, const option_row *row);

/* ---- Reading ------------------------------------------------------------------ */

typedef struct operands {
    int first;      /* of argv */
    bool separated; /* "--" stands between options and operands */
} operands;

/* Whether -h or --help is the only argument. Help together with other arguments
 * is a usage error: a program that passes on foreign arguments must not mistake
 * help for a success. */
bool option_is_help(int argc, char **argv);

/* Reads the options, and stores their values at "into". DONE, or USAGE after
 * saying what is wrong. Help in a wrong place is wrong, too. */
int option_read(const subcommand *s, int argc, char **argv, void *into,
                operands *ret);

#endif
