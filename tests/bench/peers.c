/* peers.c - parsers to compare with
 *
 * Each parser gets the text with its scheme and a NUL, and skips the scheme if
 * the parser does not know schemes. Parsers that are not installed are left
 * out: see tests/bench/CMakeLists.txt.
 */
#include "peers.h"

#include <string.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <sbind/parse.h>

#ifdef BENCH_EVENT
#include <event2/util.h>
#endif
#ifdef BENCH_URI
#include <uriparser/Uri.h>
#endif

enum { TCP = sizeof "tcp://" - 1, HOST_MAX = 128 };

static bool parse(const char *text, size_t length)
{
    static sbind_address value;
    return sbind_parse(text, length, &value, NULL) == SBIND_OK;
}

static bool parse_and_say(const char *text, size_t length)
{
    static sbind_address value;
    static sbind_error error;
    return sbind_parse(text, length, &value, &error) == SBIND_OK;
}

/* Only copies the text into a value, to show what that costs. */
static bool copy(const char *text, size_t length)
{
    static char value[SBIND_TEXT_MAX];
    memcpy(value, text, length);
    __asm__ volatile("" : : "r"(value) : "memory");
    return true;
}

/* Only looks up each octet in a table, to show what that costs. */
static bool walk(const char *text, size_t length)
{
    static unsigned char after[256];
    unsigned char state = 0;
    __asm__ volatile("" : "+m"(after));
    for (size_t i = 0; i < length; i++)
        state = after[(unsigned char)text[i] ^ state];
    return state == 0;
}

/* Divides the text into the host, without brackets, and the port. */
static bool split(const char *text, size_t length, char host[HOST_MAX],
                  const char **ret_port)
{
    const char *begin = text + TCP, *colon = begin, *end;
    if (length <= TCP)
        return false;
    if (*begin == '[') {
        end = strchr(++begin, ']');
        colon = end == NULL ? NULL : end + 1;
    } else {
        end = colon = strchr(begin, ':');
    }
    if (colon == NULL || *colon != ':' || end - begin >= HOST_MAX)
        return false;
    memcpy(host, begin, (size_t)(end - begin));
    host[end - begin] = '\0';
    *ret_port = colon + 1;
    return true;
}

static bool port_of(const char *text, in_port_t *ret)
{
    unsigned value = 0;
    size_t n = 0;
    for (; n < 6 && text[n] >= '0' && text[n] <= '9'; n++)
        value = value * 10 + (unsigned)(text[n] - '0');
    *ret = htons((uint16_t)value);
    return text[n] == '\0' && n > 0 && value <= 65535 &&
           (text[0] != '0' || n == 1);
}

static bool with_inet_pton(const char *text, size_t length)
{
    static struct sockaddr_in6 six;
    static struct sockaddr_in four;
    char host[HOST_MAX];
    const char *port;
    if (!split(text, length, host, &port))
        return false;
    if (text[TCP] == '[')
        return inet_pton(AF_INET6, host, &six.sin6_addr) == 1 &&
               port_of(port, &six.sin6_port);
    return inet_pton(AF_INET, host, &four.sin_addr) == 1 &&
           port_of(port, &four.sin_port);
}

static bool with_getaddrinfo(const char *text, size_t length)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM},
                    *found;
    char host[HOST_MAX];
    const char *port;
    if (!split(text, length, host, &port) ||
        getaddrinfo(host, port, &hints, &found) != 0)
        return false;
    freeaddrinfo(found);
    return true;
}

#ifdef BENCH_EVENT
/* libevent reads the port with atoi, and ignores what follows. */
static bool with_libevent(const char *text, size_t length)
{
    static struct sockaddr_storage sa;
    int size = sizeof sa;
    return length > TCP && evutil_parse_sockaddr_port(
                               text + TCP, (struct sockaddr *)&sa, &size) == 0;
}
#endif

#ifdef BENCH_URI
static bool with_uriparser(const char *text, size_t length)
{
    UriUriA uri;
    const char *error;
    if (uriParseSingleUriExA(&uri, text, text + length, &error) != URI_SUCCESS)
        return false;
    uriFreeUriMembersA(&uri);
    return true;
}
#endif

const bench_peer bench_peers[] = {
    {"sbind", BENCH_ALL, false, parse},
    {"sbind, error", BENCH_ALL, false, parse_and_say},
    {"memcpy", BENCH_ALL, false, copy},
    {"walk", BENCH_ALL, false, walk},
    {"plain C", BENCH_ALL & ~BENCH_PIPE, true, plain_parse},
    {"inet_pton", BENCH_IPV4 | BENCH_IPV6, true, with_inet_pton},
    {"getaddrinfo", BENCH_IPV4 | BENCH_IPV6, true, with_getaddrinfo},
#ifdef BENCH_STD
    {"Rust std", BENCH_IPV4 | BENCH_IPV6, true, std_parse},
#endif
#ifdef BENCH_EVENT
    {"libevent", BENCH_IPV4 | BENCH_IPV6, false, with_libevent},
#endif
#ifdef BENCH_URI
    {"uriparser", BENCH_IPV4 | BENCH_IPV6 | BENCH_NAME | BENCH_PATH, false,
     with_uriparser},
#endif
};
const size_t bench_peer_count = sizeof bench_peers / sizeof *bench_peers;
