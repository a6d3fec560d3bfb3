/* rules.c - the rules of policies by the names that the command gives them */
#include "rules.h"

#include <string.h>

#include "cli.h"

#define AT(member) offsetof(ruleset, policy.member)

ruleset rules_none(void)
{
    ruleset set = {.given = false};
    sbind_policy_init(&set.policy);
    return set;
}

/* Rules add up: those that "strict" says nothing of stay as they are. */
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

/* Adds to *ret the scheme that is the first n octets of text. */
static bool add_scheme(const char *text, size_t n, unsigned *ret)
{
    static const struct {
        const char *name;
        unsigned flag;
    } schemes[] = {{"tcp", SBIND_ALLOW_TCP},
                   {"unix", SBIND_ALLOW_UNIX},
                   {"fd", SBIND_ALLOW_FD},
                   {"npipe", SBIND_ALLOW_NPIPE}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strlen(schemes[i].name) == n &&
            strncmp(schemes[i].name, text, n) == 0) {
            *ret |= schemes[i].flag;
            return true;
        }
    }
    return false;
}

static bool add_schemes(const char *list, unsigned *ret)
{
    unsigned schemes = 0;
    for (;;) {
        size_t n = strcspn(list, ",");
        if (!add_scheme(list, n, &schemes))
            return false;
        if (list[n] == '\0')
            break;
        list += n + 1;
    }
    *ret = schemes;
    return true;
}

static int read_schemes(const char *self, const option_row *row,
                        const char *text, void *at)
{
    return add_schemes(text, at) ? DONE : option_refused(self, row);
}

const option_row rules_rows[] = {
    {"absolute", NULL, "unix paths begin with a slash", option_true,
     .at = AT(absolute_path)},
    {"no-abstract", NULL, "no abstract unix sockets", option_true,
     .at = AT(no_abstract)},
    {"loopback", NULL, "TCP on 127.0.0.0/8 and ::1 only", option_true,
     .at = AT(loopback)},
    {"numeric", NULL, "no host names", option_true, .at = AT(numeric)},
    {"local-pipe", NULL, "no named pipes of other machines", option_true,
     .at = AT(local_pipe)},
    {"portable", NULL, "the same on every platform", option_true,
     .at = AT(portable)},
    {"no-wildcard", NULL,
     "not every address: no *, 0.0.0.0, [::], tcp://, name", option_true,
     .at = AT(no_wildcard)},
    {"passed-only", NULL, "fd://N only if LISTEN_FDS has it", option_true,
     .at = AT(passed_only)},
    {"no-mptcp", NULL, "no passed socket of Multipath TCP", option_true,
     .at = AT(no_mptcp)},
    {"strict", NULL,
     "for addresses from somebody not trusted: all of these but --loopback and "
     "--portable",
     read_strict, .at = offsetof(ruleset, policy)},
    {"scheme", "LIST", "of tcp, unix, fd and npipe, separated by commas",
     read_schemes, .at = AT(schemes),
     .takes = "a list of tcp, unix, fd and npipe"},
    {"within", "DIR", "unix paths below DIR only: without //, . or .. in them",
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
