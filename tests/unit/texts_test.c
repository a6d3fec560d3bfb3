/* texts_test.c - does each status have its number, name, text and hint? Does
 * each refused text, each policy and each option get the hint that fits it? The
 * test compares every octet, because users read these texts. */
#include "support.h"

/* ---- Statuses --------------------------------------------------------------- */

typedef struct status_row {
    int number;
    const char *name, *text, *hint;
} status_row;

// clang-format off
static const status_row statuses[] = {
    {0, "ok",
     "no error",
     ""},
    {101, "unknown-scheme",
     "this is not the beginning of an address",
     "an address begins with tcp://, unix://, fd://, npipe:// or \\\\"},
    {102, "unexpected-end",
     "the address stops too early",
     "write the rest of the address"},
    {103, "text-too-long",
     "the address is longer than 1024 octets",
     "use a shorter address"},
    {104, "bad-host",
     "this is not allowed in a host",
     "a host is an IPv4 address, an IPv6 address in brackets, a name "
     "or *"},
    {105, "numeric-host",
     "a host name cannot end in a number",
     "write an IPv4 address as four decimal numbers without leading "
     "zeros"},
    {106, "host-too-long",
     "the host name is too long",
     "a label has at most 63 octets, a name at most 253"},
    {107, "bad-ipv6",
     "this is not an IPv6 address",
     "brackets hold an IPv6 address as in RFC 3986, such as [::1]"},
    {108, "bad-zone",
     "this is not allowed in a zone",
     "a zone is 1 to 15 letters, digits, - . _ or ~, such as "
     "[fe80::1%eth0]"},
    {109, "bad-port",
     "this is not a port",
     "a port is a decimal number from 0 to 65535 without leading zeros"},
    {110, "port-range",
     "the port is above 65535",
     "ports run from 0 to 65535"},
    {111, "bad-path",
     "this is not allowed in a socket path",
     "a path has no control characters and does not end in /"},
    {112, "bad-abstract-name",
     "this is not allowed in an abstract socket name",
     "an abstract name has no control characters"},
    {113, "bad-fd",
     "this is not a descriptor",
     "write fd://, fd://*, fd://3 or fd://NAME"},
    {114, "fd-range",
     "the descriptor is above 2147483647",
     "descriptors run from 0 to 2147483647"},
    {115, "bad-fd-name",
     "this is not allowed in the name of a socket",
     "use 1 to 255 printable ASCII characters, no colon, no space at "
     "the ends"},
    {116, "bad-pipe-name",
     "this is not allowed in the name of a pipe",
     "write npipe://NAME, npipe:////SERVER/pipe/NAME or "
     "\\\\.\\pipe\\NAME"},
    {117, "bad-pipe-server",
     "this is not allowed in the server of a pipe",
     "a server is a dot for this machine, a host name or an IPv4 "
     "address"},
    {118, "pipe-name-too-long",
     "the name of the pipe is too long",
     "\\\\SERVER\\pipe\\NAME has at most 256 UTF-16 units"},
    {119, "bad-utf8",
     "this is not valid UTF-8",
     "the name of a pipe is text in UTF-8 (RFC 3629)"},
    {120, "invalid-address",
     "this value is not an address",
     "use a value that sbind_parse has given"},
    {121, "buffer-too-small",
     "the buffer is too small",
     "SBIND_FORMAT_MAX or SBIND_REPORT_MAX octets are always enough"},
    {201, "bad-listen-pid",
     "this is not a process id",
     "write a decimal number from 1 to 2147483647 without leading "
     "zeros"},
    {202, "bad-listen-pidfdid",
     "this is not the id of a pidfd",
     "write a decimal number from 1 to 18446744073709551615, no "
     "leading zeros"},
    {203, "bad-listen-fds",
     "this is not a number of descriptors",
     "write a decimal number from 1 to 2147483644 without leading "
     "zeros"},
    {204, "too-many-fds",
     "this is above the limit on open descriptors",
     "raise the limit of this process: ulimit -n, or LimitNOFILE="},
    {205, "bad-listen-fdnames",
     "this is not a list of names",
     "write names of at most 255 printable ASCII characters, colons "
     "between"},
    {206, "fdnames-count",
     "the number of names differs from LISTEN_FDS",
     "write one name for each descriptor, colons between"},
    {207, "bad-notify-socket",
     "this is not the address of a service manager",
     "NOTIFY_SOCKET is /PATH or @NAME, of at most 107 printable octets"},
    {208, "bad-notify-state",
     "this is not a message for a service manager",
     "write lines NAME=VALUE such as READY=1, of at most 4096 octets "
     "together"},
    {209, "too-many-passed",
     "these are too many descriptors to pass at once",
     "pass fewer"},
    {301, "system",
     "the system refused",
     ""},
    {302, "unsupported",
     "this system has no sockets of this kind",
     "use another kind of address"},
    {303, "bad-option",
     "an option has an invalid value",
     "set up the options with their _init function, then change "
     "members"},
    {304, "option-not-applicable",
     "an option does not apply to this kind of address",
     "leave it out, or use another address"},
    {305, "no-default",
     "this program has no default address for tcp:// to mean",
     "write a host and a port, such as tcp://127.0.0.1:8080"},
    {306, "several",
     "this address means several sockets, and one is needed",
     "write the address of one of them, or let the program listen on "
     "all"},
    {307, "too-many-listeners",
     "this address means more sockets than the program has room for",
     "use an address that means fewer sockets"},
    {308, "unusable-address",
     "this address cannot be used this way",
     ""},
    {309, "no-such-zone",
     "no interface has this name or index",
     "write the name or index of an interface; see: ip link"},
    {310, "not-resolved",
     "the host name was not resolved",
     ""},
    {311, "address-in-use",
     "the address is in use",
     "stop what uses it, or use another address"},
    {312, "path-too-long",
     "the path or name is longer than the system allows",
     ""},
    {313, "path-occupied",
     "there is a file that is not a socket at this path",
     "the file was left as it is; move it away, or use another path"},
    {314, "path-not-ours",
     "the file at this path belongs to another user",
     "the file was left as it is; remove it as its owner, or use "
     "another path"},
    {315, "unsafe-directory",
     "other users can replace files in the directory of this path",
     "use a directory that only this user or root can write to, or "
     "allow it: --any-directory (any_directory)"},
    {316, "not-activated",
     "no sockets were passed to this process",
     "fd:// needs a service manager that sets LISTEN_PID and "
     "LISTEN_FDS"},
    {317, "not-one-fd",
     "fd:// needs exactly one passed socket, and there are several",
     "use fd://NAME, fd://NUMBER or fd://*"},
    {318, "no-such-fd-name",
     "no passed socket has this name",
     "see FileDescriptorName= and LISTEN_FDNAMES"},
    {319, "ambiguous-fd-name",
     "several passed sockets have this name",
     "use their numbers, or let the program listen on all"},
    {320, "fd-closed",
     "the descriptor is not open",
     "the starter of this program has to open the descriptor and pass "
     "it on"},
    {321, "fd-not-socket",
     "the descriptor is not a socket",
     "pass a listening socket to a server, a connected socket to a "
     "client"},
    {322, "fd-not-stream",
     "the socket is not a stream socket",
     "pass a stream socket, as ListenStream= makes it"},
    {323, "fd-family",
     "the socket is of a family other than IPv4, IPv6 and unix",
     "pass a TCP or unix socket"},
    {324, "fd-not-listening",
     "the socket is not listening",
     "the starter of this program has to call listen on it first"},
    {325, "fd-not-connected",
     "the socket is not connected",
     "the starter of this program has to connect the socket first"},
    {326, "timed-out",
     "the deadline has passed",
     "allow more time, or see whether the server hangs"},
    {327, "self-connected",
     "the socket was connected to itself",
     "no server listens on this port; start the server first"},
    {328, "would-block",
     "no client is waiting",
     "try again when the descriptor can be read"},
    {329, "fd-taken",
     "this process has adopted the descriptor already",
     "use the listener or stream that it became, or close that first"},
    {330, "fd-too-high",
     "descriptors above 65535 are not adopted",
     "pass the socket under a lower number; dup2 gives it one"},
    {331, "pipe-held",
     "clients of the previous server still hold the pipe",
     "end these clients, or wait for them: --in-use-timeout (in_use_timeout)"},
    {341, "wrong-server",
     "this is not the server that was asked for",
     "another program has taken this name; nothing was sent to it"},
    {342, "peer-gone",
     "the other end of the connection is gone",
     "close the stream, and refuse its requests"},
    {343, "no-peer-pidfd",
     "the kernel has no pidfd of the other end",
     "only unix sockets of Linux 6.5 and later have one; pidfd_open is no "
     "replacement"},
    {351, "interrupted",
     "a signal ended the wait",
     "accept again, unless the signal says that the program ends"},
    {352, "closed",
     "the listener was closed meanwhile",
     "no more clients come; leave the loop that accepts"},
    {353, "exhausted",
     "there is no descriptor or memory left for another connection",
     "close connections, then accept again; the client stays queued"},
    {401, "scheme-not-allowed",
     "addresses of this scheme are not allowed here",
     "use an address of another scheme"},
    {402, "relative-path",
     "only absolute paths are allowed here",
     "begin the path with /"},
    {403, "abstract-not-allowed",
     "abstract sockets are not allowed here",
     "abstract sockets have no owner and no mode; use a path"},
    {404, "not-loopback",
     "only loopback addresses are allowed here",
     "use 127.0.0.1 or [::1]"},
    {405, "not-numeric",
     "only numeric hosts are allowed here",
     "write the IP address"},
    {406, "not-portable",
     "this is not the same on every platform",
     ""},
    {407, "remote-pipe",
     "only pipes of this machine are allowed here",
     "write npipe://NAME"},
    {408, "wildcard",
     "listening on every address is not allowed here",
     "write one address, such as 127.0.0.1 or [::1]"},
    {409, "fd-not-passed",
     "only descriptors that a service manager passed are allowed here",
     "LISTEN_FDS says how many were passed, from 3 on; fd:// is the "
     "only one"},
    {410, "not-within",
     "only paths below a certain directory are allowed here",
     "write an absolute path below it, without //, . or .. in it"},
    {411, "mptcp-not-allowed",
     "inherited sockets of Multipath TCP are not allowed here",
     "have the service manager pass a socket of plain TCP"},
};
// clang-format on

