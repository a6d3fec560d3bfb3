/* exports.c - the functions of the module that sbind.mjs calls
 *
 * There is no heap. The caller puts texts behind __heap_base, and enlarges the
 * memory if they do not fit. An answer is a block of 32-bit words: the members
 * of "answer" in their order. It is valid until the next call. */
#include <stdint.h>

#include <sbind/activation.h>
#include <sbind/parse.h>
#include <sbind/policy.h>
#include <sbind/status.h>
#include <string.h>

#include "plan.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* Octets in the module's memory: where they are, and how many. */
typedef struct octets {
    const char *at;
    size_t length;
} octets;

static struct {
    uint32_t status;
    uint32_t offset; /* UINT32_MAX: none */
    octets name, message, hint, variable;
    /* of an address */
    uint32_t kind;
    uint32_t fd;
    uint32_t port;
    octets canonical, host, zone, path;
    /* of activation */
    uint32_t outcome;
    uint32_t count;
    octets names;
    /* of a plan */
    octets listening; /* lines that end in NUL */
    uint32_t refused;
} answer;

static sbind_error error;
static sbind_address address;
static char canonical[SBIND_FORMAT_MAX];
static char literal[SBIND_IPV6_TEXT_MAX];
static char report[SBIND_REPORT_MAX];

static octets text_of(const char *text)
{
    return (octets){text, text == NULL ? 0 : strlen(text)};
}

static void begin(void)
{
    memset(&answer, 0, sizeof answer);
    memset(&error, 0, sizeof error);
    error.offset = SBIND_NO_OFFSET;
}

static void give_status(sbind_status status)
{
    answer.status = (uint32_t)status;
    answer.name = text_of(sbind_status_name(status));
    if (status == SBIND_OK)
        return;
    answer.offset =
        error.offset == SBIND_NO_OFFSET ? UINT32_MAX : (uint32_t)error.offset;
    answer.message = text_of(sbind_status_text(status));
    answer.hint =
        text_of(error.hint != NULL ? error.hint : sbind_status_hint(status));
    answer.variable = text_of(error.variable);
}

static octets host_of(const sbind_address *a)
{
    if (a->kind == SBIND_TCP_IPV4)
        return (octets){literal, sbind_format_ipv4(a->ip, literal)};
    if (a->kind == SBIND_TCP_IPV6)
        return (octets){literal, sbind_format_ipv6(a->ip, literal)};
    return (octets){a->host, a->host_length};
}

static void give_address(void)
{
    size_t length = 0;
    sbind_format(&address, canonical, sizeof canonical, &length);
    answer.kind = (uint32_t)address.kind;
    answer.fd = (uint32_t)address.fd;
    answer.port = address.port;
    answer.canonical = (octets){canonical, length};
    answer.host = host_of(&address);
    answer.zone = (octets){address.zone, address.zone_length};
    answer.path = (octets){address.name, address.name_length};
}

EXPORT("answer") const void *sbind_wasm_answer(void) { return &answer; }

/* Reads text[0 .. length). */
EXPORT("parse") void sbind_wasm_parse(const char *text, size_t length)
{
    begin();
    sbind_status s = sbind_parse(text, length, &address, &error);
    give_status(s);
    if (s == SBIND_OK)
        give_address();
}

/* What listening on text[0 .. length) would do on Linux. */
EXPORT("explain") void sbind_wasm_explain(const char *text, size_t length)
{
    begin();
    sbind_status s = sbind_parse(text, length, &address, &error);
    give_status(s);
    if (s != SBIND_OK)
        return;
    const plan p = plan_of(&address);
    answer.listening = (octets){p.lines, p.length};
    answer.refused = p.refused;
}

/* Makes a policy from bits, one for each rule, in the order of POLICIES in
 * sbind.mjs. Paths are judged as on Linux. No descriptor counts as passed. */
static sbind_policy policy_of(uint32_t rules)
{
    sbind_policy p;
    sbind_policy_init(&p);
    p.absolute_path = rules & 1;
    p.no_abstract = rules >> 1 & 1;
    p.loopback = rules >> 2 & 1;
    p.numeric = rules >> 3 & 1;
    p.portable = rules >> 4 & 1;
    p.local_pipe = rules >> 5 & 1;
    p.no_wildcard = rules >> 6 & 1;
    p.passed_only = rules >> 7 & 1;
    return p;
}

/* Whether a policy would accept text[0 .. length). schemes is a set of
 * SBIND_ALLOW_... bits. within ends in NUL, or is NULL. */
EXPORT("check")
void sbind_wasm_check(const char *text, size_t length, uint32_t rules,
                      uint32_t schemes, const char *within)
{
    sbind_policy p = policy_of(rules);
    p.schemes = schemes;
    p.within = within;
    begin();
    sbind_status s = sbind_parse(text, length, &address, &error);
    give_status(s == SBIND_OK ? sbind_policy_check(&p, &address, &error) : s);
}

/* sbind_activation_input as 32-bit words. "at" is NULL for a variable that is
 * not set. */
typedef struct request {
    octets pid, pidfdid, fds, fdnames;
    int32_t self_pid;
    uint32_t self_pidfdid_low, self_pidfdid_high;
    uint32_t fd_limit;
    uint32_t accept_missing_pid;
} request;

static sbind_env_value value_of(octets o)
{
    return (sbind_env_value){o.at, o.length};
}

EXPORT("activation") void sbind_wasm_activation(const request *r)
{
    const sbind_activation_input in = {
        .pid = value_of(r->pid),
        .pidfdid = value_of(r->pidfdid),
        .fds = value_of(r->fds),
        .fdnames = value_of(r->fdnames),
        .self_pid = r->self_pid,
        .self_pidfdid =
            (uint64_t)r->self_pidfdid_high << 32 | r->self_pidfdid_low,
        .fd_limit = r->fd_limit,
        .accept_missing_pid = r->accept_missing_pid != 0};
    sbind_activation a;
    begin();
    sbind_status s = sbind_activation_read(&in, &a, &error);
    give_status(s);
    if (s != SBIND_OK)
        return;
    answer.outcome = (uint32_t)a.outcome;
    answer.count = a.count;
    answer.names = (octets){a.names.text, a.names.length};
}

/* Writes the report of the last error about that text. Returns its length. */
EXPORT("report") size_t sbind_wasm_report(const char *text, size_t length)
{
    size_t n = 0;
    sbind_report(&error, text, length, report, sizeof report, &n);
    return n;
}

EXPORT("report_at") const void *sbind_wasm_report_at(void) { return report; }
