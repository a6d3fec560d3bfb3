/* bind.c - asserts of sbind_listen, sbind_listen_all, sbind_connect,
 * sbind_accept, sbind_local_address, sbind_close and sbind_close_stream that
 * whatever the system says, they leave no descriptor, file or lock that is not
 * the result's, touch nothing of others, give what was asked for (always, where
 * all is as usual) or an error whose call, if it names one, has failed, and come
 * to an end. Over the simulated system of
 * system.c, which has assertions of its own; nothing real is opened.
 *
 * Input: an address, a NUL, octets for the options; the rest is the system's. */
#define _GNU_SOURCE /* IP_FREEBIND, strerrorname_np */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include "system.h"

static machine *const m = &fuzz_machine;

typedef enum deed { LISTEN, LISTEN_ALL, CONNECT } deed;
typedef enum fork { NO_CHILD, PARENT, CHILD } fork;

typedef struct request {
    deed deed;
    fork fork; /* before closing */
    size_t room;
    sbind_address address, standard;
    sbind_listen_options listening;
    sbind_connect_options connecting;
    sbind_activation activation;
    sbind_blocking accepting;
} request;

/* ---- The input ----------------------------------------------------------- */

static bool is_tcp(const sbind_address *a) { return a->kind <= SBIND_TCP_ANY; }

static bool is_fd(const sbind_address *a)
{
    return a->kind >= SBIND_FD_SINGLE && a->kind <= SBIND_FD_NAME;
}

/* Of what systemd passes: so many descriptors, and names for them. */
static void take_activation(uint8_t o, request *r)
{
    static const char *const names[] = {"", "web", "a:web", "web:b:web",
                                        "a::web:b"};
    sbind_activation *a = &r->activation;
    a->count = o % 5;
    a->outcome = a->count > 0 ? SBIND_ACTIVATION_PASSED : SBIND_ACTIVATION_NONE;
    if (o & 0x40)
        a->names = (sbind_env_value){names[a->count], strlen(names[a->count])};
    if (!(o & 0x80)) /* else the environment says */
        r->listening.activation = r->connecting.activation = a;
}

static void take_path_options(fuzz_input *in, sbind_listen_options *o)
{
    static const int modes[] = {-1, 0600, 0640, 0666, 0777, 0, 0400, 0660};
    uint8_t first = fuzz_octet(in), second = fuzz_octet(in);
    o->existing = (sbind_existing)(first % 3);
    o->any_directory = first & 0x80;
    o->mode = modes[second % 8];
    o->owner = second & 0x40 ? 1000U + first / 3 % 2 : SBIND_NO_ID;
    o->group = second & 0x80 ? 1000U + first / 6 % 2 : SBIND_NO_ID;
}

static void take_tcp_options(fuzz_input *in, request *r)
{
    sbind_listen_options *o = &r->listening;
    uint8_t first = fuzz_octet(in), second = fuzz_octet(in);
    o->reuse_address = (sbind_switch)(first % 3);
    o->reuse_port = (sbind_switch)(first / 3 % 3);
    o->freebind = (sbind_switch)(first / 9 % 3);
    o->v6only = (sbind_switch)(first / 27 % 3);
    o->nodelay = r->connecting.nodelay = (sbind_switch)(second % 3);
    o->keepalive = r->connecting.keepalive = (sbind_switch)(second / 3 % 3);
    o->device = r->connecting.device = second / 9 % 3 == 1 ? "eth0" : NULL;
    r->connecting.attempt_delay = second / 27 % 3 * 100;
}

static void take_new_options(fuzz_input *in, request *r)
{
    static const int timeouts[] = {0, 1, -1, 1000, 30};
    uint8_t o = fuzz_octet(in);
    r->listening.backlog = o % 3;
    r->listening.receive_buffer = r->connecting.receive_buffer = o / 3 % 2;
    r->listening.send_buffer = r->connecting.send_buffer = o / 6 % 2 * 4096;
    r->connecting.timeout = timeouts[o / 12 % 5];
}

static void take_machine(fuzz_input *in)
{
    static const mode_t masks[] = {022, 0, 0777, 077};
    uint8_t o = fuzz_octet(in);
    m->has_proc = o % 2 == 0;
    m->umask = masks[o / 2 % 4];
    m->euid = 1000 * (1 - o / 8 % 2U);
}

static bool take_address(fuzz_input *in, request *r)
{
    fuzz_input text = fuzz_field(in, '\0');
    char *copy = fuzz_copy(text.at, text.left);
    sbind_status s = sbind_parse(copy, text.left, &r->address, NULL);
    free(copy);
    sbind_parse("tcp://127.0.0.1:80", 18, &r->standard, NULL);
    /* what /proc leads to is system.c's business */
    return s == SBIND_OK && strncmp(r->address.name, "/proc/", 6) != 0;
}

