/* bind.c - asserts that sbind_listen, sbind_listen_all, sbind_connect,
 * sbind_connect_start, _waits, _step and _cancel, sbind_accept, sbind_peer_of,
 * sbind_peer_pidfd, sbind_local_address, sbind_close and sbind_close_stream
 * leave only the descriptors, files and locks of the result, whatever the
 * system does. They touch nothing that belongs to others. They give the result
 * that was asked for, or an error. If the error names a call, this call has
 * failed. They succeed if no call fails and nothing is in the way, even after a
 * start that was killed at any call. They come to an end, and connecting ends
 * in time.
 *
 * Nothing real is opened: system.c simulates the system, and has its own assertions.
 *
 * Input: an address, a NUL, and octets for the options. The simulated system uses the
 * rest. */
#define _GNU_SOURCE /* IP_FREEBIND */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>

#include "../../src/bind/errno_name.h"
#include "../system/system.h"

static machine *const m = &fuzz_machine;

typedef enum deed { LISTEN, LISTEN_ALL, CONNECT } deed;
typedef enum closer { MAKER, CHILD, STRANGER } closer;

/* Which process closes the listeners: the process that made them, its child, or
 * a process with the same number in another PID namespace. Before that, an
 * event loop may close their descriptors (GIVEN_UP), and another file may get
 * the number (REUSED). */
typedef enum loop { NO_LOOP, GIVEN_UP, REUSED } loop;

/* How a program connects. Between two steps the program waits as long as
 * sbind_connect_waits says, half as long, or longer. */
typedef enum manner { AT_ONCE, IN_STEPS, CALLED_OFF } manner;
typedef enum pace { IN_TIME, EARLY, LATE } pace;

typedef struct request {
    deed deed;
    closer closer;
    manner manner;
    pace pace;
    size_t step_count;  /* connecting is called off after so many steps */
    bool gives_answers; /* the program itself resolves the host name */
    loop loop;
    size_t kill_at; /* the call before which the process is killed; 0: never */
    bool drops_owner; /* the next start does not name an owner */
    size_t room;
    sbind_address address, standard;
    sbind_listen_options listening;
    sbind_connect_options connecting;
    sbind_activation activation;
    sbind_blocking accepting;
    bool asks; /* who is at the other end */
} request;

/* ---- The input ----------------------------------------------------------- */

static bool is_tcp(const sbind_address *a) { return a->kind <= SBIND_TCP_ANY; }

static bool is_unix(const sbind_address *a)
{
    return a->kind == SBIND_UNIX_PATH || a->kind == SBIND_UNIX_ABSTRACT;
}

static bool is_fd(const sbind_address *a)
{
    return a->kind >= SBIND_FD_SINGLE && a->kind <= SBIND_FD_NAME;
}

/* What systemd passes: up to four descriptors, and perhaps their names. */
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

