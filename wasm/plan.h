/* plan.h - what listening on an address would do on Linux, as text */
#ifndef SBIND_WASM_PLAN_H
#define SBIND_WASM_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include <sbind/parse.h>

typedef struct plan {
    const char *lines; /* each line ends in a NUL; valid until the next call */
    size_t length;     /* octets of all lines */
    bool refused;      /* on any system */
} plan;

plan plan_of(const sbind_address *address);

#endif