static bool take_request(fuzz_input *in, request *r)
{
    uint8_t o;
    memset(r, 0, sizeof *r);
    if (!take_address(in, r))
        return false;
    sbind_listen_options_init(&r->listening);
    sbind_connect_options_init(&r->connecting);
    r->listening.tcp_default = r->connecting.tcp_default = &r->standard;
    o = fuzz_octet(in);
    r->deed = (deed)(o % 3);
    r->fork = (fork)(o / 3 % 3);
    r->room = o >= 128 ? 256 : o / 9 % 4 + 1U;
    o = fuzz_octet(in);
    r->listening.blocking = r->connecting.blocking = (sbind_blocking)(o % 3);
    r->accepting = (sbind_blocking)(o / 3 % 3);
    if (is_fd(&r->address))
        take_activation(fuzz_octet(in), r);
    else
        take_new_options(in, r);
    if (is_tcp(&r->address))
        take_tcp_options(in, r);
    if (r->address.kind == SBIND_UNIX_PATH)
        take_path_options(in, &r->listening);
    return true;
}

/* The system and the names in its directory that the address means. */
static void start(const request *r, fuzz_input in)
{
    const char *slash = strrchr(r->address.name, '/');
    const char *base = slash == NULL ? r->address.name : slash + 1;
    fuzz_start(in);
    take_machine(&m->in);
    m->options = &r->listening;
    if (r->address.kind != SBIND_UNIX_PATH || strlen(base) > 250)
        return;
    strcpy(m->public, base);
    strcpy(m->lock, base);
    strcat(m->lock, ".lock");
}

static bool has_failed(const char *call) { return fuzz_has_failed(call, 0); }

/* ---- Errors -------------------------------------------------------------- */

/* A call that has failed, and its errno; a status that says all, without. */
static void check_cause(sbind_status s, const char *call, int error,
                        const char *name)
{
    const char *known = error > 0 ? strerrorname_np(error) : NULL;
    CHECK(s != SBIND_OK);
    if (call == NULL) {
        CHECK(s != SBIND_SYSTEM && error == 0 && name == NULL);
        return;
    }
    CHECK(error != 0 && fuzz_has_failed(call, error));
    CHECK(known == NULL || strcmp(known, name) == 0);
}

static void check_error(sbind_status s, const sbind_error *e)
{
    CHECK(e->status == s);
    CHECK(e->offset == SBIND_NO_OFFSET || s < SBIND_SYSTEM);
    check_cause(s, e->call, e->os_error, e->os_name);
    for (size_t i = 0; i < e->attempt_count && i < SBIND_ATTEMPTS_MAX; i++)
        check_cause(e->attempts[i].status, e->attempts[i].call,
                    e->attempts[i].os_error, e->attempts[i].os_name);
}

/* ---- What is left -------------------------------------------------------- */

/* A passed descriptor is as it was, unless it was handed out, or could not be put
 * back: the system has then refused that as well as what was asked for first. */
static void check_passed(void)
{
    for (int fd = SBIND_LISTEN_FDS_START; fd < FIRST_OWN; fd++) {
        const descriptor *d = &m->fds[fd];
        if (d->is_ours || d->thing == CLOSED)
            continue;
        CHECK(d->is_nonblocking == d->was_nonblocking || m->refused_flags > 1);
        CHECK(d->is_close_on_exec == d->was_close_on_exec ||
              m->refused_flags > 1);
    }
}

/* What others have put there stands there, unless it could go. It may have
 * another name after two of these: somebody came, names were not swapped, a
 * file was not looked at. Of ours there is nothing that could be removed. */
static void check_entry(const entry *e, bool has_worked)
{
    const file *f = e->file;
    bool is_public = strcmp(e->name, m->public) == 0;
    bool is_lock = strcmp(e->name, m->lock) == 0;
    bool is_swapped =
        m->intrusions + has_failed("renameat2") + has_failed("fstatat") > 1;
    if (f == e->theirs || (has_worked && (is_public || is_lock)))
        return;
    if (f == NULL || !f->is_ours)
        CHECK(is_swapped || (has_worked && has_failed("unlinkat")));
    else if (is_lock)
        CHECK(has_failed("flock") || has_failed("unlinkat"));
    else if (is_public)
        CHECK(is_swapped && has_failed("renameat2"));
    else
        CHECK(has_failed("unlinkat") || has_failed("fstatat"));
}

