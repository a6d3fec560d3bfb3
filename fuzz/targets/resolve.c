/* resolve.c - asserts that sbind_listen, sbind_listen_all and sbind_connect
 * give, for an fd:// address and an activation, exactly the descriptors of
 * SPEC.md 5.10, close-on-exec and blocking as asked, or the documented error
 * about the descriptor that comes nearest. All other descriptors stay as they
 * were. The descriptors are real, and there is no network.
 *
 * Input: octets for the call, the outcome, the kinds of four descriptors, the room
 * for results, and blocking. Then come the text after "fd://", a NUL, and the names. */
#define _GNU_SOURCE /* F_DUPFD_CLOEXEC */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sbind/sbind.h>

#include "../fuzz.h"

enum { FIRST = SBIND_LISTEN_FDS_START, COUNT = 4 };

/* A descriptor refers to one of these things. */
typedef enum thing {
    NOTHING,
    UNIX_LISTENING,
    TCP_LISTENING,
    UNIX_CONNECTED,
    UNIX_IDLE, /* neither listening nor connected */
    DATAGRAM,
    SEQPACKET, /* listening */
    NO_SOCKET,
    THINGS
} thing;

static int model[THINGS]; /* a descriptor of each thing, with a high number */
static int spare;         /* /dev/null */

/* ---- The descriptors ------------------------------------------------------- */

static int aside(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 64);
    CHECK(fd >= 0 && moved >= 64);
    close(fd);
    return moved;
}

static int listening(int domain, int type)
{
    struct sockaddr_storage any = {.ss_family = (sa_family_t)domain};
    int fd = socket(domain, type, 0);
    socklen_t n = domain == AF_UNIX
                      ? sizeof(sa_family_t) /* the kernel chooses a name */
                      : sizeof(struct sockaddr_in);
    CHECK(bind(fd, (struct sockaddr *)&any, n) == 0 && listen(fd, 1) == 0);
    return aside(fd);
}

/* Fills the numbers of the test's descriptors with copies of "spare". So no
 * file that the engine opens gets one of these numbers. */
static void put_back(void)
{
    for (int i = 0; i < COUNT; i++)
        CHECK(dup2(spare, FIRST + i) == FIRST + i);
}

/* Runs before main, so that the engine has not opened a file yet. While libFuzzer
 * merges, it keeps a file open that would get the first free number. */