static void take_path_options(fuzz_input *in, request *r)
{
    static const int modes[] = {-1, 0600, 0640, 0666, 0777, 0, 0400, 0660};
    sbind_listen_options *o = &r->listening;
    uint8_t first = fuzz_octet(in), second = fuzz_octet(in);
    uint8_t end = fuzz_octet(in);
    r->loop = (loop)(end % 3);
    r->drops_owner = end & 0x80;
    o->refuse_descriptors = end & 0x40 ? SBIND_ON : SBIND_UNSET;
    r->kill_at = fuzz_octet(in);
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

/* Takes the options for a silent peer, and the protocol of the socket. If probes are
 * off, the options for probes must stay unset. */
static void take_patience(uint8_t o, request *r)
{
    sbind_listen_options *l = &r->listening;
    sbind_connect_options *c = &r->connecting;
    const int probes = l->keepalive != SBIND_OFF;
    l->mptcp = c->mptcp = (sbind_switch)(o % 3);
    l->keepalive_idle = c->keepalive_idle = probes * (o / 3 % 2) * 60;
    l->keepalive_interval = c->keepalive_interval = probes * (o / 6 % 2) * 7;
    l->keepalive_count = c->keepalive_count = probes * (o / 12 % 2) * 5;
    l->user_timeout = c->user_timeout = o / 24 % 2 * 9000;
}

static void take_new_options(fuzz_input *in, request *r)
{
    static const int timeouts[] = {0, 1, -1, 1000, 30};
    uint8_t o = fuzz_octet(in);
    r->listening.backlog = o % 3;
    r->listening.in_use_timeout = o / 60 % 3;
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
    /* system.c uses paths in /proc for its own purposes */
    return s == SBIND_OK && strncmp(r->address.name, "/proc/", 6) != 0;
}

/* Takes the manner of connecting from two octets. For a listener the same octets say
 * how it accepts and is closed. */
static void take_manner(uint8_t first, uint8_t second, request *r)
{
    r->manner = (manner)(first / 3 % 3);
    r->step_count = r->manner == CALLED_OFF ? first / 9 : SIZE_MAX;
    r->pace = r->manner == AT_ONCE ? IN_TIME : (pace)(second / 3 % 3);
    r->gives_answers = second & 0x40 && r->address.kind == SBIND_TCP_NAME;
}

static bool take_request(fuzz_input *in, request *r)
{
    uint8_t first, o;
    memset(r, 0, sizeof *r);
    if (!take_address(in, r))
        return false;
    sbind_listen_options_init(&r->listening);
    sbind_connect_options_init(&r->connecting);
    r->listening.tcp_default = r->connecting.tcp_default = &r->standard;
    first = o = fuzz_octet(in);
    r->deed = (deed)(o % 3);
    r->closer = (closer)(o / 3 % 3);
    r->room = o >= 128 ? 256 : o / 9 % 4 + 1U;
    o = fuzz_octet(in);
    r->listening.blocking = r->connecting.blocking = (sbind_blocking)(o % 3);
    r->accepting = (sbind_blocking)(o / 3 % 3);
    r->asks = o & 0x80;
    if (r->deed == CONNECT)
        take_manner(first, o, r);
    if (o & 0x40 && is_unix(&r->address))
        r->connecting.unix_owner = o & 0x20 ? 0 : 1000;
    if (is_fd(&r->address))
        take_activation(fuzz_octet(in), r);
    else
        take_new_options(in, r);
    if (is_tcp(&r->address)) {
        take_tcp_options(in, r);
        take_patience(fuzz_octet(in), r);
    }
    if (r->address.kind == SBIND_UNIX_PATH)
        take_path_options(in, r);
    return true;
}

/* SPEC.md 5.8.1: makes the hidden names beside the socket. */
static void name_hidden(const char *base)
{
    uint64_t hash = 14695981039346656037U;
    for (const char *p = base; *p != '\0'; p++)
        hash = (hash ^ (uint8_t)*p) * 1099511628211U;
    if (strlen(base) <= 64)
        snprintf(m->lock, 72, ".%.64s.sbind", base);
    else
        snprintf(m->lock, 72, ".sbind-%016llx", (unsigned long long)hash);
    snprintf(m->fresh, sizeof m->fresh, "%.72s-new", m->lock);
    snprintf(m->aside, sizeof m->aside, "%.72s-old", m->lock);
}

/* Starts the simulated system, and tells it the names that belong to the address. */
static void start(const request *r, fuzz_input in)
{
    const char *slash = strrchr(r->address.name, '/');
    const char *base = slash == NULL ? r->address.name : slash + 1;
    fuzz_start(in);
    take_machine(&m->in);
    m->options = &r->listening;
    if (r->address.kind != SBIND_UNIX_PATH)
        return;
    m->path = r->address.name;
    if (strlen(base) < sizeof m->public)
        strcpy(m->public, base);
    name_hidden(base);
    fuzz_fill_directory();
}

static bool has_failed(const char *call) { return fuzz_has_failed(call, 0); }

/* ---- Errors -------------------------------------------------------------- */

/* Whether something has gone wrong that no call reports: the file system or another
 * process has changed sockets. */
static bool is_odd(void)
{
    return m->link_is_another || m->move_is_another || m->forgets_mode ||
           m->intrusions > 0;
}

/* If the error names a call, this call has failed with this errno. Otherwise the
 * error has no errno, and its status is one that needs no call. */
static void check_cause(sbind_status s, const char *call, int error,
                        const char *name)
{
    const char *known = error > 0 ? sbind__errno_name(error) : NULL;
    CHECK(s != SBIND_OK);
    if (call == NULL) {
        CHECK(error == 0 && name == NULL);
        CHECK(s != SBIND_SYSTEM || is_odd());
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

/* A passed descriptor has the same flags as before, unless it was handed out or
 * its flags could not be restored. In the latter case the system has refused
 * two calls: one to change the flags of a descriptor, and one to restore
 * them. */
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

/* Whether the mode of the socket lets us connect. The library connects to find out if
 * a process has the socket. */
static bool may_connect(const file *f)
{
    return m->euid == 0 || (f->uid == m->euid && f->mode & 0200) ||
           (f->gid == m->euid && f->mode & 020) || f->mode & 02;
}

static bool lets_in(const file *f)
{
    return may_connect(f) || f->inode == m->noted;
}

/* Whether the library can find out if a process has this socket of ours. The note of a
 * killed start helps only until this start has written its own note. */
static bool can_ask(const file *f)
{
    return may_connect(f) || (f->inode == m->noted && !m->has_noted);
}

/* Whether the library takes the file for a stale socket. The library also does
 * so if it cannot connect to the socket, but a killed start has left a note
 * about the file. */
static bool is_stale(const file *f)
{
    return f != NULL && S_ISSOCK(f->mode) && fuzz_is_owner(f) && lets_in(f) &&
           (!f->is_bound || !may_connect(f));
}

/* A stale socket of this user may keep a hidden name if a call has failed that would
 * have examined, removed or renamed it. */
static bool may_stay_hidden(const file *f)
{
    return is_stale(f) &&
           (fuzz_is_upset("unlinkat") || fuzz_is_upset("fstatat") ||
            fuzz_is_upset("renameat") || fuzz_is_upset("renameat2"));
}

static bool is_bound_socket(const file *f)
{
    return f != NULL && S_ISSOCK(f->mode) && f->is_bound;
}

/* Whether a socket may wait under a hidden name, with the lock, for the next start.
 * There are two such sockets, which could not get their public name back. The first
 * is a live socket that we have replaced: another process has taken the public name
 * meanwhile, or a rename failed. The second is a stale socket that turned out to be
 * another file after it was moved: another process has taken the public name. */
static bool may_wait(const entry *e)
{
    const entry *public = fuzz_entry(m->public), *fresh = fuzz_entry(m->fresh);
    bool is_taken = m->intrusions > 0 && public->file != NULL &&
                    public->file == public->theirs;
    if (fuzz_entry(m->lock)->file == NULL)
        return false;
    if (e == fresh || (e == public && e->theirs == fresh->file))
        return is_bound_socket(fresh->file) &&
               (is_taken || fuzz_is_upset("renameat2"));
    return is_taken && m->move_is_another && strcmp(e->name, m->aside) == 0 &&
           is_stale(e->file);
}

/* Checks any other file that is not ours and has lost its name. Two things must
 * have gone wrong. First, another process has interfered, or a call has failed.
 * Then this has happened once more, before the library could put the file
 * back. */
static void check_foreign(const entry *e)
{
    CHECK(m->intrusions + m->upsets > 1 || may_wait(e) ||
          may_stay_hidden(e->file != NULL ? e->file : e->theirs));
}

static bool is_socket(const file *f) { return f != NULL && S_ISSOCK(f->mode); }

/* Checks a file of ours that still exists. The lock stays as long as a socket
 * has a hidden name. Any other file of ours stays only if a call has failed
 * that would have found or removed it. */
static void check_ours(const entry *e)
{
    bool is_upset = fuzz_is_upset("unlinkat") || fuzz_is_upset("fstatat") ||
                    fuzz_is_upset("fstat") ||
                    (m->link_is_another && (!m->has_proc || !can_ask(e->file) ||
                                            m->upsets + m->intrusions > 0));
    if (e->directory != &m->directories[0])
        CHECK(m->upsets > 0 || m->intrusions > 1 || !may_connect(e->file));
    else if (strcmp(e->name, m->lock) == 0)
        CHECK(is_upset || fuzz_is_upset("flock") || fuzz_is_upset("openat") ||
              fuzz_is_upset("connect") || fuzz_is_upset("socket") ||
              m->intrusions > 0 || is_socket(fuzz_entry(m->fresh)->file) ||
              is_socket(fuzz_entry(m->aside)->file));
    else
        CHECK(is_upset || fuzz_is_upset("openat") ||
              fuzz_is_upset("renameat2"));
}

/* Whether this file, a lock that we have taken, must have been removed. A lock that was
 * already there is removed like one that we have made. There is one exception: if the
 * start fails, a lock with the note of a killed start stays, because the note may
 * still be needed. The note is lost once this start has written its own. */
static bool has_to_go(const entry *e, bool has_worked)
{
    const file *f = e->file;
    bool has_note =
        f != NULL && f->note_length == sizeof f->note && !f->has_our_note;
    return f != NULL && f->was_taken &&
           (has_worked || m->is_closing || !has_note);
}

/* Everything is as it was before, except for the socket that listens. */
static void check_entry(const entry *e, bool has_worked)
{
    if (has_to_go(e, has_worked)) {
        check_ours(e);
        return;
    }
    if (e->file == e->theirs || (has_worked && strcmp(e->name, m->public) == 0))
        return;
    if (e->file == NULL || !e->file->is_ours)
        check_foreign(e);
    else
        check_ours(e);
}

/* Whether a start that has failed may have removed the stale socket. Normally it puts
 * the socket back. It may fail to do so if other processes interfere, or if two calls
 * fail. A single failed call is enough in two cases, because our own socket then keeps
 * the name: if the call would have found or removed our socket, or if the file system
 * gives a second link to our socket another inode. */
static bool may_have_removed_stale(void)
{
    const file *public = fuzz_entry(m->public)->file;
    if (m->removed_stale == 0 || m->intrusions > 0 || m->upsets > 1)
        return true;
    if (public != NULL && public->is_ours &&
        (fuzz_is_upset("fstatat") || fuzz_is_upset("unlinkat")))
        return true;
    return m->link_is_another && public != NULL && public->is_ours &&
           (m->upsets > 0 || !can_ask(public));
}

static void check_left(bool has_worked)
{
    for (size_t i = 0; i < m->entry_count; i++)
        check_entry(&m->entries[i], has_worked);
    if (!has_worked)
        CHECK(m->removed_live == 0 && may_have_removed_stale());
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
    const bool says_how =
        o->keepalive_idle + o->keepalive_interval + o->keepalive_count > 0;
    check_option(fd, IPPROTO_TCP, TCP_NODELAY, switched(o->nodelay));
    check_option(fd, SOL_SOCKET, SO_KEEPALIVE,
                 says_how ? 1 : switched(o->keepalive));
    check_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, number(o->keepalive_idle));
    check_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, number(o->keepalive_interval));
    check_option(fd, IPPROTO_TCP, TCP_KEEPCNT, number(o->keepalive_count));
    check_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, number(o->user_timeout));
    if (!has_failed("socket"))
        CHECK(m->fds[fd].protocol ==
              (o->mptcp == SBIND_ON ? IPPROTO_MPTCP : 0));
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

/* The public name leads to our socket, unless another process has interfered. */
static void check_path(const sbind_listener *l)
{
    const file *ours = m->fds[l->fd].file, *pinned;
    const entry *public = fuzz_entry(m->public);
    CHECK(m->fds[l->directory_fd].thing == DIRECTORY);
    CHECK(m->fds[l->file_fd].thing == PIN && l->creator == m->pid);
    pinned = m->fds[l->file_fd].file;
    CHECK(l->device == DEVICE && l->inode == (uint64_t)pinned->inode);
    CHECK(pinned == ours || pinned->is_mistaken);
    CHECK(public->file == ours ||
          (m->intrusions > 0 && public->file == public->theirs));
}

static void check_new(const sbind_listener *l, const sbind_listen_options *o)
{
    const descriptor *d = &m->fds[l->fd];
    CHECK(d->is_nonblocking == (o->blocking == SBIND_NONBLOCKING));
    CHECK(d->backlog == (o->backlog > 0 ? o->backlog : SBIND_BACKLOG_DEFAULT));
    CHECK((l->kind == SBIND_UNIX_PATH) ==
          (l->directory_fd >= 0 && l->file_fd >= 0));
    check_buffers(l->fd, o);
    if (d->family != AF_UNIX)
        check_tcp_listener(l, o);
    if (l->kind == SBIND_UNIX_PATH)
        check_path(l);
}

/* Checks a passed descriptor that was handed out. From now on it is ours. */
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

/* Each id is the one that the system reports, or unknown. */
static void check_ids(const descriptor *d, const sbind_peer *p)
{
    const struct fuzz_credentials *c = &d->credentials;
    bool is_told = d->family == AF_UNIX;
    bool has_uid = is_told && c->uid != m->overflow[0];
    bool has_gid = is_told && c->gid != m->overflow[1];
    CHECK(p->uid == (has_uid ? c->uid : SBIND_NO_ID));
    CHECK(p->gid == (has_gid ? c->gid : SBIND_NO_ID));
    CHECK(p->pid == (is_told && c->pid > 0 ? c->pid : SBIND_NO_PID));
    CHECK(p->session == SBIND_NO_ID && p->sid[0] == '\0');
    CHECK(sbind_peer_is(p, &c->uid, 1) == (has_uid && c->uid != SBIND_NO_ID));
    CHECK(!sbind_peer_is(p, &p->uid, p->uid == SBIND_NO_ID));
}

static void check_peer(const sbind_stream *stream)
{
    const descriptor *d = &m->fds[stream->fd];
    sbind_peer p;
    sbind_error e;
    sbind_status s;
    memset(&p, 0x5A, sizeof p);
    memset(&e, 0x5A, sizeof e);
    s = sbind_peer_of(stream, &p, &e);
    CHECK(s == SBIND_OK || !m->is_usual);
    if (s != SBIND_OK) {
        check_error(s, &e);
        CHECK(s == SBIND_PEER_GONE || s == SBIND_FD_FAMILY ||
              s == SBIND_SYSTEM || e.os_error != 0);
        CHECK(fuzz_is_all(&p, sizeof p, 0x5A));
        return;
    }
    CHECK(fuzz_is_all(&e, sizeof e, 0x5A));
    CHECK(sbind_valid(&p.address) ||
          (p.address.kind == 0 && d->family == AF_UNIX));
    check_ids(d, &p);
}

static void check_pidfd(const sbind_stream *stream)
{
    sbind_handle pidfd = -77;
    sbind_error e;
    sbind_status s = sbind_peer_pidfd(stream, &pidfd, &e);
    if (s != SBIND_OK) {
        check_error(s, &e);
        CHECK(pidfd == -77);
        return;
    }
    CHECK(m->fds[pidfd].thing == PIDFD && m->fds[pidfd].is_close_on_exec);
    CHECK(m->fds[stream->fd].family == AF_UNIX);
    fuzz_close(pidfd);
}

/* Asks who the peer is. This neither changes the stream nor leaves a descriptor
 * open. */
static void ask_who(const sbind_stream *stream)
{
    size_t open = fuzz_open_count();
    descriptor before = m->fds[stream->fd], *d = &m->fds[stream->fd];
    check_peer(stream);
    check_pidfd(stream);
    CHECK(fuzz_open_count() == open && d->state == before.state);
    CHECK(d->is_nonblocking == before.is_nonblocking &&
          d->option_count == before.option_count);
}

static void check_stream(const request *r, sbind_stream *stream,
                         sbind_blocking blocking)
{
    const descriptor *d = &m->fds[stream->fd];
    size_t open = fuzz_open_count();
    if (r->asks)
        ask_who(stream);
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
        check_stream(r, &stream, r->accepting);
    } else {
        check_error(s, &e);
        CHECK(fuzz_is_all(&stream, sizeof stream, 0x5A));
    }
}