static void check_left(bool has_worked)
{
    for (size_t i = 0; i < m->entry_count; i++)
        check_entry(&m->entries[i], has_worked);
    CHECK(has_worked || m->removed == 0);
    CHECK(m->answers == NULL);
    check_passed();
}

static void check_failure(sbind_status s, const sbind_error *e)
{
    check_error(s, e);
    check_left(false);
    CHECK(fuzz_open_count() == 0);
}

/* ---- What was asked for -------------------------------------------------- */

static void check_option(int fd, int level, int name, int wanted)
{
    CHECK(fuzz_option(fd, level, name) == wanted);
}

static int switched(sbind_switch s)
{
    return s == SBIND_UNSET ? -1 : s == SBIND_ON;
}

static int number(int wanted) { return wanted > 0 ? wanted : -1; }

static void check_buffers(int fd, const sbind_listen_options *o)
{
    check_option(fd, SOL_SOCKET, SO_RCVBUF, number(o->receive_buffer));
    check_option(fd, SOL_SOCKET, SO_SNDBUF, number(o->send_buffer));
}

static void check_tcp(int fd, const sbind_listen_options *o)
{
    check_option(fd, IPPROTO_TCP, TCP_NODELAY, switched(o->nodelay));
    check_option(fd, SOL_SOCKET, SO_KEEPALIVE, switched(o->keepalive));
    check_option(fd, SOL_SOCKET, SO_BINDTODEVICE,
                 o->device == NULL ? -1 : (int)strlen(o->device));
}

static void check_tcp_listener(const sbind_listener *l,
                               const sbind_listen_options *o)
{
    bool is_ipv6 = m->fds[l->fd].family == AF_INET6;
    bool only = l->kind != SBIND_TCP_ANY && o->v6only != SBIND_OFF;
    check_tcp(l->fd, o);
    check_option(l->fd, SOL_SOCKET, SO_REUSEADDR,
                 o->reuse_address == SBIND_OFF ? -1 : 1);
    check_option(l->fd, SOL_SOCKET, SO_REUSEPORT, switched(o->reuse_port));
    check_option(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, is_ipv6 ? only : -1);
    check_option(l->fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                 is_ipv6 ? IPV6_FREEBIND : IP_FREEBIND, switched(o->freebind));
}

/* The name leads to us, unless somebody has come since; the lock is held as
 * long as we listen, or free for a successor. */
static void check_path(const sbind_listener *l, const sbind_listen_options *o)
{
    const descriptor *d = &m->fds[l->fd];
    const entry *public = fuzz_entry(m->public), *lock = fuzz_entry(m->lock);
    CHECK(public->file == d->file ||
          (m->intrusions > 0 && public->file == public->theirs));
    CHECK(m->fds[l->directory_fd].thing == DIRECTORY);
    CHECK(m->fds[l->lock_fd].thing == LOCK && l->creator == m->pid);
    CHECK(lock->file == m->fds[l->lock_fd].file);
    CHECK(l->inode == (uint64_t)d->file->inode);
    if (o->existing == SBIND_REPLACE)
        CHECK(lock->file->lock != l->lock_fd || has_failed("flock"));
    else
        CHECK(lock->file->lock == l->lock_fd);
}

static void check_new(const sbind_listener *l, const sbind_listen_options *o)
{
    const descriptor *d = &m->fds[l->fd];
    CHECK(d->is_nonblocking == (o->blocking == SBIND_NONBLOCKING));
    CHECK(d->backlog == (o->backlog > 0 ? o->backlog : SBIND_BACKLOG_DEFAULT));
    CHECK((l->kind == SBIND_UNIX_PATH) ==
          (l->directory_fd >= 0 && l->lock_fd >= 0));
    check_buffers(l->fd, o);
    if (d->family != AF_UNIX)
        check_tcp_listener(l, o);
    if (l->kind == SBIND_UNIX_PATH)
        check_path(l, o);
}

/* One that was passed is handed out: from now on it is ours. */
static void adopt(int fd, sbind_blocking blocking)
{
    descriptor *d = &m->fds[fd];
    CHECK(fd < FIRST_OWN && !d->is_ours && d->is_known);
    CHECK(d->is_nonblocking == (blocking == SBIND_AS_INHERITED
                                    ? d->was_nonblocking
                                    : blocking == SBIND_NONBLOCKING));
    d->is_ours = true;
}