static void statuses_are_these(void **state)
{
    static const int known[] = {
#define NUMBER(id, number, name, text, hint) number,
        SBIND_STATUS_LIST(NUMBER)
#undef NUMBER
    };
    const size_t n = sizeof statuses / sizeof *statuses;
    (void)state;
    assert_int_equal(n, sizeof known / sizeof *known);
    for (size_t i = 0; i < n; i++) {
        const status_row *row = &statuses[i];
        sbind_status s = (sbind_status)row->number;
        assert_int_equal(known[i], row->number);
        assert_string_equal(sbind_status_name(s), row->name);
        assert_string_equal(sbind_status_text(s), row->text);
        assert_string_equal(sbind_status_hint(s), row->hint);
    }
    assert_string_equal(sbind_status_text((sbind_status)9999),
                        "this is no status of sbind");
}

/* ---- Texts that are no addresses ---------------------------------------------- */

static const struct {
    const char *text, *hint; /* NULL: that of the status */
} refusals[] = {
    {"", "an address is needed"},
    {"tcp", NULL},
    {"x", NULL},
    {"localhost", NULL},

    /* what other programs write */
    {"unix-abstract:x", "an abstract socket is written unix://@NAME"},
    {"unix:abstract=x", "an abstract socket is written unix://@NAME"},
    {"unix:@x", "an abstract socket is written unix://@NAME"},
    {"unix:path=/x", "the path is written without \"path=\": unix:///PATH"},
    {"UNIX:///x", "a scheme is in lower case: unix:///PATH"},
    {"Unix://x", "a scheme is in lower case: unix://PATH"},
    {"unix:/x", "two slashes come before the path: unix:///PATH"},
    {"unix:x", "two slashes follow the colon: unix://PATH"},
    {"TCP://x:1", "a TCP socket is written tcp://HOST:PORT, in lower case"},
    {"tcp:127.0.0.1:80",
     "a TCP socket is written tcp://HOST:PORT, in lower case"},
    {"FD://3", "a descriptor is written fd://3 or fd://NAME, in lower case"},
    {"fd:3", "a descriptor is written fd://3 or fd://NAME, in lower case"},
    {"NPIPE://x", "a named pipe is written npipe://NAME, in lower case"},
    {"udp://127.0.0.1:53",
     "datagrams have no address here; tcp:// and unix:// are for streams"},
    {"udp:53",
     "datagrams have no address here; tcp:// and unix:// are for streams"},
    {"vsock:2:80", "vsock has no address here; use tcp:// or unix://"},
    {"vsock://2:80", "vsock has no address here; use tcp:// or unix://"},
    {"systemd:", "a socket that systemd passes is written fd:// or fd://NAME"},
    {"systemd:web",
     "a socket that systemd passes is written fd:// or fd://NAME"},
    {"http://localhost:80", "write the socket, not the URL: tcp://HOST:PORT"},
    {"HTTPS://localhost", "write the socket, not the URL: tcp://HOST:PORT"},
    {"/run/x", "a unix socket is written unix:///PATH or unix://@NAME"},
    {"./x", "a unix socket is written unix:///PATH or unix://@NAME"},
    {"@x", "a unix socket is written unix:///PATH or unix://@NAME"},
    {"127.0.0.1:80", "a TCP socket is written tcp://HOST:PORT"},
    {":80", "a TCP socket is written tcp://HOST:PORT"},
    {"*:80", "a TCP socket is written tcp://HOST:PORT"},
    {"[::1]:80", "a TCP socket is written tcp://HOST:PORT"},
    {"tcp4://127.0.0.1:80", "a TCP socket is written tcp://HOST:PORT"},
    {"8080", "a TCP socket is written tcp://HOST:PORT"},
    {"\\\\?\\pipe\\x",
     "a pipe of this machine is written \\\\.\\pipe\\NAME, with a dot"},
    {"npipe:////?/pipe/x",
     "a pipe of this machine is written \\\\.\\pipe\\NAME, with a dot"},
    {"\\\\a?\\pipe\\x", NULL},

    /* TCP */
    {"tcp://[127.0.0.1]:80", "write an IPv4 address without brackets"},
    {"tcp://[x]:80", NULL},
    {"tcp://[::1%25eth0]:80",
     "the percent sign is not encoded: write %eth0, not %25eth0"},
    {"tcp://[::1%+]:80", NULL},
    {"tcp://h:65536", NULL},
    {"tcp://a:1:2",
     "an IPv6 address stands in brackets, such as tcp://[::1]:80"},
    {"tcp://h:80/", "nothing can follow the port number"},
    {"tcp://h:x", NULL},
    {"tcp://80", "a host and a port are needed, such as tcp://*:8080"},
    {"tcp://[::1", "close the bracket: [::1]:80"},
    {"tcp://h", "a port is needed, such as tcp://127.0.0.1:8080"},
    {"tcp://[::1]", "a port is needed, such as tcp://127.0.0.1:8080"},
    {"tcp://[::1]x", "a colon and a port follow the bracket, such as [::1]:80"},
    {"tcp://127.1:80", NULL},
    {"tcp://:80",
     "write tcp://*:8080 for every address, or an IPv6 address in brackets"},
    {"tcp://a/b:80", NULL},

    /* unix */
    {"unix://", "a path is needed, such as unix:///run/app.sock"},
    {"unix://@",
     "an abstract name has at least one octet; the file @ is unix://./@"},
    {"unix:///x/", "a path does not end in a slash"},
    {"unix:///\x01", NULL},
    {"unix://@\x01", NULL},

    /* descriptors */
    {"fd://a ", "a name does not end in a space"},
    {"fd://2147483648", NULL},
    {"fd://03", "a descriptor has no leading zeros"},
    {"fd://+3", "a descriptor has no sign"},
    {"fd://-1", "a descriptor has no sign"},
    {"fd://a:b", NULL},

    /* pipes */
    {"npipe://", "the name of a pipe is missing"},
    {"npipe:////./pipe/", "the name of a pipe is missing"},
    {"\\\\.\\pipe", "the name of a pipe is missing"},
    {"npipe://a/b", "a name with slashes is written npipe:////./pipe/NAME"},
    {"npipe://a\xFF", NULL},
    {"npipe:////+/pipe/x", NULL},
};

