/* activation_probe.c - prints what this process was passed, and what a program
 * that reads the environment with getenv would believe */
#include <stdio.h>
#include <stdlib.h>

#include <sbind/activation.h>

/* AddressSanitizer cannot look for leaks in a set-user-id program, nor read its
 * options there. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

int main(void)
{
    static const char *const outcomes[] = {"none", "other-process", "passed"};
    const char *believed = getenv("LISTEN_FDS");
    sbind_activation a;
    sbind_error error;
    if (sbind_activation_take(0, &a, &error) != SBIND_OK)
        printf("%s\n", sbind_status_name(error.status));
    else
        printf("%s %u\n", outcomes[a.outcome], (unsigned)a.count);
    printf("getenv %s\n", believed == NULL ? "nothing" : believed);
    return 0;
}
