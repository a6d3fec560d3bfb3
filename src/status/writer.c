/* writer.c - text into a buffer, never past its end */
#include "writer.h"

#include <string.h>

#include "ensure.h"

void sbind__put(sbind__writer *to, const char *octets, size_t n)
{
    if (n > to->cap - to->length) {
        to->full = true;
        return;
    }
    if (to->buf != NULL)
        memcpy(to->buf + to->length, octets, n);
    to->length += n;
    SBIND__ENSURE(to->length <= to->cap);
}

void sbind__put_text(sbind__writer *to, const char *text)
{
    sbind__put(to, text, strlen(text));
}

void sbind__put_decimal(sbind__writer *to, uint32_t value)
{
    char digits[10];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    sbind__put(to, digits + n, sizeof digits - n);
}

void sbind__put_end(sbind__writer *to)
{
    if (to->length < to->cap)
        to->buf[to->length] = '\0';
    else
        to->full = true;
}
