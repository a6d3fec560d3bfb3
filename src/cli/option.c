/* option.c - getopt_long, but for what it says about mistakes: it would print
 * what it was given as it is */
#define _GNU_SOURCE /* getopt_long */
#include "option.h"

#include <string.h>

#include "cli.h"

bool option_is_help(int argc, char **argv)
{
    return argc == 2 &&
           (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0);
}

/* The length of a long option that is followed by its argument or not. */
static int length_of(const char *word) { return (int)strcspn(word, "="); }

static bool is_known(int value, const struct option *options)
{
    while (options->name != NULL && options->val != value)
        options++;
    return options->name != NULL;
}

static bool is_abbreviation(const char *word, const struct option *options)
{
    size_t n = (size_t)length_of(word) - 2;
    while (options->name != NULL && strncmp(options->name, word + 2, n) != 0)
        options++;
    return options->name != NULL;
}

/* "word" is the argument that getopt_long has just looked at; of several short
 * options in one argument optopt is the one. */
static void say_mistake(const char *self, int c, const char *word,
                        const struct option *options)
{
    if (c == ':')
        cli_usage(self, "%s needs an argument", word);
    else if (optopt != 0 && !is_known(optopt, options))
        cli_usage(self, "there is no option -%c", optopt);
    else if (optopt != 0)
        cli_usage(self, "%.*s takes no argument", length_of(word), word);
    else if (is_abbreviation(word, options))
        cli_usage(self, "%.*s may be several options: write all of its name",
                  length_of(word), word);
    else
        cli_usage(self, "there is no option %.*s", length_of(word), word);
}

int option_next(int argc, char **argv, const char *letters,
                const struct option *options)
{
    int c;
    c = getopt_long(argc, argv, letters, options, NULL);
    if (c == '?' || c == ':') {
        say_mistake(argv[0], c, argv[optind - 1], options);
        return OPTION_WRONG;
    }
    if (c != 'h')
        return c;
    cli_usage(argv[0], "-h and --help stand alone");
    return OPTION_WRONG;
}
