/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * vectors_test.c - the library against conformance/vectors
 *
 * Every text is parsed at the end of a page, before a page without access, so that
 * a read past its end is a fault. It is also parsed in a heap block of its size, at
 * each of sixteen alignments. There a sanitized build also notices a read before
 * its start. If a vector fails, the test prints its id and goes on.
 *
 * The directory of the vectors is the environment variable SBIND_VECTORS or,
 * if that is unset, the macro SBIND_VECTORS_DIR.
 *
 * Promises: P1 P13 P18 P19 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include <sbind/activation.h>
#include <sbind/notify.h>
#include <sbind/parse.h>
#include <sbind/status.h>

#ifndef SBIND_VECTORS_DIR
#define SBIND_VECTORS_DIR "conformance/vectors"
#endif

#define ALIGNMENTS 16
#define COLUMNS 80
#define PATTERN 0xA5

/* ---- Failures ------------------------------------------------------------ */

static const char *current_id; /* of the vector that runs */
static unsigned failures;

static void fail_vector(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static void fail_vector(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", current_id);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    failures++;
}

/* Reports the fault unless the condition holds. Returns the condition. */
static bool expect(bool condition, const char *what)
{
    if (!condition)
        fail_vector("%s", what);
    return condition;
}

/* ---- Memory -------------------------------------------------------------- */

/* Pages that can be written, and after them a page without access. */
typedef struct guard {
    char *start;
    size_t size;
} guard;

enum { TEXT, BUFFER, PID, PIDFDID, FDS, FDNAMES, GUARDS };

static guard guards[GUARDS];

static int set_up(void **state)
{
    (void)state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t size = (8192 + page - 1) / page * page;
    for (size_t i = 0; i < GUARDS; i++) {
        void *start = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED)
            return -1;
        guards[i].start = start;
        guards[i].size = size;
        if (mprotect(guards[i].start + size, page, PROT_NONE) != 0)
            return -1;
    }
    return 0;
}

/* The last n octets before the page without access. */
static char *at_guard(size_t which, size_t n)
{
    assert_true(n <= guards[which].size);
    return guards[which].start + guards[which].size - n;
}

static bool untouched(const void *object, size_t size)
{
    const unsigned char *octets = object;
    for (size_t i = 0; i < size; i++) {
        if (octets[i] != PATTERN)
            return false;
    }
    return true;
}

/* ---- The members of a vector --------------------------------------------- */

typedef struct octets {
    char data[8192];
    size_t length;
    bool set;
} octets;

static const char *string_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    if (text == NULL)
        fail_msg("%s: no string %s", current_id, member);
    return text;
}

static json_int_t integer_of(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    if (!json_is_integer(value))
        fail_msg("%s: no integer %s", current_id, member);
    return json_integer_value(value);
}

static unsigned nibble(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *place = strchr(digits, digit);
    if (digit == '\0' || place == NULL)
        fail_msg("%s: not hexadecimal", current_id);
    return (unsigned)(place - digits);
}

static void from_hex(const char *hex, octets *ret)
{
    const size_t length = strlen(hex) / 2;
    assert_true(length <= sizeof ret->data);
    for (size_t i = 0; i < length; i++) {
        const unsigned high = nibble(hex[2 * i]);
        ret->data[i] = (char)(high << 4 | nibble(hex[2 * i + 1]));
    }
    ret->length = length;
    ret->set = true;
}

/* The octets of a member. The vector has it as a text, as null, or in hexadecimal
 * under another name. */
static void octets_of(const json_t *vector, const char *plain,
                      const char *coded, octets *ret)
{
    const json_t *hex = json_object_get(vector, coded);
    ret->length = 0;
    ret->set = false;
    if (hex != NULL) {
        from_hex(string_of(vector, coded), ret);
    } else if (!json_is_null(json_object_get(vector, plain))) {
        const char *text = string_of(vector, plain);
        ret->length = strlen(text);
        ret->set = true;
        assert_true(ret->length <= sizeof ret->data);
        memcpy(ret->data, text, ret->length);
    }
}

/* ---- Values -------------------------------------------------------------- */