/* Compares the hint of each refusal. The line that shows the hint begins with
 * "  hint: ". It must have at most 80 columns. */
static void each_refusal_has_its_hint(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *text = refusals[i].text;
        sbind_address a;
        sbind_error e;
        if (sbind_parse(text, strlen(text), &a, &e) == SBIND_OK)
            fail_msg("%s is an address", text);
        if (refusals[i].hint == NULL) {
            assert_null(e.hint);
            continue;
        }
        if (e.hint == NULL)
            fail_msg("%s has no hint", text);
        assert_string_equal(e.hint, refusals[i].hint);
        assert_true(strlen("  hint: ") + strlen(e.hint) <= 80);
    }
}

/* ---- Policies ------------------------------------------------------------------ */

static void each_objection_has_its_hint(void **state)
{
    static const struct {
        const char *text;
        sbind_status status;
        const char *hint; /* NULL: that of the status */
    } rows[] = {
        {"tcp://*:1", SBIND_WILDCARD, NULL},
        {"tcp://0.0.0.0:1", SBIND_WILDCARD, NULL},
        {"tcp://", SBIND_WILDCARD,
         "tcp:// may mean any address; write a host and a port"},
        {"tcp://h:1", SBIND_WILDCARD,
         "a host name may mean any address; write the IP address"},
        {"tcp://[fe80::1%lo]:1", SBIND_NOT_PORTABLE,
         "a zone is the name of an interface of one machine; leave it out"},
        {"unix:///run/x", SBIND_NOT_WITHIN, NULL},
        {"unix://@x", SBIND_NOT_WITHIN,
         "an abstract name is in no directory; use a path"},
        {"fd://", SBIND_NOT_PORTABLE,
         "Windows has no passed descriptors; use tcp://"},
        {"npipe://x", SBIND_NOT_PORTABLE,
         "only Windows has named pipes; use tcp:// or unix://"},
    };
    sbind_policy p;
    sbind_error e;
    char text[128] = "unix:///d/";
    sbind_address a = parsed("unix://@x");
    (void)state;
    sbind_policy_init(&p);
    p.no_wildcard = p.portable = true;
    p.within = "/d";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sbind_address address = parsed(rows[i].text);
        assert_status(sbind_policy_check(&p, &address, &e), rows[i].status);
        if (rows[i].hint == NULL)
            assert_null(e.hint);
        else
            assert_string_equal(e.hint, rows[i].hint);
    }
    p.within = NULL;
    assert_status(sbind_policy_check(&p, &a, &e), SBIND_NOT_PORTABLE);
    assert_string_equal(e.hint, "only Linux has abstract sockets; use a path");
    memset(text + strlen(text), 'p', 104);
    a = parsed(text);
    assert_status(sbind_policy_check(&p, &a, &e), SBIND_NOT_PORTABLE);
    assert_string_equal(e.hint, "use a path of at most 103 octets, which fits "
                                "everywhere");
}

