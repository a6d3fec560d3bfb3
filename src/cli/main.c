/* main.c - sbind(1): picks the subcommand */
#include "cli.h"

#include <string.h>

#include "help.h"
#include "nearest.h"

const subcommand *const subcommands[] = {
    &parse_subcommand,   &check_subcommand,
    &explain_subcommand, &listen_subcommand,
    &connect_subcommand, &adapter_subcommand,
    &help_subcommand,    NULL,
};

const subcommand *subcommand_find(const char *name)
{
    const subcommand *const *s = subcommands;
    while (*s != NULL && strcmp((*s)->name, name) != 0)
        s++;
    return *s;
}

int subcommand_unknown(const char *name)
{
    nearest n = nearest_to(name, strlen(name));
    char meant[NEAREST_TEXT_MAX];
    for (const subcommand *const *s = subcommands; *s != NULL; s++)
        nearest_try(&n, (*s)->name);
    return cli_usage("sbind", "there is no subcommand %s%s", name,
                     nearest_text(&n, "", meant));
}

/* Messages about options begin with argv[0]. */
static int run_subcommand(const subcommand *s, int argc, char **argv)
{
    static char self[32];
    if (option_is_help(argc, argv)) {
        help_print_subcommand(stdout, s);
        return cli_finish_output(DONE);
    }
    snprintf(self, sizeof self, "sbind %s", s->name);
    argv[0] = self;
    return s->run(argc, argv);
}

static bool is_version(const char *word)
{
    return strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0;
}

static bool is_option(const char *word)
{
    return is_version(word) || strcmp(word, "-h") == 0 ||
           strcmp(word, "--help") == 0;
}

static int option_unknown(const char *word)
{
    nearest n = nearest_to(word, strlen(word));
    char meant[NEAREST_TEXT_MAX];
    nearest_try(&n, "--help");
    nearest_try(&n, "--version");
    return cli_usage("sbind", "there is no option %s%s", word,
                     nearest_text(&n, "", meant));
}

static int say_mistake(const char *word)
{
    if (word[0] == '\0')
        help_print(stderr);
    else if (is_option(word))
        cli_usage("sbind", "%s stands alone", word);
    else if (word[0] == '-')
        option_unknown(word);
    else
        subcommand_unknown(word);
    return USAGE;
}

int main(int argc, char **argv)
{
    if (!cli_prepare(&argc, &argv))
        return cli_failed("the command line");
    const char *word = argc > 1 ? argv[1] : "";
    const subcommand *s = subcommand_find(word);
    if (s != NULL)
        return run_subcommand(s, argc - 1, argv + 1);
    if (option_is_help(argc, argv))
        help_print(stdout);
    else if (argc == 2 && is_version(word))
        cli_say(stdout, "sbind %s", sbind_version());
    else
        return say_mistake(word);
    return cli_finish_output(DONE);
}
