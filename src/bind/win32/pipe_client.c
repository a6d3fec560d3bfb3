/* win32/pipe_client.c - connecting to named pipes */
#include "win32.h"

#include <string.h>

#include "../../status/error.h"
#include "../system.h"
#include "../deadline.h"

enum { WAIT_MAX = 100 /* milliseconds */ };

/* Without SECURITY_SQOS_PRESENT, the server could act as the client's user. */
static DWORD flags_of(const sbind_connect_options *o)
{
    DWORD flags = SECURITY_SQOS_PRESENT;
    flags |= o->pipe_anonymous == SBIND_ON ? SECURITY_ANONYMOUS
                                           : SECURITY_IDENTIFICATION;
    if (o->blocking == SBIND_NONBLOCKING)
        flags |= FILE_FLAG_OVERLAPPED;
    return flags;
}

/* How many milliseconds one wait takes. Never 0, which means the default of the
 * server. During a wait the system does not notice that the server has ended,
 * but CreateFileW does. */
static DWORD time_to_wait(const sbind__deadline *deadline)
{
    const int64_t left = sbind__time_left(deadline);
    if (left < 0 || left > WAIT_MAX)
        return WAIT_MAX;
    return left > 0 ? (DWORD)left : 1;
}

/* Waits for a free instance. All have clients now, and another client may get
 * the next one first. */
static sbind_status await_instance(const wchar_t *path,
                                   const sbind__deadline *deadline,
                                   sbind_error *reterr)
{
    if (sbind__time_left(deadline) == 0)
        return sbind__fail(SBIND_TIMED_OUT, reterr);
    if (WaitNamedPipeW(path, time_to_wait(deadline)) ||
        GetLastError() == ERROR_SEM_TIMEOUT)
        return SBIND_OK;
    return sbind__fail_call("WaitNamedPipeW", reterr);
}

/* Opens the pipe, or waits. The wait fails if the server has ended. The next
 * CreateFileW reports that. */
static sbind_status open_pipe(const wchar_t *path,
                              const sbind_connect_options *o, HANDLE *ret,
                              sbind_error *reterr)
{
    sbind__deadline deadline = sbind__deadline_in(o->timeout);
    sbind_status s = SBIND_OK; /* the status of the wait */
    for (;;) {
        HANDLE pipe = CreateFileW(path, SBIND__PIPE_CLIENT_ACCESS, 0, NULL,
                                  OPEN_EXISTING, flags_of(o), NULL);
        if (pipe != INVALID_HANDLE_VALUE) {
            *ret = pipe;
            return SBIND_OK;
        }
        if (GetLastError() != ERROR_PIPE_BUSY)
            return sbind__fail_call("CreateFileW", reterr);
        if (s != SBIND_OK)
            return s;
        if (o->timeout == 0)
            return sbind__fail(SBIND_WOULD_BLOCK, reterr);
        s = await_instance(path, &deadline, reterr);
        if (s == SBIND_TIMED_OUT)
            return s;
    }
}

/* Checks whether the options allow a pipe of another machine. That machine
 * alone says which process the server is. It also learns who the client is,
 * because it has let the client's user in. [MS-SMB2] 3.3.4.11 */
static sbind_status check_remote(const sbind_connect_options *o,
                                 sbind_error *reterr)
{
    const char *option = o->pipe_owner != NULL           ? "pipe_owner"
                         : o->pipe_server != 0           ? "pipe_server"
                         : o->pipe_anonymous == SBIND_ON ? "pipe_anonymous"
                                                         : NULL;
    if (o->pipe_remote != SBIND_ON)
        return sbind__fail_hint(SBIND_REMOTE_PIPE,
                                "write npipe://NAME, or allow pipes of other "
                                "machines (--pipe-remote)",
                                reterr);
    if (option == NULL)
        return SBIND_OK;
    return sbind__fail_option(SBIND_OPTION_NOT_APPLICABLE, option,
                              "pipe_owner, pipe_server and pipe_anonymous work "
                              "only for pipes of this "
                              "machine; leave them out",
                              reterr);
}

sbind_status sbind__connect_pipe(const sbind_address *address,
                                 const sbind_connect_options *options,
                                 sbind_stream *ret, sbind_error *reterr)
{
    wchar_t path[SBIND__PIPE_PATH_MAX];
    HANDLE pipe = NULL;
    sbind_status s = strcmp(address->host, ".") == 0
                         ? SBIND_OK
                         : check_remote(options, reterr);
    if (s == SBIND_OK)
        s = sbind__pipe_path(address, path, reterr);
    if (s == SBIND_OK)
        s = open_pipe(path, options, &pipe, reterr);
    if (s != SBIND_OK)
        return s;
    s = sbind__check_server(pipe, options, reterr);
    if (s == SBIND_OK)
        *ret = (sbind_stream){(sbind_handle)pipe, SBIND_NPIPE};
    else
        sbind__close_handle(pipe);
    return s;
}
