/* activation.c - asserts of sbind_activation_read and
 * sbind_activation_next_name that any environment has one of the four outcomes,
 * and that the names are as many as the count and make up the value. */
#include <stdlib.h>
#include <string.h>

#include <sbind/activation.h>

#include "fuzz.h"

/* Takes the next value off the input: it ends at a NUL. A first octet 0xFF
 * says that the variable is unset. */
static sbind_env_value take_value(const char **cursor, const char *limit)
{
    const char *begin = *cursor;
    size_t left = (size_t)(limit - begin);
    const char *end = left == 0 ? NULL : memchr(begin, '\0', left);
    sbind_env_value value;
    if (end == NULL)
        end = limit;
    *cursor = end < limit ? end + 1 : limit;
    if (begin < end && (unsigned char)*begin == 0xFF)
        return (sbind_env_value){NULL, 0};
    value.length = (size_t)(end - begin);
    value.text = fuzz_copy(begin, value.length);
    return value;
}

static void check_names(const sbind_activation *a,
                        const sbind_activation_input *in)
{
    sbind_env_value left = a->names, name;
    size_t count = 0, octets = 0;
    while (sbind_activation_next_name(&left, &name)) {
        CHECK(name.length <= 255);
        CHECK(name.length == 0 || memchr(name.text, ':', name.length) == NULL);
        octets += name.length;
        count++;
    }
    CHECK(in->fdnames.text == NULL ? count == 0 : count == a->count);
    CHECK(count == 0 || octets + count - 1 == in->fdnames.length);
}

static size_t length_of(const sbind_activation_input *in, const char *variable)
{
    if (strcmp(variable, "LISTEN_PID") == 0)
        return in->pid.length;
    if (strcmp(variable, "LISTEN_PIDFDID") == 0)
        return in->pidfdid.length;
    return strcmp(variable, "LISTEN_FDS") == 0 ? in->fds.length
                                               : in->fdnames.length;
}

static void check(const sbind_activation_input *in)
{
    sbind_activation a;
    sbind_error e;
    if (sbind_activation_read(in, &a, &e) != SBIND_OK) {
        CHECK(e.status >= 201 && e.status <= 206);
        CHECK(e.offset <= length_of(in, e.variable));
    } else if (a.outcome == SBIND_ACTIVATION_PASSED) {
        CHECK(a.count >= 1 && a.count <= in->fd_limit);
        check_names(&a, in);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    const char *cursor = text, *limit = text + size;
    sbind_activation_input in = {.self_pid = 1, .fd_limit = 1024};
    in.pid = take_value(&cursor, limit);
    in.fds = take_value(&cursor, limit);
    in.fdnames = take_value(&cursor, limit);
    in.pidfdid = take_value(&cursor, limit);
    in.self_pidfdid = size % 2 == 0 ? 0 : 1;
    in.accept_missing_pid = size % 3 == 0;
    check(&in);
    fuzz_free(in.pid.text);
    fuzz_free(in.fds.text);
    fuzz_free(in.fdnames.text);
    fuzz_free(in.pidfdid.text);
    free(text);
    return 0;
}
