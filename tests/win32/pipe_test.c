/* pipe_test.c - does the library keep each of its promises about named pipes?
 *
 * Promises: P16 P31 P32 P33 P34 P36 P46 P49 */
#include "check.h"

#include <aclapi.h>
#include <sddl.h>

/* ---- Tools ---------------------------------------------------------------------- */

static sbind_listener listening(const char *text, sbind_blocking blocking)
{
    sbind_address a = parsed(text);
    sbind_listen_options o;
    sbind_listener l;
    sbind_listen_options_init(&o);
    o.blocking = blocking;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    return l;
}

static sbind_stream connected(const char *text)
{
    sbind_address a = parsed(text);
    sbind_stream s;
    CHECK_STATUS(sbind_connect(&a, NULL, &s, NULL), SBIND_OK);
    return s;
}

static sbind_stream accepted(const sbind_listener *l)
{
    sbind_stream s;
    CHECK_STATUS(sbind_accept(l, SBIND_NONBLOCKING, &s, NULL), SBIND_OK);
    CHECK(s.kind == SBIND_NPIPE);
    return s;
}

static void close_listener(sbind_listener *l)
{
    CHECK_STATUS(sbind_close(l, NULL), SBIND_OK);
    CHECK(l->fd == -1);
    CHECK_STATUS(sbind_close(l, NULL), SBIND_OK);
}

static bool is_signalled(sbind_handle event)
{
    return WaitForSingleObject((HANDLE)event, 0) == WAIT_OBJECT_0;
}

static HANDLE start(LPTHREAD_START_ROUTINE run, void *context)
{
    HANDLE thread = CreateThread(NULL, 0, run, context, 0, NULL);
    CHECK(thread != NULL);
    return thread;
}

static void join(HANDLE thread)
{
    CHECK(WaitForSingleObject(thread, 20000) == WAIT_OBJECT_0);
    CloseHandle(thread);
}

/* ---- Exchanging ------------------------------------------------------------------ */

static void what_is_sent_arrives(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client = connected("npipe://TEST"); /* no case */
    sbind_stream server = accepted(&l);
    char octets[8];
    CHECK(pipe_write(client.fd, "ping"));
    CHECK(pipe_read(server.fd, octets, 8) == 4 &&
          memcmp(octets, "ping", 4) == 0);
    CHECK(pipe_write(server.fd, "pong"));
    sbind_close_stream(&server);
    CHECK(server.fd == -1);
    CHECK(pipe_read(client.fd, octets, 8) == 4); /* after the close, still */
    CHECK(pipe_read(client.fd, octets, 8) == 0);
    sbind_close_stream(&client);
    close_listener(&l);
}

static void a_client_that_has_gone_is_heard(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client = connected("npipe://test"), server;
    char octets[8];
    CHECK(pipe_write(client.fd, "bye"));
    sbind_close_stream(&client);
    server = accepted(&l);
    CHECK(pipe_read(server.fd, octets, 8) == 3);
    CHECK(pipe_read(server.fd, octets, 8) == 0);
    sbind_close_stream(&server);
    close_listener(&l);
}

static void names_are_utf_8(void)
{
    static const char *const names[] = {"npipe://gr\xC3\xBC\xC3\x9F",
                                        "npipe://\xF0\x9F\x98\x80",
                                        "\\\\.\\pipe\\a\\b"};
    static const wchar_t *const in_utf_16[] = {L"\\\\.\\pipe\\gr\u00FC\u00DF",
                                               L"\\\\.\\pipe\\\U0001F600",
                                               L"\\\\.\\pipe\\a\\b"};
    char longest[8 + 247 + 1] = "npipe://";
    memset(longest + 8, 'x', 247);
    for (size_t i = 0; i < 3; i++) {
        sbind_listener l = listening(names[i], SBIND_BLOCKING);
        sbind_stream client, server;
        sbind_address own;
        CHECK(WaitNamedPipeW(in_utf_16[i], 1));
        client = connected(names[i]);
        server = accepted(&l);
        CHECK_STATUS(sbind_local_address(&l, &own, NULL), SBIND_OK);
        CHECK(sbind_equal(&own, &l.address));
        sbind_close_stream(&client);
        sbind_close_stream(&server);
        close_listener(&l);
    }
    sbind_listener l = listening(longest, SBIND_BLOCKING);
    sbind_stream client = connected(longest);
    sbind_close_stream(&client);
    close_listener(&l);
    CHECK(!WaitNamedPipeW(in_utf_16[0], 1));
}

