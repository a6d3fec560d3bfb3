/* support.h - what the unit tests share */
#ifndef SBIND_TESTS_SUPPORT_H
#define SBIND_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sbind/sbind.h>

#if defined __has_feature
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define WRITTEN_BY_KERNEL(at, size) __msan_unpoison((at), (size))
#define CALLED_BEFORE_MAIN __attribute__((no_sanitize("memory")))
#endif
#endif
#ifndef WRITTEN_BY_KERNEL /* MemorySanitizer does not look into syscall(2) */
#define WRITTEN_BY_KERNEL(at, size) ((void)0)
#define CALLED_BEFORE_MAIN
#endif

/* The value of a text, which must be an address. */
static inline sbind_address parsed(const char *text)
{
    sbind_address a;
    if (sbind_parse(text, strlen(text), &a, NULL) != SBIND_OK)
        fail_msg("%s is no address", text);
    return a;
}

/* Whether all members are the same. Texts are compared up to their NULs, because the
 * octets after a NUL are not part of a value. */
static inline bool same_members(const sbind_address *a, const sbind_address *b)
{
    return memcmp(a, b, offsetof(sbind_address, host)) == 0 &&
           memcmp(a->host, b->host, a->host_length + 1U) == 0 &&
           memcmp(a->name, b->name, a->name_length + 1U) == 0;
}

static inline void assert_status(sbind_status got, sbind_status wanted)
{
    assert_string_equal(sbind_status_name(got), sbind_status_name(wanted));
}

/* How many descriptors this process has open. */
static inline int open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

/* Sets a time limit. If a test waits for ever, SIGALRM ends it, after the name
 * of the test was printed. The limit is long because valgrind and busy machines
 * are slow. */
static inline void limit_time(void)
{
    signal(SIGALRM, SIG_DFL);
    alarm(120);
}

/* ---- What this machine cannot do ----------------------------------------- */

static bool something_is_left_out;

/* Leaves a test out, with a message. In CI this is an error. */
static inline void leave_out(const char *why)
{
    const char *ci = getenv("CI");
    fprintf(stderr, "SKIPPED: %s\n", why);
    if (ci != NULL && strcmp(ci, "true") == 0)
        fail_msg("needed in CI: %s", why);
    something_is_left_out = true;
    skip();
}

/* Leaves a test out if the library uses POSIX only, because SECURITY.md calls
 * the promise weaker there. */
#ifdef SBIND_PORTABLE
static const bool is_portable = true;
#else
static const bool is_portable = false;
#endif

static inline void weaker(const char *promise)
{
    if (!is_portable)
        return;
    fprintf(stderr, "WEAKER: %s with POSIX only\n", promise);
    skip();
}

/* The exit status of a program with tests that call leave_out. ctest counts 77
 * as skipped. */
static inline int exit_status(int failures)
{
    return failures == 0 && something_is_left_out ? 77 : failures;
}

/* Pseudo-random numbers, the same on every machine (xorshift). */
static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* The hint for an address that is not there (yet). */
#ifdef SBIND_PORTABLE
#define ABSENT                                                                 \
    "no interface, or none of that zone, has this address (yet); see: "        \
    "ifconfig"
#else
#define ABSENT                                                                 \
    "no interface, or none of that zone, has this address (yet); see: ip "     \
    "address, or use freebind"
#endif

#endif