/* ---- Options ------------------------------------------------------------------- */

/* A member of the options, given by its offset, and a value that is wrong for
 * the address. */
typedef struct option_row {
    const char *address, *name;
    size_t offset, size;
    int64_t value; /* of a pointer: that it is "x" */
    sbind_status status;
    const char *hint;
} option_row;

#define BAD SBIND_BAD_OPTION
#define MISPLACED SBIND_OPTION_NOT_APPLICABLE
#define LISTEN(member)                                                         \
#member, offsetof(sbind_listen_options, member),                           \
        sizeof((sbind_listen_options *)NULL)->member
#define CONNECT(member)                                                        \
#member, offsetof(sbind_connect_options, member),                          \
        sizeof((sbind_connect_options *)NULL)->member

static void set_member(void *options, const option_row *row, bool is_pointer)
{
    unsigned char *to = (unsigned char *)options + row->offset;
    const char *text = "x";
    int64_t wide = row->value;
    int32_t narrow = (int32_t)row->value;
    if (is_pointer)
        memcpy(to, &text, sizeof text);
    else if (row->size == sizeof(bool))
        *to = 1;
    else
        memcpy(to, row->size == sizeof wide ? (void *)&wide : (void *)&narrow,
               row->size);
}

static bool is_default(const void *options, const option_row *row,
                       const void *defaults)
{
    return memcmp((const char *)options + row->offset,
                  (const char *)defaults + row->offset, row->size) == 0;
}