/* ---- The name -------------------------------------------------------------------- */

static void refused(const char *text)
{
    sbind_address a = parsed(text);
    sbind_listener l;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_ADDRESS_IN_USE);
}

static void a_second_listener_is_refused(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client, server;
    DWORD before = handles();
    refused("npipe://test");
    refused("\\\\.\\pipe\\Test");
    CHECK(handles() == before);
    client = connected("npipe://test");
    server = accepted(&l);
    refused("npipe://test");
    sbind_close_stream(&client);
    refused("npipe://test");
    sbind_close_stream(&server);
    close_listener(&l);
    l = listening("npipe://test", SBIND_BLOCKING);
    close_listener(&l);
}

static volatile LONG stop, looked;

static DWORD WINAPI look_for_name(void *context)
{
    (void)context;
    while (!stop) {
        InterlockedIncrement(&looked);
        if (!WaitNamedPipeW(L"\\\\.\\pipe\\test", 1))
            CHECK(GetLastError() == ERROR_SEM_TIMEOUT);
    }
    return 0;
}

static void the_name_never_vanishes(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    HANDLE thread;
    stop = looked = 0;
    thread = start(look_for_name, NULL);
    for (int i = 0; i < 300; i++) {
        sbind_stream client = connected("npipe://test");
        sbind_stream server = accepted(&l);
        sbind_close_stream(i % 2 ? &client : &server);
        sbind_close_stream(i % 2 ? &server : &client);
    }
    stop = 1;
    join(thread);
    CHECK(looked > 10);
    close_listener(&l);
}

/* ---- Waiting, closing -------------------------------------------------------------- */

static void the_event_tells_of_clients(void)
{
    sbind_listener l = listening("npipe://test", SBIND_NONBLOCKING);
    sbind_stream clients[3], server;
    for (int round = 0; round < 3; round++) {
        CHECK(!is_signalled(l.fd));
        CHECK_STATUS(sbind_accept(&l, SBIND_NONBLOCKING, &server, NULL),
                     SBIND_WOULD_BLOCK);
        for (int i = 0; i < 3; i++)
            clients[i] = connected("npipe://test");
        for (int i = 0; i < 3; i++) {
            CHECK(is_signalled(l.fd));
            server = accepted(&l);
            sbind_close_stream(&server);
            sbind_close_stream(&clients[i]);
        }
    }
    CHECK(!is_signalled(l.fd));
    close_listener(&l);
}

static DWORD WINAPI accept_nobody(void *context)
{
    sbind_stream s;
    sbind_error e;
    CHECK_STATUS(sbind_accept(context, SBIND_NONBLOCKING, &s, &e),
                 SBIND_CLOSED);
    CHECK(e.os_error == ERROR_OPERATION_ABORTED && e.call != NULL);
    return 0;
}

static void closing_ends_those_that_wait(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING), copy = l;
    HANDLE threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = start(accept_nobody, i % 2 ? &copy : &l);
    Sleep(100);
    sbind_listener third = l;
    close_listener(&third);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    accept_nobody(&copy); /* and those that come later */
    close_listener(&copy);
}

/* sbind_release of a pipe gives nothing: its descriptor is an event, which is
 * useless without the listener. */
static void a_pipe_releases_nothing(void)
{
    sbind_listener l = listening("npipe://test", SBIND_NONBLOCKING);
    sbind_handle fd = l.fd;
    sbind_stream client, server;
    CHECK(sbind_release(&l) == -1 && l.fd == fd);
    sbind_own(&l); /* there is no fork */
    client = connected("npipe://test");
    server = accepted(&l);
    fd = server.fd;
    CHECK(sbind_release_stream(&server) == fd && server.fd == -1);
    sbind_close_stream(&server);
    CHECK(CloseHandle((HANDLE)fd));
    sbind_close_stream(&client);
    close_listener(&l);
}

static DWORD WINAPI accept_until_closed(void *context)
{
    sbind_stream s;
    while (sbind_accept(context, SBIND_NONBLOCKING, &s, NULL) == SBIND_OK)
        sbind_close_stream(&s);
    return 0;
}

