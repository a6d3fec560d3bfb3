/* path.c - recognises the octets of a path, many at a time */
#include "path.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LANE ((size_t)16)

/* ; path-octet = %x20-7E / %x80-FF
 * Whether text[0 .. LANE * lanes) has path-octets only. The code does not branch
 * on an octet, so that the compiler can check all octets of a lane at once. */
static inline bool are_path_octets(const unsigned char *text, size_t lanes)
{
    unsigned char others[LANE];
    uint64_t halves[2];
    memset(others, 0, sizeof others);
    for (size_t n = 0; n < lanes * LANE; n += LANE)
        for (size_t i = 0; i < LANE; i++)
            others[i] |= (text[n + i] < 0x20) | (text[n + i] == 0x7F);
    memcpy(halves, others, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

/* The last lane may overlap with the lane before it. */
size_t sbind__path_octets(const unsigned char *text, size_t len)
{
    size_t n = 0;
    while (len - n >= 2 * LANE && are_path_octets(text + n, 2))
        n += 2 * LANE;
    while (len - n >= LANE && are_path_octets(text + n, 1))
        n += LANE;
    if (n > 0 && len - n < LANE && are_path_octets(text + len - LANE, 1))
        n = len;
    return n;
}
