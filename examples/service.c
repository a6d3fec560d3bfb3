/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * service.c - a service of Windows that sends back what it gets
 *
 *     sc create echo binPath= "C:\echo\service.exe npipe://echo"
 *     sc start echo
 *     sc stop echo
 *     service --console npipe://echo     (in a console, until Ctrl+C)
 *
 * The service manager stops the service by closing the listener, which ends
 * sbind_accept. Then the service disconnects its clients, so that none of them
 * keeps the name of the pipe. If the service is started again at once, it waits
 * until the name is free.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sbind/sbind.h>

#include <winsock2.h>

#include <windows.h>

#include "report.h"
#include "transfer.h"

enum { CLIENTS_MAX = 64, RESTART_TIME = 10000 /* milliseconds */ };

static const char *binding = "npipe://echo";
static sbind_listener listener = SBIND_LISTENER_INIT;

/* ---- Clients -------------------------------------------------------------------- */

static struct {
    SRWLOCK lock;
    CONDITION_VARIABLE one_less;
    bool is_ending;
    size_t count;
    sbind_stream streams[CLIENTS_MAX]; /* places without a client are free */
} clients = {.lock = SRWLOCK_INIT};

static void remove_client(sbind_stream *stream)
{
    AcquireSRWLockExclusive(&clients.lock);
    sbind_close_stream(stream);
    clients.count--;
    ReleaseSRWLockExclusive(&clients.lock);
    WakeAllConditionVariable(&clients.one_less);
}

static DWORD WINAPI echo(void *context)
{
    sbind_stream *stream = context;
    char octets[4096];
    size_t n;
    while ((n = transfer_read(stream, octets, sizeof octets)) > 0)
        if (!transfer_write(stream, octets, n))
            break;
    remove_client(stream);
    return 0;
}

static sbind_stream *find_free(void)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (clients.streams[i].kind == 0 || clients.streams[i].fd == -1)
            return &clients.streams[i];
    return NULL;
}

/* Waits while the number of clients is at its limit. Further clients stay in
 * the queue. Returns NULL once the service ends. */
static sbind_stream *add_client(const sbind_stream *stream)
{
    sbind_stream *at = NULL;
    AcquireSRWLockExclusive(&clients.lock);
    while (!clients.is_ending && (at = find_free()) == NULL)
        SleepConditionVariableSRW(&clients.one_less, &clients.lock, INFINITE,
                                  0);
    if (at != NULL) {
        *at = *stream;
        clients.count++;
    }
    ReleaseSRWLockExclusive(&clients.lock);
    return at;
}

static void serve(sbind_stream *stream)
{
    sbind_stream *at = add_client(stream);
    if (at == NULL) {
        sbind_close_stream(stream);
        return;
    }
    HANDLE thread = CreateThread(NULL, 0, echo, at, 0, NULL);
    if (thread == NULL)
        remove_client(at);
    else
        CloseHandle(thread);
}

/* When a pipe is disconnected, octets that its client has not read are lost.
 * FlushFileBuffers would wait until the client reads them, which may be for
 * ever. */
static void disconnect(const sbind_stream *stream)
{
    if (stream->kind == SBIND_NPIPE)
        DisconnectNamedPipe((HANDLE)stream->fd);
    else
        shutdown((SOCKET)stream->fd, SD_BOTH);
}

static void end_clients(void)
{
    AcquireSRWLockExclusive(&clients.lock);
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (clients.streams[i].kind != 0 && clients.streams[i].fd != -1)
            disconnect(&clients.streams[i]);
    while (clients.count > 0)
        SleepConditionVariableSRW(&clients.one_less, &clients.lock, INFINITE,
                                  0);
    ReleaseSRWLockExclusive(&clients.lock);
}

/* ---- Listening ------------------------------------------------------------------ */

static sbind_status start_listening(sbind_error *error)
{
    sbind_address address;
    sbind_listen_options options;
    sbind_status s = sbind_parse(binding, strlen(binding), &address, error);
    if (s != SBIND_OK)
        return s;
    sbind_listen_options_init(&options);
    options.blocking = SBIND_BLOCKING;
    options.in_use_timeout = RESTART_TIME;
    return sbind_listen(&address, &options, &listener, error);
}

