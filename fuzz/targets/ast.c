/* ast.c - asserts that sbind_valid, sbind_format, sbind_equal,
 * sbind_policy_check and sbind_report accept values and errors of any content,
 * read only their members, and agree with each other and with a naive policy.
 *
 * Input: a text, ended by a NUL. If the text is an address, the value is made
 * from it. Then come triples (offset, offset, octet), each of which changes an
 * octet of the value. After the offset 0xFFFF come octets for the policy and
 * for the error. The last octet says how many descriptors were passed. */
#include <sbind/policy.h>

#include "../fuzz.h"

enum { GUARD = 16, UNTOUCHED = 0x5A };

/* ---- The input ------------------------------------------------------------- */

static void take_value(fuzz_input *in, sbind_address *ret)
{
    fuzz_input field = fuzz_field(in, '\0');
    char *text = fuzz_copy(field.at, field.left);
    memset(ret, 0, sizeof *ret);
    if (sbind_parse(text, field.left, ret, NULL) != SBIND_OK)
        memcpy(ret, text, field.left < sizeof *ret ? field.left : sizeof *ret);
    free(text);
    while (in->left > 0) {
        unsigned high = fuzz_octet(in), at = high << 8 | fuzz_octet(in);
        if (at == 0xFFFF)
            break;
        ((unsigned char *)ret)[at % sizeof *ret] = fuzz_octet(in);
    }
}

static void take_policy(fuzz_input *in, sbind_policy *ret)
{
    static const char *const directories[] = {NULL, "/", "/a/", "/a/../b"};
    uint8_t flags = fuzz_octet(in), schemes = fuzz_octet(in);
    sbind_policy_init(ret);
    ret->schemes ^= schemes & 63;
    ret->within = directories[schemes >> 6];
    ret->absolute_path = (flags & 1) != 0;
    ret->no_abstract = (flags & 2) != 0;
    ret->loopback = (flags & 4) != 0;
    ret->numeric = (flags & 8) != 0;
    ret->portable = (flags & 16) != 0;
    ret->local_pipe = (flags & 32) != 0;
    ret->no_wildcard = (flags & 64) != 0;
    ret->passed_only = (flags & 128) != 0;
}

/* Takes an activation, which says how many descriptors were passed. The size of
 * the policy is sometimes wrong. */
static void take_passed(fuzz_input *in, sbind_policy *policy,
                        sbind_activation *ret)
{
    uint8_t flags = in->left > 0 ? in->at[--in->left] : 0;
    policy->size += flags == 255;
    policy->passed = (flags & 1) != 0 ? ret : NULL;
    memset(ret, 0, sizeof *ret);
    ret->outcome = (flags & 2) != 0 ? SBIND_ACTIVATION_PASSED
                                    : SBIND_ACTIVATION_OTHER_PROCESS;
    ret->count = flags >> 3;
}

static void take_error(fuzz_input *in, sbind_error *ret)
{
    static const char *const words[] = {NULL, "", "bind", "LISTEN_FDS"};
    uint8_t flags = fuzz_octet(in);
    memset(ret, 0, sizeof *ret);
    ret->status = (sbind_status)(fuzz_octet(in) << 2 | (flags & 3));
    ret->offset = (flags & 4) != 0 ? SBIND_NO_OFFSET : fuzz_octet(in);
    ret->variable = words[flags >> 3 & 3];
    ret->call = words[flags >> 4 & 3];
    ret->hint = words[flags >> 5 & 3];
    ret->os_name = words[flags >> 6 & 3];
    ret->os_error = (int)((unsigned)fuzz_octet(in) << 24) | fuzz_octet(in);
    ret->fds[0] = (int)((unsigned)fuzz_octet(in) << 24);
    ret->fds[1] = fuzz_octet(in);
    ret->attempt_count = fuzz_octet(in) % (2 * SBIND_ATTEMPTS_MAX);
    for (size_t i = 0; i < SBIND_ATTEMPTS_MAX; i++) {
        sbind_attempt *attempt = &ret->attempts[i];
        memset(attempt->address, 'a',
               fuzz_octet(in) % (sizeof attempt->address + 1));
        attempt->status = (sbind_status)(fuzz_octet(in) << 2 | (flags & 3));
        attempt->call = ret->call;
        attempt->hint = ret->hint;
        attempt->os_name = ret->os_name;
        attempt->os_error = ret->os_error;
    }
}

