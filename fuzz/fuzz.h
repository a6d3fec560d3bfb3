/* fuzz.h - what the harnesses share */
#ifndef SBIND_FUZZ_FUZZ_H
#define SBIND_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A check that stays in every build. */
#define CHECK(condition)                                                       \
    ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

static inline void fuzz_fail(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
    abort();
}

/* Copies the octets into a block of exactly their size. So a sanitizer notices
 * a read past the end. */
static inline char *fuzz_copy(const void *octets, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    copy[0] = '\0';
    if (size > 0)
        memcpy(copy, octets, size);
    return copy;
}

static inline void fuzz_free(const char *copy)
{
    free((void *)(uintptr_t)copy);
}

/* Whether all n octets have this value. */
static inline bool fuzz_is_all(const void *octets, size_t n, unsigned char same)
{
    const unsigned char *p = octets;
    return n == 0 || (p[0] == same && memcmp(p, p + 1, n - 1) == 0);
}

/* The part of an input that is still unread. Octets are taken from its
 * front. */
typedef struct fuzz_input {
    const uint8_t *at;
    size_t left;
} fuzz_input;

/* The next octet, or 0 at the end. */
static inline uint8_t fuzz_octet(fuzz_input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* Takes the octets up to the next octet "end", and also this octet. If there is
 * no such octet, takes all that are left. */
static inline fuzz_input fuzz_field(fuzz_input *in, uint8_t end)
{
    fuzz_input field = *in;
    const uint8_t *found = in->left == 0 ? NULL : memchr(in->at, end, in->left);
    if (found != NULL)
        field.left = (size_t)(found - in->at);
    in->at += field.left + (found != NULL);
    in->left -= field.left + (found != NULL);
    return field;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
