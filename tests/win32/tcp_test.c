/* tcp_test.c - does TCP work on Winsock, and is what Windows lacks refused?
 *
 * Promises: P16 P29 P35 P36 P43 P46 P49 */
#include "check.h"

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

static sbind_address address_of(const sbind_listener *l)
{
    sbind_address own;
    CHECK_STATUS(sbind_local_address(l, &own, NULL), SBIND_OK);
    CHECK(own.port != 0);
    return own;
}

static void exchange(const sbind_listener *l, const sbind_address *to,
                     sbind_kind server_kind)
{
    sbind_connect_options o;
    sbind_stream client, server;
    DWORD flags = HANDLE_FLAG_INHERIT;
    char octets[8];
    sbind_connect_options_init(&o);
    o.blocking = SBIND_BLOCKING;
    CHECK_STATUS(sbind_connect(to, &o, &client, NULL), SBIND_OK);
    CHECK_STATUS(sbind_accept(l, SBIND_BLOCKING, &server, NULL), SBIND_OK);
    CHECK(client.kind == to->kind && server.kind == server_kind);
    CHECK(send((SOCKET)client.fd, "ping", 4, 0) == 4);
    CHECK(recv((SOCKET)server.fd, octets, 8, 0) == 4);
    CHECK(GetHandleInformation((HANDLE)client.fd, &flags) && flags == 0);
    flags = HANDLE_FLAG_INHERIT;
    CHECK(GetHandleInformation((HANDLE)server.fd, &flags) && flags == 0);
    sbind_close_stream(&client);
    CHECK(recv((SOCKET)server.fd, octets, 8, 0) == 0);
    sbind_close_stream(&server);
}

static void every_kind_of_address(void)
{
    static const struct {
        const char *text;
        sbind_kind kind;
    } kinds[] = {{"tcp://127.0.0.1:0", SBIND_TCP_IPV4},
                 {"tcp://[::1]:0", SBIND_TCP_IPV6}};
    for (size_t i = 0; i < 2; i++) {
        sbind_listener l = listening(kinds[i].text, SBIND_BLOCKING);
        sbind_address own = address_of(&l);
        CHECK(own.kind == kinds[i].kind);
        exchange(&l, &own, kinds[i].kind);
        CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
        CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    }
}