enum { POINTER = 777 };

// clang-format off
static const option_row listen_rows[] = {
    {"tcp://*:0", LISTEN(blocking), 3, BAD, "blocking has no such value"},
    {"tcp://*:0", LISTEN(backlog), -1, BAD,
     "backlog is 1 or more, or 0 for the default"},
    {"tcp://*:0", LISTEN(in_use_timeout), -1, BAD,
     "in_use_timeout is 0 or more milliseconds"},
    {"fd://", LISTEN(in_use_timeout), 1, MISPLACED,
     "an inherited socket already listens, so there is nothing to wait for"},
    {"unix:///x", LISTEN(existing), 3, BAD, "existing has no such value"},
    {"unix:///x", LISTEN(mode), -2, BAD,
     "mode is 0 to 0777, or -1 for the default"},
    {"unix:///x", LISTEN(mode), 01000, BAD,
     "mode is 0 to 0777, or -1 for the default"},
    {"tcp://*:0", LISTEN(receive_buffer), -1, BAD,
     "receive_buffer is 1 or more, or 0 for the default"},
    {"tcp://*:0", LISTEN(send_buffer), -1, BAD,
     "send_buffer is 1 or more, or 0 for the default"},
    {"tcp://*:0", LISTEN(reuse_address), 3, BAD,
     "reuse_address has no such value"},
    {"tcp://*:0", LISTEN(reuse_port), 3, BAD, "reuse_port has no such value"},
    {"tcp://*:0", LISTEN(v6only), 3, BAD, "v6only has no such value"},
    {"tcp://*:0", LISTEN(nodelay), 3, BAD, "nodelay has no such value"},
    {"tcp://*:0", LISTEN(keepalive), -1, BAD, "keepalive has no such value"},
    {"tcp://*:0", LISTEN(keepalive_idle), 32768, BAD,
     "keepalive_idle is 1 to 32767, or 0 for the system's choice"},
    {"tcp://*:0", LISTEN(keepalive_interval), -1, BAD,
     "keepalive_interval is 1 to 32767, or 0 for the system's choice"},
    {"tcp://*:0", LISTEN(keepalive_count), 128, BAD,
     "keepalive_count is 1 to 127, or 0 for the system's choice"},
    {"tcp://*:0", LISTEN(user_timeout), -1, BAD,
     "user_timeout is 1 or more, or 0 for the system's choice"},
    {"tcp://*:0", LISTEN(mptcp), 3, BAD, "mptcp has no such value"},
    {"unix:///x", LISTEN(refuse_descriptors), 3, BAD,
     "refuse_descriptors has no such value"},
    {"tcp://*:0", LISTEN(freebind), 3, BAD, "freebind has no such value"},

    {"unix:///x", LISTEN(reuse_address), SBIND_OFF, MISPLACED,
     "reuse_address (--no-reuse-address) is for tcp:// only"},
    {"fd://3", LISTEN(reuse_port), SBIND_ON, MISPLACED,
     "reuse_port (--reuse-port) is for tcp:// only"},
    {"unix://@x", LISTEN(nodelay), SBIND_ON, MISPLACED,
     "nodelay is for tcp:// only"},
    {"npipe://x", LISTEN(keepalive), SBIND_ON, MISPLACED,
     "keepalive is for tcp:// only"},
    {"unix://@x", LISTEN(keepalive_idle), 1, MISPLACED,
     "keepalive_idle is for tcp:// only"},
    {"fd://3", LISTEN(keepalive_interval), 1, MISPLACED,
     "keepalive_interval is for tcp:// only"},
    {"unix:///x", LISTEN(keepalive_count), 1, MISPLACED,
     "keepalive_count is for tcp:// only"},
    {"npipe://x", LISTEN(user_timeout), 1, MISPLACED,
     "user_timeout is for tcp:// only"},
    {"unix:///x", LISTEN(mptcp), SBIND_ON, MISPLACED, "mptcp is for tcp:// only"},
    {"tcp://*:0", LISTEN(refuse_descriptors), SBIND_ON, MISPLACED,
     "refuse_descriptors (--refuse-descriptors) is for unix:// only"},
    {"unix:///x", LISTEN(freebind), SBIND_ON, MISPLACED,
     "freebind is for tcp:// only"},
    {"unix:///x", LISTEN(device), POINTER, MISPLACED,
     "device is for tcp:// only"},
    {"tcp://*:0", LISTEN(existing), SBIND_REPLACE, MISPLACED,
     "existing (--replace, --refuse) is for unix://PATH only"},
    {"unix://@x", LISTEN(mode), 0600, MISPLACED, "mode is for unix://PATH only"},
    {"tcp://*:0", LISTEN(owner), 1, MISPLACED, "owner is for unix://PATH only"},
    {"fd://3", LISTEN(group), 1, MISPLACED, "group is for unix://PATH only"},
    {"npipe://x", LISTEN(any_directory), 1, MISPLACED,
     "any_directory (--any-directory) is for unix://PATH only"},
    {"tcp://127.0.0.1:0", LISTEN(v6only), SBIND_OFF, MISPLACED,
     "v6only (--dual-stack) is for an IPv6 address only"},
    {"fd://", LISTEN(backlog), 1, MISPLACED,
     "an inherited socket keeps its backlog"},
    {"fd://*", LISTEN(receive_buffer), 1, MISPLACED,
     "an inherited socket keeps its buffers"},
    {"fd://web", LISTEN(send_buffer), 1, MISPLACED,
     "an inherited socket keeps its buffers"},
    {"tcp://*:0", LISTEN(pipe_sddl), POINTER, MISPLACED,
     "pipe_sddl (--pipe-sddl) is for npipe:// only"},
};