/* Compares every member, also those that the kind does not use. */
static bool same(const sbind_address *a, const sbind_address *b)
{
    return a->kind == b->kind && a->fd == b->fd && a->port == b->port &&
           a->name_length == b->name_length &&
           a->host_length == b->host_length &&
           a->zone_length == b->zone_length &&
           memcmp(a->ip, b->ip, sizeof a->ip) == 0 &&
           memcmp(a->zone, b->zone, sizeof a->zone) == 0 &&
           memcmp(a->host, b->host, a->host_length + 1U) == 0 &&
           memcmp(a->name, b->name, a->name_length + 1U) == 0;
}

static void set_host(sbind_address *a, const char *host)
{
    const size_t length = strlen(host);
    assert_true(length < sizeof a->host);
    memcpy(a->host, host, length);
    a->host_length = (uint8_t)length;
}

static void set_name(sbind_address *a, const char *name, size_t length)
{
    assert_true(length < sizeof a->name);
    memcpy(a->name, name, length);
    a->name_length = (uint16_t)length;
}

static void set_octets(sbind_address *a, const char *hex)
{
    octets name;
    from_hex(hex, &name);
    set_name(a, name.data, name.length);
}

static void tcp_value(const json_t *object, sbind_address *ret)
{
    const json_t *host = json_object_get(object, "host");
    const char *type = string_of(host, "type");
    if (strcmp(type, "default") == 0) {
        ret->kind = SBIND_TCP_DEFAULT;
        return;
    }
    ret->port = (uint16_t)integer_of(object, "port");
    if (strcmp(type, "any") == 0) {
        ret->kind = SBIND_TCP_ANY;
    } else if (strcmp(type, "ipv4") == 0) {
        ret->kind = SBIND_TCP_IPV4;
        assert_int_equal(inet_pton(AF_INET, string_of(host, "value"), ret->ip),
                         1);
    } else if (strcmp(type, "ipv6") == 0) {
        ret->kind = SBIND_TCP_IPV6;
        assert_int_equal(inet_pton(AF_INET6, string_of(host, "value"), ret->ip),
                         1);
        if (json_object_get(host, "zone") != NULL) {
            const char *zone = string_of(host, "zone");
            assert_true(strlen(zone) <= SBIND_ZONE_MAX);
            memcpy(ret->zone, zone, strlen(zone));
            ret->zone_length = (uint8_t)strlen(zone);
        }
    } else {
        assert_string_equal(type, "name");
        ret->kind = SBIND_TCP_NAME;
        set_host(ret, string_of(host, "value"));
    }
}

static void fd_value(const json_t *object, sbind_address *ret)
{
    const char *type = string_of(object, "type");
    if (strcmp(type, "single") == 0) {
        ret->kind = SBIND_FD_SINGLE;
    } else if (strcmp(type, "all") == 0) {
        ret->kind = SBIND_FD_ALL;
    } else if (strcmp(type, "number") == 0) {
        ret->kind = SBIND_FD_NUMBER;
        ret->fd = (int32_t)integer_of(object, "value");
    } else {
        assert_string_equal(type, "name");
        ret->kind = SBIND_FD_NAME;
        const char *name = string_of(object, "value");
        set_name(ret, name, strlen(name));
    }
}

/* The value that the address object of a vector describes. */
static void value_of(const json_t *object, sbind_address *ret)
{
    const char *scheme = string_of(object, "scheme");
    memset(ret, 0, sizeof *ret);
    if (strcmp(scheme, "tcp") == 0) {
        tcp_value(object, ret);
    } else if (strcmp(scheme, "unix") == 0) {
        ret->kind = strcmp(string_of(object, "type"), "path") == 0
                        ? SBIND_UNIX_PATH
                        : SBIND_UNIX_ABSTRACT;
        set_octets(ret, string_of(object, "octets"));
    } else if (strcmp(scheme, "fd") == 0) {
        fd_value(object, ret);
    } else {
        assert_string_equal(scheme, "npipe");
        ret->kind = SBIND_NPIPE;
        set_host(ret, string_of(object, "server"));
        set_octets(ret, string_of(object, "name"));
    }
    expect(strcmp(sbind_scheme(ret->kind), scheme) == 0, "wrong sbind_scheme");
}