__attribute__((constructor)) static void make_models(void)
{
    int pair[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    model[UNIX_CONNECTED] = aside(pair[0]);
    aside(pair[1]); /* stays open */
    model[UNIX_LISTENING] = listening(AF_UNIX, SOCK_STREAM);
    model[SEQPACKET] = listening(AF_UNIX, SOCK_SEQPACKET);
    model[TCP_LISTENING] = listening(AF_INET, SOCK_STREAM);
    model[UNIX_IDLE] = aside(socket(AF_UNIX, SOCK_STREAM, 0));
    model[DATAGRAM] = aside(socket(AF_UNIX, SOCK_DGRAM, 0));
    CHECK(pipe(pair) == 0);
    model[NO_SOCKET] = aside(pair[0]);
    spare = aside(pair[1]);
    put_back();
}

/* dup2 clears close-on-exec. All copies of a socket share O_NONBLOCK. */
static void place(const thing things[COUNT])
{
    for (int i = 0; i < COUNT; i++) {
        if (things[i] == NOTHING) {
            close(FIRST + i);
            continue;
        }
        CHECK(dup2(model[things[i]], FIRST + i) == FIRST + i);
        CHECK(fcntl(FIRST + i, F_SETFL, 0) == 0);
    }
}

/* ---- The input ------------------------------------------------------------- */

typedef enum call { LISTEN, LISTEN_ALL, CONNECT } call;

typedef struct request {
    call call;
    thing things[COUNT];
    size_t room; /* of sbind_listen_all */
    sbind_blocking blocking;
    sbind_activation activation;
    sbind_address address;
} request;

/* Takes as many names as there are descriptors. sbind_activation_read makes sure that
 * the numbers are equal. */
static void take_names(fuzz_input in, sbind_activation *a)
{
    size_t names = 1;
    if (in.left == 0 || in.at[0] == 0xFF)
        return;
    for (size_t i = 0; i < in.left; i++)
        names += in.at[i] == ':';
    if (names <= COUNT) {
        a->count = (uint32_t)names;
        a->names = (sbind_env_value){fuzz_copy(in.at, in.left), in.left};
    }
}

static bool take_request(fuzz_input *in, request *ret)
{
    char text[5 + 64] = "fd://", *exact;
    sbind_status status;
    fuzz_input field;
    uint8_t flags = fuzz_octet(in);
    memset(ret, 0, sizeof *ret);
    ret->call = (call)(flags % 3);
    ret->activation.outcome = (sbind_activation_outcome)(2 - flags / 3 % 3);
    ret->activation.count = (uint32_t)(flags / 9 % COUNT) + 1;
    ret->blocking = (sbind_blocking)(fuzz_octet(in) % 3);
    ret->room = fuzz_octet(in) % (COUNT + 1);
    for (int i = 0; i < COUNT; i++)
        ret->things[i] = (thing)(fuzz_octet(in) % THINGS);
    field = fuzz_field(in, '\0');
    if (field.left > 64)
        return false;
    if (field.left > 0)
        memcpy(text + 5, field.at, field.left);
    exact = fuzz_copy(text, 5 + field.left);
    status = sbind_parse(exact, 5 + field.left, &ret->address, NULL);
    free(exact);
    if (status != SBIND_OK)
        return false;
    take_names(*in, &ret->activation);
    if (ret->activation.outcome != SBIND_ACTIVATION_PASSED)
        ret->activation.count = 0;
    return ret->address.kind != SBIND_FD_NUMBER ||
           (ret->address.fd >= FIRST && ret->address.fd < FIRST + COUNT);
}

/* ---- What SPEC.md 5.10 says ------------------------------------------------ */

typedef struct answer {
    sbind_status status;
    int fds[COUNT];
    size_t count;
    int nearest; /* the error is about this descriptor; -1: about no single one */
} answer;

static bool has_name(const request *r, uint32_t wanted)
{
    sbind_env_value left = r->activation.names, name;
    uint32_t i = 0;
    while (sbind_activation_next_name(&left, &name))
        if (i++ == wanted)
            return name.length == r->address.name_length &&
                   memcmp(name.text, r->address.name, name.length) == 0;
    return false;
}

static bool is_meant(const request *r, uint32_t i)
{
    if (r->address.kind == SBIND_FD_NUMBER)
        return r->address.fd == FIRST + (int)i;
    return i < r->activation.count &&
           (r->address.kind != SBIND_FD_NAME || has_name(r, i));
}

static sbind_status adoptable(thing what, call wanted)
{
    if (what == NOTHING)
        return SBIND_FD_CLOSED;
    if (what == NO_SOCKET)
        return SBIND_FD_NOT_SOCKET;
    if (what == DATAGRAM || what == SEQPACKET)
        return SBIND_FD_NOT_STREAM;
    if (wanted == CONNECT)
        return what == UNIX_CONNECTED ? SBIND_OK : SBIND_FD_NOT_CONNECTED;
    return what == UNIX_LISTENING || what == TCP_LISTENING
               ? SBIND_OK
               : SBIND_FD_NOT_LISTENING;
}

static sbind_status too_many(const request *r, size_t count)
{
    if (count > 1 && r->address.kind == SBIND_FD_SINGLE)
        return SBIND_NOT_ONE_FD;
    if (r->call == LISTEN_ALL)
        return count > r->room ? SBIND_TOO_MANY_LISTENERS : SBIND_OK;
    if (count <= 1)
        return SBIND_OK;
    return r->address.kind == SBIND_FD_NAME ? SBIND_AMBIGUOUS_FD_NAME
                                            : SBIND_SEVERAL;
}

/* Finds the descriptors that are adopted. If there are none, the status says
 * what the descriptor that comes nearest lacks. */
static void find_candidates(const request *r, answer *ret)
{
    sbind_status nearest = SBIND_NO_SUCH_FD_NAME;
    for (uint32_t i = 0; i < COUNT; i++) {
        sbind_status s = adoptable(r->things[i], r->call);
        if (!is_meant(r, i))
            continue;
        if (s == SBIND_OK)
            ret->fds[ret->count++] = FIRST + (int)i;
        if (s > nearest) {
            nearest = s;
            ret->nearest = FIRST + (int)i;
        }
    }
    if (ret->count == 0)
        ret->status = nearest;
}

static void resolve(const request *r, answer *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->nearest = -1;
    if (r->call == CONNECT && r->address.kind == SBIND_FD_ALL)
        ret->status = SBIND_SEVERAL;
    else if (r->address.kind != SBIND_FD_NUMBER &&
             r->activation.outcome != SBIND_ACTIVATION_PASSED)
        ret->status = SBIND_NOT_ACTIVATED;
    else
        find_candidates(r, ret);
    if (ret->status == SBIND_OK)
        ret->status = too_many(r, ret->count);
    if (ret->status != SBIND_OK)
        ret->count = 0;
}

/* ---- What it does ---------------------------------------------------------- */

static sbind_listener listeners[COUNT];
static sbind_stream stream;

static sbind_status ask(const request *r, int fds[COUNT], size_t *count,
                        int *about)
{
    sbind_listen_options lo;
    sbind_connect_options co;
    sbind_error e;
    sbind_status status;
    sbind_listen_options_init(&lo);
    sbind_connect_options_init(&co);
    lo.activation = co.activation = &r->activation;
    lo.blocking = co.blocking = r->blocking;
    *count = 1;
    if (r->call == CONNECT)
        status = sbind_connect(&r->address, &co, &stream, &e);
    else if (r->call == LISTEN)
        status = sbind_listen(&r->address, &lo, listeners, &e);
    else
        status =
            sbind_listen_all(&r->address, &lo, listeners, r->room, count, &e);
    if (status != SBIND_OK) {
        CHECK(e.status == status);
        *count = 0;
        *about = e.fds[1] < 0 ? e.fds[0] : -1;
    }
    for (size_t i = 0; i < *count; i++) {
        fds[i] = r->call == CONNECT ? stream.fd : listeners[i].fd;
        CHECK(r->call == CONNECT || listeners[i].inherited);
    }
    return status;
}

static bool holds(const answer *a, int fd)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->fds[i] == fd)
            return true;
    return false;
}