static const option_row connect_rows[] = {
    {"tcp://h:1", CONNECT(blocking), 3, BAD, "blocking has no such value"},
    {"tcp://h:1", CONNECT(timeout), -2, BAD,
     "timeout is 1 or more, -1 for no limit, or 0 for the default"},
    {"tcp://h:1", CONNECT(receive_buffer), -1, BAD,
     "receive_buffer is 1 or more, or 0 for the default"},
    {"tcp://h:1", CONNECT(send_buffer), -1, BAD,
     "send_buffer is 1 or more, or 0 for the default"},
    {"tcp://h:1", CONNECT(nodelay), 3, BAD, "nodelay has no such value"},
    {"tcp://h:1", CONNECT(keepalive), 3, BAD, "keepalive has no such value"},
    {"tcp://h:1", CONNECT(keepalive_idle), 32768, BAD,
     "keepalive_idle is 1 to 32767, or 0 for the system's choice"},
    {"tcp://h:1", CONNECT(keepalive_interval), -1, BAD,
     "keepalive_interval is 1 to 32767, or 0 for the system's choice"},
    {"tcp://h:1", CONNECT(keepalive_count), 128, BAD,
     "keepalive_count is 1 to 127, or 0 for the system's choice"},
    {"tcp://h:1", CONNECT(user_timeout), -1, BAD,
     "user_timeout is 1 or more, or 0 for the system's choice"},
    {"tcp://h:1", CONNECT(mptcp), 3, BAD, "mptcp has no such value"},
    {"unix:///x", CONNECT(refuse_descriptors), 3, BAD,
     "refuse_descriptors has no such value"},
    {"tcp://h:1", CONNECT(attempt_delay), 9, BAD,
     "attempt_delay is 10 or more, or 0 for the default"},
    {"npipe://x", CONNECT(pipe_anonymous), 3, BAD,
     "pipe_anonymous has no such value"},
    {"npipe://x", CONNECT(pipe_remote), 3, BAD, "pipe_remote has no such value"},

    {"unix:///x", CONNECT(attempt_delay), 10, MISPLACED,
     "attempt_delay (--attempt-delay) is for tcp:// only"},
    {"unix:///x", CONNECT(nodelay), SBIND_ON, MISPLACED,
     "nodelay is for tcp:// only"},
    {"fd://3", CONNECT(keepalive), SBIND_ON, MISPLACED,
     "keepalive is for tcp:// only"},
    {"unix://@x", CONNECT(keepalive_idle), 1, MISPLACED,
     "keepalive_idle is for tcp:// only"},
    {"fd://3", CONNECT(keepalive_interval), 1, MISPLACED,
     "keepalive_interval is for tcp:// only"},
    {"unix:///x", CONNECT(keepalive_count), 1, MISPLACED,
     "keepalive_count is for tcp:// only"},
    {"npipe://x", CONNECT(user_timeout), 1, MISPLACED,
     "user_timeout is for tcp:// only"},
    {"unix:///x", CONNECT(mptcp), SBIND_ON, MISPLACED, "mptcp is for tcp:// only"},
    {"tcp://h:1", CONNECT(refuse_descriptors), SBIND_ON, MISPLACED,
     "refuse_descriptors (--refuse-descriptors) is for unix:// only"},
    {"unix://@x", CONNECT(device), POINTER, MISPLACED,
     "device is for tcp:// only"},
    {"tcp://127.0.0.1:1", CONNECT(answers), POINTER, MISPLACED,
     "answers is for a host name only"},
    {"unix:///x", CONNECT(answers), POINTER, MISPLACED,
     "answers is for a host name only"},
    {"fd://3", CONNECT(timeout), 1, MISPLACED,
     "an inherited socket is connected already: it has no timeout"},
    {"fd://3", CONNECT(receive_buffer), 1, MISPLACED,
     "an inherited socket keeps its buffers"},
    {"npipe://x", CONNECT(send_buffer), 1, MISPLACED,
     "the server of a pipe sets its buffers, not the client"},
    {"fd://3", CONNECT(unix_owner), 0, MISPLACED,
     "unix_owner (--unix-owner) is for unix:// only"},
    {"tcp://h:1", CONNECT(pipe_owner), POINTER, MISPLACED,
     "pipe_owner (--pipe-owner) is for npipe:// only"},
    {"unix:///x", CONNECT(pipe_server), 1, MISPLACED,
     "pipe_server (--pipe-server) is for npipe:// only"},
    {"fd://3", CONNECT(pipe_anonymous), SBIND_ON, MISPLACED,
     "pipe_anonymous (--pipe-anonymous) is for npipe:// only"},
    {"tcp://h:1", CONNECT(pipe_remote), SBIND_ON, MISPLACED,
     "pipe_remote (--pipe-remote) is for npipe:// only"},
};
// clang-format on

