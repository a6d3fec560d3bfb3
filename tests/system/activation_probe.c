/* activation_probe.c - prints which sockets this process was passed, and what a
 * program would believe if it read the environment with getenv */
#include <stdio.h>
#include <stdlib.h>

#include <sbind/activation.h>

/* Under set-user-id, AddressSanitizer can neither look for leaks nor read its
 * options. */
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
