/* number.c - numbers on the command line */
#include "number.h"

bool number_read_digits(const char *text, int64_t base, int64_t most,
                        int64_t *ret)
{
    int64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text >= '0' + base)
            return false;
        value = value * base + (*text - '0');
        if (value > most)
            return false;
    }
    *ret = value;
    return true;
}

bool number_read(const char *text, int least, int most, int *ret)
{
    int64_t value;
    if (!number_read_digits(text, 10, most, &value) || value < least)
        return false;
    *ret = (int)value;
    return true;
}

bool number_read_mode(const char *text, int32_t *ret)
{
    int64_t value;
    if (!number_read_digits(text, 8, 0777, &value))
        return false;
    *ret = (int32_t)value;
    return true;
}
