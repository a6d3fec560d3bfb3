/* explain.c - sbind explain: says what listening would do, without doing it,
 * and which policies refuse the address */
#include "cli.h"

#include <string.h>

#include "../policy/path.h"
#include "answer.h"
#include "explain.h"
#include "help.h"
#include "here.h"
#include "rules.h"

/* The explanation under way. */
static struct {
    json_writer *writer; /* NULL: for a person */
    bool refused;        /* on any system */
} now;

static void say(cli_colour colour, const char *before, const char *format,
                va_list arguments)
{
    char shown[CLI_SHOWN_MAX];
    cli_show(shown, format, arguments);
    if (now.writer != NULL)
        json_text(now.writer, NULL, shown);
    else
        cli_say_in(stdout, colour, "refused", "  %s%s", before, shown);
}

void explain_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(CLI_PLAIN, "", format, arguments);
    va_end(arguments);
}

void explain_refused(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(CLI_RED, "", format, arguments);
    va_end(arguments);
    now.refused = true;
}

void explain_here(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(CLI_PLAIN, "here: ", format, arguments);
    va_end(arguments);
}

/* ---- Policies -------------------------------------------------------------------- */

enum { ROOT_MAX = 4 };

/* The root of the path: "/", or "C:/" on Windows. On Windows, --within refuses
 * every path without a drive. */
static const char *root_of(const sbind_address *a, char ret[ROOT_MAX])
{
    snprintf(ret, ROOT_MAX, "%.*s/", (int)sbind__drive_length, a->name);
    return ret;
}

/* Asks --within with the root as its directory. If even this refuses the path,
 * every directory does. */
static sbind_status ask_within(const sbind_address *a)
{
    sbind_policy policy;
    char root[ROOT_MAX];
    if (!sbind__is(a->kind, SBIND__UNIX))
        return SBIND_OK;
    sbind_policy_init(&policy);
    policy.within = root_of(a, root);
    return sbind_policy_check(&policy, a, NULL);
}

/* The length of the longest directory for which --within accepts the path.
 * --within accepts the path for the directories above that one as well. 0 if
 * the address is not a path, or if --within refuses it for every directory. */
static int within(const sbind_address *a)
{
    char root[ROOT_MAX];
    if (a->kind != SBIND_UNIX_PATH || ask_within(a) != SBIND_OK)
        return 0;
    const size_t least = strlen(root_of(a, root));
    const size_t directory = (size_t)(strrchr(a->name, '/') - a->name);
    return (int)(directory > least ? directory : least);
}

/* Asks one rule about the address. The environment matters only to fd://
 * addresses. */
static sbind_status ask_rule(const option_row *rule, const sbind_address *a)
{
    ruleset set = rules_none();
    sbind_activation passed;
    bool known = a->kind == SBIND_FD_NUMBER &&
                 sbind_activation_take(0, &passed, NULL) == SBIND_OK;
    rule->read("", rule, NULL, (char *)&set + rule->at);
    set.policy.passed = known ? &passed : NULL;
    return sbind_policy_check(&set.policy, a, NULL);
}

/* Says what each rule without an argument would do by itself. */
static void say_policies(const sbind_address *a)
{
    bool refused = ask_within(a) != SBIND_OK;
    for (const option_row *rule = rules_rows; rule->argument == NULL; rule++) {
        sbind_status s = ask_rule(rule, a);
        if (s != SBIND_OK)
            cli_say_in(stdout, CLI_RED, "refuses",
                       "  policy --%s refuses it: %s", rule->name,
                       sbind_status_name(s));
        refused = refused || s != SBIND_OK;
    }
    if (ask_within(a) != SBIND_OK)
        cli_say_in(stdout, CLI_RED, "refuses",
                   "  policy --within=DIR refuses it, whatever DIR is: %s",
                   sbind_status_name(SBIND_NOT_WITHIN));
    if (within(a) > 0)
        cli_say_in(stdout, CLI_GREEN, "accepts",
                   "  policy --within=DIR accepts it when DIR is %.*s or above",
                   within(a), a->name);
    if (!refused)
        cli_say(stdout, "  no policy refuses it");
}

