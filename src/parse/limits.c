/* limits.c - the counted limits of SPEC.md 2, outside the automaton */
#include "limits.h"

#include <string.h>

#include <sbind/parse.h>

#include "scheme.h"

/* Returns the first octet in text[from .. end) that makes a label too long, or
 * "none" if every label is within its limit. */
static size_t check_labels(const unsigned char *text, size_t from, size_t end,
                           size_t none)
{
    size_t label = 0;
    for (size_t i = from; i < end; i++) {
        label = text[i] == '.' ? 0 : label + 1;
        if (label > SBIND_LABEL_MAX)
            return i;
    }
    return none;
}

/* ; name = *( label "." ) last-label [ "." ]          SPEC.md 2.2 and 2.3
 * The name begins at "from". It ends before the first delimiter, or before
 * "stop" if there is no delimiter. Returns the first octet past a limit, or
 * "stop". */
static size_t check_name(const unsigned char *text, size_t from, size_t stop,
                         unsigned char delimiter)
{
    const unsigned char *at = memchr(text + from, delimiter, stop - from);
    size_t end = at == NULL ? stop : (size_t)(at - text);
    size_t past = check_labels(text, from, end, stop), length = end - from;
    if (length > 0 && text[end - 1] == '.')
        length--;
    if (length > SBIND_HOST_MAX && from + SBIND_HOST_MAX < past)
        past = from + SBIND_HOST_MAX;
    return past;
}

/* ; tcp. An IPv6 address has a colon before any label would be too long. */
static sbind__limit check_tcp(const unsigned char *text, size_t viable)
{
    size_t past = check_name(text, 6, viable, ':');
    return (sbind__limit){past < viable ? SBIND_HOST_TOO_LONG : SBIND_OK, past};
}

/* ; socket-name                                       SPEC.md 2.5 */
static sbind__limit check_fd(size_t viable)
{
    size_t most = 5 + SBIND_FD_NAME_MAX;
    return viable <= most ? (sbind__limit){SBIND_OK, viable}
                          : (sbind__limit){SBIND_BAD_FD_NAME, most};
}

/* How many UTF-16 units the character has that begins with this octet. The other
 * octets of a character count 0. */
static size_t utf16_units(unsigned char c)
{
    return c >= 0xF0 ? 2 : c >= 0x80 && c <= 0xBF ? 0 : 1;
}

/* ; server, segment                                   SPEC.md 2.6
 * "units" is how many UTF-16 units \\server\pipe\name has before text[from]. */
static sbind__limit check_pipe(const unsigned char *text, size_t from,
                               size_t units, size_t viable)
{
    for (size_t i = from; i < viable; i++) {
        units += utf16_units(text[i]);
        if (units > SBIND_PIPE_MAX)
            return (sbind__limit){SBIND_PIPE_NAME_TOO_LONG, i};
    }
    return (sbind__limit){SBIND_OK, viable};
}

/* ; npipe-uri, npipe-unc. The server begins at "from". */
static sbind__limit check_remote(const unsigned char *text, size_t from,
                                 size_t viable, unsigned char separator)
{
    size_t host = check_name(text, from, viable, separator);
    sbind__limit pipe = check_pipe(text, from, 2, viable);
    if (host < viable && host <= pipe.past)
        return (sbind__limit){SBIND_HOST_TOO_LONG, host};
    return pipe;
}

/* A local pipe, npipe://NAME, or one of a server, npipe:////SERVER/... */
static sbind__limit check_npipe(const unsigned char *text, size_t viable)
{
    if (text[8] == '/')
        return check_remote(text, 10, viable, '/');
    return check_pipe(text, 8, 9, viable);
}

sbind__limit sbind__find_limit(const unsigned char *text, size_t viable)
{
    switch (sbind__scheme_of(text, viable)) {
    case SBIND__OF_TCP:
        return check_tcp(text, viable);
    case SBIND__OF_FD:
        return check_fd(viable);
    case SBIND__OF_NPIPE:
        return check_npipe(text, viable);
    case SBIND__OF_UNC:
        return check_remote(text, 2, viable, '\\');
    case SBIND__OF_UNIX:
    case SBIND__OF_ABSTRACT:
    case SBIND__NO_SCHEME:
        break;
    }
    return (sbind__limit){SBIND_OK, viable};
}
