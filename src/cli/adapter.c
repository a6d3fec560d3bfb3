/* adapter.c - sbind adapter: the conformance protocol (SPEC.md 7) */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "help.h"

#define FIELDS_MAX 8

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes hexadecimal digits in place: the octets never take more room than
 * their digits. */
static bool read_octets(char *field, sbind_env_value *ret)
{
    size_t n = strlen(field);
    ret->text = field;
    ret->length = 0;
    if (strcmp(field, "-") == 0)
        return true;
    if (n == 0 || n % 2 != 0)
        return false;
    for (size_t i = 0; i < n; i += 2) {
        int high = hex_digit(field[i]), low = hex_digit(field[i + 1]);
        if (high < 0 || low < 0)
            return false;
        field[ret->length++] = (char)(high << 4 | low);
    }
    return true;
}

static bool read_value(char *field, sbind_env_value *ret)
{
    if (strcmp(field, "unset") != 0)
        return read_octets(field, ret);
    *ret = (sbind_env_value){NULL, 0};
    return true;
}

static bool read_number(const char *field, uint64_t most, uint64_t *ret)
{
    uint64_t value = 0;
    if (*field == '\0')
        return false;
    for (; *field != '\0'; field++) {
        uint64_t digit = (uint64_t)(*field - '0');
        if (*field < '0' || *field > '9' || value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return true;
}

static bool read_activation(char **fields, sbind_activation_input *ret)
{
    uint64_t pid, pidfdid, limit;
    if (!read_value(fields[1], &ret->pid) ||
        !read_value(fields[2], &ret->fds) ||
        !read_value(fields[3], &ret->fdnames) ||
        !read_value(fields[4], &ret->pidfdid) ||
        !read_number(fields[5], INT32_MAX, &pid) ||
        !read_number(fields[6], UINT64_MAX, &pidfdid) ||
        !read_number(fields[7], UINT32_MAX, &limit))
        return false;
    ret->self_pid = (int32_t)pid;
    ret->self_pidfdid = pidfdid;
    ret->fd_limit = (uint32_t)limit;
    ret->accept_missing_pid = false;
    return true;
}

/* Splits the line at single spaces. SIZE_MAX if there are too many fields. */
static size_t split(char *line, char *fields[FIELDS_MAX])
{
    size_t n = 0;
    for (;;) {
        char *space = strchr(line, ' ');
        if (n == FIELDS_MAX)
            return SIZE_MAX;
        fields[n++] = line;
        if (space == NULL)
            return n;
        *space = '\0';
        line = space + 1;
    }
}

static void answer(char *line)
{
    char *fields[FIELDS_MAX];
    sbind_env_value text;
    sbind_activation_input in;
    size_t n = split(line, fields);
    if (n == 2 && strcmp(fields[0], "parse") == 0 &&
        read_octets(fields[1], &text))
        json_parse(stdout, text.text, text.length);
    else if (n == 8 && strcmp(fields[0], "activation") == 0 &&
             read_activation(fields, &in))
        json_activation(stdout, &in);
    else
        fputs("{\"ok\":false,\"error\":\"bad-request\"}\n", stdout);
    fflush(stdout);
}

/* Reads a line of any length. Drops its newline, and puts a NUL after it. */
typedef struct line {
    char *octets;
    size_t length, room;
} line;

static bool append_octet(line *l, int c)
{
    if (l->length == l->room) {
        size_t room = l->room == 0 ? 4096 : l->room * 2;
        char *octets = realloc(l->octets, room);
        if (octets == NULL)
            return false;
        l->octets = octets;
        l->room = room;
    }
    l->octets[l->length++] = (char)c;
    return true;
}

/* Reads one line. False at the end of the input, or if there is no memory. */
static bool read_line(line *l)
{
    int c;
    l->length = 0;
    while ((c = getchar()) != EOF && c != '\n')
        if (!append_octet(l, c))
            return false;
    return (c != EOF || l->length > 0) && append_octet(l, '\0');
}

static int adapter_run(int argc, char **argv)
{
    line l = {NULL, 0, 0};
    if (argc > 1)
        return cli_usage(argv[0], "%s: no operands are taken", argv[1]);
    while (read_line(&l)) {
        /* a NUL in the line would hide the rest of it */
        if (strlen(l.octets) != l.length - 1)
            l.octets[0] = '\0';
        answer(l.octets);
    }
    free(l.octets);
    return cli_finish_output(feof(stdin) ? DONE : cli_failed("standard input"));
}

const subcommand adapter_subcommand = {
    .name = "adapter",
    .run = adapter_run,
    .usages = {{"",
                "answer requests of the conformance suite, one on each line"}},
    .about = "Reads requests from standard input, one on each line:\n"
             "  parse HEX\n"
             "  activation PID FDS NAMES PIDFDID SELF_PID SELF_PIDFDID LIMIT\n"
             "and answers each with a line of JSON. See grammar/SPEC.md, "
             "section 7.",
};
