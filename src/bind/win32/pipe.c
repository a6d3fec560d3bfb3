/* win32/pipe.c - listening on named pipes
 *
 * A pipe server has several instances of its pipe, and a client connects to one
 * of them. Some instances always listen: as many as clients can connect before
 * sbind_accept is called. When a client has connected, another instance takes
 * its place before sbind_accept hands the client out. So the name always
 * exists, and no other process can take it.
 *
 * A listener is a plain value and may be copied. So everything that changes is
 * kept in a pipe_server. The listener has only the number of the pipe_server.
 * One lock protects everything, and is released for waiting. No loop under the
 * lock is longer than the list of instances. */
#include "win32.h"

#include <string.h>

#include "../../status/error.h"
#include "../system.h"

enum { SPARES_MIN = 2, SPARES_MAX = 16, BUFFER_DEFAULT = 65536 };

typedef enum state {
    LISTENING, /* "connecting" tells whether a client is there */
    CONNECTED,
    BROKEN /* listening with it has failed */
} state;

typedef struct instance {
    HANDLE pipe;
    OVERLAPPED connecting; /* the system uses this while the instance listens */
    state state;
} instance;

typedef struct pipe_server {
    struct pipe_server *next;
    uint64_t number;
    unsigned waiting; /* threads in sbind__accept_pipe; the last one frees */
    bool closed;
    HANDLE ready; /* signalled while a client waits, or after closing */
    PSECURITY_DESCRIPTOR security;
    DWORD in, out; /* sizes of buffers */
    wchar_t path[SBIND__PIPE_PATH_MAX];
    size_t count, turn; /* instances, and where to look first */
    instance instances[SPARES_MAX];
} pipe_server;

static SRWLOCK lock = SRWLOCK_INIT;
static pipe_server *servers;
/* the last number that was given to a server; none is used twice */
static uint64_t numbers;

/* ---- Instances -------------------------------------------------------------- */

static sbind_status make_instance(pipe_server *p, DWORD first, HANDLE *ret,
                                  sbind_error *reterr)
{
    SECURITY_ATTRIBUTES attributes = {sizeof attributes, p->security, FALSE};
    HANDLE pipe = CreateNamedPipeW(
        p->path, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
        PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT |
            PIPE_REJECT_REMOTE_CLIENTS,
        PIPE_UNLIMITED_INSTANCES, p->out, p->in, 0, &attributes);
    if (pipe == INVALID_HANDLE_VALUE)
        return sbind__fail_call("CreateNamedPipeW", reterr);
    *ret = pipe;
    return SBIND_OK;
}

/* Lets a client connect to this instance. The system resets the event. A client
 * may have connected already, and may even have gone: what it sent can still be
 * read. */
static sbind_status begin_connecting(pipe_server *p, instance *i,
                                     sbind_error *reterr)
{
    memset(&i->connecting, 0, sizeof i->connecting);
    i->connecting.hEvent = p->ready;
    i->state = LISTENING;
    if (ConnectNamedPipe(i->pipe, &i->connecting) ||
        GetLastError() == ERROR_PIPE_CONNECTED ||
        GetLastError() == ERROR_NO_DATA) {
        i->state = CONNECTED;
        return SBIND_OK;
    }
    if (GetLastError() == ERROR_IO_PENDING)
        return SBIND_OK;
    i->state = BROKEN;
    return sbind__fail_call("ConnectNamedPipe", reterr);
}

/* Listens again. The system stops listening when the thread that began it ends.
 * If a client has connected in between, that client stays. If listening fails,
 * the client is disconnected. */
static sbind_status begin_again(pipe_server *p, instance *i,
                                sbind_error *reterr)
{
    if (begin_connecting(p, i, reterr) == SBIND_OK)
        return SBIND_OK;
    DisconnectNamedPipe(i->pipe);
    return begin_connecting(p, i, reterr);
}

static bool has_ended(const instance *i)
{
    return i->state != LISTENING || HasOverlappedIoCompleted(&i->connecting);
}

/* SBIND_WOULD_BLOCK unless a client is there. */
static sbind_status look_at(pipe_server *p, instance *i, sbind_error *reterr)
{
    DWORD unused;
    sbind_status s = SBIND_OK;
    if (i->state == LISTENING && has_ended(i) &&
        GetOverlappedResult(i->pipe, &i->connecting, &unused, FALSE))
        i->state = CONNECTED;
    else if (i->state != CONNECTED && has_ended(i))
        s = begin_again(p, i, reterr);
    if (s != SBIND_OK || i->state == CONNECTED)
        return s;
    return sbind__fail(SBIND_WOULD_BLOCK, reterr);
}

/* Sets the event if any instance has a client. The system has just reset the
 * event for one instance, but another may be ready. */
static void signal_again(pipe_server *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (has_ended(&p->instances[i]))
            SetEvent(p->ready);
}

static void end_instance(instance *i)
{
    if (i->state == LISTENING)
        sbind__end_overlapped(i->pipe, &i->connecting);
    sbind__close_handle(i->pipe);
}