/* ---- Parsing ------------------------------------------------------------- */

typedef struct answer {
    sbind_status status;
    sbind_address address; /* when SBIND_OK */
    sbind_error error;     /* otherwise */
} answer;

static void parse(const char *text, size_t length, answer *ret)
{
    memset(&ret->address, PATTERN, sizeof ret->address);
    memset(&ret->error, PATTERN, sizeof ret->error);
    ret->status = sbind_parse(text, length, &ret->address, &ret->error);
    if (ret->status == SBIND_OK)
        expect(untouched(&ret->error, sizeof ret->error),
               "*reterr changed on success");
    else
        expect(untouched(&ret->address, sizeof ret->address),
               "*ret changed on failure");
}

static bool same_answer(const answer *a, const answer *b)
{
    if (a->status != b->status)
        return false;
    if (a->status == SBIND_OK)
        return same(&a->address, &b->address);
    return a->error.status == b->error.status &&
           a->error.offset == b->error.offset && a->error.hint == b->error.hint;
}

static void parse_at_alignments(const octets *text, const answer *expected)
{
    for (size_t shift = 0; shift < ALIGNMENTS; shift++) {
        char *block = malloc(shift + text->length);
        assert_true(block != NULL || shift + text->length == 0);
        char *place = block == NULL ? NULL : block + shift;
        if (text->length > 0)
            memcpy(place, text->data, text->length);
        answer got;
        parse(place, text->length, &got);
        if (!same_answer(&got, expected))
            fail_vector("another answer at alignment %zu", shift);
        free(block);
    }
}

/* ---- Accepted vectors ---------------------------------------------------- */

static void check_small_buffers(const sbind_address *address, size_t length)
{
    static char buffer[SBIND_FORMAT_MAX];
    for (size_t cap = 0; cap <= length; cap++) {
        size_t got;
        memset(buffer, PATTERN, sizeof buffer);
        memset(&got, PATTERN, sizeof got);
        const sbind_status status = sbind_format(address, buffer, cap, &got);
        if (status != SBIND_BUFFER_TOO_SMALL) {
            fail_vector("sbind_format with %zu octets: %s", cap,
                        sbind_status_name(status));
            return;
        }
        if (!untouched(buffer, sizeof buffer) || !untouched(&got, sizeof got)) {
            fail_vector("sbind_format wrote in spite of %zu octets", cap);
            return;
        }
    }
}

static void check_accepted(const json_t *vector, const answer *got)
{
    octets canonical;
    octets_of(vector, "canonical", "canonical_hex", &canonical);
    sbind_address expected;
    value_of(json_object_get(vector, "address"), &expected);
    expect(same(&got->address, &expected), "another address");
    expect(sbind_valid(&got->address), "not valid");
    expect(sbind_valid(&expected), "the expected address is not valid");
    expect(sbind_equal(&got->address, &expected), "not equal");

    const size_t cap = canonical.length + 1;
    char *text = at_guard(BUFFER, cap);
    size_t length = 0;
    memset(text, PATTERN, cap);
    const sbind_status status = sbind_format(&got->address, text, cap, &length);
    if (status != SBIND_OK) {
        fail_vector("sbind_format: %s", sbind_status_name(status));
        return;
    }
    if (length != canonical.length || text[length] != '\0' ||
        memcmp(text, canonical.data, length) != 0) {
        fail_vector("canonical is \"%.*s\"", (int)length, text);
        return;
    }
    check_small_buffers(&got->address, length);

    answer again;
    char *place = at_guard(TEXT, length);
    memcpy(place, text, length);
    parse(place, length, &again);
    expect(again.status == SBIND_OK && same(&again.address, &got->address) &&
               sbind_equal(&again.address, &got->address),
           "the canonical spelling has another value");
}

/* ---- Rejected vectors ---------------------------------------------------- */

static bool printable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7E)
            return false;
    }
    return true;
}

/* Whether a line consists of blanks and a caret. *column is where the caret is. */
static bool is_caret_line(const char *line, size_t length, size_t *column)
{
    *column = length - 1;
    return length > 0 && line[length - 1] == '^' &&
           strspn(line, " ") == length - 1;
}

/* "line" is the line above the caret. It has the text, or the part of the text around
 * the caret. */