static void each_option_of_listening_has_its_hint(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof listen_rows / sizeof *listen_rows; i++) {
        const option_row *row = &listen_rows[i];
        sbind_address a = parsed(row->address);
        sbind_listen_options o, defaults;
        sbind_listener l;
        sbind_error e;
        sbind_listen_options_init(&defaults);
        sbind_listen_options_init(&o);
        set_member(&o, row, row->value == POINTER);
        assert_status(sbind_listen(&a, &o, &l, &e), row->status);
        if (e.hint == NULL)
            fail_msg("no hint: %s", row->hint);
        assert_string_equal(e.hint, row->hint);
        assert_string_equal(e.option, row->name);
        sbind_listen_options_keep(&o, a.kind);
        assert_int_equal(is_default(&o, row, &defaults),
                         row->status == MISPLACED);
    }
}

static void each_option_of_connecting_has_its_hint(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof connect_rows / sizeof *connect_rows; i++) {
        const option_row *row = &connect_rows[i];
        sbind_address a = parsed(row->address);
        sbind_connect_options o, defaults;
        sbind_stream s;
        sbind_error e;
        sbind_connect_options_init(&defaults);
        sbind_connect_options_init(&o);
        set_member(&o, row, row->value == POINTER);
        assert_status(sbind_connect(&a, &o, &s, &e), row->status);
        if (e.hint == NULL)
            fail_msg("no hint: %s", row->hint);
        assert_string_equal(e.hint, row->hint);
        assert_string_equal(e.option, row->name);
        sbind_connect_options_keep(&o, a.kind);
        assert_int_equal(is_default(&o, row, &defaults),
                         row->status == MISPLACED);
    }
}

