/* bench.c - measures how long parsing takes, and how long other parsers take
 *
 * Everything runs in one process. Each round measures every parser on every
 * class, and the median of the rounds counts. "Hot" means that one text is
 * parsed again and again, and "mixed" that 4,096 different texts are parsed.
 * The output is CSV: class, how, parser, nanoseconds.
 */
#include "classes.h"
#include "peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEERS_MAX = 16, ROUNDS_MAX = 101, HOT_CALLS = 2048, WARM_CALLS = 256 };

/* All texts are in one block, one after the other, so that the caches hold
 * them. */
static char pool[TEXTS * 512];
static struct {
    const char *octets;
    size_t length;
} texts[TEXTS];
static double times[CLASSES][2][PEERS_MAX][ROUNDS_MAX];

static unsigned family_of(size_t class)
{
    static const unsigned families[CLASSES] = {
        BENCH_IPV4, BENCH_IPV4, BENCH_IPV4, BENCH_IPV6, BENCH_IPV6,  BENCH_IPV6,
        BENCH_ZONE, BENCH_NAME, BENCH_NAME, BENCH_NAME, BENCH_TCP,   BENCH_TCP,
        BENCH_PATH, BENCH_PATH, BENCH_PATH, BENCH_FD,   BENCH_FD,    BENCH_FD,
        BENCH_FD,   BENCH_PIPE, BENCH_PIPE, BENCH_PIPE, BENCH_FIRST, BENCH_IPV4,
        BENCH_IPV6, BENCH_NAME, BENCH_PATH, BENCH_IPV4};
    return families[class];
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The nanoseconds of one call. The parser has to accept all of the texts, or
 * none. */
static double measure(const bench_peer *peer, size_t class, size_t count,
                      size_t calls)
{
    size_t accepted = 0;
    double begin, end;
    for (size_t i = 0; i < WARM_CALLS; i++)
        peer->run(texts[i % count].octets, texts[i % count].length);
    begin = now();
    for (size_t i = 0; i < calls; i++)
        accepted += peer->run(texts[i % count].octets, texts[i % count].length);
    end = now();
    if (peer->checks && accepted != (class < BENCH_REFUSED ? calls : 0)) {
        fprintf(stderr, "%s accepts %zu of %zu of \"%s\"\n", peer->name,
                accepted, calls, bench_classes[class].name);
        exit(1);
    }
    return (end - begin) / (double)calls;
}

static void measure_all(size_t class, int how, int round)
{
    size_t count = how == 0 ? 1 : TEXTS, calls = how == 0 ? HOT_CALLS : TEXTS;
    for (size_t p = 0; p < bench_peer_count; p++)
        if (bench_peers[p].families & family_of(class))
            times[class][how][p][round] =
                measure(&bench_peers[p], class, count, calls);
}

static void fill(size_t class, int how)
{
    size_t count = how == 0 ? 1 : TEXTS;
    char *to = pool;
    for (size_t i = 0; i < count; i++) {
        bench_text t;
        if (how == 0)
            bench_hot(&bench_classes[class], &t);
        else
            bench_random(&bench_classes[class], &t);
        memcpy(to, t.octets, t.length + 1);
        texts[i].octets = to;
        texts[i].length = t.length;
        to += t.length + 1;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(int rounds)
{
    for (size_t class = 0; class < CLASSES; class ++)
        for (int how = 0; how < 2; how++)
            for (size_t p = 0; p < bench_peer_count; p++) {
                double *of = times[class][how][p];
                qsort(of, (size_t)rounds, sizeof *of, ascending);
                if (of[rounds / 2] > 0)
                    printf("%s;%s;%s;%d;%.2f\n", bench_classes[class].name,
                           how == 0 ? "hot" : "mixed", bench_peers[p].name,
                           bench_peers[p].checks, of[rounds / 2]);
            }
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 31;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        return 2;
    for (int round = 0; round < rounds; round++)
        for (size_t class = 0; class < CLASSES; class ++)
            for (int how = 0; how < 2; how++) {
                fill(class, how);
                measure_all(class, how, round);
            }
    print(rounds);
    return 0;
}