static void a_star_is_both(void)
{
    sbind_listener l = listening("tcp://*:0", SBIND_BLOCKING);
    sbind_address own = address_of(&l), to = parsed("tcp://127.0.0.1:1");
    CHECK(own.kind == SBIND_TCP_ANY);
    to.port = own.port;
    exchange(&l, &to, SBIND_TCP_IPV6); /* as ::ffff:127.0.0.1, like on Linux */
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* ---- Who is there ---------------------------------------------------------------- */

typedef struct connection {
    sbind_listener listener;
    sbind_stream client, server;
} connection;

static connection connection_on(const char *text, const char *host)
{
    connection c = {.listener = listening(text, SBIND_BLOCKING)};
    sbind_address own = address_of(&c.listener), to = parsed(host);
    to.port = own.port;
    CHECK_STATUS(sbind_connect(&to, NULL, &c.client, NULL), SBIND_OK);
    CHECK_STATUS(sbind_accept(&c.listener, SBIND_BLOCKING, &c.server, NULL),
                 SBIND_OK);
    return c;
}

static void end_connection(connection *c)
{
    sbind_close_stream(&c->client);
    sbind_close_stream(&c->server);
    CHECK_STATUS(sbind_close(&c->listener, NULL), SBIND_OK);
}

/* Checks that the library knows the address of the other end, and nothing
 * else. */
static void check_peer(const sbind_stream *s, sbind_address wanted,
                       const sbind_stream *other)
{
    const uint32_t everybody[] = {0, SBIND_NO_ID};
    struct sockaddr_in6 in6; /* the port is at the same place for IPv4 */
    int length = sizeof in6;
    sbind_handle pidfd = 77;
    sbind_peer p;
    CHECK(getsockname((SOCKET)other->fd, (struct sockaddr *)&in6, &length) ==
          0);
    wanted.port = ntohs(in6.sin6_port);
    CHECK_STATUS(sbind_peer_of(s, &p, NULL), SBIND_OK);
    CHECK(sbind_equal(&p.address, &wanted));
    CHECK(p.uid == SBIND_NO_ID && p.gid == SBIND_NO_ID);
    CHECK(p.pid == SBIND_NO_PID && p.session == SBIND_NO_ID);
    CHECK(p.sid[0] == '\0' && !sbind_peer_is(&p, everybody, 2));
    CHECK_STATUS(sbind_peer_pidfd(s, &pidfd, NULL), SBIND_NO_PEER_PIDFD);
    CHECK(pidfd == 77);
}

/* A dual-stack socket shows an IPv4 address as ::ffff:127.0.0.1, and the
 * library shows it as IPv4. */
static void the_other_end_has_an_address(void)
{
    static const char *const texts[][2] = {
        {"tcp://127.0.0.1:0", "tcp://127.0.0.1:1"},
        {"tcp://[::1]:0", "tcp://[::1]:1"},
        {"tcp://*:0", "tcp://127.0.0.1:1"},
        {"tcp://*:0", "tcp://[::1]:1"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        connection c = connection_on(texts[i][0], texts[i][1]);
        check_peer(&c.server, parsed(texts[i][1]), &c.client);
        check_peer(&c.client, parsed(texts[i][1]), &c.server);
        end_connection(&c);
    }
}

static void a_socket_that_is_not_connected_has_none(void)
{
    connection c = connection_on("tcp://127.0.0.1:0", "tcp://127.0.0.1:1");
    sbind_stream s = c.server;
    sbind_peer p;
    sbind_error e;
    s.fd = c.listener.fd;
    memset(&p, 0x5a, sizeof p);
    CHECK_STATUS(sbind_peer_of(&s, &p, &e), SBIND_PEER_GONE);
    CHECK(strcmp(e.call, "getpeername") == 0 && e.os_error == WSAENOTCONN);
    s.fd = 0x7ffffff0;
    CHECK_STATUS(sbind_peer_of(&s, &p, &e), SBIND_SYSTEM);
    CHECK(strcmp(e.call, "getpeername") == 0 && e.os_error == WSAENOTSOCK);
    CHECK(p.uid == 0x5a5a5a5a);
    end_connection(&c);
}

/* Windows does not say which user a unix server has, so unix_owner is refused
 * before anything is opened. */
static void no_server_of_a_file_can_be_asked_for(void)
{
    sbind_address a = parsed("unix://x");
    sbind_connect_options o;
    sbind_stream s;
    sbind_error e;
    sbind_connect_options_init(&o);
    o.unix_owner = 0;
    CHECK_STATUS(sbind_connect(&a, &o, &s, &e), SBIND_OPTION_NOT_APPLICABLE);
    CHECK(strcmp(e.hint, "unix_owner (--unix-owner) does not exist on Windows; "
                         "use npipe:// and pipe_owner") == 0);
}

/* ---- Empty ones ----------------------------------------------------------------- */

static int sockets_closed;

static int WSAAPI counting_closesocket(SOCKET s)
{
    int(WSAAPI * real)(SOCKET) = (int(WSAAPI *)(SOCKET))(
        UINT_PTR)GetProcAddress(GetModuleHandleW(L"ws2_32"), "closesocket");
    sockets_closed++;
    return real(s);
}

/* The linker uses this function in place of the import (see calls_test.c). */
extern void *__imp_closesocket;
void *__imp_closesocket = (void *)(UINT_PTR)counting_closesocket;

static void an_empty_one_is_harmless(void)
{
    sbind_listener l = SBIND_LISTENER_INIT, used;
    sbind_stream s = SBIND_STREAM_INIT, got = {-5, SBIND_NPIPE};
    sbind_error e;
    sockets_closed = 0;
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    sbind_close_stream(&s);
    CHECK(sockets_closed == 0);
    CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &got, &e), SBIND_FD_CLOSED);
    CHECK(got.fd == -5 && e.call == NULL && e.hint != NULL);
    used = listening("tcp://127.0.0.1:0", SBIND_NONBLOCKING);
    sockets_closed = 0;
    CHECK_STATUS(sbind_close(&used, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&used, NULL), SBIND_OK);
    CHECK(sockets_closed == 1);
    CHECK_STATUS(sbind_accept(&used, SBIND_BLOCKING, &got, NULL),
                 SBIND_FD_CLOSED);
}