static void check_listener(const request *r, const sbind_listener *l)
{
    const descriptor *d = &m->fds[l->fd];
    CHECK(l->fd >= 0 && l->fd < FDS && l->inherited == is_fd(&r->address));
    if (l->inherited)
        adopt(l->fd, r->listening.blocking);
    else
        check_new(l, &r->listening);
    CHECK(d->thing == SOCKET && d->is_ours && d->is_close_on_exec);
    CHECK(d->state == LISTENING && sbind_valid(&l->address));
}

/* ---- What is done with it ------------------------------------------------ */

static void check_address(const sbind_listener *l)
{
    sbind_address own;
    sbind_error e;
    sbind_status s = sbind_local_address(l, &own, &e);
    CHECK(s == SBIND_OK || !m->is_usual);
    if (s != SBIND_OK)
        check_error(s, &e);
    else
        CHECK(
            sbind_valid(&own) &&
            (own.port != 0 || m->fds[l->fd].family == AF_UNIX || l->inherited));
}

static void check_stream(sbind_stream *stream, sbind_blocking blocking)
{
    const descriptor *d = &m->fds[stream->fd];
    size_t open = fuzz_open_count();
    CHECK(d->thing == SOCKET && d->state == CONNECTED && d->is_close_on_exec);
    CHECK(stream->fd < FIRST_OWN ||
          d->is_nonblocking == (blocking == SBIND_NONBLOCKING));
    sbind_close_stream(stream);
    CHECK(stream->fd == -1 && fuzz_open_count() == open - 1);
}

static void check_accept(const request *r, const sbind_listener *l)
{
    sbind_stream stream;
    sbind_error e;
    sbind_status s;
    memset(&stream, 0x5A, sizeof stream);
    s = sbind_accept(l, r->accepting, &stream, &e);
    CHECK(s == SBIND_OK || !m->is_usual);
    if (s == SBIND_OK) {
        check_stream(&stream, r->accepting);
    } else {
        check_error(s, &e);
        CHECK(fuzz_is_all(&stream, sizeof stream, 0x5A));
    }
}

/* In the process that made it the file is gone, or else that is said, and the
 * lock free, for a child that has it as well too, unless the system refuses; a
 * child leaves both. */
static void check_closed(sbind_status s, const file *ours, const file *lock,
                         int lock_fd)
{
    const file *f = fuzz_entry(m->public)->file;
    if (m->pid != 7)
        CHECK(lock->lock == lock_fd || lock->lock <= NOBODY);
    else if (!has_failed("flock"))
        CHECK(lock->lock != lock_fd);
    if (m->pid == 7 && s == SBIND_OK && !fuzz_has_failed("fstatat", ENOENT))
        CHECK(f != ours);
}

static void close_listener(sbind_listener *l)
{
    sbind_error e;
    sbind_status s;
    const file *ours = m->fds[l->fd].file, *lock = NULL;
    const file *before =
        l->directory_fd < 0 ? NULL : fuzz_entry(m->public)->file;
    int lock_fd = l->lock_fd, held = 0;
    size_t intrusions = m->intrusions;
    if (lock_fd >= 0) {
        lock = m->fds[lock_fd].file;
        held = lock->lock;
    }
    s = sbind_close(l, &e);
    if (s != SBIND_OK)
        check_error(s, &e);
    CHECK(l->fd == -1 && l->directory_fd == -1 && l->lock_fd == -1);
    if (lock != NULL) {
        check_closed(s, ours, lock, lock_fd);
        if (m->pid != 7 && m->intrusions == intrusions)
            CHECK(fuzz_entry(m->public)->file == before && lock->lock == held);
    }
    CHECK(sbind_close(l, NULL) == SBIND_OK);
}

static void go_on(const request *r, sbind_listener *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_address(&l[i]);
        check_accept(r, &l[i]);
    }
    m->has_child = r->fork != NO_CHILD;
    m->pid += r->fork == CHILD;
    for (size_t i = 0; i < n; i++)
        close_listener(&l[i]);
    CHECK(fuzz_open_count() == 0);
}

/* ---- Listening and connecting -------------------------------------------- */

static sbind_listener listeners[256];

static sbind_status ask(const request *r, size_t *count, sbind_error *e)
{
    sbind_status s;
    if (r->deed == LISTEN_ALL)
        return sbind_listen_all(&r->address, &r->listening, listeners, r->room,
                                count, e);
    s = sbind_listen(&r->address, &r->listening, listeners, e);
    *count = s == SBIND_OK ? 1 : *count;
    return s;
}