static DWORD WINAPI connect_until_closed(void *context)
{
    sbind_address a = parsed("npipe://test");
    sbind_stream s;
    (void)context;
    while (sbind_connect(&a, NULL, &s, NULL) == SBIND_OK)
        sbind_close_stream(&s);
    return 0;
}

static void storm(void)
{
    for (int i = 0; i < 20; i++) {
        sbind_listener l = listening("npipe://test", SBIND_BLOCKING), copy = l;
        HANDLE threads[4];
        for (int t = 0; t < 4; t++)
            threads[t] = start(
                t % 2 ? accept_until_closed : connect_until_closed, &copy);
        Sleep((DWORD)i);
        close_listener(&l);
        for (int t = 0; t < 4; t++)
            join(threads[t]);
    }
}

static void closing_is_safe_at_any_time(void)
{
    DWORD before;
    storm(); /* handles that are made only once are made now */
    before = handles();
    storm();
    CHECK(handles() == before);
}

static DWORD WINAPI accept_one(void *context)
{
    sbind_stream s = accepted(context);
    sbind_close_stream(&s);
    return 0;
}

/* When a thread ends, the system cancels the calls that it has begun. No client
 * may be lost because of this. */
static void threads_that_end_lose_nobody(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    for (int i = 0; i < 30; i++) {
        sbind_stream client = connected("npipe://test");
        join(start(accept_one, &l));
        sbind_close_stream(&client);
    }
    close_listener(&l);
}

/* ---- Clients ------------------------------------------------------------------------ */

/* A pipe with two instances, which is the least number. Each has a client. */
typedef struct busy_pipe {
    sbind_listener listener;
    sbind_stream clients[2];
} busy_pipe;

static void make_busy(busy_pipe *p)
{
    sbind_address a = parsed("npipe://test");
    sbind_listen_options o;
    sbind_listen_options_init(&o);
    o.backlog = 1;
    o.blocking = SBIND_BLOCKING;
    CHECK_STATUS(sbind_listen(&a, &o, &p->listener, NULL), SBIND_OK);
    for (int i = 0; i < 2; i++)
        p->clients[i] = connected("npipe://test");
}

static void end_busy(busy_pipe *p)
{
    for (int i = 0; i < 2; i++)
        sbind_close_stream(&p->clients[i]);
    close_listener(&p->listener);
}

static void a_deadline_is_kept(void)
{
    sbind_address a = parsed("npipe://test");
    sbind_connect_options co;
    busy_pipe pipe;
    sbind_stream another;
    ULONGLONG begun, took;
    make_busy(&pipe);
    sbind_connect_options_init(&co);
    co.timeout = 200;
    begun = GetTickCount64();
    CHECK_STATUS(sbind_connect(&a, &co, &another, NULL), SBIND_TIMED_OUT);
    took = GetTickCount64() - begun;
    CHECK(took >= 150 && took < 5000);
    end_busy(&pipe);
    CHECK_STATUS(sbind_connect(&a, &co, &another, NULL), SBIND_SYSTEM);
}

static DWORD WINAPI accept_later(void *context)
{
    sbind_stream s;
    Sleep(100);
    s = accepted(context);
    sbind_close_stream(&s);
    return 0;
}

static void a_busy_pipe_is_waited_for(void)
{
    busy_pipe pipe;
    sbind_stream another;
    make_busy(&pipe);
    HANDLE thread = start(accept_later, &pipe.listener);
    another = connected("npipe://test");
    join(thread);
    sbind_close_stream(&another);
    end_busy(&pipe);
}

static DWORD WINAPI end_later(void *context)
{
    Sleep(300);
    end_busy(context);
    return 0;
}

/* The server ends while a client waits for a free instance. The wait may end
 * with any error. */
static void a_server_that_ends_is_not_waited_for(void)
{
    sbind_address a = parsed("npipe://test");
    sbind_connect_options co;
    busy_pipe pipe;
    sbind_stream another;
    sbind_error e;
    sbind_connect_options_init(&co);
    co.timeout = 30000;
    make_busy(&pipe);
    HANDLE thread = start(end_later, &pipe);
    ULONGLONG begun = GetTickCount64();
    CHECK_STATUS(sbind_connect(&a, &co, &another, &e), SBIND_SYSTEM);
    CHECK(e.os_error == ERROR_FILE_NOT_FOUND);
    CHECK(GetTickCount64() - begun < 15000);
    join(thread);
}