static void check_caret(const sbind_error *error, const octets *text,
                        const char *line, size_t length, size_t column)
{
    if (column > length || column >= COLUMNS)
        fail_vector("the caret is at column %zu of %zu", column, length);
    if (!printable(text->data, text->length))
        return; /* escaped */
    if (error->offset < text->length &&
        line[column] != text->data[error->offset])
        fail_vector("the caret is below '%c'", line[column]);
    if (text->length > COLUMNS / 2)
        return; /* perhaps shown in part */
    if (length != text->length + 2 || strncmp(line, "  ", 2) != 0 ||
        memcmp(line + 2, text->data, text->length) != 0)
        fail_vector("the report shows \"%.*s\"", (int)length, line);
    if (column != error->offset + 2)
        fail_vector("the caret is at column %zu", column);
}

static void check_report(const sbind_error *error, const octets *text)
{
    char buffer[SBIND_REPORT_MAX];
    size_t length = 0;
    char *place = at_guard(TEXT, text->length);
    memcpy(place, text->data, text->length);
    sbind_status status = sbind_report(error, place, text->length, buffer,
                                       sizeof buffer, &length);
    if (status != SBIND_OK || length == 0 || length >= sizeof buffer) {
        fail_vector("sbind_report: %s", sbind_status_name(status));
        return;
    }
    expect(buffer[length] == '\0' && buffer[length - 1] == '\n' &&
               strlen(buffer) == length,
           "the report does not end in a newline and NUL");

    const char *before = NULL;
    size_t before_length = 0;
    unsigned carets = 0;
    for (const char *line = buffer; *line != '\0';) {
        const size_t columns = strcspn(line, "\n");
        size_t column;
        if (columns > COLUMNS || !printable(line, columns))
            fail_vector("line of the report: \"%.*s\"", (int)columns, line);
        if (before != NULL && is_caret_line(line, columns, &column)) {
            check_caret(error, text, before, before_length, column);
            carets++;
        }
        before = line;
        before_length = columns;
        line += columns + (line[columns] == '\n');
    }
    expect(carets == 1, "not one caret in the report");

    memset(buffer, PATTERN, sizeof buffer);
    status = sbind_report(error, place, text->length, buffer, length, &length);
    expect(status == SBIND_BUFFER_TOO_SMALL && untouched(buffer, sizeof buffer),
           "sbind_report in a buffer without room for the NUL");
}

/* Checks the members of an error in which no system call is involved. */
static void check_error(const json_t *vector, sbind_status status,
                        const sbind_error *error)
{
    const char *name = string_of(vector, "error");
    const json_int_t offset = integer_of(vector, "offset");
    if (strcmp(sbind_status_name(status), name) != 0 ||
        error->offset != (size_t)offset)
        fail_vector("expected %s at %lld, got %s at %zu", name,
                    (long long)offset, sbind_status_name(status),
                    error->offset);
    expect(error->status == status, "another status in the error");
    expect(error->call == NULL && error->os_error == 0 &&
               error->os_name == NULL && error->fds[0] == -1 &&
               error->fds[1] == -1 && error->attempt_count == 0,
           "a system call in the error");
}

static void check_rejected(const json_t *vector, const octets *text,
                           const answer *got)
{
    check_error(vector, got->status, &got->error);
    expect(got->error.variable == NULL, "a variable in the error");
    check_report(&got->error, text);
}

/* ---- One vector of the address grammar ----------------------------------- */

static void run_address(const json_t *vector)
{
    octets text;
    answer got;
    octets_of(vector, "input", "hex", &text);
    char *place = at_guard(TEXT, text.length);
    memcpy(place, text.data, text.length);
    parse(place, text.length, &got);

    sbind_address ignored;
    expect(sbind_parse(place, text.length, &ignored, NULL) == got.status,
           "another status without reterr");
    parse_at_alignments(&text, &got);

    const bool accept = json_object_get(vector, "address") != NULL;
    if (accept && got.status != SBIND_OK)
        fail_vector("expected an address, got %s at %zu",
                    sbind_status_name(got.status), got.error.offset);
    else if (!accept && got.status == SBIND_OK)
        fail_vector("expected %s at %lld, got an address",
                    string_of(vector, "error"),
                    (long long)integer_of(vector, "offset"));
    else if (accept)
        check_accepted(vector, &got);
    else
        check_rejected(vector, &text, &got);
}

