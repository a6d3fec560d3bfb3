/* string.c - the functions of string.h. The functions copy and fill blocks with
 * the compiler's builtins, which become instructions of WebAssembly (bulk
 * memory). */
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    return __builtin_memcpy(to, from, n);
}

void *memmove(void *to, const void *from, size_t n)
{
    return __builtin_memmove(to, from, n);
}

void *memset(void *to, int octet, size_t n)
{
    return __builtin_memset(to, octet, n);
}

void *memchr(const void *in, int octet, size_t n)
{
    const unsigned char *at = in;
    for (; n > 0; at++, n--)
        if (*at == (unsigned char)octet)
            return (void *)at;
    return NULL;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (; n > 0; x++, y++, n--)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}

size_t strlen(const char *text)
{
    size_t n = 0;
    while (text[n] != '\0')
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

char *strrchr(const char *text, int octet)
{
    for (size_t n = strlen(text) + 1; n > 0; n--)
        if (text[n - 1] == (char)octet)
            return (char *)&text[n - 1];
    return NULL;
}