typedef struct before {
    const file *public, *lock;
    size_t intrusions;
} before;

static before look(void)
{
    return (before){fuzz_entry(m->public)->file, fuzz_entry(m->lock)->file,
                    m->intrusions};
}

/* Only the process that made the socket file removes it, or reports that it cannot. */
static void check_closed(const request *r, sbind_status s, const file *ours,
                         const before *b)
{
    const file *f = fuzz_entry(m->public)->file;
    if (r->closer == CHILD ||
        (r->closer == STRANGER && r->loop == NO_LOOP && !m->is_silent)) {
        CHECK(s == SBIND_OK);
        CHECK(m->intrusions > b->intrusions ||
              (f == b->public && fuzz_entry(m->lock)->file == b->lock));
    } else if (s == SBIND_OK) {
        CHECK(f != ours);
    }
    if (s == SBIND_OK)
        check_left(f == ours);
}

/* An event loop closes the descriptor. From then on other processes may take the
 * socket file for stale. */
static void run_loop(const request *r, const sbind_listener *l)
{
    if (r->loop == NO_LOOP || l->directory_fd < 0)
        return;
    fuzz_give_up(l->fd, r->loop == REUSED);
    for (int i = 0; i < 3; i++) {
        uint8_t o = fuzz_octet(&m->in);
        if (o > 0)
            fuzz_intrude(o % 32);
    }
}

