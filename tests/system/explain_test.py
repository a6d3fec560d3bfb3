#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Does sbind explain say what listening does? The test compares the calls that explain names with
the calls that strace sees. It compares the addresses that explain refuses with the addresses that
listening refuses, and the policies of explain with sbind check. It also compares sbind check with
the rules in sbind.1, one by one and in pairs."""
import itertools
import json
import os
import re
import socket

import support
from support import SBIND, sbind

# ---- Calls ------------------------------------------------------------------------

# Words of explain, and the same call as strace writes it.
EXPLAINED = (
    (r"socket\((\w+), ([\w| ]+), 0\)",
     lambda m: ("socket", m[1], frozenset(m[2].split(" | ")))),
    (r"setsockopt\(\w+, (\w+), (\d)\)", lambda m: ("set", m[1], m[2])),
    (r"bind\(([^,]+), port (\d+)\)", lambda m: ("bind", m[1], m[2])),
    (r"bind\(NUL and the (\d+) octets of the name\)",
     lambda m: ("bind", "abstract", m[1])),
    (r"listen\((\d+)\)", lambda m: ("listen", m[1])),
    (r'if_nametoindex\("(\w+)"\)', lambda m: ("index", m[1])),
    (r"\b(SO_TYPE|SO_DOMAIN|SO_PROTOCOL|SO_ACCEPTCONN)\b",
     lambda m: ("ask", m[1])),
    (r"fcntl\((F_SET\w+), (\w+)\)", lambda m: ("change", m[1], m[2])),
)
TRACED = (
    (r"socket\((\w+), (SOCK_STREAM[\w|]*), (?:IPPROTO_IP|0)\)",
     lambda m: ("socket", m[1], frozenset(m[2].split("|")))),
    (r"setsockopt\(\d+, \w+, (\w+), \[(\d)\]", lambda m: ("set", m[1], m[2])),
    (r'bind\(.*sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)',
     lambda m: ("bind", m[2], m[1])),
    (r'bind\(.*sin6_port=htons\((\d+)\).* inet_pton\(AF_INET6, "([\da-f:]+)"',
     lambda m: ("bind", m[2], m[1])),
    (r"bind\(\d+, \{sa_family=AF_UNIX, sun_path=@.*\}, (\d+)\)",
     lambda m: ("bind", "abstract", str(int(m[1]) - 3))),
    (r"listen\(\d+, (\d+)\)", lambda m: ("listen", m[1])),
    (r'SIOCGIFINDEX, \{ifr_name="(\w+)"', lambda m: ("index", m[1])),
    (r"getsockopt\(\d+, SOL_SOCKET, (\w+), \[", lambda m: ("ask", m[1])),
    (r"fcntl\(\d+, (F_SET\w+), (?:O_RDWR\|)?(\w+)(?:\|O_LARGEFILE)?\)",
     lambda m: ("change", m[1], m[2])),
)

# Words of explain about the steps for a path, and the same step as strace
# writes it.
EXPLAINED_PATH = (
    *EXPLAINED[:1], EXPLAINED[4],
    (r"opens its directory", lambda m: ("open",)),
    (r"locks \.NAME\.sbind", lambda m: ("lock",)),
    (r"fchmod\((\d+)\)", lambda m: ("mode", m[1])),
    (r"bind\(\) to the path|binds again", lambda m: ("bind",)),
    (r"connect\(\) of a datagram socket", lambda m: ("ask",)),
    (r"moves the stale socket aside", lambda m: ("aside",)),
    (r"removes it at the end", lambda m: ("remove",)),
)
TRACED_PATH = (
    *TRACED[:1], TRACED[5],
    (r'open(?:at\(AT_FDCWD, |\()".*/d/?", .*O_DIRECTORY', lambda m: ("open",)),
    (r"flock\(\d+, LOCK_EX\|LOCK_NB\) += 0", lambda m: ("lock",)),
    (r"fchmod\(\d+, (\d+)\)", lambda m: ("mode", m[1])),
    (r'bind\(\d+, \{sa_family=AF_UNIX, sun_path="[^"]*/d/s"',
     lambda m: ("bind",)),
    (r"connect\(\d+, \{sa_family=AF_UNIX, ", lambda m: ("ask",)),
    (r'renameat2\(\d+, "s", ', lambda m: ("aside",)),
    (r'unlinkat\(\d+, "\.s\.sbind-old"', lambda m: ("remove",)),
)


def read(lines, words):
    """The calls that lines of text name, in their order."""
    found = []
    for line in lines:
        at = [(m.start(), make(m)) for pattern, make in words
              for m in re.finditer(pattern, line)]
        found += [call for _, call in sorted(at, key=lambda pair: pair[0])]
    return found


class Calls(support.Case):
    def setUp(self):
        super().setUp()
        support.requires("strace")
        support.requires_ipv6()
        self.within = self.with_hosts(two=("127.0.0.1", "127.0.0.2"))

    def explained(self, text, words=EXPLAINED):
        done = self.expect(sbind("explain", text), 0, err="")
        return read(done.out.decode().splitlines()[1:], words)

    def traced(self, text, *before, words=TRACED, **more):
        """The calls of the library itself."""
        support.weaker("P28")
        lines = support.trace(
            "execve,socket,setsockopt,bind,listen,ioctl,getsockopt,fcntl",
            *self.within, *before, support.peer("listen_probe"), text,
            directory=self.directory, **more)
        begin = max(i for i, line in enumerate(lines) if "execve(" in line)
        self.assertIn("listen_probe", lines[begin])
        return read(lines[begin:], words)

    def test_of_tcp_and_abstract_sockets(self):
        port = support.free_port()
        for text in ("tcp://127.0.0.1:0", f"tcp://127.0.0.1:{port}",
                     "tcp://0.0.0.0:0", "tcp://[::1]:0", f"tcp://[::1]:{port}",
                     "tcp://[::1%lo]:0", "tcp://[::]:0", "tcp://*:0",
                     f"tcp://*:{port}", "unix://@x" + self.directory[5:],
                     "unix://@" + "n" * 107):
            with self.subTest(text):
                explained = self.explained(text)
                self.assertGreaterEqual(len(explained), 3, explained)
                self.assertEqual(explained, self.traced(text))

    def test_of_a_name_they_are_those_of_each_address(self):
        done = self.expect(support.run(*self.within, SBIND, "explain",
                                       "tcp://two:0"), 0, err="")
        self.assertIn(b'getaddrinfo("two"), then listens on each answer',
                      done.out)
        port = support.free_port()
        calls = [call for n in (1, 2)
                 for call in self.explained(f"tcp://127.0.0.{n}:{port}")]
        traced = [call for call in self.traced(f"tcp://two:{port}")
                  if call[:2] != ("socket", "AF_UNIX")]     # of the resolver
        # musl opens /etc/hosts by fopen, which calls fcntl
        first = next(i for i, call in enumerate(traced) if call[0] == "socket")
        self.assertEqual(traced[first:], calls)

    def test_of_descriptors(self):
        support.requires("bash")             # which knows descriptors above 9
        sockets = [socket.socket() for _ in range(2)]
        for s in sockets:
            self.addCleanup(s.close)
            s.bind(("127.0.0.1", 0))
            s.listen()
        first, second = (support.high_number(self, s) for s in sockets)
        for text, fds in (("fd://3", 1), ("fd://", 1), ("fd://*", 2),
                          ("fd://web", 2), ("fd://other", 1)):
            names = "web" if fds == 1 else "web:web"
            if text == "fd://other":
                names = "web:other"
            with self.subTest(text):
                for s in sockets:
                    s.setblocking(True)
                count = names.count(":") + 1
                calls = self.traced(
                    text, "bash", "-c", f'exec 3<&{first} 4<&{second}; '
                    f'LISTEN_PID=$$ LISTEN_FDS={count} LISTEN_FDNAMES={names} '
                    'exec "$@"', "bash", pass_fds=(first, second))
                last = max(i for i, call in enumerate(calls)
                           if call[0] == "change")
                # explain names a call once, even if the library makes this call for each address
                explained = self.explained(text)
                self.assertEqual(len(explained), 6, explained)
                self.assertEqual(sorted(calls[:last + 1]),
                                 sorted(explained * fds))
                self.assertEqual([c[0] for c in calls[:last + 1]],
                                 ["ask"] * 4 * fds + ["change"] * 2 * fds)

    def path_steps(self, status=0):
        """The calls that sbind listen makes for the path. --nonblocking is given, because explain
        is about sockets that do not block."""
        support.weaker("P28")
        lines = support.trace(
            "open,openat,flock,socket,fchmod,bind,connect,renameat2,unlinkat,listen",
            SBIND, "listen", "--nonblocking", "-H", "unix://" + self.sock, "--",
            "true", directory=self.directory, status=status)
        found = read(lines, TRACED_PATH)
        return found[found.index(("open",)):]

    def test_of_paths(self):
        os.mkdir(self.path("d"))
        self.sock = self.path("d", "s")
        lines = self.expect(sbind("explain", "unix://" + self.sock), 0,
                            err="").out.decode().splitlines()
        fresh = read([line for line in lines if line[:4] != "    "],
                     EXPLAINED_PATH)
        self.assertEqual(len(fresh), 6, fresh)
        self.assertEqual(self.path_steps(), fresh)
        self.assertEqual(os.stat(self.sock).st_mode & 0o777, 0o600)
        self.assertIn(f"  makes the socket file {self.sock}, mode 0600", lines)
        # the calls for a path where a killed start has left a file
        stale = read(lines, EXPLAINED_PATH)
        stale.remove(("remove",))
        self.assertEqual(len(stale), 9, stale)
        self.assertEqual(self.path_steps(), stale + [("remove",)])
        with socket.socket(socket.AF_UNIX) as s:
            os.unlink(self.sock)
            s.bind(self.sock)
            s.listen()
            self.assertEqual(self.path_steps(111),
                             stale[:stale.index(("aside",))])
        os.unlink(self.sock)
        self.write("d/s", "no socket")
        self.assertEqual(self.path_steps(111), stale[:stale.index(("ask",))])

    def test_its_lines_have_80_columns(self):
        for text in ("tcp://", "tcp://127.0.0.1:80", "tcp://[::1%lo]:0",
                     "tcp://localhost:80", "tcp://*:80", "unix:///run/a",
                     "unix:///" + "n" * 120, "unix://@a", "fd://", "fd://*",
                     "fd://3", "fd://web", "fd://70000", "npipe://x",
                     "tcp://224.0.0.1:80", "unix:///" + "n" * 300):
            out = self.expect(sbind("explain", text), 0, err="").out.decode()
            for line in out.splitlines()[1:]:
                self.assertNotIn("\\x", line)
                if "nnn" not in line:
                    self.assertLessEqual(len(line), 80, line)

    def test_the_command_differs_in_one_flag(self):
        """sbind listen passes sockets that block, unless --nonblocking is given."""
        support.weaker("P28")
        for text in ("tcp://127.0.0.1:0", "tcp://*:0",
                     "unix://@" + support.abstract_name(self)):
            for option in ((), ("--nonblocking",)):
                lines = support.trace(
                    "socket,setsockopt,bind,listen", SBIND, "listen", *option,
                    "-H", text, "--", "true", directory=self.directory)
                calls = read(lines, TRACED)
                wanted = self.explained(text)
                if not option:
                    wanted[0] = (*wanted[0][:2],
                                 wanted[0][2] - {"SOCK_NONBLOCK"})
                self.assertEqual(calls, wanted)

    def test_port_0_is_explained_and_no_other(self):
        for text, is_free in (("tcp://127.0.0.1:0", True), ("tcp://*:0", True),
                              ("tcp://[::1]:0", True), ("tcp://h:0", True),
                              ("tcp://127.0.0.1:80", False),
                              ("tcp://*:8080", False), ("tcp://h:10", False)):
            out = sbind("explain", text).out
            self.assertEqual(b"  port 0: the system chooses" in out, is_free)


# ---- Words ----------------------------------------------------------------------------

# Addresses, and everything that explain says about each, except the policies.
WORDS = (
    ("tcp://",
     "the program's default address; sbind listen has none"),
    ("tcp://127.0.0.1:80",
     "listens on this IPv4 address alone",
     "socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
     "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)",
     "bind(127.0.0.1, port 80)",
     "listen(4096)"),
    ("tcp://[::1]:0",
     "listens on this IPv6 address alone",
     "socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
     "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)",
     "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)",
     "bind(::1, port 0)",
     "listen(4096)",
     "port 0: the system chooses a free port"),
    ("tcp://[fe80::1%eth0]:80",
     "listens on this IPv6 address alone",
     "if_nametoindex(\"eth0\"): the zone has to be an interface",
     "socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
     "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)",
     "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)",
     "bind(fe80::1, port 80)",
     "listen(4096)"),
    ("tcp://[fe80::1%2]:80",
     "listens on this IPv6 address alone",
     "if_indextoname(2): the zone has to be an interface",
     "socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
     "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)",
     "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)",
     "bind(fe80::1, port 80)",
     "listen(4096)"),
    ("tcp://*:0",
     "one socket for IPv6 and IPv4 on every address; for IPv4 alone if",
     "this machine has no IPv6",
     "socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
     "setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0)",
     "setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)",
     "bind(::, port 0)",
     "listen(4096)",
     "port 0: the system chooses a free port"),
    ("tcp://localhost:80",
     "getaddrinfo(\"localhost\"), then listens on each answer, or on none"),
    ("unix:///run/app.sock",
     "makes the socket file /run/app.sock, mode 0600",
     "opens its directory, in which no other user may be able to "
     "replace files",
     "locks .NAME.sbind in that directory until it listens, so that one "
     "starter wins",
     "socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
     "fchmod(0600), before there is a file",
     "bind() to the path; if there is a file already:",
     "  refuses if it is not a socket, or another user's",
     "  asks whether a process listens there: connect() of a datagram "
     "socket,",
     "  which that process does not notice; if so, refuses",
     "  moves the stale socket aside, binds again, and removes it at "
     "the end",
     "listen(4096)"),
    ("unix://@abc",
     "an abstract name: no file, no owner, no mode; every process of this",
     "network namespace can connect, and take the name while it is free;",
     "a client can ask for the server's user (sbind connect --unix-owner)",
     "socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)",
     "bind(NUL and the 3 octets of the name)",
     "listen(4096)"),
    ("unix://@" + "n" * 108,
     "refused: an abstract name has at most 107 octets"),
    ("unix:///" + "n" * 256,
     "refused: the last component has at most 255 octets"),
    ("fd://",
     "reads LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS, LISTEN_FDNAMES",
     "adopts the only listening socket that was passed; refuses several",
     "getsockopt(SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN): a "
     "listening",
     "stream socket of IPv4, IPv6 or unix; any other stays as it came",
     "fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)"),
    ("fd://*",
     "reads LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS, LISTEN_FDNAMES",
     "adopts every listening socket that was passed",
     "getsockopt(SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN): a "
     "listening",
     "stream socket of IPv4, IPv6 or unix; any other stays as it came",
     "fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)"),
    ("fd://3",
     "adopts descriptor 3",
     "getsockopt(SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN): a "
     "listening",
     "stream socket of IPv4, IPv6 or unix; refuses any other descriptor",
     "fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)"),
    ("fd://web",
     "reads LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS, LISTEN_FDNAMES",
     "adopts the listening sockets passed by the name web",
     "getsockopt(SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN): a "
     "listening",
     "stream socket of IPv4, IPv6 or unix; any other stays as it came",
     "fcntl(F_SETFL, O_NONBLOCK), fcntl(F_SETFD, FD_CLOEXEC)"),
    ("fd://65536",
     "refused: descriptors above 65535 are not adopted"),
    ("npipe://x",
     "a named pipe of Windows; refused on this platform"),
)


class Words(support.Case):
    def test_each_kind_is_explained_in_these_words(self):
        for text, *wanted in WORDS:
            with self.subTest(text):
                done = self.expect(sbind("explain", text), 0, err="")
                lines = [line for line in done.out.decode().splitlines()[1:]
                         if "polic" not in line]
                self.assertEqual(lines, ["  " + line for line in wanted])
                for line in lines:
                    self.assertLessEqual(len(line), 80)


# ---- Refusals -----------------------------------------------------------------------

# Statuses of addresses that are refused on every system.
ALWAYS = ("unusable-address", "path-too-long", "fd-too-high", "no-default",
          "unsupported")
NAME = "n" * 240


class Refusals(support.Case):
    def test_what_is_refused_is_what_listen_refuses_always(self):
        in_tmp = "unix:///tmp/sbind-no-such-directory/"
        for text in (
                "tcp://", "tcp://127.0.0.1:0", "tcp://223.255.255.255:0",
                "tcp://224.0.0.0:0", "tcp://239.255.255.255:0",
                "tcp://240.0.0.0:0", "tcp://255.255.255.255:0",
                "tcp://255.255.255.254:0", "tcp://0.0.0.0:0", "tcp://[::]:0",
                "tcp://[::1]:0", "tcp://[::1%lo]:0", "tcp://[::2%lo]:0",
                "tcp://[ff00::]:0", "tcp://[ff02::1%lo]:0", "tcp://[fe80::1]:0",
                "tcp://[febf::1]:0", "tcp://[fec0::1]:0", "tcp://[fec0::1%lo]:0",
                "tcp://[fe80::1%lo]:0", "tcp://[::ffff:127.0.0.1]:0",
                "tcp://[::fffe:127.0.0.1]:0", "tcp://*:0",
                "unix://@" + "n" * 107, "unix://@" + "n" * 108,
                in_tmp + NAME + "n" * 10, in_tmp + NAME + "n" * 11,
                in_tmp + "n" * 16, "unix:///" + "d" * 250 + "/s",
                "fd://0", "fd://900", "fd://65535", "fd://65536",
                "fd://2147483647", "fd://", "fd://*", "fd://web", "npipe://x",
                "npipe:////srv/pipe/x"):
            with self.subTest(text):
                explained = self.expect(sbind("explain", text), 0, err="").out
                done = sbind("listen", "-H", text, "--", "true")
                status = re.search(rb"\(([a-z-]+)\)", done.err)
                refused = status is not None and status[1].decode() in ALWAYS
                said = re.search(rb"  refused: |; refused on this platform|"
                                 rb"; sbind listen has none", explained)
                self.assertEqual(said is not None, refused, (explained, done))
                self.assertEqual(done.status, 111 if status else 0, done)


# ---- Policies -------------------------------------------------------------------------

# The rules of sbind check, in the order in which it tries them, and the status of each.
RULES = {
    "absolute": "relative-path", "no-abstract": "abstract-not-allowed",
    "loopback": "not-loopback", "numeric": "not-numeric",
    "local-pipe": "remote-pipe", "portable": "not-portable",
    "no-wildcard": "wildcard", "passed-only": "fd-not-passed",
    "no-mptcp": "mptcp-not-allowed",
}
STRICT = ("absolute", "no-abstract", "numeric", "local-pipe", "no-wildcard",
          "passed-only", "no-mptcp")            # together, says sbind.1
EVERY_RULE = (*RULES, "strict")

# Addresses, and the rules that each breaks if no descriptor was passed.
BREAKS = {
    "tcp://": ("loopback", "no-wildcard"),
    "tcp://127.0.0.1:1": (),
    "tcp://127.255.255.255:0": (),
    "tcp://126.0.0.1:1": ("loopback",),
    "tcp://[::1]:1": (),
    "tcp://[::1%lo]:1": ("portable",),
    "tcp://[::2]:1": ("loopback",),
    "tcp://[fe80::1%lo]:1": ("loopback", "portable"),
    "tcp://localhost:1": ("loopback", "numeric", "no-wildcard"),
    "tcp://*:1": ("loopback", "no-wildcard"),
    "tcp://0.0.0.0:1": ("loopback", "no-wildcard"),
    "tcp://[::]:1": ("loopback", "no-wildcard"),
    "unix:///a": (),
    "unix://a": ("absolute",),
    "unix://a/b": ("absolute",),
    "unix:///" + "n" * 102: (),
    "unix:///" + "n" * 103: ("portable",),
    "unix://@a": ("no-abstract", "portable"),
    "unix://@/a": ("no-abstract", "portable"),
    "fd://": ("portable",),
    "fd://*": ("portable",),
    "fd://web": ("portable",),
    "fd://0": ("portable", "passed-only"),
    "fd://3": ("portable", "passed-only"),
    "fd://4": ("portable", "passed-only"),
    "fd://5": ("portable", "passed-only"),
    "npipe://x": ("portable",),
    "npipe:////srv/pipe/x": ("local-pipe", "portable"),
}
PASSED = ("fd://3", "fd://4")                   # by the environment of some


def parts(rules):
    return {p for rule in rules for p in (STRICT if rule == "strict"
                                          else (rule,))}


def broken(text, rules, passed):
    """The rules that the address breaks. "strict" counts as the rules of which it consists."""
    found = parts(rules) & set(BREAKS[text])
    return found - {"passed-only"} if text in passed else found


class Policies(support.Case):
    def within(self, passed):
        """The words that start a command with two passed sockets, or with none."""
        if not passed:
            return ()
        return ("sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"', "sh")

    def check(self, rules, passed=(), texts=tuple(BREAKS)):
        """The answers of sbind check: None, or the status of the refusal."""
        done = support.run(*self.within(passed), SBIND, "check",
                           *("--" + rule for rule in rules), *texts)
        accepted = done.out.decode().splitlines()
        refused = [t for t in texts if t not in accepted]
        statuses = re.findall(r"^sbind: [^\n]*\(([a-z-]+)\)$",
                              done.err.decode(), re.MULTILINE)
        self.assertEqual(len(statuses), len(refused), done)
        self.assertEqual(accepted, [t for t in texts if t not in refused])
        refused = dict(zip(refused, statuses))
        self.assertEqual(done.status, 1 if refused else 0)
        return {text: refused.get(text) for text in texts}

    def holds(self, rules, passed=()):
        for text, status in self.check(rules, passed).items():
            names = {RULES[rule] for rule in broken(text, rules, passed)}
            with self.subTest(rules, text=text, passed=bool(passed)):
                self.assertIn(status, names or {None})

    def test_these_are_all_rules(self):
        table = json.loads(sbind("help", "--json").out)["subcommands"]
        options = [o for s in table if s["name"] == "check"
                   for o in s["options"] if o["group"] == "policies"]
        self.assertEqual([o["name"] for o in options if o["argument"] is None],
                         list(EVERY_RULE))

    def test_each_rule_alone(self):
        for passed in ((), PASSED):
            self.holds((), passed)
            for rule in EVERY_RULE:
                self.holds((rule,), passed)

    def test_two_rules_refuse_what_either_refuses(self):
        for rules in itertools.permutations(EVERY_RULE, 2):
            self.holds(rules, PASSED)

    def test_all_rules(self):
        self.holds(EVERY_RULE)
        self.holds(EVERY_RULE[::-1])

    def test_a_rule_and_a_scheme(self):
        """Tries each rule with each scheme, in both orders. --strict is one of the rules."""
        for rule in EVERY_RULE:
            for scheme in ("tcp", "unix", "fd", "npipe"):
                for words in ((f"scheme={scheme}", rule),
                              (rule, f"scheme={scheme}")):
                    for text, status in self.check(words).items():
                        names = {RULES[r] for r in broken(text, (rule,), ())}
                        if not text.startswith(scheme + "://"):
                            names.add("scheme-not-allowed")
                        with self.subTest(words, text=text):
                            self.assertIn(status, names or {None})

    def test_explain_says_what_check_does(self):
        for passed in ((), PASSED):
            alone = {rule: self.check((rule,), passed) for rule in EVERY_RULE}
            for text in BREAKS:
                wanted = [f"  policy --{rule} refuses it: {alone[rule][text]}"
                          for rule in EVERY_RULE if alone[rule][text]]
                done = self.expect(support.run(
                    *self.within(passed), SBIND, "explain", text), 0, err="")
                lines = [line for line in done.out.decode().splitlines()
                         if "polic" in line]
                about = [line for line in lines if "--within=DIR" in line]
                with self.subTest(text, passed=bool(passed)):
                    self.assertEqual([line for line in lines
                                      if line not in about],
                                     wanted or ["  no policy refuses it"])
                    self.assertEqual(len(about), text.startswith("unix://"))
                    self.assertEqual(
                        "refuses it" in "".join(about),
                        text.startswith("unix://")
                        and not text.startswith("unix:///"))

    def test_an_environment_that_is_refused_passes_nothing(self):
        bad = support.environment(LISTEN_PID="x", LISTEN_FDS="2")
        done = self.expect(sbind("explain", "fd://3", env=bad), 0, err="")
        self.assertIn(b"policy --passed-only refuses it: fd-not-passed",
                      done.out)


if __name__ == "__main__":
    support.main()