/* ---- What is asserted ------------------------------------------------------ */

static bool may_be_wildcard(const sbind_address *a)
{
    static const uint8_t zeros[16];
    if (a->kind == SBIND_TCP_IPV4)
        return memcmp(a->ip, zeros, 4) == 0;
    if (a->kind == SBIND_TCP_IPV6)
        return memcmp(a->ip, zeros, 16) == 0;
    return true; /* "*" is a wildcard; a name or tcp:// may be one */
}

/* Whether the path is below the directory, / or /a/, and each of its components
 * is more than dots and spaces. */
static bool is_within(const char *directory, const sbind_address *a)
{
    const char *rest = a->name;
    if (a->kind != SBIND_UNIX_PATH || strchr(rest, '\\') != NULL ||
        strncmp(rest, directory, strlen(directory)) != 0)
        return false;
    while (*rest == '/') {
        size_t n = strcspn(++rest, "/");
        if (strspn(rest, ". ") == n)
            return false;
        rest += n;
    }
    return *rest == '\0';
}

/* The policy as SPEC.md and policy.h describe it, with one line for each member. */
static sbind_status judge(const sbind_policy *p, const sbind_address *a)
{
    static const char one[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1";
    bool tcp = a->kind >= SBIND_TCP_DEFAULT && a->kind <= SBIND_TCP_ANY;
    bool path = a->kind == SBIND_UNIX_PATH;
    bool abstract = a->kind == SBIND_UNIX_ABSTRACT;
    bool pipe = a->kind == SBIND_NPIPE;
    unsigned scheme = tcp                ? SBIND_ALLOW_TCP
                      : path || abstract ? SBIND_ALLOW_UNIX
                      : pipe             ? SBIND_ALLOW_NPIPE
                                         : SBIND_ALLOW_FD;
    bool local = (a->kind == SBIND_TCP_IPV4 && a->ip[0] == 127) ||
                 (a->kind == SBIND_TCP_IPV6 && memcmp(a->ip, one, 16) == 0);
    if (p->size != sizeof *p || p->schemes > 15 ||
        (p->within != NULL && strstr(p->within, "..") != NULL))
        return SBIND_BAD_OPTION;
    if (!sbind_valid(a))
        return SBIND_INVALID_ADDRESS;
    if ((p->schemes & scheme) == 0)
        return SBIND_SCHEME_NOT_ALLOWED;
    if (p->numeric && a->kind == SBIND_TCP_NAME)
        return SBIND_NOT_NUMERIC;
    if (p->loopback && tcp && !local)
        return SBIND_NOT_LOOPBACK;
    if (p->no_abstract && abstract)
        return SBIND_ABSTRACT_NOT_ALLOWED;
    if (p->absolute_path && path && a->name[0] != '/')
        return SBIND_RELATIVE_PATH;
    if (p->within != NULL && (path || abstract) && !is_within(p->within, a))
        return SBIND_NOT_WITHIN;
    if (p->local_pipe && pipe && (a->host[0] != '.' || a->host_length != 1))
        return SBIND_REMOTE_PIPE;
    if (p->portable && (pipe || abstract || (path && a->name_length > 103) ||
                        (a->kind == SBIND_TCP_IPV6 && a->zone_length > 0)))
        return SBIND_NOT_PORTABLE;
    if (p->no_wildcard && tcp && may_be_wildcard(a))
        return SBIND_WILDCARD;
    if (p->passed_only && a->kind == SBIND_FD_NUMBER &&
        (p->passed == NULL || p->passed->outcome != SBIND_ACTIVATION_PASSED ||
         a->fd < 3 || (uint32_t)a->fd - 3 >= p->passed->count))
        return SBIND_FD_NOT_PASSED;
    if (p->portable && scheme == SBIND_ALLOW_FD)
        return SBIND_NOT_PORTABLE;
    return SBIND_OK;
}

static void check_policy(const sbind_policy *p, const sbind_address *a)
{
    sbind_error e;
    sbind_status status = sbind_policy_check(p, a, &e);
    CHECK(status == judge(p, a));
    CHECK(status == SBIND_OK || e.status == status);
    CHECK(sbind_policy_check(p, a, NULL) == status);
}

/* A value is valid exactly when it equals itself, and exactly when it can be
 * written as a text. */
static void check_value(const sbind_address *a)
{
    char text[SBIND_FORMAT_MAX];
    size_t length = SIZE_MAX;
    bool valid = sbind_valid(a);
    sbind_status status = sbind_format(a, text, sizeof text, &length);
    sbind_address again;
    CHECK(status == (valid ? SBIND_OK : SBIND_INVALID_ADDRESS));
    if (!valid) {
        CHECK(length == SIZE_MAX);
        (void)sbind_equal(a, a);
        return;
    }
    CHECK(sbind_equal(a, a));
    CHECK(sbind_parse(text, length, &again, NULL) == SBIND_OK);
    CHECK(sbind_equal(a, &again) && sbind_equal(&again, a));
}

/* Two values are equal when both are written the same. */
static void check_pair(const sbind_address *a, const sbind_address *b)
{
    char one[SBIND_FORMAT_MAX], two[SBIND_FORMAT_MAX];
    size_t m, n;
    bool equal = sbind_equal(a, b);
    CHECK(equal == sbind_equal(b, a));
    if (sbind_format(a, one, sizeof one, &m) == SBIND_OK &&
        sbind_format(b, two, sizeof two, &n) == SBIND_OK)
        CHECK(equal == (m == n && memcmp(one, two, n) == 0));
}

static bool is_printable(const char *page, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (page[i] != '\n' && (page[i] < 0x20 || page[i] > 0x7E))
            return false;
    return true;
}

/* A report is complete, printable and within the buffer, or it is refused. */
static void check_report(const sbind_error *e, const char *text, size_t size)
{
    char page[SBIND_REPORT_MAX], room[GUARD + SBIND_REPORT_MAX + GUARD];
    char *buf = room + GUARD;
    size_t length, other, touched;
    CHECK(sbind_report(e, text, size, page, sizeof page, &length) == SBIND_OK);
    CHECK(length < sizeof page && page[length] == '\0');
    CHECK(is_printable(page, length));
    memset(room, UNTOUCHED, sizeof room);
    for (size_t cap = length - 1; cap <= length + 1; cap++) {
        bool fits = cap > length;
        touched = fits ? length + 1 : 0;
        CHECK(sbind_report(e, text, size, buf, cap, &other) ==
              (fits ? SBIND_OK : SBIND_BUFFER_TOO_SMALL));
        CHECK(memcmp(buf, page, touched) == 0);
        CHECK(fuzz_is_all(room, GUARD, UNTOUCHED));
        CHECK(fuzz_is_all(buf + touched, GUARD + SBIND_REPORT_MAX - touched,
                          UNTOUCHED));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size}, first = in;
    sbind_address *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    sbind_policy policy;
    sbind_activation passed;
    sbind_error error;
    char *text = fuzz_copy(data, size);
    CHECK(a != NULL && b != NULL);
    first = fuzz_field(&first, '\0');
    take_value(&first, b); /* unchanged */
    take_value(&in, a);
    take_policy(&in, &policy);
    take_passed(&in, &policy, &passed);
    take_error(&in, &error);
    check_value(a);
    check_pair(a, b);
    check_policy(&policy, a);
    check_report(&error, text, size);
    check_report(&error, NULL, 0);
    free(text);
    free(a);
    free(b);
    return 0;
}
