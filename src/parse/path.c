/* path.c - octets of paths, many at a time */
#include "path.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANE 16

/* ; path-octet = %x20-7E / %x80-FF
 * Without a branch, so that the compiler looks at all of them at once. */
static bool are_path_octets(const unsigned char octets[LANE])
{
    unsigned char others[LANE];
    uint64_t halves[2];
    for (size_t i = 0; i < LANE; i++)
        others[i] = (octets[i] < 0x20) | (octets[i] == 0x7F);
    memcpy(halves, others, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

/* The last lane may overlap with the lane before. */
size_t sbind__path_octets(const unsigned char *text, size_t len)
{
    size_t n = 0;
    while (len - n >= LANE && are_path_octets(text + n))
        n += LANE;
    if (n > 0 && len - n < LANE && are_path_octets(text + len - LANE))
        n = len;
    return n;
}