static void close_listener(const request *r, sbind_listener *l)
{
    sbind_error e;
    sbind_status s;
    bool has_file = l->directory_fd >= 0;
    const file *ours = has_file ? m->fds[l->file_fd].file : NULL;
    before b;
    run_loop(r, l);
    if (has_file)
        b = look();
    s = sbind_close(l, &e);
    if (s != SBIND_OK)
        check_error(s, &e);
    CHECK(l->fd == -1 && l->directory_fd == -1 && l->file_fd == -1);
    if (has_file)
        check_closed(r, s, ours, &b);
    CHECK(sbind_close(l, NULL) == SBIND_OK);
}

static void go_on(const request *r, sbind_listener *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_address(&l[i]);
        check_accept(r, &l[i]);
    }
    m->pid += r->closer == CHILD;
    m->is_stranger = r->closer == STRANGER;
    m->is_closing = true;
    m->removed_live = m->removed_stale = 0;
    for (size_t i = 0; i < n; i++)
        close_listener(r, &l[i]);
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

/* ---- What has to work ------------------------------------------------------
 * */

typedef struct names {
    const file *public, *fresh, *aside;
} names;

/* The next start gives a file that a killed start has moved its public name back,
 * unless another file has this name. If the killed start had replaced a live socket,
 * this socket gets the name back from the killed start's own socket. */