/* ---- One vector of the activation environment ---------------------------- */

static sbind_env_value variable(const octets *value, size_t which)
{
    sbind_env_value result = {NULL, 0};
    if (value->set) {
        char *place = at_guard(which, value->length);
        memcpy(place, value->data, value->length);
        result.text = place;
        result.length = value->length;
    }
    return result;
}

static void check_names(const json_t *names, sbind_env_value list)
{
    const size_t count = json_array_size(names);
    expect((list.text == NULL) == (count == 0), "names set or unset");
    sbind_env_value name = {NULL, 0};
    for (size_t i = 0; i < count; i++) {
        const char *expected = json_string_value(json_array_get(names, i));
        if (!sbind_activation_next_name(&list, &name)) {
            fail_vector("no name %zu", i);
            return;
        }
        if (name.length != strlen(expected) ||
            memcmp(name.text, expected, name.length) != 0)
            fail_vector("name %zu is \"%.*s\"", i, (int)name.length, name.text);
    }
    expect(!sbind_activation_next_name(&list, &name), "a name too many");
}

static void check_outcome(const json_t *vector, const sbind_activation *got)
{
    const char *outcome = string_of(vector, "outcome");
    if (strcmp(outcome, "passed") == 0) {
        expect(got->outcome == SBIND_ACTIVATION_PASSED, "not passed");
        expect(got->count == (uint32_t)integer_of(vector, "count"),
               "another count");
        check_names(json_object_get(vector, "names"), got->names);
        return;
    }
    expect(got->outcome == (strcmp(outcome, "none") == 0
                                ? SBIND_ACTIVATION_NONE
                                : SBIND_ACTIVATION_OTHER_PROCESS),
           "another outcome");
    expect(got->count == 0 && got->names.text == NULL, "sockets of nobody");
    expect((got->decided_by != NULL) ==
               (got->outcome == SBIND_ACTIVATION_OTHER_PROCESS),
           "a variable that decides for another process, or none");
}

static void run_activation(const json_t *vector)
{
    octets pid, pidfdid, fds, fdnames;
    octets_of(vector, "pid", "pid_hex", &pid);
    octets_of(vector, "pidfdid", "pidfdid_hex", &pidfdid);
    octets_of(vector, "fds", "fds_hex", &fds);
    octets_of(vector, "fdnames", "fdnames_hex", &fdnames);
    const sbind_activation_input input = {
        .pid = variable(&pid, PID),
        .pidfdid = variable(&pidfdid, PIDFDID),
        .fds = variable(&fds, FDS),
        .fdnames = variable(&fdnames, FDNAMES),
        .self_pid = (int32_t)integer_of(vector, "self_pid"),
        .self_pidfdid = strtoull(string_of(vector, "self_pidfdid"), NULL, 10),
        .fd_limit = (uint32_t)integer_of(vector, "limit"),
        .accept_missing_pid =
            json_is_true(json_object_get(vector, "accept_missing_pid")),
    };
    sbind_activation got;
    sbind_error error;
    memset(&got, PATTERN, sizeof got);
    memset(&error, PATTERN, sizeof error);
    const sbind_status status = sbind_activation_read(&input, &got, &error);
    const bool refused = json_object_get(vector, "error") != NULL;

    if (status == SBIND_OK) {
        expect(untouched(&error, sizeof error), "*reterr changed on success");
        if (refused)
            fail_vector("expected %s, got an outcome",
                        string_of(vector, "error"));
        else
            check_outcome(vector, &got);
        return;
    }
    expect(untouched(&got, sizeof got), "*ret changed on failure");
    if (!refused) {
        fail_vector("expected an outcome, got %s at %zu",
                    sbind_status_name(status), error.offset);
        return;
    }
    check_error(vector, status, &error);
    const char *name = string_of(vector, "variable");
    if (!expect(error.variable != NULL && strcmp(error.variable, name) == 0,
                "another variable"))
        return;
    check_report(&error, strcmp(name, "LISTEN_PID") == 0       ? &pid
                         : strcmp(name, "LISTEN_PIDFDID") == 0 ? &pidfdid
                         : strcmp(name, "LISTEN_FDS") == 0     ? &fds
                                                               : &fdnames);
}

