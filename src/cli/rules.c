/* rules.c - the rules of policies by the names that the command gives them */
#include "rules.h"

#include <string.h>

#include "cli.h"
#include "nearest.h"

#define AT(member) offsetof(ruleset, policy.member)

ruleset rules_none(void)
{
    ruleset set = {.given = false};
    sbind_policy_init(&set.policy);
    return set;
}

/* Reads --strict. Adds the rules of --strict to the rules of earlier options,
 * which stay as they are. */
static int read_strict(const char *self, const option_row *row,
                       const char *text, void *at)
{
    sbind_policy *p = at, before = *p;
    (void)self, (void)row, (void)text;
    sbind_policy_init_strict(p);
    p->schemes = before.schemes;
    p->loopback = before.loopback;
    p->portable = before.portable;
    p->passed = before.passed;
    p->within = before.within;
    return DONE;
}

static const struct {
    const char *name;
    unsigned flag;
} schemes[] = {{"tcp", SBIND_ALLOW_TCP},
               {"unix", SBIND_ALLOW_UNIX},
               {"fd", SBIND_ALLOW_FD},
               {"npipe", SBIND_ALLOW_NPIPE}};

enum { SCHEMES = sizeof schemes / sizeof *schemes };

/* The flag of the scheme whose name is the first n octets of text. 0 if there
 * is no such scheme. */
static unsigned scheme_flag(const char *text, size_t n)
{
    for (size_t i = 0; i < SCHEMES; i++)
        if (strlen(schemes[i].name) == n &&
            strncmp(schemes[i].name, text, n) == 0)
            return schemes[i].flag;
    return 0;
}

static int refuse_scheme(const char *self, const option_row *row,
                         const char *text, size_t n)
{
    nearest near = nearest_to(text, n);
    char meant[NEAREST_TEXT_MAX];
    for (size_t i = 0; i < SCHEMES; i++)
        nearest_try(&near, schemes[i].name);
    return cli_usage(self, "--%s takes %s%s", row->name, row->takes,
                     nearest_text(&near, "", meant));
}

static int read_schemes(const char *self, const option_row *row,
                        const char *text, void *at)
{
    unsigned allowed = 0;
    for (;; text++) {
        size_t n = strcspn(text, ",");
        unsigned flag = scheme_flag(text, n);
        if (flag == 0)
            return refuse_scheme(self, row, text, n);
        allowed |= flag;
        text += n;
        if (*text == '\0')
            break;
    }
    *(unsigned *)at = allowed;
    return DONE;
}

const option_row rules_rows[] = {
    {"absolute", NULL, "refuse unix paths that do not begin with a slash",
     option_true, .at = AT(absolute_path)},
    {"no-abstract", NULL, "refuse abstract unix sockets", option_true,
     .at = AT(no_abstract)},
    {"loopback", NULL, "allow TCP only on 127.0.0.0/8 and ::1", option_true,
     .at = AT(loopback)},
    {"numeric", NULL, "refuse host names", option_true, .at = AT(numeric)},
    {"local-pipe", NULL, "refuse named pipes of other machines", option_true,
     .at = AT(local_pipe)},
    {"portable", NULL,
     "refuse addresses that do not mean the same on every platform",
     option_true, .at = AT(portable)},
    {"no-wildcard", NULL,
     "refuse what may mean every address: *, 0.0.0.0, [::], tcp://, host names",
     option_true, .at = AT(no_wildcard)},
    {"passed-only", NULL,
     "allow fd://N only if descriptor N was passed (LISTEN_FDS)", option_true,
     .at = AT(passed_only)},
    {"no-mptcp", NULL, "refuse a passed socket of Multipath TCP", option_true,
     .at = AT(no_mptcp)},
    {"strict", NULL,
     "for addresses that are not trusted: set all of these rules except "
     "--loopback and --portable",
     read_strict, .at = offsetof(ruleset, policy)},
    {"scheme", "LIST",
     "allow only these of tcp, unix, fd and npipe, separated by commas",
     read_schemes, .at = AT(schemes),
     .takes = "a list of tcp, unix, fd and npipe"},
    {"within", "DIRECTORY",
     "allow only unix paths below DIRECTORY, without //, . or .. in them",
     option_text, .at = AT(within)},
    {.name = NULL},
};

int rules_report(const sbind_error *error, const char *text,
                 const sbind_policy *policy)
{
    int status = cli_report(error, text);
    if (error->status == SBIND_NOT_WITHIN)
        cli_say(stderr, "  the directory: %s", policy->within);
    return status;
}
