/* option.h - the options of a subcommand, in one table: they are read by it, and
 * help shows it */
#ifndef SBIND_CLI_OPTION_H
#define SBIND_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

/* ---- The table ---------------------------------------------------------------- */

typedef struct option_row option_row;

/* Stores the argument at "at". The argument is NULL if the option takes none.
 * DONE, or the exit status after saying what is wrong. self is argv[0]. */
typedef int option_reader(const char *self, const option_row *row,
                          const char *text, void *at);

struct option_row {
    const char *name;     /* without its dashes; NULL after the last row */
    const char *argument; /* what help calls it; NULL: the option takes none */
    const char *help;     /* a sentence */
    option_reader *read;
    size_t at;         /* offset of its value in the structure of the group */
    char letter;       /* 0: none */
    int value;         /* of option_set */
    int least, most;   /* of option_number */
    const char *takes; /* describes a valid argument; NULL for a number: its
                          limits do */
};

typedef struct option_group {
    const char *title;      /* NULL: of the first */
    const option_row *rows; /* NULL after the last group */
    size_t at;              /* offset of their structure in the whole */
    /* None of these options may be given twice: the second could undo what the
     * author of a script wanted with the first. Their structure begins with a
     * bool that says whether any was given. */
    bool once;
} option_group;

/* The most entries of a list. A further entry ends it. */
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

/* -h or --help, and nothing else. Among other arguments it is a usage
 * error. A program that passes on what others wrote must not mistake help
 * for a success. */
bool option_is_help(int argc, char **argv);

/* Stores the options at "into". DONE, or USAGE after saying what is wrong. Help
 * in a wrong place is wrong, too. */
int option_read(const subcommand *s, int argc, char **argv, void *into,
                operands *ret);

#endif
