/* check.h - functions for tests, in place of cmocka, which is not built for
 * Windows
 *
 * A test program runs the tests whose names are its arguments, or all. It ends
 * at the first check that fails, and prints in which test. */
#ifndef SBIND_TESTS_WIN32_CHECK_H
#define SBIND_TESTS_WIN32_CHECK_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include <sddl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sbind/sbind.h>

typedef struct check_test {
    const char *name;
    void (*run)(void);
} check_test;

#define TEST(name)                                                             \
    {                                                                          \
#name, name                                                            \
    }

static const char *check_running = "no test";

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

static inline void check(bool holds, const char *what, const char *file,
                         int line)
{
    if (holds)
        return;
    printf("FAILED %s: %s:%d: %s\n", check_running, file, line, what);
    fflush(stdout);
    ExitProcess(1);
}

#define CHECK_STATUS(got, wanted)                                              \
    check_status((got), (wanted), __FILE__, __LINE__)

static inline void check_status(sbind_status got, sbind_status wanted,
                                const char *file, int line)
{
    if (got != wanted)
        check(false, sbind_status_name(got), file, line);
}

static inline int check_main(int argc, char **argv, const check_test *tests,
                             size_t count)
{
    int ran = 0;
    for (size_t i = 0; i < count; i++) {
        bool wanted = argc < 2;
        for (int a = 1; a < argc; a++)
            wanted = wanted || strcmp(argv[a], tests[i].name) == 0;
        if (!wanted)
            continue;
        check_running = tests[i].name;
        tests[i].run();
        printf("ok %s\n", tests[i].name);
        fflush(stdout);
        ran++;
    }
    return ran > 0 ? 0 : 2;
}

/* ---- What the tests share ------------------------------------------------------ */

static inline sbind_address parsed(const char *text)
{
    sbind_address a;
    CHECK_STATUS(sbind_parse(text, strlen(text), &a, NULL), SBIND_OK);
    return a;
}

/* Fills an error with known octets, before a call that must not change it. */
static inline sbind_error fresh_error(void)
{
    sbind_error e;
    memset(&e, 0x5a, sizeof e);
    return e;
}

static inline bool is_untouched(const sbind_error *e)
{
    const unsigned char *octets = (const unsigned char *)e;
    for (size_t i = 0; i < sizeof *e; i++)
        if (octets[i] != 0x5a)
            return false;
    return true;
}

/* The user of this process. Things that the process makes may have another
 * owner. Under wine they have, and so have the things of elevated
 * administrators. */
static inline const char *user_sid(void)
{
    static char sid[200];
    union {
        TOKEN_USER user;
        char room[200];
    } u;
    HANDLE token;
    DWORD n;
    char *text;
    if (sid[0] != '\0')
        return sid;
    CHECK(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    CHECK(GetTokenInformation(token, TokenUser, &u, sizeof u, &n));
    CHECK(ConvertSidToStringSidA(u.user.User.Sid, &text));
    snprintf(sid, sizeof sid, "%s", text);
    LocalFree(text);
    CloseHandle(token);
    return sid;
}

enum { HANDLES_MAX = 1024 };

/* How many handles this process has open. wine's GetProcessHandleCount always
 * returns 0, so this function tries numbers. Handles are multiples of 4, and
 * the system uses the lowest first. */
static inline DWORD handles(void)
{
    DWORD n = 0, flags;
    for (ULONG_PTR h = 4; h < 4 * HANDLES_MAX; h += 4)
        n += GetHandleInformation((HANDLE)h, &flags) != 0;
    return n;
}

/* Reads or writes a pipe, and waits. Returns 0 if that fails, or at the end. */
static inline DWORD pipe_io(sbind_handle pipe, void *octets, DWORD n,
                            bool writing)
{
    OVERLAPPED o = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD done = 0;
    BOOL ok = writing ? WriteFile((HANDLE)pipe, octets, n, NULL, &o)
                      : ReadFile((HANDLE)pipe, octets, n, NULL, &o);
    if ((ok || GetLastError() == ERROR_IO_PENDING) &&
        !GetOverlappedResult((HANDLE)pipe, &o, &done, TRUE))
        done = 0;
    CloseHandle(o.hEvent);
    return done;
}

static inline DWORD pipe_read(sbind_handle pipe, void *octets, DWORD n)
{
    return pipe_io(pipe, octets, n, false);
}

static inline bool pipe_write(sbind_handle pipe, const char *text)
{
    char copy[64];
    strcpy(copy, text);
    return pipe_io(pipe, copy, (DWORD)strlen(text), true) == strlen(text);
}

#endif
