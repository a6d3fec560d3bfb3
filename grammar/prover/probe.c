/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * probe.c - a lexer as a shared object, which prove.py calls
 *
 * PROBE_LEXER is the generated C file: as it is shipped, or with a call of
 * probe_look() in its YYPEEK. Each text ends where a page without access
 * begins, so a read past the end is caught and reported.
 */
#define _GNU_SOURCE

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

static void probe_look(int site, const unsigned char *at);

#include PROBE_LEXER

/* What is wrong with a run, if anything. */
enum fault {
    NONE,
    /* the lexer read memory without access, or looked past the end */
    READ_PAST_END,
    NO_END,        /* more looks than octets */
    OUT_OF_ORDER   /* the lexer did not look at the next octet */
};

typedef struct probe_result {
    int32_t fault;
    /* where the lexer looked at the end of the text; 0: it did not */
    int32_t site;
    int32_t verdict; /* what it returned */
    /* the length of the reported viable prefix, minus the length of the text of
     * this row; 0 or 1 is right */
    int32_t viable;
} probe_result;

#define ROOM 8192 /* octets of the longest text */

static struct {
    unsigned char *end; /* of every text: the page without access */
    const unsigned char *text;
    size_t len, looks;
    volatile sig_atomic_t fault;
    int site;
    sigjmp_buf out;
} probe;

static void probe_look(int site, const unsigned char *at)
{
    size_t place = probe.looks++;
    if (place > probe.len)
        probe.fault = NO_END;
    else if (at > probe.end)
        probe.fault = READ_PAST_END;
    else if (at != probe.text + place)
        probe.fault = OUT_OF_ORDER;
    if (probe.fault != NONE)
        siglongjmp(probe.out, 1);
    if (place == probe.len)
        probe.site = site;
}

static void on_fault(int signal)
{
    (void)signal;
    probe.fault = READ_PAST_END;
    siglongjmp(probe.out, 1);
}

/* Prepares the pages for texts. Returns 0 on success. */
int probe_open(void)
{
    unsigned char *pages = mmap(NULL, ROOM + 65536, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return -1;
    probe.end = pages + ROOM;
    return mprotect(probe.end, 65536, PROT_NONE);
}

static void run(int rule, size_t row, size_t len, probe_result *ret)
{
    size_t viable = 0;
    int verdict = 0;
    probe.text = probe.end - len;
    probe.len = len;
    probe.looks = 0;
    probe.fault = NONE;
    probe.site = 0;
    if (sigsetjmp(probe.out, 0) == 0)
        verdict = PROBE_RUN(rule, probe.text, len, &viable);
    ret->fault = probe.fault;
    ret->site = probe.site;
    ret->verdict = verdict;
    ret->viable = (int32_t)viable - (int32_t)row;
}

/* Runs the lexer on text[0 .. len) and on this text with each octet after it.
 * The results are ret[0] and ret[1 .. 256]. */
void probe_row(int rule, const unsigned char *text, size_t len,
               probe_result ret[257])
{
    struct sigaction act = {0}, segv, bus;
    act.sa_handler = on_fault;
    act.sa_flags = SA_NODEFER;
    sigaction(SIGSEGV, &act, &segv);
    sigaction(SIGBUS, &act, &bus);
    memcpy(probe.end - len, text, len);
    run(rule, len, len, &ret[0]);
    memcpy(probe.end - len - 1, text, len);
    for (int octet = 0; octet < 256; octet++) {
        probe.end[-1] = (unsigned char)octet;
        run(rule, len, len + 1, &ret[1 + octet]);
    }
    sigaction(SIGSEGV, &segv, NULL);
    sigaction(SIGBUS, &bus, NULL);
}
