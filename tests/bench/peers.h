/* peers.h - the parsers that are compared. Each returns whether it accepts a
 * text. */
#ifndef SBIND_BENCH_PEERS_H
#define SBIND_BENCH_PEERS_H

#include <stdbool.h>
#include <stddef.h>

/* Families of texts, as sets of bits. */
enum {
    BENCH_IPV4 = 1,
    BENCH_IPV6 = 2,
    BENCH_ZONE = 4,
    BENCH_NAME = 8,
    BENCH_TCP = 16, /* every address, and the default */
    BENCH_PATH = 32,
    BENCH_FD = 64,
    BENCH_PIPE = 128,
    BENCH_FIRST = 256, /* no address from the first octet on */
    BENCH_ALL = 511
};

typedef struct bench_peer {
    const char *name;
    unsigned families; /* which it knows */
    bool checks;       /* it checks as much as sbind */
    bool (*run)(const char *text, size_t length);
} bench_peer;

extern const bench_peer bench_peers[];
extern const size_t bench_peer_count;

/* peer_plain.c */
bool plain_parse(const char *text, size_t length);

/* peer_std.rs: std::net::SocketAddr of Rust */
bool std_parse(const char *text, size_t length);

#endif
