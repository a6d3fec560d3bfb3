/* classes.h - the texts that are measured, in classes of similar texts */
#ifndef SBIND_BENCH_CLASSES_H
#define SBIND_BENCH_CLASSES_H

#include <stdint.h>
#include <stddef.h>

#include <sbind/parse.h>

enum { TEXTS = 4096 }; /* random texts of a class */

typedef struct bench_text {
    size_t length;
    char octets[SBIND_TEXT_MAX + 1]; /* and a NUL */
} bench_text;

typedef struct bench_class {
    const char *name;
    const char *hot;              /* the text that is parsed again and again */
    void (*write)(bench_text *t); /* a random text of the class */
    size_t accepted; /* for refused texts: the class that they resemble */
} bench_class;

enum { CLASSES = 28, BENCH_REFUSED = 22 /* from here on texts are refused */ };
extern const bench_class bench_classes[CLASSES];

/* Writes the hot text of a class, or a random text. The random texts are the
 * same in every run. */
void bench_hot(const bench_class *class, bench_text *ret);
void bench_random(const bench_class *class, bench_text *ret);

#endif