static void what_is_off_is_not_said_how(void **state)
{
    static const char hint[] = "keepalive is off: leave out keepalive_idle, "
                               "keepalive_interval and keepalive_count";
    sbind_address a = parsed("tcp://127.0.0.1:1");
    sbind_listen_options to_listen;
    sbind_connect_options to_connect;
    sbind_listener l;
    sbind_stream s;
    sbind_error e;
    (void)state;
    sbind_listen_options_init(&to_listen);
    to_listen.keepalive = SBIND_OFF;
    to_listen.keepalive_count = 1;
    assert_status(sbind_listen(&a, &to_listen, &l, &e), SBIND_BAD_OPTION);
    assert_string_equal(e.hint, hint);
    sbind_connect_options_init(&to_connect);
    to_connect.keepalive = SBIND_OFF;
    to_connect.keepalive_interval = 1;
    assert_status(sbind_connect(&a, &to_connect, &s, &e), SBIND_BAD_OPTION);
    assert_string_equal(e.hint, hint);
}

/* The status for a device that the system does not have. POSIX has no option
 * for devices. */
#ifdef SBIND_PORTABLE
#define NO_DEVICE SBIND_OPTION_NOT_APPLICABLE
#else
#define NO_DEVICE SBIND_SYSTEM
#endif

static void a_device_has_a_name(void **state)
{
    static const char hint[] =
        "device: an interface has a name of 1 to 15 octets";
    sbind_address a = parsed("tcp://127.0.0.1:1");
    sbind_listen_options to_listen;
    sbind_connect_options to_connect;
    sbind_listener l;
    sbind_stream s;
    sbind_error e;
    (void)state;
    sbind_listen_options_init(&to_listen);
    to_listen.device = "";
    assert_status(sbind_listen(&a, &to_listen, &l, &e), SBIND_BAD_OPTION);
    assert_string_equal(e.hint, hint);
    assert_string_equal(e.option, "device");
    to_listen.device = "fifteen-octets-"; /* which the system does not have */
    assert_status(sbind_listen(&a, &to_listen, &l, &e), NO_DEVICE);
    sbind_connect_options_init(&to_connect);
    to_connect.device = "sixteen-octets-x";
    assert_status(sbind_connect(&a, &to_connect, &s, &e), SBIND_BAD_OPTION);
    assert_string_equal(e.hint, hint);
    to_connect.device = "fifteen-octets-";
    assert_status(sbind_connect(&a, &to_connect, &s, &e), NO_DEVICE);
}

static void half_a_star_is_not_kept(void **state)
{
    sbind_listen_options o;
    sbind_listener l;
    sbind_error e;
    sbind_address a = parsed("tcp://*:0");
    (void)state;
    sbind_listen_options_init(&o);
    o.v6only = SBIND_ON;
    assert_status(sbind_listen(&a, &o, &l, &e), SBIND_OPTION_NOT_APPLICABLE);
    assert_string_equal(e.hint,
                        "v6only (--dual-stack) is for an IPv6 address only");
    assert_string_equal(e.option, "v6only");
    sbind_listen_options_keep(&o, SBIND_TCP_IPV6);
    assert_int_equal(o.v6only, SBIND_ON);
    sbind_listen_options_keep(&o, SBIND_TCP_ANY);
    assert_int_equal(o.v6only, SBIND_UNSET);
    o.v6only = SBIND_OFF;
    sbind_listen_options_keep(&o, SBIND_TCP_ANY);
    assert_int_equal(o.v6only, SBIND_OFF);
}

/* ---- Addresses that this system does not have ---------------------------------- */

static void what_linux_does_not_have(void **state)
{
    char name[] = "unix://@"
                  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
                  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
    sbind_address pipe = parsed("npipe://x"), abstract = parsed(name);
    sbind_listener l;
    sbind_stream s;
    sbind_error e;
    (void)state;
    assert_int_equal(strlen(name), 8 + 108);
    assert_status(sbind_listen(&pipe, NULL, &l, &e), SBIND_UNSUPPORTED);
    assert_string_equal(e.hint,
                        "only Windows has named pipes; use unix:// here");
    assert_status(sbind_connect(&pipe, NULL, &s, &e), SBIND_UNSUPPORTED);
    assert_string_equal(e.hint,
                        "only Windows has named pipes; use unix:// here");
    assert_status(sbind_listen(&abstract, NULL, &l, &e), SBIND_PATH_TOO_LONG);
    assert_string_equal(e.hint, "an abstract name has at most 107 octets");
    assert_status(sbind_connect(&abstract, NULL, &s, &e), SBIND_PATH_TOO_LONG);
    assert_string_equal(e.hint, "an abstract name has at most 107 octets");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_these),
        cmocka_unit_test(each_refusal_has_its_hint),
        cmocka_unit_test(each_objection_has_its_hint),
        cmocka_unit_test(each_option_of_listening_has_its_hint),
        cmocka_unit_test(each_option_of_connecting_has_its_hint),
        cmocka_unit_test(what_is_off_is_not_said_how),
        cmocka_unit_test(a_device_has_a_name),
        cmocka_unit_test(half_a_star_is_not_kept),
        cmocka_unit_test(what_linux_does_not_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
