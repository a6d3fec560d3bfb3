/* growth.c - reads texts in which one part is repeated again and again, under
 * callgrind
 *
 * growth.py has callgrind count what happens in the functions that read the
 * texts, and make a dump after each text. Each row describes the worst text
 * that was found for a rule. A bad reader would begin again at each part of
 * this text.
 */
#include <sbind/activation.h>
#include <sbind/notify.h>
#include <sbind/parse.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/callgrind.h>

typedef struct row {
    const char *rule, *before, *part, *after;
} row;

static const row addresses[] = {
    {"address", "", "x", ""},
    {"address, spaces", "", " ", ""},
    {"ipv4", "tcp://", "1.", ":80"},
    {"dec-octet", "tcp://", "1", ".2.3.4:80"},
    {"ipv6", "tcp://[", "1:", ":1]:80"},
    {"ipv6, colons", "tcp://[", ":", "]:80"},
    {"h16", "tcp://[", "0", "::1]:80"},
    {"zone", "tcp://[fe80::1%", "e", "]:80"},
    {"port", "tcp://[::1]:", "9", ""},
    {"port, zeros", "tcp://[::1]:", "0", ""},
    {"name", "tcp://", "a.", "a:80"},
    {"label", "tcp://", "a", ":80"},
    {"dash", "tcp://", "-", "a:80"},
    {"mark", "tcp://", "0x", ":80"},
    {"last-label", "tcp://", "0x.", "0x1:80"},
    {"path", "unix://", "/a", ""},
    {"path, slashes", "unix://", "/", ""},
    {"path, a control octet at the end", "unix://", "a", "\x7F"},
    {"path, control octets", "unix://a", "\n", ""},
    {"abstract-name", "unix://@", "a", ""},
    {"number", "fd://", "1", ""},
    {"number, zeros", "fd://", "0", ""},
    {"socket-name", "fd://", "a", ""},
    {"socket-name, digits first", "fd://", "1", "a"},
    {"socket-name, spaces", "fd://a", " ", ""},
    {"npipe-local", "npipe://", "a", ""},
    {"segment", "npipe:////a/pipe/", "a/", "a"},
    {"segment, dots", "npipe:////a/pipe/", "./", "a"},
    {"utf8-4", "npipe://", "\xF0\x9F\x94\x92", ""},
    {"utf8-tail", "npipe://", "\x80", ""},
    {"server", "npipe:////", "a.", "a/pipe/a"},
    {"npipe-unc", "\\\\a\\pipe\\", "a\\", "a"},
    {"npipe-unc, server", "\\\\", "a-", "a\\pipe\\a"},
};

static const row names[] = {
    {"listen_fdnames", "", ":", ""},
    {"listen_fdnames, names", "", "a:", "a"},
    {"listen_fdnames, refused at the end", "", "a:", "\n"},
    {"listen_fdnames, long names", "",
     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz:", "a"},
};

static const row states[] = {
    {"notify-state", "", "A=\n", "A="},
    {"notify-name", "", "A", "=1"},
    {"notify-line", "A=", "x", ""},
    {"notify-line, refused at the end", "", "A=\n", "A"},
};

/* Fills text[0 .. length) with the repeated part and the rest. The last
 * repetition is cut off where the rest begins. */
static void fill(const row *r, char *text, size_t length)
{
    size_t before = strlen(r->before), part = strlen(r->part);
    size_t after = strlen(r->after);
    memcpy(text, r->before, before);
    for (size_t i = before; i < length - after; i++)
        text[i] = r->part[(i - before) % part];
    memcpy(text + length - after, r->after, after);
}

static void dump(const row *r, size_t length)
{
    char name[80];
    snprintf(name, sizeof name, "%s;%zu", r->rule, length);
    CALLGRIND_DUMP_STATS_AT(name);
}

static void read_address(const row *r, const char *text, size_t length)
{
    static sbind_address value;
    static sbind_error error;
    sbind_parse(text, length, &value,
                &error); /* what is called first is loaded */
    CALLGRIND_ZERO_STATS;
    sbind_parse(text, length, &value, &error);
    dump(r, length);
}

static void read_names(const row *r, const char *text, size_t length)
{
    static const sbind_env_value one = {"1", 1};
    sbind_activation_input in = {.pid = one,
                                 .fds = one,
                                 .self_pid = 1,
                                 .fdnames = {text, length},
                                 .fd_limit = 1};
    sbind_activation ret;
    sbind_error error;
    sbind_activation_read(&in, &ret, &error);
    CALLGRIND_ZERO_STATS;
    sbind_activation_read(&in, &ret, &error);
    dump(r, length);
}

static void read_state(const row *r, const char *text, size_t length)
{
    sbind_error error;
    sbind_notify_check(text, length, 0, &error);
    CALLGRIND_ZERO_STATS;
    sbind_notify_check(text, length, 0, &error);
    dump(r, length);
}

static void read_all(const row *rows, size_t count, char *text, size_t length,
                     void (*read)(const row *, const char *, size_t))
{
    for (size_t i = 0; i < count; i++) {
        fill(&rows[i], text, length);
        read(&rows[i], text, length);
    }
}

#define ROWS(rows) rows, sizeof(rows) / sizeof *(rows)

/* growth LENGTH... */
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t length = strtoul(argv[i], NULL, 10);
        char *text = malloc(length);
        if (text == NULL)
            return 1;
        read_all(ROWS(addresses), text, length, read_address);
        read_all(ROWS(names), text, length, read_names);
        read_all(ROWS(states), text, length, read_state);
        free(text);
    }
    return 0;
}
