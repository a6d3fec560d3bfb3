/* activation.c - asserts that sbind_activation_read gives the same outcome, or the
 * same error and offset, as a naive reading of SPEC.md 6, for any environment. The
 * naive reading compares numbers as texts. Asserts that sbind_activation_next_name
 * gives exactly the names of the list.
 *
 * Input: seven texts, each ended by a NUL. The first four are LISTEN_PID,
 * LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PIDFDID. A variable is unset if its
 * first octet is 0xFF. The other three texts are decimal numbers: the process's
 * own id, the id of its pidfd, and the limit on descriptors. If anything
 * follows, a missing LISTEN_PID is accepted. */
#include <inttypes.h>

#include <sbind/activation.h>

#include "../fuzz.h"

/* ---- The input ------------------------------------------------------------- */

static sbind_env_value take_value(fuzz_input *in)
{
    fuzz_input field = fuzz_field(in, '\0');
    if (field.left > 0 && field.at[0] == 0xFF)
        return (sbind_env_value){NULL, 0};
    return (sbind_env_value){fuzz_copy(field.at, field.left), field.left};
}

static uint64_t take_number(fuzz_input *in)
{
    fuzz_input field = fuzz_field(in, '\0');
    uint64_t value = 0;
    for (size_t i = 0; i < field.left; i++) {
        uint64_t digit = (uint8_t)(field.at[i] - '0') % 10;
        bool fits = value <= (UINT64_MAX - digit) / 10;
        value = fits ? value * 10 + digit : UINT64_MAX;
    }
    return value;
}

/* ---- The naive reading ----------------------------------------------------- */

typedef struct verdict {
    sbind_activation_outcome outcome;
    sbind_status status;
    const char *variable; /* has the error, or names another process */
    size_t offset;
} verdict;

static verdict refused(sbind_status status, const char *variable, size_t offset)
{
    return (verdict){SBIND_ACTIVATION_NONE, status, variable, offset};
}

static verdict outcome(sbind_activation_outcome outcome)
{
    return (verdict){outcome, SBIND_OK, NULL, 0};
}

static verdict another(const char *variable)
{
    return (verdict){SBIND_ACTIVATION_OTHER_PROCESS, SBIND_OK, variable, 0};
}

/* Whether the decimal number a, which has n digits, is above the decimal number b. */
static bool is_above(const char *a, size_t n, const char *b)
{
    return n != strlen(b) ? n > strlen(b) : memcmp(a, b, n) > 0;
}

/* How many octets at the beginning of a value are a number from 1 to "most", or
 * could begin such a number. */
static size_t number_length(const sbind_env_value *v, const char *most)
{
    size_t n = 0;
    while (n < v->length && strchr("0123456789", v->text[n]) != NULL &&
           v->text[n] != '\0' && v->text[0] != '0' &&
           !is_above(v->text, n + 1, most))
        n++;
    return n;
}

static bool is_number(const sbind_env_value *v, const char *most)
{
    return v->length > 0 && number_length(v, most) == v->length;
}

static bool is_same(const sbind_env_value *v, uint64_t number)
{
    char text[24];
    size_t n = (size_t)snprintf(text, sizeof text, "%" PRIu64, number);
    return v->length == n && memcmp(v->text, text, n) == 0;
}

static bool is_above_number(const sbind_env_value *v, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return is_above(v->text, v->length, text);
}

/* How many octets at the beginning of a value are a list of names, or could
 * begin such a list. *ret_names is the number of names in the list. */
static size_t list_length(const sbind_env_value *v, uint64_t *ret_names)
{
    size_t in_name = 0;
    *ret_names = 1;
    for (size_t i = 0; i < v->length; i++) {
        unsigned octet = (unsigned char)v->text[i];
        in_name = octet == ':' ? 0 : in_name + 1;
        if (octet < 0x20 || octet > 0x7E || in_name == 256)
            return i;
        *ret_names += octet == ':';
    }
    return v->length;
}

