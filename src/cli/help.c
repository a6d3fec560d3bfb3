/* help.c - help, and sbind help: prints the tables of the subcommands */
#include "help.h"

#include <string.h>

#include "cli.h"
#include "json_writer.h"
#include "nearest.h"

enum {
    COLUMNS = 80,
    /* the column of the sentences; longer options move theirs down */
    WIDEST = 28
};

/* ---- Lines --------------------------------------------------------------------- */

/* How many octets of the text fit on a line. A line has whole words, and ends
 * with its paragraph. */
static int fitting(const char *text, int room)
{
    int n = (int)strcspn(text, "\n");
    if (n <= room)
        return n;
    for (n = room; n > 0 && text[n] != ' '; n--)
        ;
    return n > 0 ? n : room;
}

/* Prints "text" at this column, with "left" before it. If "left" is too long,
 * it gets a line of its own. "left" ends in two blanks. */
static void say_beside(FILE *out, const char *left, int column,
                       const char *text)
{
    if ((int)strlen(left) > column) {
        cli_say(out, "%.*s", (int)strlen(left) - 2, left);
        left = "";
    }
    do {
        int n = fitting(text, COLUMNS - column);
        cli_say(out, "%-*s%.*s", column, left, n, text);
        left = "";
        text += n;
        text += *text != '\0';
    } while (*text != '\0');
}

/* ---- Options ------------------------------------------------------------------- */

enum { LEFT_SIZE = 80 };

/* "  -H, --host ADDRESS  " */
static int write_left(const option_row *row, char ret[LEFT_SIZE])
{
    char letter[] = {'-', row->letter, ',', ' ', '\0'};
    return snprintf(ret, LEFT_SIZE, "  %s--%s%s%s  ",
                    row->letter != '\0' ? letter : "", row->name,
                    row->argument != NULL ? " " : "",
                    row->argument != NULL ? row->argument : "");
}

/* Where the sentences begin. */
static int column_of(const subcommand *s)
{
    int column = 0;
    char left[LEFT_SIZE];
    for (const option_group *g = s->groups; g->rows != NULL; g++)
        for (const option_row *row = g->rows; row->name != NULL; row++) {
            int n = write_left(row, left);
            column = n > column && n <= WIDEST ? n : column;
        }
    return column;
}

static void print_group(FILE *out, const option_group *g, int column)
{
    char left[LEFT_SIZE];
    if (g->title != NULL)
        cli_say(out, "%s:", g->title);
    for (const option_row *row = g->rows; row->name != NULL; row++) {
        write_left(row, left);
        say_beside(out, left, column, row->help);
    }
}

void help_print_subcommand(FILE *out, const subcommand *s)
{
    for (int i = 0; s->usages[i].operands != NULL; i++)
        cli_say(out, "%s sbind %s %s", i == 0 ? "usage:" : "      ", s->name,
                s->usages[i].operands);
    say_beside(out, "", 2, s->about);
    for (const option_group *g = s->groups; g->rows != NULL; g++)
        print_group(out, g, column_of(s));
}

/* ---- All ------------------------------------------------------------------------ */

static void print_usages(FILE *out, const subcommand *s)
{
    for (int i = 0; s->usages[i].operands != NULL; i++) {
        cli_say(out, "  sbind %s %s", s->name, s->usages[i].operands);
        say_beside(out, "", 6, s->usages[i].purpose);
    }
}

void help_print(FILE *out)
{
    cli_text(out, "usage: sbind SUBCOMMAND [OPTIONS] [OPERANDS]\n\n");
    for (const subcommand *const *s = subcommands; *s != NULL; s++)
        print_usages(out, *s);
    cli_text(
        out,
        "\n  -h, --help     print this help; after SUBCOMMAND, print its help\n"
        "  -V, --version  print the version\n\n"
        "The environment variable HOST is the default of -H. Addresses:\n"
        "  tcp://127.0.0.1:8080  tcp://[::1]:80  tcp://localhost:80  "
        "tcp://*:80\n"
        "  unix:///run/app.sock  unix://@abstract\n"
        "  fd://  fd://*  fd://3  fd://NAME  (socket activation)\n"
        "  npipe://NAME  \\\\.\\pipe\\NAME\n"
        "The exit status is 0 on success, 1 if an address was refused, 2 if\n"
        "the command line was wrong, and 111 if an address could not be\n"
        "opened. sbind listen ends with 126 if COMMAND cannot be run, with\n"
        "127 if it was not found, and otherwise with the status of COMMAND.\n");
}

/* ---- For programs ---------------------------------------------------------------- */

static void write_text(json_writer *w, const char *key, const char *text)
{
    if (text != NULL)
        json_text(w, key, text);
    else
        json_null(w, key);
}

static void write_row(json_writer *w, const option_group *g,
                      const option_row *row)
{
    const char letter[] = {row->letter, '\0'};
    json_begin(w, NULL, '{');
    json_text(w, "name", row->name);
    write_text(w, "letter", row->letter != '\0' ? letter : NULL);
    write_text(w, "argument", row->argument);
    write_text(w, "group", g->title);
    json_text(w, "help", row->help);
    json_end(w, '}');
}

static void write_subcommand(json_writer *w, const subcommand *s)
{
    json_begin(w, NULL, '{');
    json_text(w, "name", s->name);
    json_begin(w, "usages", '[');
    for (int i = 0; s->usages[i].operands != NULL; i++) {
        json_begin(w, NULL, '{');
        json_text(w, "operands", s->usages[i].operands);
        json_text(w, "purpose", s->usages[i].purpose);
        json_end(w, '}');
    }
    json_end(w, ']');
    json_begin(w, "options", '[');
    for (const option_group *g = s->groups; g->rows != NULL; g++)
        for (const option_row *row = g->rows; row->name != NULL; row++)
            write_row(w, g, row);
    json_end(w, ']');
    json_end(w, '}');
}

static void write_all(void)
{
    json_writer w = {.follows = false};
    json_begin(&w, NULL, '{');
    json_text(&w, "version", SBIND_VERSION);
    json_begin(&w, "subcommands", '[');
    for (const subcommand *const *s = subcommands; *s != NULL; s++)
        write_subcommand(&w, *s);
    json_end(&w, ']');
    json_end(&w, '}');
    json_newline();
}

/* ---- sbind help ------------------------------------------------------------------ */

typedef struct request {
    bool json;
} request;

static const option_row rows[] = {
    {"json", NULL, "print the options of all subcommands as JSON", option_true,
     .at = offsetof(request, json)},
    {.name = NULL},
};

static int print_asked(const char *word)
{
    const subcommand *s = word == NULL ? NULL : subcommand_find(word);
    if (word != NULL && s == NULL)
        return subcommand_unknown(word);
    if (s == NULL)
        help_print(stdout);
    else
        help_print_subcommand(stdout, s);
    return cli_finish_output(DONE);
}

static int help_run(int argc, char **argv)
{
    request r = {.json = false};
    operands o;
    if (option_read(&help_subcommand, argc, argv, &r, &o) != DONE)
        return USAGE;
    if (argc - o.first > (r.json ? 0 : 1))
        return cli_usage(argv[0], "one subcommand, or --json alone");
    if (!r.json)
        return print_asked(argv[o.first]);
    write_all();
    return cli_finish_output(DONE);
}

const subcommand help_subcommand = {
    .name = "help",
    .run = help_run,
    .usages = {{"[SUBCOMMAND]", "print the help of sbind, or of SUBCOMMAND"},
               {"--json", "print the options of all subcommands as JSON"}},
    .about = "Prints how sbind or SUBCOMMAND is used.",
    .groups = {{.rows = rows}},
};
