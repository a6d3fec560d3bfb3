/* limits.c - the counted limits of SPEC.md 2, outside the automaton */
#include "limits.h"

#include <stdbool.h>
#include <string.h>

#include <sbind/parse.h>

static bool begins_with(const unsigned char *text, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(text, with, n) == 0;
}

/* ; name = *( label "." ) last-label [ "." ]          SPEC.md 2.2 and 2.3
 * Walks the name that begins at "from" and ends before "stop" or the first of
 * its octets that is the delimiter; *ret_end is that end. */
static size_t check_name(const unsigned char *text, size_t from, size_t stop,
                         unsigned char delimiter, size_t *ret_end)
{
    size_t label = 0, i = from, length;
    size_t past = stop; /* the first label that is too long */
    for (; i < stop && text[i] != delimiter; i++) {
        label = text[i] == '.' ? 0 : label + 1;
        if (label == SBIND_LABEL_MAX + 1 && past == stop)
            past = i;
    }
    *ret_end = i;
    length = i - from;
    if (length > 0 && text[i - 1] == '.')
        length--;
    if (length > SBIND_HOST_MAX && from + SBIND_HOST_MAX < past)
        past = from + SBIND_HOST_MAX;
    return past;
}

static size_t check_tcp(const unsigned char *text, size_t viable,
                        sbind_status *ret)
{
    size_t end, past;
    if (viable == 6 || text[6] == '[')
        return viable; /* no name in it */
    past = check_name(text, 6, viable, ':', &end);
    if (past < viable)
        *ret = SBIND_HOST_TOO_LONG;
    return past;
}

/* ; socket-name                                       SPEC.md 2.5 */
static size_t check_fd(size_t viable, sbind_status *ret)
{
    if (viable <= 5 + SBIND_FD_NAME_MAX)
        return viable;
    *ret = SBIND_BAD_FD_NAME;
    return 5 + SBIND_FD_NAME_MAX;
}

/* The UTF-16 units of the character that begins with this octet; the octets
 * that follow the first count nothing. */
static size_t utf16_units(unsigned char c)
{
    return c >= 0xF0 ? 2 : c >= 0x80 && c <= 0xBF ? 0 : 1;
}

/* ; server, segment                                   SPEC.md 2.6
 * "units" is what \\server\pipe\name has before text[from]. */
static size_t check_pipe(const unsigned char *text, size_t from, size_t units,
                         size_t viable, sbind_status *ret)
{
    for (size_t i = from; i < viable; i++) {
        units += utf16_units(text[i]);
        if (units > SBIND_PIPE_MAX) {
            *ret = SBIND_PIPE_NAME_TOO_LONG;
            return i;
        }
    }
    return viable;
}

/* ; npipe-uri, npipe-unc: "from" is where the server begins */
static size_t check_remote(const unsigned char *text, size_t from,
                           size_t viable, unsigned char separator,
                           sbind_status *ret)
{
    size_t end;
    size_t host = check_name(text, from, viable, separator, &end);
    size_t pipe = check_pipe(text, from, 2, viable, ret);
    if (host < viable && host <= pipe) {
        *ret = SBIND_HOST_TOO_LONG;
        return host;
    }
    return pipe;
}

size_t sbind__check_limits(const unsigned char *text, size_t viable,
                           sbind_status *ret)
{
    if (begins_with(text, viable, "tcp://"))
        return check_tcp(text, viable, ret);
    if (begins_with(text, viable, "fd://"))
        return check_fd(viable, ret);
    if (begins_with(text, viable, "npipe:////"))
        return check_remote(text, 10, viable, '/', ret);
    if (begins_with(text, viable, "npipe://"))
        return check_pipe(text, 8, 9, viable, ret);
    if (begins_with(text, viable, "\\\\"))
        return check_remote(text, 2, viable, '\\', ret);
    return viable;
}
