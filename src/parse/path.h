/* path.h - recognises the octets of a path, many at a time */
#ifndef SBIND_PARSE_PATH_H
#define SBIND_PARSE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SBIND__LANE ((size_t)16)

/* ; path-octet = %x20-7E / %x80-FF
 * Whether the lanes at a and at b have path-octets only. The code does not branch
 * on an octet, so that the compiler can check all octets of a lane at once. */
static inline bool sbind__are_path_octets(const unsigned char *a,
                                          const unsigned char *b)
{
    unsigned char others[SBIND__LANE];
    uint64_t halves[2];
    for (size_t i = 0; i < SBIND__LANE; i++)
        others[i] = (unsigned char)-((a[i] < 0x20) | (a[i] == 0x7F) |
                                     (b[i] < 0x20) | (b[i] == 0x7F));
    memcpy(halves, others, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

/* Returns a place in text[at .. len) with path-octets only before it: the last
 * octet if all are path-octets, or an earlier octet. Never reads text[len].
 *
 * The last two lanes may overlap with each other, and with the lanes before. */
static inline size_t sbind__skip_path_octets(const unsigned char *text,
                                             size_t len, size_t at)
{
    const size_t last = len - SBIND__LANE, pair = 2 * SBIND__LANE;
    if (len - at < SBIND__LANE)
        return at;
    for (size_t pairs = (len - at) / pair; pairs > 0; pairs--) {
        if (!sbind__are_path_octets(text + at, text + at + SBIND__LANE))
            return at;
        at += pair;
    }
    if (!sbind__are_path_octets(text + (at < last ? at : last), text + last))
        return at;
    return len - 1;
}

#endif