static void a_released_socket_is_the_programs(void)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_NONBLOCKING);
    sbind_address own = address_of(&l);
    sbind_handle fd = l.fd, stream_fd;
    sbind_stream s, none = SBIND_STREAM_INIT;
    CHECK(sbind_release(&l) == fd && l.fd == -1 && sbind_release(&l) == -1);
    sockets_closed = 0;
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK(sockets_closed == 0);
    CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &s, NULL), SBIND_FD_CLOSED);
    CHECK_STATUS(sbind_connect(&own, NULL, &s, NULL), SBIND_OK);
    stream_fd = sbind_release_stream(&s);
    CHECK(stream_fd >= 0 && s.fd == -1);
    sockets_closed = 0;
    sbind_close_stream(&s);
    CHECK(sockets_closed == 0 && sbind_release_stream(&none) == -1);
    CHECK(closesocket((SOCKET)stream_fd) == 0);
    CHECK(closesocket((SOCKET)fd) == 0);
}

/* SO_REUSEADDR of Windows would take a port away from the process that listens
 * there. */
static void a_port_cannot_be_taken(void)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_address own = address_of(&l);
    sbind_listener second;
    sbind_error e;
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(own.port)};
    SOCKET thief = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(setsockopt(thief, SOL_SOCKET, SO_REUSEADDR, (char *)&on, sizeof on) ==
          0);
    CHECK(bind(thief, (struct sockaddr *)&in, sizeof in) != 0);
    CHECK(WSAGetLastError() == WSAEACCES);
    closesocket(thief);
    CHECK_STATUS(sbind_listen(&own, NULL, &second, &e), SBIND_ADDRESS_IN_USE);
    CHECK(e.os_error == WSAEADDRINUSE); /* as between two that take it alone */
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_listen(&own, NULL, &l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* Windows calls it "access denied". */
static void a_port_of_every_address_is_in_use(void)
{
    sbind_listener l = listening("tcp://0.0.0.0:0", SBIND_BLOCKING), second;
    sbind_address own = address_of(&l);
    sbind_address one = parsed("tcp://127.0.0.1:0");
    sbind_error e;
    one.port = own.port;
    CHECK_STATUS(sbind_listen(&one, NULL, &second, &e), SBIND_ADDRESS_IN_USE);
    CHECK(strcmp(e.call, "bind") == 0 && e.hint != NULL);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

static void what_does_not_block_does_not(void)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_NONBLOCKING);
    sbind_address own = address_of(&l);
    sbind_stream client, server;
    char octets[8];
    CHECK_STATUS(sbind_accept(&l, SBIND_NONBLOCKING, &server, NULL),
                 SBIND_WOULD_BLOCK);
    CHECK_STATUS(sbind_connect(&own, NULL, &client, NULL), SBIND_OK);
    while (sbind_accept(&l, SBIND_NONBLOCKING, &server, NULL) != SBIND_OK)
        Sleep(1);
    CHECK(recv((SOCKET)client.fd, octets, 8, 0) < 0 &&
          WSAGetLastError() == WSAEWOULDBLOCK);
    CHECK(recv((SOCKET)server.fd, octets, 8, 0) < 0 &&
          WSAGetLastError() == WSAEWOULDBLOCK);
    sbind_close_stream(&client);
    sbind_close_stream(&server);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

static void knows_both_ends(const sbind_stream *server,
                            const sbind_stream *client)
{
    struct sockaddr_in6 own, peer;
    int own_length = sizeof own, peer_length = sizeof peer;
    CHECK(getsockname((SOCKET)client->fd, (struct sockaddr *)&own,
                      &own_length) == 0);
    CHECK(getpeername((SOCKET)server->fd, (struct sockaddr *)&peer,
                      &peer_length) == 0);
    CHECK(own_length == peer_length);
    CHECK(memcmp(&own, &peer, (size_t)own_length) == 0);
}

/* A program that waits with an event is told about each client, as soon as the
 * previous client was accepted. */
static void an_event_tells_of_every_connection(void)
{
    enum { CLIENTS = 3 };
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_NONBLOCKING);
    sbind_address own = address_of(&l);
    sbind_stream clients[CLIENTS], server;
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    CHECK(WSAEventSelect((SOCKET)l.fd, event, FD_ACCEPT) == 0);
    for (int i = 0; i < CLIENTS; i++)
        CHECK_STATUS(sbind_connect(&own, NULL, &clients[i], NULL), SBIND_OK);
    for (int i = 0; i < CLIENTS; i++) {
        CHECK(WaitForSingleObject(event, 5000) == WAIT_OBJECT_0);
        CHECK_STATUS(sbind_accept(&l, SBIND_BLOCKING, &server, NULL), SBIND_OK);
        knows_both_ends(&server, &clients[i]);
        sbind_close_stream(&server);
        sbind_close_stream(&clients[i]);
    }
    CHECK_STATUS(sbind_accept(&l, SBIND_NONBLOCKING, &server, NULL),
                 SBIND_WOULD_BLOCK);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CloseHandle(event);
}