/* Whether O_NONBLOCK of this descriptor may change, because it is a copy of an adopted
 * socket. Copies share this flag. */
static bool is_touched(const request *r, const answer *a, int fd)
{
    for (size_t i = 0; i < a->count; i++)
        if (r->things[a->fds[i] - FIRST] == r->things[fd - FIRST])
            return true;
    return false;
}

static void check_flags(const request *r, const answer *a)
{
    for (int fd = FIRST; fd < FIRST + COUNT; fd++) {
        int own = fcntl(fd, F_GETFD), shared = fcntl(fd, F_GETFL);
        bool nonblocking =
            r->blocking == SBIND_NONBLOCKING && is_touched(r, a, fd);
        if (r->things[fd - FIRST] == NOTHING) {
            CHECK(own < 0);
            continue;
        }
        CHECK(own == (holds(a, fd) ? FD_CLOEXEC : 0));
        CHECK(((shared & O_NONBLOCK) != 0) == nonblocking);
    }
}

/* Closes what was adopted with the functions of the library. Otherwise the library
 * would not adopt these descriptors again. */
static void give_back(const request *r, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (r->call == CONNECT)
            sbind_close_stream(&stream);
        else
            CHECK(sbind_close(&listeners[i], NULL) == SBIND_OK);
    }
    put_back();
}

static void check(const request *r)
{
    answer expected;
    int fds[COUNT], about = -1;
    size_t count;
    resolve(r, &expected);
    place(r->things);
    CHECK(ask(r, fds, &count, &about) == expected.status);
    CHECK(count == expected.count);
    if (expected.status >= SBIND_FD_CLOSED)
        CHECK(about == expected.nearest);
    CHECK(memcmp(fds, expected.fds, count * sizeof *fds) == 0);
    check_flags(r, &expected);
    give_back(r, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    request r;
    if (take_request(&in, &r))
        check(&r);
    fuzz_free(r.activation.names.text);
    return 0;
}
