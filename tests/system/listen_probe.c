/* listen_probe.c - listens on one address with the library's defaults, prints
 * the result, and closes */
#include <stdio.h>
#include <string.h>

#include <sbind/sbind.h>

enum { MOST = 16 };

int main(int argc, char **argv)
{
    sbind_address address;
    sbind_listener listeners[MOST];
    sbind_error error;
    size_t count;
    if (argc != 2)
        return 2;
    if (sbind_parse(argv[1], strlen(argv[1]), &address, &error) != SBIND_OK ||
        sbind_listen_all(&address, NULL, listeners, MOST, &count, &error) !=
            SBIND_OK)
        return printf("%s\n", sbind_status_name(error.status)), 1;
    printf("%zu\n", count);
    for (size_t i = 0; i < count; i++)
        sbind_close(&listeners[i], NULL);
    return 0;
}