static void a_busy_pipe_is_asked_again_in_steps(void)
{
    sbind_address a = parsed("npipe://test");
    sbind_connect_options co;
    sbind_connecting c;
    busy_pipe pipe;
    sbind_stream another, server;
    sbind_status s;
    int64_t wait = -5;
    DWORD before;
    make_busy(&pipe);
    before = handles();
    sbind_connect_options_init(&co);
    co.timeout = 60000;
    CHECK_STATUS(sbind_connect_start(&a, &co, &c, NULL), SBIND_OK);
    CHECK(sbind_connect_waits(&c, NULL, 0, &wait) == 0);
    CHECK(wait >= 0 && wait <= 10);
    CHECK_STATUS(sbind_connect_step(&c, &another, NULL), SBIND_WOULD_BLOCK);
    CHECK(handles() == before);
    server = accepted(&pipe.listener);
    do
        s = sbind_connect_step(&c, &another, NULL);
    while (s == SBIND_WOULD_BLOCK);
    CHECK_STATUS(s, SBIND_OK);
    sbind_close_stream(&another);
    sbind_close_stream(&server);
    end_busy(&pipe);
    CHECK_STATUS(sbind_connect_start(&a, &co, &c, NULL), SBIND_SYSTEM);
}

static void no_option_makes_more_than_16_wait(void)
{
    sbind_address a = parsed("npipe://test");
    sbind_listen_options o;
    sbind_connect_options co;
    sbind_listener l;
    sbind_stream clients[17];
    sbind_listen_options_init(&o);
    sbind_connect_options_init(&co);
    o.backlog = 17;
    co.timeout = 20;
    CHECK_STATUS(sbind_listen(&a, &o, &l, NULL), SBIND_OK);
    for (int i = 0; i < 16; i++)
        clients[i] = connected("npipe://test");
    CHECK_STATUS(sbind_connect(&a, &co, &clients[16], NULL), SBIND_TIMED_OUT);
    for (int i = 0; i < 16; i++)
        sbind_close_stream(&clients[i]);
    close_listener(&l);
}

/* Connects with these options. The server gets a client in any case, if only
 * for a moment. */
static void connecting_with(const sbind_connect_options *o,
                            const sbind_listener *l, sbind_status wanted)
{
    sbind_stream s = {-5, SBIND_NPIPE}, server;
    DWORD before = handles();
    CHECK_STATUS(sbind_connect(&l->address, o, &s, NULL), wanted);
    if (wanted == SBIND_OK)
        sbind_close_stream(&s);
    else
        CHECK(s.fd == -5);
    server = accepted(l);
    sbind_close_stream(&server);
    CHECK(handles() == before);
}

static void owner_of(sbind_handle pipe, char sid[200])
{
    PSECURITY_DESCRIPTOR d;
    PSID owner;
    char *text;
    CHECK(GetSecurityInfo((HANDLE)pipe, SE_KERNEL_OBJECT,
                          OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL,
                          &d) == ERROR_SUCCESS);
    CHECK(ConvertSidToStringSidA(owner, &text));
    snprintf(sid, 200, "%s", text);
    LocalFree(text);
    LocalFree(d);
}

static void the_owner_is_the_user(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client = connected("npipe://test"), server = accepted(&l);
    char owner[200];
    owner_of(client.fd, owner);
    CHECK(strcmp(owner, user_sid()) == 0);
    owner_of(server.fd, owner);
    CHECK(strcmp(owner, user_sid()) == 0);
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    close_listener(&l);
}

static void the_server_is_checked(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client = connected("npipe://test");
    sbind_connect_options o;
    const char *own = user_sid();
    sbind_connect_options_init(&o);
    o.pipe_server = GetCurrentProcessId();
    o.pipe_owner = own;
    connecting_with(&o, &l, SBIND_OK);
    o.pipe_owner = "S-1-5-18";
    connecting_with(&o, &l, SBIND_WRONG_SERVER);
    o.pipe_owner = NULL;
    o.pipe_server++;
    connecting_with(&o, &l, SBIND_WRONG_SERVER);
    sbind_close_stream(&client);
    close_listener(&l);
}

/* pipe_owner can be a list, and each owner in it is right. If an entry of the
 * list is invalid, this is reported even if the right owner comes before it. */