/* A program with a completion port is told only about the ends of its own
 * calls. */
static void a_completion_port_is_not_disturbed(void)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_address own = address_of(&l);
    HANDLE port = CreateIoCompletionPort((HANDLE)l.fd, NULL, 1, 1);
    OVERLAPPED *o;
    ULONG_PTR key;
    DWORD n;
    CHECK(port != NULL);
    exchange(&l, &own, SBIND_TCP_IPV4);
    CHECK(!GetQueuedCompletionStatus(port, &n, &key, &o, 50));
    CHECK(GetLastError() == WAIT_TIMEOUT);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CloseHandle(port);
}

/* Listens on every address of localhost with one port, and connects to the
 * first that answers. */
static void names_are_all_or_nothing(void)
{
    sbind_address name = parsed("tcp://localhost:0");
    sbind_listener l[8];
    sbind_stream client;
    size_t n;
    CHECK_STATUS(sbind_listen_all(&name, NULL, l, 8, &n, NULL), SBIND_OK);
    CHECK(n > 0);
    name.port = address_of(&l[0]).port;
    for (size_t i = 0; i < n; i++)
        CHECK(address_of(&l[i]).port == name.port);
    CHECK_STATUS(sbind_connect(&name, NULL, &client, NULL), SBIND_OK);
    sbind_close_stream(&client);
    for (size_t i = 0; i < n; i++)
        CHECK_STATUS(sbind_close(&l[i], NULL), SBIND_OK);
    name = parsed("tcp://no-such-host.invalid:1");
    CHECK_STATUS(sbind_listen_all(&name, NULL, l, 8, &n, NULL),
                 SBIND_NOT_RESOLVED);
    CHECK_STATUS(sbind_connect(&name, NULL, &client, NULL), SBIND_NOT_RESOLVED);
}

/* The program itself gives the answers. The system is not asked, and does not
 * know this name. */
static void answers_of_the_program(void)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_address own = address_of(&l), name = parsed("tcp://name.invalid:1");
    struct sockaddr_storage sa;
    struct addrinfo answer = {.ai_addr = (struct sockaddr *)&sa};
    sbind_connect_options o;
    sbind_stream client;
    sbind_error e;
    size_t length;
    CHECK_STATUS(
        sbind_to_sockaddr(&own, answer.ai_addr, sizeof sa, &length, NULL),
        SBIND_OK);
    answer.ai_addrlen = length;
    name.port = own.port;
    sbind_connect_options_init(&o);
    o.answers = &answer;
    CHECK_STATUS(sbind_connect(&name, &o, &client, NULL), SBIND_OK);
    CHECK(client.kind == SBIND_TCP_IPV4);
    sbind_close_stream(&client);
    CHECK_STATUS(sbind_connect(&own, &o, &client, &e),
                 SBIND_OPTION_NOT_APPLICABLE);
    answer.ai_addrlen--;
    CHECK_STATUS(sbind_connect(&name, &o, &client, &e), SBIND_BAD_OPTION);
    CHECK(strcmp(e.option, "answers") == 0);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* Steps like an event loop, which waits for the sockets that the library
 * names. */
