/* engine.c - stands in for honggfuzz and centipede, which Debian does not have.
 * For both engines the compiler inserts the same calls
 * (-fsanitize-coverage=trace-pc-guard). Like replay.c, the program runs the
 * files that it is given. It also prints how many edges its code has, and how
 * many of these it reached. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t edges, seen;

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, const uint32_t *stop);
void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

/* With the flags of the two engines, compiled code calls these functions,
 * too. */
#define IGNORE(name, ...)                                                      \
    void name(__VA_ARGS__);                                                    \
    void name(__VA_ARGS__) {}
IGNORE(__sanitizer_cov_pcs_init, const uintptr_t *a, const uintptr_t *b)
IGNORE(__sanitizer_cov_trace_pc_indir, uintptr_t a)
IGNORE(__sanitizer_cov_trace_cmp1, uint8_t a, uint8_t b)
IGNORE(__sanitizer_cov_trace_cmp2, uint16_t a, uint16_t b)
IGNORE(__sanitizer_cov_trace_cmp4, uint32_t a, uint32_t b)
IGNORE(__sanitizer_cov_trace_cmp8, uint64_t a, uint64_t b)
IGNORE(__sanitizer_cov_trace_const_cmp1, uint8_t a, uint8_t b)
IGNORE(__sanitizer_cov_trace_const_cmp2, uint16_t a, uint16_t b)
IGNORE(__sanitizer_cov_trace_const_cmp4, uint32_t a, uint32_t b)
IGNORE(__sanitizer_cov_trace_const_cmp8, uint64_t a, uint64_t b)
IGNORE(__sanitizer_cov_trace_switch, uint64_t a, uint64_t *b)
IGNORE(__sanitizer_cov_load1, uint8_t *a)
IGNORE(__sanitizer_cov_load2, uint16_t *a)
IGNORE(__sanitizer_cov_load4, uint32_t *a)
IGNORE(__sanitizer_cov_load8, uint64_t *a)
IGNORE(__sanitizer_cov_load16, uint64_t *a)

static void say(void)
{
    printf("%u edges, %u seen\n", (unsigned)edges, (unsigned)seen);
}

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, const uint32_t *stop)
{
    if (start == stop || *start != 0)
        return;
    if (edges == 0)
        atexit(say);
    while (start < stop)
        *start++ = ++edges;
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard)
{
    seen += *guard != 0;
    *guard = 0;
}
