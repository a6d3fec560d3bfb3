/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * transfer_win32.c - reading and writing a socket or a pipe
 */
#include "transfer.h"

#include <winsock2.h>

#include <windows.h>

/* An accepted pipe needs overlapped calls. This program waits for the end of
 * each call. */
static size_t wait_for(HANDLE pipe, BOOL done, OVERLAPPED *call)
{
    DWORD n = 0;
    if ((done || GetLastError() == ERROR_IO_PENDING) &&
        !GetOverlappedResult(pipe, call, &n, TRUE))
        n = 0;
    CloseHandle(call->hEvent);
    return n;
}

static size_t write_some(const sbind_stream *stream, const char *octets,
                         size_t count)
{
    OVERLAPPED call = {.hEvent = NULL};
    HANDLE pipe = (HANDLE)stream->fd;
    if (stream->kind != SBIND_NPIPE) {
        int n = send((SOCKET)stream->fd, octets, (int)count, 0);
        return n > 0 ? (size_t)n : 0;
    }
    call.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    return wait_for(pipe, WriteFile(pipe, octets, (DWORD)count, NULL, &call),
                    &call);
}

size_t transfer_read(const sbind_stream *stream, char *octets, size_t room)
{
    OVERLAPPED call = {.hEvent = NULL};
    HANDLE pipe = (HANDLE)stream->fd;
    if (stream->kind != SBIND_NPIPE) {
        int n = recv((SOCKET)stream->fd, octets, (int)room, 0);
        return n > 0 ? (size_t)n : 0;
    }
    call.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    return wait_for(pipe, ReadFile(pipe, octets, (DWORD)room, NULL, &call),
                    &call);
}

bool transfer_write(const sbind_stream *stream, const char *octets,
                    size_t count)
{
    while (count > 0) {
        size_t n = write_some(stream, octets, count);
        if (n == 0)
            return false;
        octets += n;
        count -= n;
    }
    return true;
}