/* ---- Servers ---------------------------------------------------------------- */

static void free_server(pipe_server *p)
{
    sbind__close_handle(p->ready);
    if (p->security != NULL)
        LocalFree(p->security);
    HeapFree(GetProcessHeap(), 0, p);
}

static void end_server(pipe_server *p)
{
    DWORD saved = GetLastError();
    for (size_t i = 0; i < p->count; i++)
        end_instance(&p->instances[i]);
    p->count = 0;
    p->closed = true;
    if (p->ready != NULL)
        SetEvent(p->ready);
    if (p->waiting == 0)
        free_server(p);
    SetLastError(saved);
}

static sbind_status prepare_server(pipe_server *p, const sbind_address *address,
                                   const sbind_listen_options *o,
                                   sbind_error *reterr)
{
    sbind_status s = sbind__pipe_path(address, p->path, reterr);
    if (s == SBIND_OK)
        s = sbind__pipe_security(o->pipe_sddl, &p->security, reterr);
    if (s != SBIND_OK)
        return s;
    p->in = o->receive_buffer > 0 ? (DWORD)o->receive_buffer : BUFFER_DEFAULT;
    p->out = o->send_buffer > 0 ? (DWORD)o->send_buffer : BUFFER_DEFAULT;
    p->ready = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (p->ready == NULL)
        return sbind__fail_call("CreateEventW", reterr);
    return SBIND_OK;
}

static sbind_status add_instance(pipe_server *p, DWORD first,
                                 sbind_error *reterr)
{
    instance *i = &p->instances[p->count];
    sbind_status s = make_instance(p, first, &i->pipe, reterr);
    if (s != SBIND_OK)
        return s;
    s = begin_connecting(p, i, reterr);
    if (s == SBIND_OK)
        p->count++;
    else
        sbind__close_handle(i->pipe);
    return s;
}

/* Whether this error can mean that another process has the name. If another
 * process has it, FILE_FLAG_FIRST_PIPE_INSTANCE fails with one of these
 * errors. */
static bool can_be_taken(const sbind_error *e)
{
    return e->os_error == ERROR_ACCESS_DENIED || e->os_error == ERROR_PIPE_BUSY;
}

/* Checks that our first instance is the only one. wine lets two processes make
 * a "first" instance, and then each process sees two. */
static sbind_status check_alone(HANDLE pipe, sbind_error *reterr)
{
    DWORD instances = 0;
    if (!GetNamedPipeHandleStateW(pipe, NULL, &instances, NULL, NULL, NULL, 0))
        return sbind__fail_call("GetNamedPipeHandleStateW", reterr);
    return instances == 1 ? SBIND_OK
                          : sbind__fail(SBIND_ADDRESS_IN_USE, reterr);
}

static sbind_status open_first(pipe_server *p, HANDLE *ret, sbind_error *reterr)
{
    sbind_status s =
        make_instance(p, FILE_FLAG_FIRST_PIPE_INSTANCE, ret, reterr);
    return s != SBIND_OK && can_be_taken(reterr)
               ? sbind__fail_first_instance(p->path, (DWORD)reterr->os_error,
                                            reterr)
               : s;
}

/* Makes the first instance. If another server had the name and ended before we
 * looked for it, the name is free, although the error looks like a refusal:
 * then tries once more. */
static sbind_status make_first(pipe_server *p, sbind_error *reterr)
{
    instance *i = &p->instances[0];
    sbind_status s = open_first(p, &i->pipe, reterr);
    if (s == SBIND_SYSTEM && can_be_taken(reterr))
        s = open_first(p, &i->pipe, reterr);
    if (s != SBIND_OK)
        return s;
    s = check_alone(i->pipe, reterr);
    if (s == SBIND_OK)
        s = begin_connecting(p, i, reterr);
    if (s == SBIND_OK)
        p->count = 1;
    else
        sbind__close_handle(i->pipe);
    return s;
}

/* Adds a spare instance. Windows checks the pipe's access list from the second
 * instance on. If the list does not let this process in, the server could
 * accept no client: SBIND_BAD_OPTION. */
static sbind_status add_spare(pipe_server *p, const char *sddl,
                              sbind_error *reterr)
{
    sbind_status s = add_instance(p, 0, reterr);
    if (s != SBIND_SYSTEM || sddl == NULL ||
        reterr->os_error != ERROR_ACCESS_DENIED)
        return s;
    reterr->option = "pipe_sddl";
    return reterr->status = SBIND_BAD_OPTION;
}

/* Makes the first instance and at least one spare, whatever the backlog is.
 * Only the second instance shows whether the access list allows more. */
static sbind_status make_instances(pipe_server *p,
                                   const sbind_listen_options *o,
                                   sbind_error *reterr)
{
    size_t wanted = o->backlog < SPARES_MAX ? (size_t)o->backlog : SPARES_MAX;
    if (wanted < SPARES_MIN)
        wanted = SPARES_MIN;
    sbind_status s = make_first(p, reterr);
    while (s == SBIND_OK && p->count < wanted)
        s = add_spare(p, o->pipe_sddl, reterr);
    signal_again(p);
    return s;
}