/* ---- One vector of messages to the service manager ------------------------ */

/* Checks the number of lines in the vector. The library does not count lines. */
static void check_lines(const json_t *vector, const octets *text)
{
    json_int_t lines = 1;
    for (size_t i = 0; i + 1 < text->length; i++)
        lines += text->data[i] == '\n';
    expect(lines == integer_of(vector, "lines"), "another number of lines");
}

static void run_notify(const json_t *vector)
{
    octets text;
    octets_of(vector, "input", "hex", &text);
    const bool is_socket =
        strcmp(string_of(vector, "of"), "notify-socket") == 0;
    char *place = at_guard(TEXT, text.length);
    memcpy(place, text.data, text.length);
    sbind_address got, expected;
    sbind_error error;
    memset(&got, PATTERN, sizeof got);
    memset(&error, PATTERN, sizeof error);
    const sbind_status status =
        is_socket ? sbind_notify_address(place, text.length, &got, &error)
                  : sbind_notify_check(place, text.length, 0, &error);
    const bool refused = json_object_get(vector, "error") != NULL;
    expect((status != SBIND_OK) == refused, "not what was expected");
    if (status != SBIND_OK) {
        expect(untouched(&got, sizeof got), "*ret changed on failure");
        if (refused)
            check_error(vector, status, &error);
        expect((error.variable != NULL) == is_socket, "another variable");
        check_report(&error, &text);
        return;
    }
    expect(untouched(&error, sizeof error), "*reterr changed on success");
    if (refused)
        return;
    if (!is_socket) {
        check_lines(vector, &text);
        return;
    }
    value_of(json_object_get(vector, "address"), &expected);
    expect(same(&got, &expected) && sbind_valid(&got), "another address");
}

/* ---- Files --------------------------------------------------------------- */

static json_t *load(const char *suite)
{
    const char *directory = getenv("SBIND_VECTORS");
    char path[4096];
    json_error_t error;
    const int length =
        snprintf(path, sizeof path, "%s/%s.json",
                 directory ? directory : SBIND_VECTORS_DIR, suite);
    assert_true(length > 0 && (size_t)length < sizeof path);
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (document == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return document;
}

static void run_suite(void **state)
{
    const char *suite = *state;
    current_id = suite;
    failures = 0;
    json_t *document = load(suite);
    const json_t *vectors = json_object_get(document, "vectors");
    const size_t count = json_array_size(vectors);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const json_t *vector = json_array_get(vectors, i);
        current_id = string_of(vector, "id");
        if (strncmp(suite, "activation", strlen("activation")) == 0)
            run_activation(vector);
        else if (strcmp(suite, "notify") == 0)
            run_notify(vector);
        else
            run_address(vector);
    }
    json_decref(document);
    current_id = "";
    assert_int_equal(failures, 0);
}

int main(void)
{
    static char tcp[] = "tcp", unix_[] = "unix", fd[] = "fd";
    static char npipe[] = "npipe", scheme[] = "scheme", limits[] = "limits";
    static char activation[] = "activation", mutants[] = "mutants";
    static char activation_mutants[] = "activation-mutants";
    static char notify[] = "notify";
    const struct CMUnitTest tests[] = {
        {"vectors: tcp", run_suite, NULL, NULL, tcp},
        {"vectors: unix", run_suite, NULL, NULL, unix_},
        {"vectors: fd", run_suite, NULL, NULL, fd},
        {"vectors: npipe", run_suite, NULL, NULL, npipe},
        {"vectors: scheme", run_suite, NULL, NULL, scheme},
        {"vectors: limits", run_suite, NULL, NULL, limits},
        {"vectors: activation", run_suite, NULL, NULL, activation},
        {"vectors: mutants", run_suite, NULL, NULL, mutants},
        {"vectors: activation-mutants", run_suite, NULL, NULL,
         activation_mutants},
        {"vectors: notify", run_suite, NULL, NULL, notify},
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
