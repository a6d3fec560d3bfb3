/* instructions.c - parses the hot text of each class CALLS times, for callgrind
 *
 * instructions.py has callgrind count what happens in sbind_parse, and make a
 * dump after each class.
 */
#include "classes.h"

#include <valgrind/callgrind.h>

enum { CALLS = 10 };

int main(void)
{
    static bench_text text;
    static sbind_address value;
    for (size_t i = 0; i < CLASSES; i++) {
        bench_hot(&bench_classes[i], &text);
        sbind_parse(text.octets, text.length, &value, NULL);
        CALLGRIND_ZERO_STATS;
        for (int n = 0; n < CALLS; n++)
            sbind_parse(text.octets, text.length, &value, NULL);
        CALLGRIND_DUMP_STATS_AT(bench_classes[i].name);
    }
    return 0;
}