static void give_back(const file **hidden, bool is_fresh, names *n)
{
    const file *f = *hidden;
    bool is_swapped =
        is_fresh && is_stale(n->public) && m->lacks_renameat2 == 0;
    if (f == NULL || !fuzz_is_owner(f) || strlen(m->public) > 64 ||
        (n->public != NULL && !is_swapped))
        return;
    n->public = f;
    *hidden = NULL;
}

/* The files that a start finds once it has the lock. Stale sockets under hidden names
 * are left out, because they are not in its way. */
static names look_at_names(bool has_leftovers)
{
    names n = {fuzz_entry(m->public)->file, fuzz_entry(m->fresh)->file,
               fuzz_entry(m->aside)->file};
    if (is_stale(n.fresh))
        n.fresh = NULL;
    if (is_stale(n.aside))
        n.aside = NULL;
    if (has_leftovers) {
        give_back(&n.fresh, true, &n);
        give_back(&n.aside, false, &n);
    }
    return n;
}

static bool can_take_name(const names *n)
{
    bool is_long = strlen(m->path) > 107 && strlen(m->public) > 75;
    bool is_live = n->public != NULL && n->public->is_bound;
    bool is_closed = m->euid > 0 && /* even we could not connect */
                     ((m->options->mode >= 0 && !(m->options->mode & 0200)) ||
                      m->options->owner != SBIND_NO_ID);
    if (n->public != NULL &&
        (!S_ISSOCK(n->public->mode) || !fuzz_is_owner(n->public) ||
         !lets_in(n->public) || m->options->existing == SBIND_REFUSE ||
         (is_live && m->options->existing != SBIND_REPLACE)))
        return false;
    if (n->public != NULL && (n->aside != NULL || m->move_is_another))
        return false;
    return (!is_long && !is_live) ||
           (n->fresh == NULL && n->aside == NULL && !is_closed &&
            !(m->lacks_renameat2 != 0 &&
              (m->link_is_another || m->move_is_another)));
}