static void any_owner_of_a_list_will_do(void)
{
    static const struct {
        const char *list;
        sbind_status wanted;
    } lists[] = {
        {"self", SBIND_OK},
        {"S-1-5-18,self", SBIND_OK},
        {SBIND_PIPE_OWNER_TRUSTED, SBIND_OK},
        {"SY", SBIND_WRONG_SERVER},
        {"S-1-5-18,S-1-5-32-545", SBIND_WRONG_SERVER},
        {"Self", SBIND_BAD_OPTION},
        {"nobody", SBIND_BAD_OPTION},
        {"self,nobody", SBIND_BAD_OPTION},
        {"", SBIND_BAD_OPTION},
        {"self,", SBIND_BAD_OPTION},
        {",self", SBIND_BAD_OPTION},
        {"self,,SY", SBIND_BAD_OPTION},
    };
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_connect_options o;
    char with_own[SBIND_SID_MAX + 16], long_sid[300] = "S-1-5";
    sbind_connect_options_init(&o);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        o.pipe_owner = lists[i].list;
        connecting_with(&o, &l, lists[i].wanted);
    }
    snprintf(with_own, sizeof with_own, "S-1-5-18,%s", user_sid());
    o.pipe_owner = with_own;
    connecting_with(&o, &l, SBIND_OK);
    while (strlen(long_sid) < SBIND_SID_MAX)
        strcat(long_sid, "-4294967295");
    o.pipe_owner = long_sid;
    connecting_with(&o, &l, SBIND_BAD_OPTION);
    sbind_stream s, server;
    sbind_error e;
    CHECK_STATUS(sbind_connect(&l.address, &o, &s, &e), SBIND_BAD_OPTION);
    CHECK(strcmp(e.option, "pipe_owner") == 0);
    CHECK(strcmp(e.hint, "pipe_owner: write SIDs such as S-1-5-18, or self, "
                         "with commas between them") == 0);
    server = accepted(&l);
    sbind_close_stream(&server);
    close_listener(&l);
}

/* ---- Who is there ------------------------------------------------------------------------ */

static sbind_peer peer_of(const sbind_stream *s)
{
    sbind_peer p;
    sbind_error e = fresh_error();
    memset(&p, 0x5a, sizeof p);
    CHECK_STATUS(sbind_peer_of(s, &p, &e), SBIND_OK);
    CHECK(is_untouched(&e));
    return p;
}

/* Both ends belong to this process. */
static void check_peer(const sbind_peer *p, const char *sid)
{
    const uint32_t everybody[] = {0, SBIND_NO_ID};
    DWORD session = 0;
    CHECK(ProcessIdToSessionId(GetCurrentProcessId(), &session));
    CHECK(p->address.kind == 0);
    CHECK(p->uid == SBIND_NO_ID && p->gid == SBIND_NO_ID);
    CHECK(!sbind_peer_is(p, everybody, 2));
    CHECK(p->pid == (int32_t)GetCurrentProcessId());
    CHECK(p->session == session);
    CHECK(strcmp(p->sid, sid) == 0);
}

static void both_ends_of_a_pipe_are_known(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client = connected("npipe://test"), server = accepted(&l);
    sbind_peer p = peer_of(&server);
    check_peer(&p, user_sid());
    p = peer_of(&client);
    check_peer(&p, user_sid());
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    close_listener(&l);
}

static bool is_impersonating(void)
{
    HANDLE token;
    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
        return false;
    CloseHandle(token);
    return true;
}

/* Afterwards this thread acts for the same user as before. */
static void asking_for_the_client_changes_nobody(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client = connected("npipe://test"), server = accepted(&l);
    sbind_peer p = peer_of(&server);
    CHECK(!is_impersonating());
    CHECK(ImpersonateSelf(SecurityIdentification));
    p = peer_of(&server);
    CHECK(is_impersonating());
    CHECK(RevertToSelf());
    check_peer(&p, "");
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    close_listener(&l);
}