sbind_status sbind__listen_pipe(const sbind_address *address,
                                const sbind_listen_options *options,
                                sbind_listener *ret, sbind_error *reterr)
{
    if (strcmp(address->host, ".") != 0)
        return sbind__fail_hint(SBIND_UNUSABLE_ADDRESS,
                                "a pipe of another machine is for connecting "
                                "only; use npipe://NAME",
                                reterr);
    pipe_server *p = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof *p);
    if (p == NULL)
        return sbind__fail_code("HeapAlloc", ERROR_NOT_ENOUGH_MEMORY, reterr);
    sbind_status s = prepare_server(p, address, options, reterr);
    if (s == SBIND_OK)
        s = make_instances(p, options, reterr);
    if (s != SBIND_OK) {
        end_server(p);
        return s;
    }
    sbind__new_listener(ret, (sbind_handle)p->ready, address,
                        options->blocking);
    AcquireSRWLockExclusive(&lock);
    ret->pipe = p->number = ++numbers;
    p->next = servers;
    servers = p;
    ReleaseSRWLockExclusive(&lock);
    return SBIND_OK;
}

/* Where the pointer to the server is, or where it would be if the server
 * existed. */
static pipe_server **find_server(const sbind_listener *listener)
{
    pipe_server **at = &servers;
    while (*at != NULL && (*at)->number != listener->pipe)
        at = &(*at)->next;
    return at;
}

void sbind__close_pipe(const sbind_listener *listener)
{
    pipe_server **at, *p;
    AcquireSRWLockExclusive(&lock);
    at = find_server(listener);
    p = *at;
    if (p != NULL) {
        *at = p->next;
        end_server(p);
    }
    ReleaseSRWLockExclusive(&lock);
}

/* ---- Accepting -------------------------------------------------------------- */

/* Hands out the client of an instance, after another instance listens in its
 * place. */
static sbind_status hand_out(pipe_server *p, instance *i, HANDLE *ret,
                             sbind_error *reterr)
{
    HANDLE client = i->pipe;
    sbind_status s = make_instance(p, 0, &i->pipe, reterr);
    if (s != SBIND_OK)
        return s;
    s = begin_connecting(p, i, reterr);
    if (s == SBIND_OK) {
        *ret = client;
        return s;
    }
    sbind__close_handle(i->pipe);
    i->pipe = client;
    i->state = CONNECTED;
    return s;
}

/* Takes the client that has probably waited longest: the instances take
 * turns. */
static sbind_status take_client(pipe_server *p, HANDLE *ret,
                                sbind_error *reterr)
{
    sbind_status s = SBIND_WOULD_BLOCK;
    for (size_t n = 0; n < p->count && s == SBIND_WOULD_BLOCK; n++) {
        instance *i = &p->instances[p->turn];
        p->turn = (p->turn + 1) % p->count;
        s = look_at(p, i, reterr);
        if (s == SBIND_OK)
            s = hand_out(p, i, ret, reterr);
    }
    signal_again(p);
    return s;
}

static sbind_status closed(sbind_error *reterr)
{
    return sbind__fail_code("sbind_accept", ERROR_OPERATION_ABORTED, reterr);
}

/* Waits until a client is there or the server is closed. Releases the lock
 * while it waits. */
static sbind_status await_client(pipe_server *p, sbind_error *reterr)
{
    sbind_status s = SBIND_OK;
    p->waiting++;
    ReleaseSRWLockExclusive(&lock);
    if (WaitForSingleObject(p->ready, INFINITE) == WAIT_FAILED)
        s = sbind__fail_call("WaitForSingleObject", reterr);
    AcquireSRWLockExclusive(&lock);
    if (p->closed)
        s = closed(reterr);
    if (--p->waiting == 0 && p->closed)
        free_server(p);
    return s;
}

static sbind_status accept_locked(const sbind_listener *listener, HANDLE *ret,
                                  sbind_error *reterr)
{
    pipe_server *p = *find_server(listener);
    if (p == NULL)
        return closed(reterr);
    for (;;) {
        sbind_status s = take_client(p, ret, reterr);
        if (s != SBIND_WOULD_BLOCK || listener->nonblocking)
            return s;
        s = await_client(p, reterr);
        if (s != SBIND_OK)
            return s;
    }
}

sbind_status sbind__accept_pipe(const sbind_listener *listener,
                                sbind_stream *ret, sbind_error *reterr)
{
    HANDLE client = NULL;
    AcquireSRWLockExclusive(&lock);
    sbind_status s = accept_locked(listener, &client, reterr);
    ReleaseSRWLockExclusive(&lock);
    if (s == SBIND_OK)
        *ret = (sbind_stream){(sbind_handle)client, SBIND_NPIPE};
    return s;
}
