/* writer.h - text into a buffer, never past its end */
#ifndef SBIND_STATUS_WRITER_H
#define SBIND_STATUS_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sbind__writer {
    char *buf; /* NULL: the octets are only counted */
    size_t cap;
    size_t length; /* octets written */
    bool full;     /* something did not fit, and was left out as a whole */
} sbind__writer;

void sbind__put(sbind__writer *to, const char *octets, size_t n);
void sbind__put_text(sbind__writer *to, const char *text);
void sbind__put_decimal(sbind__writer *to, uint32_t value);

/* Writes a NUL, which length does not count. The writer must have a buffer. */
void sbind__put_end(sbind__writer *to);

#endif