static void connects_in_steps(void)
{
    sbind_address a = parsed("tcp://127.0.0.1:0"), own;
    sbind_connecting c;
    sbind_wait wait;
    sbind_listener l;
    sbind_stream client;
    sbind_error e;
    sbind_status s;
    int64_t time;
    CHECK_STATUS(sbind_listen(&a, NULL, &l, NULL), SBIND_OK);
    own = address_of(&l);
    CHECK_STATUS(sbind_connect_start(&own, NULL, &c, NULL), SBIND_OK);
    do {
        fd_set writable = {1, {0}}, failed;
        struct timeval t;
        CHECK(sbind_connect_waits(&c, &wait, 1, &time) == 1);
        CHECK(wait.write && !wait.read && time > 0 && time <= 30000);
        t = (struct timeval){(long)(time / 1000), (long)(time % 1000) * 1000};
        writable.fd_array[0] = (SOCKET)wait.fd;
        failed = writable;
        CHECK(select(0, NULL, &writable, &failed, &t) >= 0);
        s = sbind_connect_step(&c, &client, &e);
    } while (s == SBIND_WOULD_BLOCK);
    CHECK_STATUS(s, SBIND_OK);
    CHECK(c.kind == 0 && client.kind == SBIND_TCP_IPV4);
    sbind_close_stream(&client);
    CHECK_STATUS(sbind_connect_start(&own, NULL, &c, NULL), SBIND_OK);
    sbind_connect_cancel(&c);
    CHECK_STATUS(sbind_connect_step(&c, &client, &e), SBIND_FD_CLOSED);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
}

/* ---- Refused ----------------------------------------------------------------------- */

/* Requires this hint, if one is given. */
static void refused_with(const char *hint, const char *text,
                         sbind_status wanted, bool to_connect)
{
    sbind_address a = parsed(text);
    sbind_listener l = {.fd = -5};
    sbind_stream s = {-5, SBIND_NPIPE};
    sbind_error e;
    DWORD before = handles();
    if (to_connect)
        CHECK_STATUS(sbind_connect(&a, NULL, &s, &e), wanted);
    else
        CHECK_STATUS(sbind_listen(&a, NULL, &l, &e), wanted);
    CHECK(l.fd == -5 && s.fd == -5 && handles() == before);
    CHECK(e.status == wanted && (e.hint != NULL || e.call != NULL ||
                                 *sbind_status_hint(wanted) != '\0'));
    CHECK(hint == NULL || (e.hint != NULL && strcmp(e.hint, hint) == 0));
}

static void refused(const char *text, sbind_status wanted, bool to_connect)
{
    refused_with(NULL, text, wanted, to_connect);
}

static void what_cannot_be_used(void)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING);
    sbind_address gone = address_of(&l);
    sbind_stream s;
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_connect(&gone, NULL, &s, NULL), SBIND_SYSTEM);
    refused("tcp://224.0.0.1:0", SBIND_UNUSABLE_ADDRESS, false);
    refused("tcp://[::ffff:127.0.0.1]:0", SBIND_UNUSABLE_ADDRESS, false);
    refused("tcp://[fe80::1%none]:0", SBIND_NO_SUCH_ZONE, false);
    refused("tcp://192.0.2.1:0", SBIND_SYSTEM, false);
    refused("tcp://0.0.0.0:1", SBIND_UNUSABLE_ADDRESS, true);
    refused("tcp://*:1", SBIND_UNUSABLE_ADDRESS, true);
    refused("tcp://", SBIND_NO_DEFAULT, true);
}

/* Whether the error has an attempt for this address, and no other attempt. */
static bool is_about(const sbind_error *e, const char *text)
{
    return e->attempt_count == 1 && strcmp(e->attempts[0].address, text) == 0 &&
           e->attempts[0].status == e->status &&
           e->attempts[0].os_error == e->os_error &&
           e->attempts[0].call == e->call && e->attempts[0].hint == e->hint;
}

