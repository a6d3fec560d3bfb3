/* fuzz.h - what the harnesses share */
#ifndef SBIND_FUZZ_FUZZ_H
#define SBIND_FUZZ_FUZZ_H

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

/* A block of exactly this size, so that a read past the end is seen. */
static inline char *fuzz_copy(const void *octets, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, octets, size);
    return copy;
}

static inline void fuzz_free(const char *copy)
{
    free((void *)(uintptr_t)copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