/* Accepts clients until the listener is closed. */
static sbind_status accept_clients(sbind_error *error)
{
    for (;;) {
        sbind_stream stream;
        sbind_status s =
            sbind_accept(&listener, SBIND_BLOCKING, &stream, error);
        if (s == SBIND_OK)
            serve(&stream);
        else if (s == SBIND_EXHAUSTED)
            Sleep(100); /* the client stays queued */
        else if (s == SBIND_CLOSED || s == SBIND_FD_CLOSED)
            return SBIND_OK;
        else if (s != SBIND_WOULD_BLOCK) /* that client has disconnected */
            return s;
    }
}

/* Ends sbind_accept in the other thread, and the wait for a free place. The
 * service manager and a console can both call this, and each of them more than
 * once. */
static void stop_accepting(void)
{
    AcquireSRWLockExclusive(&clients.lock);
    const bool was_ending = clients.is_ending;
    clients.is_ending = true;
    ReleaseSRWLockExclusive(&clients.lock);
    WakeAllConditionVariable(&clients.one_less);
    if (!was_ending)
        sbind_close(&listener, NULL);
}

/* ---- In a console ----------------------------------------------------------------- */

static BOOL WINAPI stop_console(DWORD event)
{
    (void)event;
    stop_accepting();
    return TRUE;
}

static int run_in_console(void)
{
    sbind_error error;
    sbind_status s = start_listening(&error);
    if (s == SBIND_OK) {
        SetConsoleCtrlHandler(stop_console, TRUE);
        printf("listening on %s\n", binding);
        fflush(stdout);
        s = accept_clients(&error);
    }
    if (s != SBIND_OK)
        return refuse("service", &error, binding);
    end_clients();
    return EXIT_SUCCESS;
}

/* ---- Under the service manager ------------------------------------------------------ */

static SERVICE_STATUS_HANDLE service;

static void report_state(DWORD state, sbind_status status)
{
    SERVICE_STATUS now = {
        .dwServiceType = SERVICE_WIN32_OWN_PROCESS,
        .dwCurrentState = state,
        .dwControlsAccepted =
            state == SERVICE_RUNNING
                ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN
                : 0,
        .dwWin32ExitCode =
            status == SBIND_OK ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR,
        .dwServiceSpecificExitCode = (DWORD)status,
        .dwWaitHint = RESTART_TIME + 5000,
    };
    SetServiceStatus(service, &now);
}

/* Writes to the event log what a program prints on standard error. */
static void log_error(const sbind_error *error)
{
    char text[SBIND_REPORT_MAX];
    const char *strings[] = {text};
    size_t length;
    HANDLE events = RegisterEventSourceW(NULL, L"sbind echo");
    if (events != NULL && sbind_report(error, binding, strlen(binding), text,
                                       sizeof text, &length) == SBIND_OK)
        ReportEventA(events, EVENTLOG_ERROR_TYPE, 0, 0, NULL, 1, 0, strings,
                     NULL);
    DeregisterEventSource(events);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context)
{
    (void)type, (void)data, (void)context;
    if (code == SERVICE_CONTROL_INTERROGATE)
        return NO_ERROR;
    if (code != SERVICE_CONTROL_STOP && code != SERVICE_CONTROL_SHUTDOWN)
        return ERROR_CALL_NOT_IMPLEMENTED;
    report_state(SERVICE_STOP_PENDING, SBIND_OK);
    stop_accepting();
    return NO_ERROR;
}

static void WINAPI run_as_service(DWORD argc, LPWSTR *argv)
{
    sbind_error error;
    (void)argc;
    service = RegisterServiceCtrlHandlerExW(argv[0], control, NULL);
    if (service == NULL)
        return;
    report_state(SERVICE_START_PENDING, SBIND_OK);
    sbind_status s = start_listening(&error);
    if (s == SBIND_OK) {
        report_state(SERVICE_RUNNING, SBIND_OK);
        s = accept_clients(&error);
    }
    if (s != SBIND_OK)
        log_error(&error);
    end_clients();
    report_state(SERVICE_STOPPED, s);
}

int main(int argc, char **argv)
{
    static wchar_t name[] = L"echo";
    SERVICE_TABLE_ENTRYW services[] = {{name, run_as_service}, {NULL, NULL}};
    int next = 1;
    const bool is_console = argc > next && strcmp(argv[next], "--console") == 0;
    next += is_console;
    if (argc > next)
        binding = argv[next];
    if (is_console)
        return run_in_console();
    if (StartServiceCtrlDispatcherW(services))
        return EXIT_SUCCESS;
    fprintf(stderr, "service: start it with sc, or with --console\n");
    return EXIT_FAILURE;
}