/* SPEC.md 6.5 to 6.7 */
static verdict read_sockets(const sbind_activation_input *in)
{
    static const char most[] = "2147483644";
    uint64_t names;
    size_t n;
    if (in->fds.text == NULL)
        return outcome(SBIND_ACTIVATION_NONE);
    if (!is_number(&in->fds, most))
        return refused(SBIND_BAD_LISTEN_FDS, "LISTEN_FDS",
                       number_length(&in->fds, most));
    if (is_above_number(&in->fds, in->fd_limit))
        return refused(SBIND_TOO_MANY_FDS, "LISTEN_FDS", in->fds.length);
    if (in->fdnames.text == NULL)
        return outcome(SBIND_ACTIVATION_PASSED);
    n = list_length(&in->fdnames, &names);
    if (n < in->fdnames.length)
        return refused(SBIND_BAD_LISTEN_FDNAMES, "LISTEN_FDNAMES", n);
    if (!is_same(&in->fds, names))
        return refused(SBIND_FDNAMES_COUNT, "LISTEN_FDNAMES", n);
    return outcome(SBIND_ACTIVATION_PASSED);
}

/* SPEC.md 6.3 and 6.4 */
static verdict read_naively(const sbind_activation_input *in)
{
    static const char most_pid[] = "2147483647";
    static const char most_id[] = "18446744073709551615";
    if (in->pid.text == NULL && !in->accept_missing_pid)
        return outcome(SBIND_ACTIVATION_NONE);
    if (in->pid.text != NULL && !is_number(&in->pid, most_pid))
        return refused(SBIND_BAD_LISTEN_PID, "LISTEN_PID",
                       number_length(&in->pid, most_pid));
    if (in->pid.text != NULL && !is_same(&in->pid, (uint64_t)in->self_pid))
        return another("LISTEN_PID");
    if (in->pidfdid.text == NULL || in->self_pidfdid == 0)
        return read_sockets(in);
    if (!is_number(&in->pidfdid, most_id))
        return refused(SBIND_BAD_LISTEN_PIDFDID, "LISTEN_PIDFDID",
                       number_length(&in->pidfdid, most_id));
    if (!is_same(&in->pidfdid, in->self_pidfdid))
        return another("LISTEN_PIDFDID");
    return read_sockets(in);
}

/* ---- What is asserted ------------------------------------------------------ */

/* The names, joined by colons, are the same as the list in the environment. */
static void check_names(const sbind_activation *a,
                        const sbind_activation_input *in)
{
    sbind_env_value left = a->names, name;
    uint64_t count = 0;
    size_t at = 0;
    while (sbind_activation_next_name(&left, &name)) {
        CHECK(count == 0 || in->fdnames.text[at++] == ':');
        CHECK(name.text == in->fdnames.text + at);
        CHECK(name.length <= 255);
        CHECK(name.length == 0 || memchr(name.text, ':', name.length) == NULL);
        at += name.length;
        count++;
    }
    CHECK(count == (in->fdnames.text == NULL ? 0 : a->count));
    CHECK(at == in->fdnames.length);
}

static void check(const sbind_activation_input *in)
{
    verdict expected = read_naively(in);
    sbind_activation a = {SBIND_ACTIVATION_PASSED, 77, {"x", 1}, "y"},
                     before = a;
    sbind_error e;
    sbind_status status = sbind_activation_read(in, &a, &e);
    CHECK(status == expected.status);
    CHECK(sbind_activation_read(in, &a, NULL) == status);
    if (status != SBIND_OK) {
        CHECK(e.status == status && e.offset == expected.offset);
        CHECK(strcmp(e.variable, expected.variable) == 0);
        CHECK(memcmp(&a, &before, sizeof a) == 0);
        return;
    }
    CHECK(a.outcome == expected.outcome);
    CHECK((a.decided_by == NULL) == (expected.variable == NULL));
    CHECK(a.decided_by == NULL || !strcmp(a.decided_by, expected.variable));
    if (a.outcome == SBIND_ACTIVATION_PASSED) {
        CHECK(is_same(&in->fds, a.count));
        check_names(&a, in);
    } else {
        CHECK(a.count == 0 && a.names.text == NULL && a.names.length == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input left = {data, size};
    sbind_activation_input in;
    in.pid = take_value(&left);
    in.fds = take_value(&left);
    in.fdnames = take_value(&left);
    in.pidfdid = take_value(&left);
    in.self_pid = (int32_t)(take_number(&left) % ((uint64_t)INT32_MAX + 1));
    in.self_pidfdid = take_number(&left);
    in.fd_limit = (uint32_t)(take_number(&left) % ((uint64_t)UINT32_MAX + 1));
    in.accept_missing_pid = left.left > 0;
    check(&in);
    fuzz_free(in.pid.text);
    fuzz_free(in.fds.text);
    fuzz_free(in.fdnames.text);
    fuzz_free(in.pidfdid.text);
    return 0;
}