static void errors_name_the_address(void)
{
    sbind_listener l = listening("tcp://127.0.0.1:0", SBIND_BLOCKING), second;
    sbind_address own = address_of(&l), none;
    sbind_stream s;
    sbind_error e;
    char text[SBIND_FORMAT_MAX];
    size_t n;
    CHECK_STATUS(sbind_format(&own, text, sizeof text, &n), SBIND_OK);
    CHECK_STATUS(sbind_listen(&own, NULL, &second, &e), SBIND_ADDRESS_IN_USE);
    CHECK(is_about(&e, text) && strcmp(e.call, "bind") == 0);
    CHECK_STATUS(sbind_close(&l, NULL), SBIND_OK);
    CHECK_STATUS(sbind_connect(&own, NULL, &s, &e), SBIND_SYSTEM);
    CHECK(is_about(&e, text) && strcmp(e.call, "connect") == 0);
    none = parsed("tcp://[fe80::1%none]:0");
    CHECK_STATUS(sbind_listen(&none, NULL, &l, &e), SBIND_NO_SUCH_ZONE);
    CHECK(is_about(&e, "tcp://[fe80::1%none]:0"));
}

static void what_windows_has_not(void)
{
    sbind_activation a;
    const char *abstract = "only Linux has abstract sockets; use a path";
    const char *fd = "fd:// is for service managers of Unix; use tcp:// or "
                     "npipe:// here";
    refused_with(abstract, "unix://@x", SBIND_UNSUPPORTED, false);
    refused_with(abstract, "unix://@x", SBIND_UNSUPPORTED, true);
    refused_with(fd, "fd://", SBIND_UNSUPPORTED, false);
    refused_with(fd, "fd://3", SBIND_UNSUPPORTED, true);
    CHECK_STATUS(sbind_activation_take(0, &a, NULL), SBIND_OK);
    CHECK(a.outcome == SBIND_ACTIVATION_NONE);
}

static sbind_env_value value(const char *text)
{
    return (sbind_env_value){text, text == NULL ? 0 : strlen(text)};
}

/* The seven vectors that the adapter protocol cannot express. */
static void a_missing_pid_can_be_accepted(void)
{
    static const struct {
        const char *pid, *pidfdid, *fds;
        uint64_t self_pidfdid;
        sbind_status status;
        sbind_activation_outcome outcome;
    } vectors[] = {
        {NULL, NULL, "1", 0, SBIND_OK, SBIND_ACTIVATION_PASSED},
        {"123", NULL, "1", 0, SBIND_OK, SBIND_ACTIVATION_PASSED},
        {"124", NULL, "1", 0, SBIND_OK, SBIND_ACTIVATION_OTHER_PROCESS},
        {NULL, NULL, NULL, 0, SBIND_OK, SBIND_ACTIVATION_NONE},
        {NULL, NULL, "0", 0, SBIND_BAD_LISTEN_FDS, SBIND_ACTIVATION_NONE},
        {NULL, "8", "1", 9, SBIND_OK, SBIND_ACTIVATION_OTHER_PROCESS},
        {"", NULL, "1", 0, SBIND_BAD_LISTEN_PID, SBIND_ACTIVATION_NONE}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        sbind_activation_input in = {.pid = value(vectors[i].pid),
                                     .pidfdid = value(vectors[i].pidfdid),
                                     .fds = value(vectors[i].fds),
                                     .self_pid = 123,
                                     .self_pidfdid = vectors[i].self_pidfdid,
                                     .fd_limit = 1024,
                                     .accept_missing_pid = true};
        sbind_activation a = {.outcome = SBIND_ACTIVATION_NONE};
        CHECK_STATUS(sbind_activation_read(&in, &a, NULL), vectors[i].status);
        CHECK(a.outcome == vectors[i].outcome);
        CHECK(a.count == (a.outcome == SBIND_ACTIVATION_PASSED));
    }
}

/* wine has no unix sockets. Windows 10 has. */
static void unix_sockets_are_refused_where_there_are_none(void)
{
    const char *none = "this Windows has no unix sockets; use npipe:// or "
                       "tcp://";
    WSADATA data;
    SOCKET s;
    WSAStartup(MAKEWORD(2, 2), &data);
    s = socket(AF_UNIX, SOCK_STREAM, 0);
    if (s != INVALID_SOCKET) {
        closesocket(s);
        return;
    }
    refused_with(none, "unix://x", SBIND_UNSUPPORTED, false);
    refused_with(none, "unix://x", SBIND_UNSUPPORTED, true);
}

