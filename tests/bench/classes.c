/* classes.c - the texts that are measured, in classes of similar texts */
#include "classes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Random parts ------------------------------------------------------------ */

/* xorshift64: the same numbers in every run */
static unsigned below(unsigned limit)
{
    static uint64_t state = 88172645463325252U;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state >> 32) % limit);
}

static void put(bench_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(bench_text *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    t->length += (size_t)vsnprintf(
        t->octets + t->length, sizeof t->octets - t->length, format, arguments);
    va_end(arguments);
}

static void put_word(bench_text *t, size_t n)
{
    static const char octets[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    for (size_t i = 0; i < n; i++)
        put(t, "%c", octets[i == 0 || i + 1 == n ? below(26) : below(37)]);
}

/* Writes labels of at most 20 octets, with a separator between them. */
static void put_words(bench_text *t, size_t n, char separator)
{
    while (n > 21) {
        size_t label = 3 + below(17);
        put_word(t, label);
        put(t, "%c", separator);
        n -= label + 1;
    }
    put_word(t, n);
}

static void put_ipv4(bench_text *t)
{
    put(t, "%u.%u.%u.%u", below(256), below(256), below(256), below(256));
}

static void put_port(bench_text *t) { put(t, ":%u", 1 + below(65535)); }

/* ---- Classes ------------------------------------------------------------------- */

static void ipv4_short(bench_text *t)
{
    put(t, "tcp://%u.%u.%u.%u:%u", below(10), below(10), below(10), below(10),
        1 + below(9));
}

static void ipv4_any(bench_text *t)
{
    put(t, "tcp://");
    put_ipv4(t);
    put_port(t);
}

static void ipv4_longest(bench_text *t)
{
    put(t, "tcp://%u.%u.%u.%u:%u", 100 + below(156), 100 + below(156),
        100 + below(156), 100 + below(156), 10000 + below(55536));
}

static void ipv6_short(bench_text *t)
{
    put(t, "tcp://[::%x]", 1 + below(15));
    put_port(t);
}

static void ipv6_long(bench_text *t)
{
    put(t, "tcp://[2001");
    for (int i = 0; i < 7; i++)
        put(t, ":%x", 0x1000 + below(0xF000));
    put(t, "]:%u", 10000 + below(55536));
}

static void ipv6_mapped(bench_text *t)
{
    put(t, "tcp://[::ffff:");
    put_ipv4(t);
    put(t, "]");
    put_port(t);
}

static void ipv6_zone(bench_text *t)
{
    put(t, "tcp://[fe80::%x:%x:%x:%x%%eth%u]", below(65536), below(65536),
        below(65536), below(65536), below(10));
    put_port(t);
}

static void name_short(bench_text *t)
{
    put(t, "tcp://");
    put_word(t, 9);
    put_port(t);
}

static void name_58(bench_text *t)
{
    put(t, "tcp://");
    put_words(t, 58, '.');
    put_port(t);
}

static void name_253(bench_text *t)
{
    put(t, "tcp://");
    put_words(t, 253, '.');
    put_port(t);
}

static void tcp_any(bench_text *t)
{
    put(t, "tcp://*");
    put_port(t);
}

static void tcp_default(bench_text *t) { put(t, "tcp://"); }

static void path_31(bench_text *t)
{
    put(t, "unix:///");
    put_words(t, 30, '/');
}

static void path_107(bench_text *t)
{
    put(t, "unix:///");
    put_words(t, 106, '/');
}

static void abstract(bench_text *t)
{
    put(t, "unix://@");
    put_words(t, 24, '/');
}

static void fd_single(bench_text *t) { put(t, "fd://"); }

static void fd_all(bench_text *t) { put(t, "fd://*"); }

static void fd_number(bench_text *t) { put(t, "fd://%u", below(1000)); }

static void fd_name(bench_text *t)
{
    put(t, "fd://");
    put_word(t, 12);
}

static void pipe_local(bench_text *t)
{
    put(t, "npipe://");
    put_word(t, 12);
}

static void pipe_slashes(bench_text *t)
{
    put(t, "npipe:////./pipe/");
    put_word(t, 12);
}

static void pipe_backslashes(bench_text *t)
{
    put(t, "\\\\.\\pipe\\");
    put_word(t, 12);
}

/* ---- Refused --------------------------------------------------------------------- */

static void bad_first(bench_text *t) { put(t, "%%%u.80", below(65536)); }

static void spoil_last(bench_text *t) { t->octets[t->length - 1] = '\x01'; }

static void bad_ipv4(bench_text *t)
{
    ipv4_any(t);
    spoil_last(t);
}

static void bad_ipv6(bench_text *t)
{
    ipv6_long(t);
    spoil_last(t);
}

static void bad_name(bench_text *t)
{
    name_58(t);
    spoil_last(t);
}

static void bad_path(bench_text *t)
{
    path_107(t);
    spoil_last(t);
}

static void bad_middle(bench_text *t)
{
    put(t, "tcp://%u.%u.%u.%u", below(256), 256 + below(700), below(256),
        below(256));
    put_port(t);
}

/* ---- The table ------------------------------------------------------------------- */

#define NAME_58 "build-7.cache.eu-central.example-of-a-long-domain.internal"
#define NAME_49 "node-17.cluster.region-2.example-of-a-domain.org."
#define PATH_31 "/run/user/1000/app/control.sock"
#define PATH_107                                                               \
    "/var/lib/containers/storage/overlay/1f0c4c6d4e/merged/run/service-"       \
    "with-a-long-name/instance-17/control.sock"

const bench_class bench_classes[CLASSES] = {
    {"IPv4 short", "tcp://1.2.3.4:5", ipv4_short, 0},
    {"IPv4 any", "tcp://192.0.2.17:8080", ipv4_any, 0},
    {"IPv4 longest", "tcp://255.255.255.254:65535", ipv4_longest, 0},
    {"IPv6 short", "tcp://[::1]:8080", ipv6_short, 0},
    {"IPv6 long", "tcp://[2001:1db8:1a2b:3c4d:5e6f:7a8b:9cad:bedf]:65535",
     ipv6_long, 0},
    {"IPv6 mapped", "tcp://[::ffff:192.0.2.17]:8080", ipv6_mapped, 0},
    {"IPv6 zone", "tcp://[fe80::1a2b:3c4d:5e6f:7a8b%eth0]:8080", ipv6_zone, 0},
    {"name short", "tcp://localhost:8080", name_short, 0},
    {"name 58", "tcp://" NAME_58 ":8080", name_58, 0},
    {"name 253",
     "tcp://" NAME_49 NAME_49 NAME_49 NAME_49 "a." NAME_49 "app.io:8080",
     name_253, 0},
    {"*", "tcp://*:8080", tcp_any, 0},
    {"tcp://", "tcp://", tcp_default, 0},
    {"path 31", "unix://" PATH_31, path_31, 0},
    {"path 107", "unix://" PATH_107, path_107, 0},
    {"abstract", "unix://@com.example.app/control", abstract, 0},
    {"fd single", "fd://", fd_single, 0},
    {"fd all", "fd://*", fd_all, 0},
    {"fd number", "fd://3", fd_number, 0},
    {"fd name", "fd://control.sock", fd_name, 0},
    {"pipe local", "npipe://control-pipe", pipe_local, 0},
    {"pipe slashes", "npipe:////./pipe/control-pipe", pipe_slashes, 0},
    {"pipe backslashes", "\\\\.\\pipe\\control-pipe", pipe_backslashes, 0},
    {"bad first octet", "192.0.2.17:8080", bad_first, 11},
    {"bad last of IPv4", "tcp://192.0.2.17:808x", bad_ipv4, 1},
    {"bad last of IPv6",
     "tcp://[2001:1db8:1a2b:3c4d:5e6f:7a8b:9cad:bedf]:6553x", bad_ipv6, 4},
    {"bad last of name", "tcp://" NAME_58 ":808x", bad_name, 8},
    {"bad last of path", "unix://" PATH_107 "\x01", bad_path, 13},
    {"bad digit of IPv4", "tcp://192.256.2.17:8080", bad_middle, 1},
};

void bench_hot(const bench_class *class, bench_text *ret)
{
    ret->length = strlen(class->hot);
    memcpy(ret->octets, class->hot, ret->length + 1);
}

void bench_random(const bench_class *class, bench_text *ret)
{
    memset(ret, 0, sizeof *ret);
    class->write(ret);
}