static void what_is_no_pipe_has_no_other_end(void)
{
    sbind_stream s = SBIND_STREAM_INIT;
    sbind_handle pidfd = 77;
    sbind_peer p;
    sbind_error e;
    CHECK_STATUS(sbind_peer_of(&s, &p, &e), SBIND_FD_CLOSED);
    s = (sbind_stream){(sbind_handle)CreateEventW(NULL, TRUE, FALSE, NULL),
                       SBIND_NPIPE};
    memset(&p, 0x5a, sizeof p);
    CHECK_STATUS(sbind_peer_of(&s, &p, &e), SBIND_SYSTEM);
    CHECK(strcmp(e.call, "GetNamedPipeInfo") == 0);
    CHECK(p.pid == 0x5a5a5a5a && p.sid[0] == 0x5a);
    CHECK_STATUS(sbind_peer_pidfd(&s, &pidfd, &e), SBIND_NO_PEER_PIDFD);
    CHECK(pidfd == 77);
    CloseHandle((HANDLE)s.fd);
}

/* ---- Who may do what ------------------------------------------------------------------ */

static sbind_status listen_as(const char *sddl, sbind_listener *ret)
{
    sbind_address a = parsed("npipe://test");
    sbind_listen_options o;
    sbind_error e;
    sbind_status s;
    sbind_listen_options_init(&o);
    o.pipe_sddl = sddl;
    s = sbind_listen(&a, &o, ret, &e);
    CHECK(s == SBIND_OK || e.hint != NULL || e.call != NULL);
    return s;
}

static void clients_cannot_be_given_the_server(void)
{
    static const char *const unsound[] = {
        "D:(A;;GA;;;OW)",                      /* not protected */
        "O:BA",                                /* no list: everybody, all */
        "D:P(A;;GA;;;OW)(A;;GA;;;WD)",         /* all */
        "D:P(A;;GA;;;OW)(A;;GW;;;AU)",         /* GENERIC_WRITE has 0x4 */
        "D:P(A;;GA;;;OW)(A;;0x12019f;;;AU)",   /* FILE_CREATE_PIPE_INSTANCE */
        "D:P(A;;GA;;;OW)(A;;0x40000;;;AU)",    /* WRITE_DAC */
        "D:P(A;;GA;;;OW)(A;;0x80000;;;AU)",    /* WRITE_OWNER */
        "D:P(A;;GA;;;OW)(A;;FA;;;S-1-5-21-1)", /* FILE_ALL_ACCESS */
        "O:SYD:P(A;;GA;;;OW)",                 /* not this user's */
        "O:BAD:P(A;;GA;;;OW)",
        "D:P(A;;GA;;;OW)(A;;GA;;;S-1-5-80-1-2-3-4-5)", /* another service */
        "D:P(A;;GA;;;OW)(A;;GA;;;S-1-5-5-0-1)",        /* another logon */
        "D:P(A;;GA;;;OW)(A;;GA;;;S-1-15-2-1)",         /* any package */
        "D:P(A;;GA;;;OW)(A;;GA;;;S-1-1-0)",
        "nonsense",
        "",
    };
    sbind_listener l;
    DWORD before;
    listen_as("nonsense", &l);
    before = handles();
    for (size_t i = 0; i < sizeof unsound / sizeof *unsound; i++)
        CHECK_STATUS(listen_as(unsound[i], &l), SBIND_BAD_OPTION);
    CHECK(handles() == before);
}

static void the_user_may_be_named_as_owner(void)
{
    char sddl[256];
    sbind_listener l;
    snprintf(sddl, sizeof sddl, "O:%sD:P(A;;GA;;;OW)", user_sid());
    CHECK_STATUS(listen_as(sddl, &l), SBIND_OK);
    close_listener(&l);
}

static void a_list_is_what_was_asked_for(void)
{
    static const char wanted[] =
        "D:P(A;;GA;;;SY)(A;;GA;;;OW)(A;;0x12019b;;;AU)(D;;GA;;;NU)";
    sbind_listener l;
    sbind_stream client, server;
    PSECURITY_DESCRIPTOR d;
    char *text;
    CHECK_STATUS(listen_as(wanted, &l), SBIND_OK);
    client = connected("npipe://test");
    CHECK_STATUS(sbind_accept(&l, SBIND_NONBLOCKING, &server, NULL), SBIND_OK);
    CHECK(GetSecurityInfo((HANDLE)server.fd, SE_KERNEL_OBJECT,
                          DACL_SECURITY_INFORMATION, NULL, NULL, NULL, NULL,
                          &d) == ERROR_SUCCESS);
    CHECK(ConvertSecurityDescriptorToStringSecurityDescriptorA(
        d, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, NULL));
    if (strcmp(text, wanted) != 0)
        printf("%s\n", text);
    CHECK(strcmp(text, wanted) == 0);
    LocalFree(text);
    LocalFree(d);
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    close_listener(&l);
}

