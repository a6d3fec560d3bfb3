/* option.c - getopt_long over the table of a subcommand, but for what it says
 * about mistakes: it would print what it was given as it is */
#define _GNU_SOURCE /* getopt_long */
#include "option.h"

#include <getopt.h>
#include <string.h>

#include "cli.h"
#include "nearest.h"

enum {
    OPTIONS_MAX = 128,
    FIRST = 256 /* what getopt_long returns for the first row; above letters */
};

/* The rows of all groups, and the same as getopt_long wants them. */
typedef struct table {
    const option_row *rows[OPTIONS_MAX];
    const option_group *groups[OPTIONS_MAX];
    bool given[OPTIONS_MAX];
    int count;
    struct option options[OPTIONS_MAX + 1];
    char letters[2 + 2 * OPTIONS_MAX + 1];
} table;

bool option_is_help(int argc, char **argv)
{
    return argc == 2 &&
           (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0);
}

static int read_help(const char *self, const option_row *row, const char *text,
                     void *at)
{
    (void)row, (void)text, (void)at;
    return cli_usage(self, "-h and --help stand alone");
}

/* Of every subcommand. */
static const option_row help_rows[] = {
    {"help", NULL, "print how it is used", read_help, .letter = 'h'},
    {.name = NULL}};
static const option_group help_group = {.rows = help_rows};

/* ---- The table ---------------------------------------------------------------- */

static void add_row(table *t, const option_group *group, const option_row *row)
{
    char *end = t->letters + strlen(t->letters);
    int i = t->count++;
    bool has = row->argument != NULL;
    t->rows[i] = row;
    t->groups[i] = group;
    t->options[i] = (struct option){
        row->name, has ? required_argument : no_argument, NULL, FIRST + i};
    if (row->letter != '\0')
        *end++ = row->letter;
    if (row->letter != '\0' && has)
        *end++ = ':';
}

static void add_group(table *t, const option_group *group)
{
    for (const option_row *row = group->rows; row->name != NULL; row++)
        if (t->count < OPTIONS_MAX)
            add_row(t, group, row);
}

/* The colon keeps getopt_long from saying anything itself. */
static void make_table(table *t, const subcommand *s)
{
    memset(t, 0, sizeof *t);
    strcpy(t->letters, "+:");
    add_group(t, &help_group);
    for (const option_group *g = s->groups; g->rows != NULL; g++)
        add_group(t, g);
}

/* By what getopt_long returns, or says in optopt; -1: there is no such row. */
static int find_row(const table *t, int c)
{
    if (c >= FIRST)
        return c - FIRST;
    for (int i = 0; i < t->count; i++)
        if (t->rows[i]->letter != '\0' && t->rows[i]->letter == c)
            return i;
    return -1;
}

/* ---- Mistakes ------------------------------------------------------------------ */

/* The length of a long option that is followed by its argument or not. */
static int length_of(const char *word) { return (int)strcspn(word, "="); }

static bool is_abbreviation(const table *t, const char *word)
{
    size_t n = (size_t)length_of(word) - 2;
    for (int i = 0; i < t->count; i++)
        if (strncmp(t->rows[i]->name, word + 2, n) == 0)
            return true;
    return false;
}

static int say_unknown(const char *self, const char *word, const table *t)
{
    nearest n = nearest_to(word + 2, (size_t)length_of(word) - 2);
    char meant[NEAREST_TEXT_MAX];
    for (int i = 0; i < t->count; i++)
        nearest_try(&n, t->rows[i]->name);
    return cli_usage(self, "there is no option %.*s%s", length_of(word), word,
                     nearest_text(&n, "--", meant));
}

/* "word" is the argument that getopt_long has just looked at; of several short
 * options in one argument optopt is the one. */
static int say_mistake(const char *self, int c, const char *word,
                       const table *t)
{
    if (c == ':')
        return cli_usage(self, "%s needs an argument", word);
    if (optopt != 0 && find_row(t, optopt) < 0)
        return cli_usage(self, "there is no option -%c", optopt);
    if (optopt != 0)
        return cli_usage(self, "%.*s takes no argument", length_of(word), word);
    if (is_abbreviation(t, word))
        return cli_usage(self,
                         "%.*s may be several options: write all of its name",
                         length_of(word), word);
    return say_unknown(self, word, t);
}

/* ---- Reading ------------------------------------------------------------------- */

static int read_row(const char *self, table *t, int i, void *into)
{
    const option_row *row = t->rows[i];
    char *at = (char *)into + t->groups[i]->at;
    if (t->groups[i]->once && t->given[i])
        return cli_usage(self, "--%s is given twice", row->name);
    t->given[i] = true;
    if (t->groups[i]->once)
        *(bool *)at = true;
    return row->read(self, row, optarg, at + row->at);
}

/* How many arguments getopt_long has looked at. That of musl counts one that is
 * missing as well. */
static int looked_at(int argc) { return optind < argc ? optind : argc; }

int option_read(const subcommand *s, int argc, char **argv, void *into,
                operands *ret)
{
    table t;
    const char *last_argument = NULL;
    int c, status = DONE;
    make_table(&t, s);
    while (status == DONE &&
           (c = getopt_long(argc, argv, t.letters, t.options, NULL)) != -1) {
        last_argument = optarg;
        if (c == '?' || c == ':')
            status = say_mistake(argv[0], c, argv[looked_at(argc) - 1], &t);
        else
            status = read_row(argv[0], &t, find_row(&t, c), into);
    }
    ret->first = looked_at(argc);
    const char *last = argv[ret->first - 1];
    ret->separated = strcmp(last, "--") == 0 && last != last_argument;
    return status;
}
