/* activation.c - finds out from the four variables which sockets were passed
 * (SPEC.md 6); pure */
#include <sbind/activation.h>

#include <string.h>

#include "../status/error.h"
#include "lexer.h"

#define NAME_MAX_OCTETS 255

/* What one variable leads to: a decision, a refusal, or a look at the next
 * variable. */
typedef enum step { GO_ON, DECIDED, REFUSED } step;

static const char *const variables[] = {
    [SBIND__LISTEN_PID] = "LISTEN_PID",
    [SBIND__LISTEN_PIDFDID] = "LISTEN_PIDFDID",
    [SBIND__LISTEN_FDS] = "LISTEN_FDS",
    [SBIND__LISTEN_FDNAMES] = "LISTEN_FDNAMES",
};

static step refuse_variable(sbind__variable variable, sbind_status status,
                            size_t offset, sbind_error *err)
{
    sbind__fail_at(status, offset, NULL, err);
    err->variable = variables[variable];
    return REFUSED;
}

static bool is_set(const sbind_env_value *value) { return value->text != NULL; }

/* The length of the viable prefix of LISTEN_FDNAMES. A name has a limit
 * (SPEC.md 2.9): if one is longer, the prefix ends where the limit is
 * passed. */
static size_t check_names(const sbind_env_value *list, size_t viable)
{
    size_t length = 0;
    for (size_t i = 0; i < viable; i++) {
        length = list->text[i] == ':' ? 0 : length + 1;
        if (length > NAME_MAX_OCTETS)
            return i;
    }
    return viable;
}

/* Whether the value matches the variable's rule. If not, *err says so. */
static bool matches(sbind__variable variable, const sbind_env_value *value,
                    sbind_status mismatch, sbind_error *err)
{
    size_t viable, past;
    bool matched = sbind__lex_activation(
        variable, (const unsigned char *)value->text, value->length, &viable);
    past =
        variable == SBIND__LISTEN_FDNAMES ? check_names(value, viable) : viable;
    if (matched && past == viable)
        return true;
    refuse_variable(variable, mismatch, past, err);
    return false;
}

/* The number that the digits mean. The number cannot overflow, because the
 * lexer allows only so many digits. */
static uint64_t decimal(const sbind_env_value *value)
{
    uint64_t n = 0;
    for (size_t i = 0; i < value->length; i++)
        n = n * 10 + (uint64_t)(value->text[i] - '0');
    return n;
}

static step is_another(sbind__variable variable, sbind_activation *out)
{
    out->outcome = SBIND_ACTIVATION_OTHER_PROCESS;
    out->decided_by = variables[variable];
    return DECIDED;
}

/* SPEC.md 6.3 */
static step read_pid(const sbind_activation_input *in, sbind_activation *out,
                     sbind_error *err)
{
    if (!is_set(&in->pid))
        return in->accept_missing_pid ? GO_ON : DECIDED;
    if (!matches(SBIND__LISTEN_PID, &in->pid, SBIND_BAD_LISTEN_PID, err))
        return REFUSED;
    if (in->self_pid > 0 && decimal(&in->pid) == (uint64_t)in->self_pid)
        return GO_ON;
    return is_another(SBIND__LISTEN_PID, out);
}

/* SPEC.md 6.4 */
static step read_pidfdid(const sbind_activation_input *in,
                         sbind_activation *out, sbind_error *err)
{
    if (!is_set(&in->pidfdid) || in->self_pidfdid == 0)
        return GO_ON;
    if (!matches(SBIND__LISTEN_PIDFDID, &in->pidfdid, SBIND_BAD_LISTEN_PIDFDID,
                 err))
        return REFUSED;
    if (decimal(&in->pidfdid) == in->self_pidfdid)
        return GO_ON;
    return is_another(SBIND__LISTEN_PIDFDID, out);
}

/* SPEC.md 6.5 */
static step read_fds(const sbind_activation_input *in, sbind_activation *out,
                     sbind_error *err)
{
    if (!is_set(&in->fds))
        return DECIDED;
    if (!matches(SBIND__LISTEN_FDS, &in->fds, SBIND_BAD_LISTEN_FDS, err))
        return REFUSED;
    if (decimal(&in->fds) > in->fd_limit)
        return refuse_variable(SBIND__LISTEN_FDS, SBIND_TOO_MANY_FDS,
                               in->fds.length, err);
    out->count = (uint32_t)decimal(&in->fds);
    return GO_ON;
}

static size_t count_names(const sbind_env_value *list)
{
    size_t n = 1;
    for (size_t i = 0; i < list->length; i++)
        n += list->text[i] == ':';
    return n;
}

/* SPEC.md 6.6 */
static step read_fdnames(const sbind_activation_input *in,
                         sbind_activation *out, sbind_error *err)
{
    if (!is_set(&in->fdnames))
        return GO_ON;
    if (!matches(SBIND__LISTEN_FDNAMES, &in->fdnames, SBIND_BAD_LISTEN_FDNAMES,
                 err))
        return REFUSED;
    if (count_names(&in->fdnames) != out->count)
        return refuse_variable(SBIND__LISTEN_FDNAMES, SBIND_FDNAMES_COUNT,
                               in->fdnames.length, err);
    out->names = in->fdnames;
    return GO_ON;
}

sbind_status sbind_activation_read(const sbind_activation_input *in,
                                   sbind_activation *ret, sbind_error *reterr)
{
    sbind_activation out = {SBIND_ACTIVATION_NONE, 0, {NULL, 0}, NULL};
    sbind_error err;
    step s = read_pid(in, &out, &err);
    if (s == GO_ON)
        s = read_pidfdid(in, &out, &err);
    if (s == GO_ON)
        s = read_fds(in, &out, &err);
    if (s == GO_ON)
        s = read_fdnames(in, &out, &err);
    if (s == REFUSED) {
        if (reterr != NULL)
            *reterr = err;
        return err.status;
    }
    SBIND__ENSURE(out.count <= in->fd_limit);
    if (s == GO_ON)
        out.outcome = SBIND_ACTIVATION_PASSED;
    *ret = out;
    return SBIND_OK;
}

bool sbind_activation_next_name(sbind_env_value *list, sbind_env_value *ret)
{
    if (list->text == NULL)
        return false;
    *ret = *list;
    const char *colon =
        list->length == 0 ? NULL : memchr(list->text, ':', list->length);
    if (colon == NULL) {
        list->text = NULL;
        list->length = 0;
        return true;
    }
    ret->length = (size_t)(colon - list->text);
    list->text = colon + 1;
    list->length -= ret->length + 1;
    return true;
}