static bool is_inherited(sbind_handle h)
{
    DWORD flags = HANDLE_FLAG_INHERIT;
    CHECK(GetHandleInformation((HANDLE)h, &flags));
    return (flags & HANDLE_FLAG_INHERIT) != 0;
}

static void no_handle_is_inherited(void)
{
    sbind_listener l = listening("npipe://test", SBIND_BLOCKING);
    sbind_stream client = connected("npipe://test"), server = accepted(&l);
    CHECK(!is_inherited(l.fd));
    CHECK(!is_inherited(client.fd));
    CHECK(!is_inherited(server.fd));
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    close_listener(&l);
}

/* ---- What cannot be done ------------------------------------------------------------- */

static void other_machines_are_not_listened_on(void)
{
    sbind_address a = parsed("npipe:////server/pipe/x");
    sbind_listener l;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_UNUSABLE_ADDRESS);
}

static void a_name_is_not_changed_in_silence(void)
{
    static const char *const names[] = {"npipe://a.", "npipe://a ",
                                        "\\\\.\\pipe\\a.\\b"};
    for (size_t i = 0; i < 3; i++) {
        sbind_address a = parsed(names[i]);
        sbind_listener l;
        sbind_stream s;
        CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_UNUSABLE_ADDRESS);
        CHECK_STATUS(sbind_connect(&a, NULL, &s, NULL), SBIND_UNUSABLE_ADDRESS);
    }
    sbind_listener l = listening("npipe://.a.b", SBIND_BLOCKING);
    close_listener(&l);
}

static void options_that_do_not_apply(void)
{
    sbind_address pipe = parsed("npipe://test");
    sbind_address tcp = parsed("tcp://127.0.0.1:1");
    sbind_listen_options lo;
    sbind_connect_options co;
    sbind_listener l;
    sbind_stream s;
    sbind_listen_options_init(&lo);
    lo.mode = 0666;
    CHECK_STATUS(sbind_listen(&pipe, &lo, &l, NULL),
                 SBIND_OPTION_NOT_APPLICABLE);
    sbind_listen_options_init(&lo);
    lo.pipe_sddl = SBIND_PIPE_SDDL_DEFAULT;
    CHECK_STATUS(sbind_listen(&tcp, &lo, &l, NULL),
                 SBIND_OPTION_NOT_APPLICABLE);
    sbind_connect_options_init(&co);
    co.send_buffer = 1;
    CHECK_STATUS(sbind_connect(&pipe, &co, &s, NULL),
                 SBIND_OPTION_NOT_APPLICABLE);
    sbind_connect_options_init(&co);
    co.pipe_remote = SBIND_ON;
    CHECK_STATUS(sbind_connect(&tcp, &co, &s, NULL),
                 SBIND_OPTION_NOT_APPLICABLE);
}

int main(int argc, char **argv)
{
    static const check_test tests[] = {
        TEST(what_is_sent_arrives),
        TEST(a_client_that_has_gone_is_heard),
        TEST(names_are_utf_8),
        TEST(a_second_listener_is_refused),
        TEST(the_name_never_vanishes),
        TEST(the_event_tells_of_clients),
        TEST(closing_ends_those_that_wait),
        TEST(a_pipe_releases_nothing),
        TEST(closing_is_safe_at_any_time),
        TEST(threads_that_end_lose_nobody),
        TEST(a_deadline_is_kept),
        TEST(no_option_makes_more_than_16_wait),
        TEST(a_busy_pipe_is_waited_for),
        TEST(a_server_that_ends_is_not_waited_for),
        TEST(a_busy_pipe_is_asked_again_in_steps),
        TEST(the_owner_is_the_user),
        TEST(the_server_is_checked),
        TEST(any_owner_of_a_list_will_do),
        TEST(both_ends_of_a_pipe_are_known),
        TEST(asking_for_the_client_changes_nobody),
        TEST(what_is_no_pipe_has_no_other_end),
        TEST(clients_cannot_be_given_the_server),
        TEST(the_user_may_be_named_as_owner),
        TEST(a_list_is_what_was_asked_for),
        TEST(no_handle_is_inherited),
        TEST(other_machines_are_not_listened_on),
        TEST(a_name_is_not_changed_in_silence),
        TEST(options_that_do_not_apply),
    };
    return check_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
