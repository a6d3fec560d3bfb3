/* option.c - reads the options in the table of a subcommand. It works like
 * GNU's getopt_long that stops at the first operand: long names may be
 * shortened, and letters may share an argument. */
#include "option.h"

#include <string.h>

#include "cli.h"
#include "nearest.h"

enum { OPTIONS_MAX = 128 };

/* The rows of all groups. */
typedef struct table {
    const option_row *rows[OPTIONS_MAX];
    const option_group *groups[OPTIONS_MAX];
    bool given[OPTIONS_MAX];
    int count;
} table;

/* The arguments, and which one is read next. */
typedef struct arguments {
    int count;
    char **words;
    int next;
} arguments;

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

/* Options that every subcommand has. */
static const option_row help_rows[] = {
    {"help", NULL, "print this help", read_help, .letter = 'h'},
    {.name = NULL}};
static const option_group help_group = {.rows = help_rows};

/* ---- The table ---------------------------------------------------------------- */

static void add_group(table *t, const option_group *group)
{
    for (const option_row *row = group->rows; row->name != NULL; row++)
        if (t->count < OPTIONS_MAX) {
            t->groups[t->count] = group;
            t->rows[t->count++] = row;
        }
}

static void make_table(table *t, const subcommand *s)
{
    memset(t, 0, sizeof *t);
    add_group(t, &help_group);
    for (const option_group *g = s->groups; g->rows != NULL; g++)
        add_group(t, g);
}

enum { NO_ROW = -1, SEVERAL_ROWS = -2 };

static int find_letter(const table *t, char letter)
{
    for (int i = 0; i < t->count; i++)
        if (t->rows[i]->letter == letter)
            return i;
    return NO_ROW;
}

/* Finds an option by its name, or by the beginning of its name if no other name
 * begins in the same way. */
static int find_name(const table *t, const char *name, size_t length)
{
    int found = NO_ROW;
    for (int i = 0; i < t->count; i++) {
        if (strncmp(t->rows[i]->name, name, length) != 0)
            continue;
        if (t->rows[i]->name[length] == '\0')
            return i;
        found = found == NO_ROW ? i : SEVERAL_ROWS;
    }
    return found;
}

/* ---- Mistakes ------------------------------------------------------------------ */

/* The length of the name of a long option, without the argument that may follow
 * it. */
static int length_of(const char *word) { return (int)strcspn(word, "="); }

static int say_unknown(const char *self, const char *word, const table *t)
{
    nearest n = nearest_to(word + 2, (size_t)length_of(word) - 2);
    char meant[NEAREST_TEXT_MAX];
    for (int i = 0; i < t->count; i++)
        nearest_try(&n, t->rows[i]->name);
    return cli_usage(self, "there is no option %.*s%s", length_of(word), word,
                     nearest_text(&n, "--", meant));
}

static int say_needed(const char *self, const char *word)
{
    return cli_usage(self, "%s needs an argument", word);
}

/* ---- Reading ------------------------------------------------------------------- */

static int read_row(const char *self, table *t, int i, const char *text,
                    void *into)
{
    const option_row *row = t->rows[i];
    char *at = (char *)into + t->groups[i]->at;
    if (t->groups[i]->once && t->given[i])
        return cli_usage(self, "--%s is given twice", row->name);
    t->given[i] = true;
    if (t->groups[i]->once)
        *(bool *)at = true;
    return row->read(self, row, text, at + row->at);
}

/* The next argument, or NULL at the end. */
static const char *next_word(arguments *a)
{
    return a->next < a->count ? a->words[a->next++] : NULL;
}

/* --NAME, --NAME=ARGUMENT, or --NAME ARGUMENT. */
static int read_long(const char *self, table *t, arguments *a, void *into)
{
    const char *word = next_word(a), *text = strchr(word, '=');
    const int i = find_name(t, word + 2, (size_t)length_of(word) - 2);
    if (i == SEVERAL_ROWS)
        return cli_usage(self,
                         "%.*s may be several options: write all of its name",
                         length_of(word), word);
    if (i == NO_ROW)
        return say_unknown(self, word, t);
    const bool takes_argument = t->rows[i]->argument != NULL;
    if (text != NULL && !takes_argument)
        return cli_usage(self, "%.*s takes no argument", length_of(word), word);
    if (text != NULL)
        text++;
    else if (takes_argument && (text = next_word(a)) == NULL)
        return say_needed(self, word);
    return read_row(self, t, i, text, into);
}

/* Reads short options: -A, -AB for -A -B, -AARGUMENT or -A ARGUMENT. */
static int read_letters(const char *self, table *t, arguments *a, void *into)
{
    const char *word = next_word(a);
    int status = DONE;
    for (const char *at = word + 1; status == DONE && *at != '\0'; at++) {
        const int i = find_letter(t, *at);
        if (i == NO_ROW)
            return cli_usage(self, "there is no option -%c", *at);
        if (t->rows[i]->argument != NULL) {
            const char *text = at[1] != '\0' ? at + 1 : next_word(a);
            return text == NULL ? say_needed(self, word)
                                : read_row(self, t, i, text, into);
        }
        status = read_row(self, t, i, NULL, into);
    }
    return status;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

int option_read(const subcommand *s, int argc, char **argv, void *into,
                operands *ret)
{
    table t;
    arguments a = {argc, argv, 1};
    int status = DONE;
    make_table(&t, s);
    ret->separated = false;
    while (status == DONE && !ret->separated && a.next < argc &&
           is_option(argv[a.next])) {
        if (strcmp(argv[a.next], "--") == 0)
            ret->separated = next_word(&a) != NULL;
        else if (argv[a.next][1] == '-')
            status = read_long(argv[0], &t, &a, into);
        else
            status = read_letters(argv[0], &t, &a, into);
    }
    ret->first = a.next;
    return status;
}