/* Whether a start on a path is free of obstacles. */
static bool can_start(void)
{
    const file *d = &m->directories[0], *lock = fuzz_entry(m->lock)->file;
    bool is_safe = (d->uid == m->euid || d->uid == 0) &&
                   ((d->mode & 022) == 0 || (d->mode & S_ISVTX) != 0) &&
                   (m->link.mode == 0 || m->link.uid == m->euid);
    bool has_note = lock != NULL && lock->note_length == sizeof lock->note &&
                    lock->note[0] == DEVICE;
    names n;
    if (!m->has_proc || m->public[0] == '\0' || m->forgets_mode ||
        !(is_safe || m->options->any_directory) ||
        (lock != NULL && (!fuzz_is_lock(lock) || lock->lock != NOBODY)))
        return false;
    m->noted = has_note ? (ino_t)lock->note[1] : 0;
    n = look_at_names(lock != NULL);
    return can_take_name(&n);
}

/* On a usual system listening and connecting succeed, unless the request itself is
 * impossible. */
static void check_usual(const request *r, sbind_status s)
{
    const sbind_address *a = &r->address;
    bool connects = r->deed == CONNECT;
    bool has_port = a->port > 0 || !connects;
    bool works = (a->kind == SBIND_TCP_ANY && !connects) ||
                 (a->kind == SBIND_TCP_NAME && has_port) ||
                 (a->kind == SBIND_TCP_IPV4 && has_port && a->ip[0] < 224 &&
                  (a->ip[0] > 0 || !connects)) ||
                 (a->kind == SBIND_UNIX_ABSTRACT && a->name_length < 108);
    if (connects && r->connecting.unix_owner == 0)
        works = false; /* the server is user 1000 */
    if (m->is_usual && m->has_proc && works)
        CHECK(s == SBIND_OK || s == SBIND_OPTION_NOT_APPLICABLE);
}

static void check_started(const request *r, bool could_start, sbind_status s)
{
    if (could_start && m->upsets == 0 && m->intrusions == 0)
        CHECK(s == SBIND_OK || r->address.kind != SBIND_UNIX_PATH);
    check_usual(r, s);
}

/* Listens again, and no call fails this time. SBIND_FD_TAKEN must be the answer
 * exactly if the descriptors were handed out before. If the system lied about a
 * descriptor the first time, that descriptor may fit now. */
