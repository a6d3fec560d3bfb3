/* notify.c - where messages to the service manager go, and which of them may be
 * sent (SPEC.md 8); pure */
#include "notify.h"

#include <string.h>

#include "../status/error.h"
#include "lexer.h"

/* The length of the viable prefix, but no more than the limit of the text. What
 * comes after the limit is not read. *ret_whole says whether the text matches
 * the rule and keeps the limit. */
static size_t viable(sbind__notify_rule rule, const char *text, size_t len,
                     size_t limit, bool *ret_whole)
{
    size_t n, read = len < limit ? len : limit;
    bool matched =
        sbind__lex_notify(rule, (const unsigned char *)text, read, &n);
    *ret_whole = matched && len <= limit;
    return n;
}

sbind_status sbind_notify_address(const char *value, size_t len,
                                  sbind_address *ret, sbind_error *reterr)
{
    bool whole;
    size_t n = viable(SBIND__NOTIFY_SOCKET, value, len, SBIND_NOTIFY_SOCKET_MAX,
                      &whole);
    if (!whole) {
        sbind__fail_at(SBIND_BAD_NOTIFY_SOCKET, n, NULL, reterr);
        if (reterr != NULL)
            reterr->variable = "NOTIFY_SOCKET";
        return SBIND_BAD_NOTIFY_SOCKET;
    }
    bool is_abstract = value[0] == '@';
    memset(ret, 0, sizeof *ret);
    ret->kind = is_abstract ? SBIND_UNIX_ABSTRACT : SBIND_UNIX_PATH;
    ret->name_length = (uint16_t)(len - is_abstract);
    memcpy(ret->name, value + is_abstract, ret->name_length);
    return SBIND_OK;
}

bool sbind__has_line(const char *state, size_t len, const char *begin,
                     bool is_whole)
{
    const size_t n = strlen(begin);
    while (len >= n) {
        const char *end = memchr(state, '\n', len);
        size_t line = end == NULL ? len : (size_t)(end - state);
        if (line >= n && memcmp(state, begin, n) == 0 &&
            (line == n || !is_whole))
            return true;
        if (end == NULL)
            return false;
        state = end + 1;
        len -= line + 1;
    }
    return false;
}

/* SPEC.md 8.6 */
static sbind_status check_count(const char *state, size_t len, size_t count,
                                sbind_error *reterr)
{
    if (count > SBIND_NOTIFY_FDS_MAX)
        return sbind__fail_hint(SBIND_TOO_MANY_PASSED,
                                "send at most 253 descriptors with one message",
                                reterr);
    if (count > 0 && !sbind__has_line(state, len, "FDSTORE=1", true) &&
        !sbind__has_line(state, len, "BARRIER=1", true))
        return sbind__fail_hint(
            SBIND_BAD_NOTIFY_STATE,
            "descriptors need the line FDSTORE=1, or the service manager "
            "closes them",
            reterr);
    return SBIND_OK;
}

sbind_status sbind_notify_check(const char *state, size_t len, size_t count,
                                sbind_error *reterr)
{
    bool whole;
    size_t n =
        viable(SBIND__NOTIFY_STATE, state, len, SBIND_NOTIFY_STATE_MAX, &whole);
    if (!whole)
        return sbind__fail_at(SBIND_BAD_NOTIFY_STATE, n, NULL, reterr);
    return check_count(state, len, count, reterr);
}
