/* win32/start.c - starts the command: converts the arguments and the variable
 * HOST to UTF-8, and makes the standard streams binary */
#include "../cli.h"

#include <windows.h>

#include <shellapi.h>

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

static char *utf8_of(const wchar_t *text)
{
    int n = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, NULL,
                                0, NULL, NULL);
    char *octets = n > 0 ? malloc((size_t)n) : NULL;
    if (octets != NULL)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, octets, n, NULL, NULL);
    return octets;
}

static char **give_up(char **arguments)
{
    for (char **a = arguments; *a != NULL; a++)
        free(*a);
    free(arguments);
    return NULL;
}

/* The arguments in UTF-8. They live as long as the process. */
static char **own_arguments(int *ret_count)
{
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), ret_count);
    char **arguments =
        wide == NULL ? NULL : calloc((size_t)*ret_count + 1, sizeof *arguments);
    for (int i = 0; arguments != NULL && i < *ret_count; i++) {
        arguments[i] = utf8_of(wide[i]);
        if (arguments[i] == NULL)
            return give_up(arguments);
    }
    return arguments;
}

static const char *host;

const char *cli_host(void) { return host; }

/* False if the variable is set and is not UTF-16. */
static bool read_host(void)
{
    const wchar_t *wide = _wgetenv(L"HOST");
    if (wide != NULL)
        host = utf8_of(wide);
    return wide == NULL || host != NULL;
}

bool cli_prepare(int *argc, char ***argv)
{
    int count = 0;
    char **arguments = read_host() ? own_arguments(&count) : NULL;
    if (arguments == NULL)
        return false;
    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
    _setmode(2, _O_BINARY);
    *argc = count;
    *argv = arguments;
    return true;
}

/* A socket cannot become standard output, because handles are not small
 * numbers. */
int cli_fill_standard_descriptors(void) { return DONE; }