static void check_taken(const request *r, bool is_taken)
{
    fuzz_input in = m->in;
    size_t count;
    sbind_status s;
    bool has_lied = has_failed("getsockopt");
    if (!is_fd(&r->address) || r->listening.activation == NULL)
        return; /* a second call would read the environment again */
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
    bool could_start = m->path != NULL && can_start();
    sbind_error e;
    sbind_status s;
    memset(&listeners[0], 0x5A, sizeof listeners[0]);
    memset(&e, 0x5A, sizeof e);
    m->noted = 0;
    s = ask(r, &count, &e);
    check_started(r, could_start, s);
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

/* ---- Killed ----------------------------------------------------------------
 * */

/* The next start may leave three files of a killed start. A live socket that
 * lost its name may stay, if its hidden name has a hash in place of the lost
 * name. The lock may stay while a live socket has a hidden name. A socket that
 * was moved aside may stay, if its owner is one that only the killed start has
 * named: to the next start it is a stranger's. */
static bool may_stay(const file *f)
{
    if (is_bound_socket(f))
        return strlen(m->public) > 64;
    if (f == fuzz_entry(m->aside)->file && f->was_aside && S_ISSOCK(f->mode))
        return !fuzz_is_owner(f);
    return f == fuzz_entry(m->lock)->file &&
           (is_bound_socket(fuzz_entry(m->fresh)->file) ||
            is_bound_socket(fuzz_entry(m->aside)->file));
}

static bool is_left(const file *f)
{
    return f != NULL && f->is_left && !may_stay(f);
}

/* If a start is killed, its own user must be able to connect to the socket that it
 * leaves. Otherwise the next start could not find out whether the socket is stale.
 * This does not hold if the start gives the socket another owner, or if the mode or
 * the umask forbids it. */
static void check_askable(const request *r)
{
    const sbind_listen_options *o = &r->listening;
    if (o->owner != SBIND_NO_ID || (o->mode >= 0 && !(o->mode & 0200)) ||
        (m->umask & 0200))
        return;
    for (size_t i = 0; i < m->entry_count; i++) {
        const file *f = m->entries[i].file;
        CHECK(f == NULL || !f->is_left || !S_ISSOCK(f->mode) ||
              f->uid != m->euid || may_connect(f));
    }
}

/* The next start succeeds if nothing is in its way. It removes everything that the
 * killed start has left. */
static void start_again(const request *r, bool was_smooth)
{
    request again = *r;
    again.kill_at = 0;
    again.closer = MAKER;
    again.loop = NO_LOOP;
    if (r->drops_owner)
        again.listening.owner = again.listening.group = SBIND_NO_ID;
    m->options = &again.listening;
    was_smooth = was_smooth && can_start();
    listen_and_close(&again);
    for (size_t i = 0; was_smooth && i < m->entry_count; i++)
        CHECK(!is_left(m->entries[i].file));
}

static void be_killed(const request *r)
{
    size_t count = 0;
    bool was_smooth;
    m->kill_at = r->kill_at;
    if (setjmp(m->death) == 0) {
        if (ask(r, &count, NULL) == SBIND_OK) {
            m->is_closing = true;
            for (size_t i = 0; i < count; i++)
                sbind_close(&listeners[i], NULL);
        }
        return;
    }
    was_smooth = m->upsets == 0 && m->intrusions == 0;
    fuzz_bury();
    if (was_smooth)
        check_askable(r);
    start_again(r, was_smooth);
}

/* The port is at the same place in the addresses of both families. */
static uint16_t port_of(const struct sockaddr_storage *sa)
{
    struct sockaddr_in in;
    memcpy(&in, sa, sizeof in);
    return ntohs(in.sin_port);
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
        check_option(fd, SOL_SOCKET, SO_SNDTIMEO,
                     r->manner == AT_ONCE ? 0 : -1);
    if (r->address.kind == SBIND_TCP_NAME)
        CHECK(port_of(&m->fds[fd].peer) == r->address.port);
    if (r->connecting.unix_owner != SBIND_NO_ID)
        CHECK(m->fds[fd].has_credentials &&
              m->fds[fd].credentials.uid == r->connecting.unix_owner &&
              m->fds[fd].credentials.uid != m->overflow[0]);
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

static void check_time(const request *r, const sbind_error *e, sbind_status s,
                       int64_t took)
{
    CHECK(took <= most_time(r) || r->pace == LATE);
    if (s == SBIND_TIMED_OUT && e->call == NULL) /* with a call: ETIMEDOUT */
        CHECK(took >= most_time(r) || has_failed("connect"));
}

/* ---- Connecting in steps ------------------------------------------------- */

/* "untouched" is what "connecting" was before the call. memcmp compares the two,
 * because comparing such a long structure octet by octet would be slow. */
static sbind_connecting connecting, untouched;

/* Each descriptor to wait for belongs to an unfinished connection. No other descriptor
 * is open. */
static void check_waits(const request *r, const sbind_wait *waits, size_t n)
{
    CHECK(n <= SBIND_WAITS_MAX && (n == 0 || is_tcp(&r->address)));
    for (size_t i = 0; i < n; i++) {
        const descriptor *d = &m->fds[waits[i].fd];
        CHECK(waits[i].write && !waits[i].read);
        CHECK(d->thing == SOCKET && d->is_ours && d->state == CONNECTING);
        CHECK(d->is_nonblocking && d->is_close_on_exec);
        CHECK(i == 0 || waits[i].fd != waits[i - 1].fd);
    }
    if (is_tcp(&r->address))
        CHECK(fuzz_open_count() == n);
}

/* Lets time pass, and does not poll: the next step finds out which descriptors are
 * ready. */
static void wait_for_step(const request *r)
{
    sbind_wait waits[SBIND_WAITS_MAX];
    int64_t most, again;
    size_t n = sbind_connect_waits(&connecting, waits, SBIND_WAITS_MAX, &most);
    CHECK(sbind_connect_waits(&connecting, NULL, 0, &again) == n);
    CHECK(again == most && most >= (n > 0 ? -1 : 0));
    check_waits(r, waits, n);
    if (most > 0)
        m->now += r->pace == IN_TIME ? most
                  : r->pace == EARLY ? (most + 1) / 2
                                     : 2 * most + 1;
}

static sbind_status take_step(sbind_stream *stream, sbind_error *e)
{
    sbind_status s;
    memset(e, 0x5A, sizeof *e);
    s = sbind_connect_step(&connecting, stream, e);
    if (s == SBIND_WOULD_BLOCK) {
        CHECK(e->status == s && fuzz_is_all(stream, sizeof *stream, 0x5A));
        CHECK(connecting.kind != 0);
    }
    return s;
}

/* The structure is empty now, so the functions do nothing. */
static void check_ended(void)
{
    int64_t most = 5;
    sbind_stream none;
    size_t open = fuzz_open_count();
    CHECK(connecting.kind == 0);
    CHECK(sbind_connect_waits(&connecting, NULL, 0, &most) == 0 && most == 0);
    CHECK(sbind_connect_step(&connecting, &none, NULL) == SBIND_FD_CLOSED);
    sbind_connect_cancel(&connecting);
    CHECK(fuzz_open_count() == open);
}

static void call_off(const request *r)
{
    if (is_fd(&r->address)) /* the start has adopted what was passed */
        adopt((int)connecting.stream.fd, r->connecting.blocking);
    sbind_connect_cancel(&connecting);
    CHECK(fuzz_open_count() == 0);
}

/* Connects in steps. Returns SBIND_WOULD_BLOCK if it has called connecting off.
 * If a server stays busy, connecting would take very many steps, and most would
 * show nothing new. So connecting is called off then, too. */
static sbind_status connect_in_steps(const request *r, sbind_stream *stream,
                                     sbind_error *e)
{
    enum { PATIENCE = 110 }; /* more than a second of retries */
    const int64_t begin = m->now;
    sbind_status s;
    memset(&untouched, 0x5A, sizeof untouched);
    memcpy(&connecting, &untouched, sizeof connecting);
    s = sbind_connect_start(&r->address, &r->connecting, &connecting, e);
    CHECK(m->now == begin);
    if (s != SBIND_OK) {
        CHECK(memcmp(&connecting, &untouched, sizeof connecting) == 0);
        return s;
    }
    CHECK(fuzz_is_all(e, sizeof *e, 0x5A));
    s = SBIND_WOULD_BLOCK;
    for (size_t i = 0; i < PATIENCE && s == SBIND_WOULD_BLOCK; i++) {
        wait_for_step(r);
        if (i == r->step_count)
            break;
        s = take_step(stream, e);
        CHECK(s != SBIND_WOULD_BLOCK || m->now - begin < most_time(r));
    }
    if (s == SBIND_WOULD_BLOCK)
        call_off(r);
    check_ended();
    return s;
}

/* ---- Connecting in either way -------------------------------------------- */

/* The answers of a program that resolves the host name itself, or NULL. They have a
 * port, because some resolvers set one. The library must ignore it. */
static struct addrinfo *find_answers(const request *r)
{
    const struct addrinfo hints = {0};
    struct addrinfo *list;
    if (!r->gives_answers ||
        getaddrinfo(r->address.host, NULL, &hints, &list) != 0)
        return NULL;
    for (struct addrinfo *a = list; a != NULL; a = a->ai_next)
        ((struct sockaddr_in *)(void *)a->ai_addr)->sin_port = htons(7);
    return list;
}

static sbind_status connect_as(request *r, sbind_stream *stream, sbind_error *e)
{
    struct addrinfo *answers = find_answers(r);
    sbind_status s;
    r->connecting.answers = answers;
    s = r->manner == AT_ONCE
            ? sbind_connect(&r->address, &r->connecting, stream, e)
            : connect_in_steps(r, stream, e);
    if (answers != NULL)
        freeaddrinfo(answers); /* fails if the library has freed the answers */
    return s;
}

static void connect_and_close(request *r)
{
    sbind_stream stream;
    sbind_error e;
    sbind_status s;
    int64_t begin = m->now;
    memset(&stream, 0x5A, sizeof stream);
    memset(&e, 0x5A, sizeof e);
    s = connect_as(r, &stream, &e);
    if (s == SBIND_WOULD_BLOCK && r->manner != AT_ONCE) {
        CHECK(fuzz_is_all(&stream, sizeof stream, 0x5A));
        check_left(false);
        return;
    }
    check_time(r, &e, s, m->now - begin);
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
    check_stream(r, &stream, r->connecting.blocking);
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
    else if (r.kill_at > 0)
        be_killed(&r);
    else
        listen_and_close(&r);
    return 0;
}
