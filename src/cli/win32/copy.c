/* win32/copy.c - copies standard input to a socket or pipe, and the socket or
 * pipe to standard output. Windows cannot wait for a standard stream and a
 * socket together, so each direction has a thread. */
#include "../cli.h"

/* winsock2.h comes before windows.h */
#include <winsock2.h>

#include <windows.h>

enum { BUFFER = 65536, SILENCE = 500 /* milliseconds, see await_end */ };

typedef struct copying {
    const sbind_stream *stream;
    /* octets received so far; when it stops growing, the peer is silent */
    volatile LONG heard;
    volatile LONG lost; /* something was not copied */
} copying;

static void lose(copying *c) { InterlockedExchange(&c->lost, 1); }

/* ---- Reading and writing ------------------------------------------------------ */

static bool is_pipe(const sbind_stream *s) { return s->kind == SBIND_NPIPE; }

/* The end of an overlapped call. */
static bool finish_call(HANDLE h, BOOL done, OVERLAPPED *o, DWORD *ret)
{
    return (done || GetLastError() == ERROR_IO_PENDING) &&
           GetOverlappedResult(h, o, ret, TRUE);
}

/* Whether this error of a read means the end of the input. */
static bool is_end(DWORD error)
{
    return error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF;
}

/* After a failed read, returns 0, as at the end of the input. If it is not the
 * end, notes that something was lost. */
static DWORD after_failure(copying *c)
{
    if (!is_end(GetLastError()))
        lose(c);
    return 0;
}

static DWORD receive(copying *c, HANDLE event, char *buffer)
{
    OVERLAPPED o = {.hEvent = event};
    HANDLE h = (HANDLE)c->stream->fd;
    DWORD got;
    if (is_pipe(c->stream))
        return finish_call(h, ReadFile(h, buffer, BUFFER, NULL, &o), &o, &got)
                   ? got
                   : after_failure(c);
    int n = recv((SOCKET)c->stream->fd, buffer, BUFFER, 0);
    return n >= 0 ? (DWORD)n : after_failure(c);
}

static DWORD take_input(copying *c, HANDLE from, char *buffer)
{
    DWORD n;
    return ReadFile(from, buffer, BUFFER, &n, NULL) ? n : after_failure(c);
}

/* How much was written. 0 if the other end does not read any more. */
static DWORD transmit(const sbind_stream *s, HANDLE event, const char *buffer,
                      DWORD length)
{
    OVERLAPPED o = {.hEvent = event};
    HANDLE h = (HANDLE)s->fd;
    DWORD put;
    if (is_pipe(s))
        return finish_call(h, WriteFile(h, buffer, length, NULL, &o), &o, &put)
                   ? put
                   : 0;
    int n = send((SOCKET)s->fd, buffer, (int)length, 0);
    return n > 0 ? (DWORD)n : 0;
}

static bool transmit_all(const sbind_stream *s, HANDLE event,
                         const char *buffer, DWORD length)
{
    while (length > 0) {
        DWORD n = transmit(s, event, buffer, length);
        if (n == 0)
            return false;
        buffer += n;
        length -= n;
    }
    return true;
}

static bool write_all(HANDLE to, const char *buffer, DWORD length)
{
    while (length > 0) {
        DWORD n;
        if (!WriteFile(to, buffer, length, &n, NULL))
            return false;
        buffer += n;
        length -= n;
    }
    return true;
}

/* ---- The two directions --------------------------------------------------------- */

/* Nothing was copied. */
static DWORD give_up(copying *c)
{
    lose(c);
    return 0;
}

static DWORD WINAPI copy_out(void *context)
{
    static char buffer[BUFFER];
    copying *c = context;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE from = GetStdHandle(STD_INPUT_HANDLE);
    DWORD n;
    if (event == NULL)
        return give_up(c);
    while ((n = take_input(c, from, buffer)) > 0) {
        if (!transmit_all(c->stream, event, buffer, n)) {
            lose(c);
            break;
        }
    }
    if (!is_pipe(c->stream))
        shutdown((SOCKET)c->stream->fd, SD_SEND);
    CloseHandle(event);
    return 0;
}

static DWORD WINAPI copy_in(void *context)
{
    static char buffer[BUFFER];
    copying *c = context;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE to = GetStdHandle(STD_OUTPUT_HANDLE);
    DWORD n;
    if (event == NULL)
        return give_up(c);
    while ((n = receive(c, event, buffer)) > 0) {
        InterlockedExchangeAdd(&c->heard, (LONG)n);
        if (!write_all(to, buffer, n)) {
            lose(c);
            break;
        }
    }
    CloseHandle(event);
    return 0;
}

static bool is_client(const sbind_stream *s)
{
    DWORD flags = PIPE_SERVER_END;
    GetNamedPipeInfo((HANDLE)s->fd, &flags, NULL, NULL, NULL);
    return (flags & PIPE_SERVER_END) == 0;
}

/* Ends a client's connection to a pipe. A pipe cannot be closed in one
 * direction only, so both ends could wait for each other for ever. So the
 * client closes the pipe once its own input has ended and the server has been
 * silent for a while. */
static void await_end(copying *c, HANDLE out, HANDLE in)
{
    LONG heard;
    if (!is_pipe(c->stream)) {
        WaitForSingleObject(in, INFINITE);
        if (!c->lost) /* otherwise the peer has gone */
            WaitForSingleObject(out, INFINITE);
        return;
    }
    if (!is_client(c->stream)) {
        WaitForSingleObject(in, INFINITE);
        return;
    }
    const HANDLE both[2] = {out, in};
    WaitForMultipleObjects(2, both, FALSE, INFINITE);
    do
        heard = c->heard;
    while (WaitForSingleObject(in, SILENCE) == WAIT_TIMEOUT &&
           heard != c->heard);
}

int copy_both_ways(const sbind_stream *stream)
{
    static copying c;
    HANDLE out, in;
    c.stream = stream;
    out = CreateThread(NULL, 0, copy_out, &c, 0, NULL);
    in = CreateThread(NULL, 0, copy_in, &c, 0, NULL);
    if (out == NULL || in == NULL) {
        cli_say(stderr, "sbind: CreateThread failed");
        return SYSTEM;
    }
    await_end(&c, out, in);
    CloseHandle(out);
    CloseHandle(in);
    if (!c.lost)
        return DONE;
    cli_say(
        stderr,
        "sbind: copying: the connection ended before everything was copied");
    return SYSTEM;
}