/* Where everything is as usual, what can be listened on or connected to is. */
static void check_usual(const request *r, sbind_status s)
{
    const sbind_address *a = &r->address;
    bool connects = r->deed == CONNECT;
    bool has_port = a->port > 0 || !connects;
    bool works = (a->kind == SBIND_TCP_ANY && !connects) ||
                 (a->kind == SBIND_TCP_NAME && has_port) ||
                 (a->kind == SBIND_TCP_IPV4 && has_port && a->ip[0] < 224 &&
                  (a->ip[0] > 0 || !connects)) ||
                 (a->kind == SBIND_UNIX_PATH && m->public[0] != '\0' &&
                  !connects) || /* there is no file yet */
                 (a->kind == SBIND_UNIX_ABSTRACT && a->name_length < 108);
    if (m->is_usual && m->has_proc && works)
        CHECK(s == SBIND_OK || s == SBIND_OPTION_NOT_APPLICABLE);
}

/* Again, when nothing fails: what was handed out is taken, and only that. One of
 * which the system has lied may be a candidate now. */
static void check_taken(const request *r, bool is_taken)
{
    fuzz_input in = m->in;
    size_t count;
    sbind_status s;
    bool has_lied = has_failed("getsockopt");
    if (!is_fd(&r->address) || r->listening.activation == NULL)
        return; /* or the environment would be another */
    m->in.left = m->failure_count = 0;
    s = ask(r, &count, NULL);
    CHECK((s == SBIND_FD_TAKEN) == is_taken || has_lied);
    for (size_t i = 0; s == SBIND_OK && i < count; i++) {
        m->fds[listeners[i].fd].is_ours = true;
        sbind_close(&listeners[i], NULL);
    }
    m->in = in;
}

static void listen_and_close(const request *r)
{
    size_t count = 77;
    sbind_error e;
    sbind_status s;
    memset(&listeners[0], 0x5A, sizeof listeners[0]);
    memset(&e, 0x5A, sizeof e);
    s = ask(r, &count, &e);
    check_usual(r, s);
    if (s != SBIND_OK) {
        check_failure(s, &e);
        CHECK(count == 77);
        CHECK(r->deed == LISTEN_ALL ||
              fuzz_is_all(&listeners[0], sizeof listeners[0], 0x5A));
        check_taken(r, false);
        return;
    }
    CHECK(fuzz_is_all(&e, sizeof e, 0x5A) && count <= r->room);
    for (size_t i = 0; i < count; i++)
        check_listener(r, &listeners[i]);
    check_left(true);
    CHECK(fuzz_open_count() ==
          (r->address.kind == SBIND_UNIX_PATH ? 3 : count));
    check_taken(r, true);
    go_on(r, listeners, count);
}

static void check_connected(const request *r, const sbind_stream *stream)
{
    int fd = stream->fd;
    if (is_fd(&r->address)) {
        adopt(fd, r->connecting.blocking);
        return;
    }
    check_buffers(fd, &r->listening);
    if (is_tcp(&r->address))
        check_tcp(fd, &r->listening);
    else
        check_option(fd, SOL_SOCKET, SO_SNDTIMEO, 0);
    CHECK(m->fds[fd].family == AF_UNIX ||
          m->fds[fd].own_length != m->fds[fd].peer_length ||
          memcmp(&m->fds[fd].own, &m->fds[fd].peer, sizeof m->fds[fd].own) !=
              0);
}

/* Milliseconds that connecting may take. */
static int64_t most_time(const request *r)
{
    int64_t t = r->connecting.timeout;
    return t < 0 ? INT64_MAX : t == 0 ? SBIND_CONNECT_TIMEOUT_DEFAULT : t;
}

static void connect_and_close(const request *r)
{
    sbind_stream stream;
    sbind_error e;
    sbind_status s;
    int64_t begin = m->now;
    memset(&stream, 0x5A, sizeof stream);
    memset(&e, 0x5A, sizeof e);
    s = sbind_connect(&r->address, &r->connecting, &stream, &e);
    CHECK(m->now - begin <= most_time(r));
    if (s == SBIND_TIMED_OUT && e.call == NULL) /* else ETIMEDOUT */
        CHECK(m->now - begin == most_time(r) || has_failed("connect"));
    check_usual(r, s);
    if (s != SBIND_OK) {
        check_failure(s, &e);
        CHECK(fuzz_is_all(&stream, sizeof stream, 0x5A));
        return;
    }
    CHECK(fuzz_is_all(&e, sizeof e, 0x5A));
    check_connected(r, &stream);
    check_left(false);
    CHECK(fuzz_open_count() == 1);
    check_stream(&stream, r->connecting.blocking);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    request r;
    if (!take_request(&in, &r))
        return 0;
    start(&r, in);
    if (r.deed == CONNECT)
        connect_and_close(&r);
    else
        listen_and_close(&r);
    return 0;
}
