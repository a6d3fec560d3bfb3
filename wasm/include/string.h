/* string.h - the functions that the sources use. WebAssembly has no C library,
 * so string.c has them. */
#ifndef SBIND_WASM_STRING_H
#define SBIND_WASM_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int octet, size_t n);
void *memchr(const void *in, int octet, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
char *strrchr(const char *text, int octet);

#endif