static void options_of_linux(void)
{
    sbind_address a = parsed("tcp://127.0.0.1:0");
    sbind_listen_options o[4];
    sbind_listener l;
    for (int i = 0; i < 4; i++)
        sbind_listen_options_init(&o[i]);
    o[0].reuse_address = SBIND_ON;
    o[1].reuse_port = SBIND_ON;
    o[2].freebind = SBIND_ON;
    o[3].device = "lo";
    for (int i = 0; i < 4; i++)
        CHECK_STATUS(sbind_listen(&a, &o[i], &l, NULL),
                     SBIND_OPTION_NOT_APPLICABLE);
}

static void socket_addresses_come_back(void)
{
    static const char *const texts[] = {"tcp://127.0.0.1:80",
                                        "tcp://[::1]:65535",
                                        "tcp://[fe80::1%1]:1", "unix://C:/x"};
    struct sockaddr_storage sa;
    sbind_address a, got;
    size_t length;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        a = parsed(texts[i]);
        memset(&sa, 0x5A, sizeof sa);
        CHECK_STATUS(sbind_to_sockaddr(&a, (struct sockaddr *)&sa, sizeof sa,
                                       &length, NULL),
                     SBIND_OK);
        CHECK_STATUS(
            sbind_from_sockaddr((struct sockaddr *)&sa, length, &got, NULL),
            SBIND_OK);
        CHECK(sbind_equal(&a, &got));
        CHECK_STATUS(sbind_to_sockaddr(&a, (struct sockaddr *)&sa, length - 1,
                                       &length, NULL),
                     SBIND_BUFFER_TOO_SMALL);
        for (size_t n = 0; i < 2 && n < length; n++)
            CHECK_STATUS(
                sbind_from_sockaddr((struct sockaddr *)&sa, n, &got, NULL),
                SBIND_INVALID_ADDRESS);
    }
    a = parsed("unix://@x");
    CHECK_STATUS(
        sbind_to_sockaddr(&a, (struct sockaddr *)&sa, sizeof sa, &length, NULL),
        SBIND_UNSUPPORTED);
    a = parsed("tcp://*:1");
    CHECK_STATUS(
        sbind_to_sockaddr(&a, (struct sockaddr *)&sa, sizeof sa, &length, NULL),
        SBIND_UNUSABLE_ADDRESS);
    memset(&sa, 0, sizeof sa);
    sa.ss_family = AF_UNIX;
    CHECK_STATUS(sbind_from_sockaddr((struct sockaddr *)&sa, 110, &got, NULL),
                 SBIND_INVALID_ADDRESS);
    sa.ss_family = 77;
    CHECK_STATUS(sbind_from_sockaddr((struct sockaddr *)&sa, 110, &got, NULL),
                 SBIND_FD_FAMILY);
}

int main(int argc, char **argv)
{
    static const check_test tests[] = {
        TEST(every_kind_of_address),
        TEST(a_star_is_both),
        TEST(the_other_end_has_an_address),
        TEST(a_socket_that_is_not_connected_has_none),
        TEST(no_server_of_a_file_can_be_asked_for),
        TEST(a_port_cannot_be_taken),
        TEST(a_port_of_every_address_is_in_use),
        TEST(an_empty_one_is_harmless),
        TEST(a_released_socket_is_the_programs),
        TEST(socket_addresses_come_back),
        TEST(what_does_not_block_does_not),
        TEST(an_event_tells_of_every_connection),
        TEST(a_completion_port_is_not_disturbed),
        TEST(names_are_all_or_nothing),
        TEST(answers_of_the_program),
        TEST(connects_in_steps),
        TEST(what_cannot_be_used),
        TEST(errors_name_the_address),
        TEST(what_windows_has_not),
        TEST(a_missing_pid_can_be_accepted),
        TEST(unix_sockets_are_refused_where_there_are_none),
        TEST(options_of_linux),
    };
    return check_main(argc, argv, tests, sizeof tests / sizeof *tests);
}