static void write_policies(json_writer *w, const sbind_address *a)
{
    json_begin(w, "policies", '{');
    for (const option_row *rule = rules_rows; rule->argument == NULL; rule++) {
        sbind_status s = ask_rule(rule, a);
        if (s != SBIND_OK)
            json_text(w, rule->name, sbind_status_name(s));
    }
    if (ask_within(a) != SBIND_OK)
        json_text(w, "within", sbind_status_name(SBIND_NOT_WITHIN));
    json_end(w, '}');
    if (within(a) > 0)
        json_octets(w, "within", a->name, (size_t)within(a));
    else
        json_null(w, "within");
}

/* Says which system calls listening on the address makes. */
static void say_calls(const sbind_address *a)
{
    now.refused = false;
    explain_listening(a);
}

/* ---- Answers ---------------------------------------------------------------------- */

typedef struct request {
    bool here;
    bool json;
} request;

/* Looks at what the system has at the address, unless listening on it would be
 * refused anyway. */
static const char *look_here(const sbind_address *a)
{
    return now.refused ? "refused" : here_look(a);
}

static int explain_one(const char *text, const void *context)
{
    const request *r = context;
    sbind_address a;
    char canonical[SBIND_FORMAT_MAX];
    size_t length;
    int status = cli_parse_address(text, &a);
    if (status != DONE)
        return status;
    sbind_format(&a, canonical, sizeof canonical, &length);
    cli_say(stdout, "%s", canonical);
    say_calls(&a);
    say_policies(&a);
    if (r->here)
        cli_say(stdout, "  here: %s", look_here(&a));
    return DONE;
}

static void write_here(json_writer *w, const sbind_address *a)
{
    json_begin(w, "here", '{');
    json_begin(w, "found", '[');
    const char *word = look_here(a);
    json_end(w, ']');
    json_text(w, "state", word);
    json_end(w, '}');
}

static void write_accepted(json_writer *w, const sbind_address *a, bool here)
{
    answer_accepted(w, a);
    json_begin(w, "listening", '[');
    say_calls(a);
    json_end(w, ']');
    json_bool(w, "refused", now.refused);
    write_policies(w, a);
    if (here)
        write_here(w, a);
}

static int explain_one_as_json(const char *text, const void *context)
{
    const request *r = context;
    json_writer w = {.follows = false};
    sbind_address a;
    sbind_error error;
    sbind_status s = sbind_parse(text, strlen(text), &a, &error);
    now.writer = &w;
    answer_begin(&w, text);
    if (s == SBIND_OK)
        write_accepted(&w, &a, r->here);
    else
        answer_refused(&w, &error);
    answer_end(&w);
    now.writer = NULL;
    return s == SBIND_OK ? DONE : REFUSED;
}

/* ---- The command line ------------------------------------------------------------- */

static const option_row rows[] = {
    {"here", NULL, "also say what the system has at each address now",
     option_true, .at = offsetof(request, here)},
    {"json", NULL, "print a line of JSON for each address instead", option_true,
     .at = offsetof(request, json)},
    {.name = NULL},
};

static int explain_run(int argc, char **argv)
{
    request r = {.json = false};
    operands o;
    if (option_read(&explain_subcommand, argc, argv, &r, &o) != DONE)
        return USAGE;
    if (r.here && here_available(argv[0]) != DONE)
        return USAGE;
    return cli_each(argc, argv, o.first,
                    r.json ? explain_one_as_json : explain_one, &r);
}

const subcommand explain_subcommand = {
    .name = "explain",
    .run = explain_run,
    .usages = {{"[--here] [--json] ADDRESS...",
                "say what listening on each address would do"}},
    .about = "Says in words and system calls what listening on each address "
             "without options would do, and does none of it. Also says which "
             "policies of sbind check refuse the address.",
    .groups = {{.rows = rows}},
};
