#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Tries each option of sbind listen and sbind connect with each kind of address, and with several
addresses. What has to happen follows from sbind.1. An option acts on every socket of the kinds to
which it applies, and on no other. If it applies to none of the addresses, it is refused, and
nothing is opened."""
import collections
import json
import os
import re
import socket

import support
from support import PORTABLE, PYTHON, SBIND

# ---- What sbind.1 says ----------------------------------------------------------

TCP = ("ipv4", "ipv6", "any", "name")
UNIX = ("path", "abstract")
NEW = (*TCP, *UNIX, "pipe")
ALL = (*NEW, "fd")

USER = 65534 if os.geteuid() == 0 else os.geteuid()
GROUP = 4 if os.geteuid() == 0 else os.getegid()

# The number of SO_PASSRIGHTS, an option that older kernels do not have.
PASSRIGHTS = 83


def has(family, protocol, level, name):
    try:
        with socket.socket(family, socket.SOCK_STREAM, protocol) as s:
            s.getsockopt(level, name)
        return True
    except OSError:
        return False


MULTIPATH = (socket.IPPROTO_MPTCP if not PORTABLE and has(
    socket.AF_INET, socket.IPPROTO_MPTCP, socket.SOL_SOCKET, socket.SO_TYPE)
    else socket.IPPROTO_TCP)
REFUSED = 0 if not PORTABLE and has(
    socket.AF_UNIX, 0, socket.SOL_SOCKET, PASSRIGHTS) else 1

# The options that POSIX does not have. They are refused there.
LACKED = ("--user-timeout", "--freebind", "--device") if PORTABLE else ()


LACKS = r"\(option-not-applicable\)\n.*\n  hint: this system does not have "


def is_lacked(words):
    return words[:1] != () and words[0] in LACKED


# An option of sbind listen: its words, the kinds of address to which it applies,
# and what it changes in the record of a socket of such a kind.
LISTEN = (
    ((), ALL, {}),
    (("--nonblocking",), ALL, {"nonblocking": True}),
    (("--backlog", "7"), NEW, {"backlog": 7}),
    (("--in-use-timeout", "1"), NEW, {}),
    (("--receive-buffer", "20000"), NEW, {"receive": 40000}),   # socket(7)
    (("--send-buffer", "30000"), NEW, {"send": 60000}),
    (("--mode", "0640"), ("path",), {"mode": 0o640}),
    (("--owner", str(USER)), ("path",), {"owner": USER}),
    (("--group", str(GROUP)), ("path",), {"group": GROUP}),
    (("--replace",), ("path",), {}),
    (("--refuse",), ("path",), {}),
    (("--any-directory",), ("path",), {}),
    (("--no-reuse-address",), TCP, {"reuseaddr": 0}),
    (("--reuse-port",), TCP, {"reuseport": 1}),
    (("--dual-stack",), ("ipv6", "any"), {"v6only": 0}),
    (("--nodelay",), TCP, {"nodelay": 1}),
    (("--keepalive",), TCP, {"keepalive": 1}),
    (("--keepalive-idle", "61"), TCP, {"keepalive": 1, "idle": 61}),
    (("--keepalive-interval", "7"), TCP, {"keepalive": 1, "interval": 7}),
    (("--keepalive-count", "5"), TCP, {"keepalive": 1, "count": 5}),
    (("--user-timeout", "9000"), TCP, {"user_timeout": 9000}),
    (("--mptcp",), TCP, {"protocol": MULTIPATH}),
    (("--refuse-descriptors",), UNIX, {"takes_descriptors": REFUSED}),
    (("--freebind",), TCP, {"freebind": 1}),
    (("--device", "lo"), TCP, {"device": "lo"}),
    (("--pipe-sddl", "D:P"), ("pipe",), {}),
)

# An option of sbind connect: its words, the kinds of address to which it applies,
# and the calls of setsockopt that it causes for each new socket.
CONNECT = (
    ((), ALL, ()),
    (("--timeout", "20000"), NEW, ()),
    (("--attempt-delay", "200"), TCP, ()),
    (("--nodelay",), TCP, ("TCP_NODELAY, [1]",)),
    (("--keepalive",), TCP, ("SO_KEEPALIVE, [1]",)),
    (("--keepalive-idle", "61"), TCP,
     ("SO_KEEPALIVE, [1]", "TCP_KEEPIDLE, [61]")),
    (("--keepalive-interval", "7"), TCP,
     ("SO_KEEPALIVE, [1]", "TCP_KEEPINTVL, [7]")),
    (("--keepalive-count", "5"), TCP,
     ("SO_KEEPALIVE, [1]", "TCP_KEEPCNT, [5]")),
    (("--user-timeout", "9000"), TCP, ("TCP_USER_TIMEOUT, [9000]",)),
    (("--refuse-descriptors",), UNIX,
     () if PORTABLE else ("SO_PASSRIGHTS, [0]",)),
    (("--device", "lo"), TCP, ('SO_BINDTODEVICE, "lo"',)),
    (("--receive-buffer", "20000"), (*TCP, *UNIX), ("SO_RCVBUF, [20000]",)),
    (("--send-buffer", "30000"), (*TCP, *UNIX), ("SO_SNDBUF, [30000]",)),
    (("--unix-owner", str(os.geteuid())), UNIX, ()),
    (("--pipe-owner", "S-1-5-18"), ("pipe",), ()),
    (("--pipe-server", "1"), ("pipe",), ()),
    (("--pipe-anonymous",), ("pipe",), ()),
    (("--pipe-remote",), ("pipe",), ()),
)

# ---- What is there ---------------------------------------------------------------

# Prints a record of each socket that was passed.
PROBE = r"""
import json, os, socket, struct
def user_timeout(s):
    try:
        return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    except OSError:
        return 0 # Multipath TCP has none
def takes_descriptors(s):
    try:
        return s.getsockopt(socket.SOL_SOCKET, 83)
    except OSError:
        return 1 # no TCP socket does, and each unix socket of an older kernel
def record(s):
    tcp, six = s.family != socket.AF_UNIX, s.family == socket.AF_INET6
    get = lambda level, name: s.getsockopt(level, name)
    info = s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104) if tcp else b""
    device = s.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)
    freebind = (socket.IPPROTO_IPV6, 78) if six else (socket.IPPROTO_IP, 15)
    return {
        "family": s.family.name,
        "nonblocking": not os.get_blocking(s.fileno()),
        "reuseaddr": get(socket.SOL_SOCKET, socket.SO_REUSEADDR),
        "reuseport": get(socket.SOL_SOCKET, socket.SO_REUSEPORT),
        "keepalive": get(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
        "receive": get(socket.SOL_SOCKET, socket.SO_RCVBUF),
        "send": get(socket.SOL_SOCKET, socket.SO_SNDBUF),
        "device": device.rstrip(b"\0").decode(),
        "nodelay": get(socket.IPPROTO_TCP, socket.TCP_NODELAY) if tcp else 0,
        "freebind": get(*freebind) if tcp else 0,
        "v6only": get(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) if six else 1,
        "idle": get(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) if tcp else 0,
        "interval": get(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) if tcp else 0,
        "count": get(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) if tcp else 0,
        "user_timeout": user_timeout(s) if tcp else 0,
        "protocol": get(socket.SOL_SOCKET, socket.SO_PROTOCOL),
        "takes_descriptors": takes_descriptors(s),
        # of a listening socket, tcpi_sacked is how many may wait
        "backlog": struct.unpack_from("6I", info, 8)[5] if tcp else 4096,
        "mode": 0o600, "owner": os.geteuid(), "group": os.getegid()}
print(json.dumps([record(socket.socket(fileno=fd)) for fd in
                  range(3, 3 + int(os.environ["LISTEN_FDS"]))]))
"""


def sysctl(name):
    return support.run("cat", "/proc/sys/net/ipv4/tcp_" + name).out


class OptionCase(support.Case):
    def setUp(self):
        super().setUp()
        support.requires_ipv6()
        self.within = self.with_hosts(two=("127.0.0.1", "127.0.0.2"))
        self.addresses = {
            "ipv4": "tcp://127.0.0.1:0", "ipv6": "tcp://[::]:0",
            "any": "tcp://*:0", "name": "tcp://two:0",
            "path": "unix://" + self.path("s"),
            "abstract": "unix://@" + support.abstract_name(self),
            "pipe": "npipe://x"}


# ---- Listening -------------------------------------------------------------------

class Listening(OptionCase):
    def setUp(self):
        super().setUp()
        self.inherited = socket.socket()
        self.addCleanup(self.inherited.close)
        self.inherited.bind(("127.0.0.1", 0))
        self.inherited.listen(5)
        self.addresses["fd"] = f"fd://{self.inherited.fileno()}"
        self.most = int(support.run("cat", "/proc/sys/net/core/somaxconn").out)

    def usual(self, kind):
        """The record of a socket without options."""
        family = {"ipv4": socket.AF_INET, "name": socket.AF_INET,
                  "fd": socket.AF_INET, "ipv6": socket.AF_INET6,
                  "any": socket.AF_INET6}.get(kind, socket.AF_UNIX)
        with socket.socket(family) as plain:
            buffers = [plain.getsockopt(socket.SOL_SOCKET, name)
                       for name in (socket.SO_RCVBUF, socket.SO_SNDBUF)]
        tcp, unix = kind in TCP, kind in UNIX
        return {
            "family": family.name, "nonblocking": False,
            "reuseaddr": int(tcp), "reuseport": 0, "keepalive": 0,
            "receive": buffers[0], "send": buffers[1], "device": "",
            "idle": int(sysctl("keepalive_time")) if not unix else 0,
            "interval": int(sysctl("keepalive_intvl")) if not unix else 0,
            "count": int(sysctl("keepalive_probes")) if not unix else 0,
            "user_timeout": 0, "takes_descriptors": 1,
            "protocol": 0 if unix else socket.IPPROTO_TCP,
            "nodelay": 0, "freebind": 0, "v6only": int(kind != "any"),
            "backlog": 5 if kind == "fd" else min(4096, self.most)
            if tcp else 4096, "mode": 0o600, "owner": os.geteuid(),
            "group": os.getegid()}

    def expected(self, kind, applies, change):
        record = dict(self.usual(kind))
        if kind in applies:
            record.update(change)
        if kind in UNIX:
            record["backlog"] = 4096         # see Backlog
        return [record] * (2 if kind == "name" else 1)

    def run_listen(self, kinds, words):
        addresses = [w for kind in kinds for w in ("-H", self.addresses[kind])]
        self.inherited.setblocking(True)     # the flag is shared
        return support.run(*self.within, SBIND, "listen", *words, *addresses,
                           "--", *PYTHON, "-c", PROBE,
                           pass_fds=(self.inherited.fileno(),))

    def records(self, done, kinds):
        """What the command got. The owner and the mode of the file are part of a path's
        record."""
        found = json.loads(done.out)
        if "path" in kinds:
            i = sum(2 if k == "name" else 1
                    for k in kinds[:kinds.index("path")])
            st = os.lstat(self.path("s"))
            found[i].update(mode=st.st_mode & 0o7777, owner=st.st_uid,
                            group=st.st_gid)
            os.unlink(self.path("s"))
        return found

    def check(self, kinds, words, applies, change):
        with self.subTest(" ".join(words), kinds=kinds):
            done = self.run_listen(kinds, words)
            if not set(kinds) & set(applies):
                self.expect(done, 2, out="", err=r"\(option-not-applicable\)")
            elif is_lacked(words):
                self.expect(done, 2, out="", err=LACKS)
            elif "pipe" in kinds:
                self.expect(done, 111, out="", err=r"\(unsupported\)")
            else:
                self.expect(done, 0, err="")
                self.assertEqual(
                    self.records(done, kinds),
                    [r for kind in kinds
                     for r in self.expected(kind, applies, change)])
            self.assertFalse(os.path.lexists(self.path("s")))

    def test_each_option_with_each_kind(self):
        for words, applies, change in LISTEN:
            for kind in ALL:
                self.check((kind,), words, applies, change)

    def test_each_option_with_a_kind_that_it_is_for_and_one_that_it_is_not(self):
        for words, applies, change in LISTEN:
            for i, other in enumerate(k for k in ALL if k not in applies):
                both = (applies[i % len(applies)], other)
                self.check(both[::(-1) ** i], words, applies, change)

    def test_each_option_with_all_kinds_of_this_platform(self):
        kinds = tuple(kind for kind in ALL if kind != "pipe")
        for words, applies, change in LISTEN:
            if applies != ("pipe",):
                self.check(kinds, words, applies, change)

    def test_all_options_with_all_kinds(self):
        """Each socket has all options for its kind, whichever options other sockets have. One
        exception: Multipath TCP has no user timeout."""
        options = [row for row in LISTEN if row[1] != ("pipe",)
                   and row[0] != ("--mptcp",) and not is_lacked(row[0])]
        words = [w for row in options for w in row[0]]
        kinds = tuple(kind for kind in ALL if kind != "pipe")
        done = self.expect(self.run_listen(kinds, words), 0, err="")
        wanted = []
        for kind in kinds:
            changes = {}
            for _, applies, change in options:
                changes.update(change if kind in applies else {})
            wanted += self.expected(kind, (kind,), changes)
        self.assertEqual(self.records(done, kinds), wanted)

    def test_backlog(self):
        """The backlog reaches every new socket. Unix sockets do not report theirs, so
        the test looks at the calls."""
        kinds = [kind for kind in ALL if kind != "pipe"]
        words = [w for kind in kinds for w in ("-H", self.addresses[kind])]
        for option, wanted in (((), 4096), (("--backlog", "7"), 7)):
            lines = support.trace(
                "listen", *self.within, SBIND, "listen", *option, *words, "--",
                "true", directory=self.directory,
                pass_fds=(self.inherited.fileno(),))
            said = [int(re.search(r", (\d+)\)", line)[1]) for line in lines]
            self.assertEqual(said, [wanted] * len(kinds), lines)
            os.unlink(self.path("s"))


# ---- Connecting ------------------------------------------------------------------

class Connecting(OptionCase):
    def setUp(self):
        super().setUp()
        support.requires("strace")
        first = socket.socket()              # of two addresses, refuses
        self.addCleanup(first.close)
        first.bind(("127.0.0.1", 0))
        port = first.getsockname()[1]
        served = {kind: self.addresses[kind]
                  for kind in ("ipv4", "path", "abstract")}
        served["ipv6"] = "tcp://[::1]:0"
        served["name"] = f"tcp://127.0.0.2:{port}"
        words = [w for a in served.values() for w in ("-H", a)]
        p = self.listen(*words, "--", *support.activated("serve"))
        self.addresses.update(zip(served, p.listening(len(served))))
        self.addresses.update(name=f"tcp://two:{port}", any=f"tcp://*:{port}")

    def check(self, kind, words, applies, calls):
        ours, theirs = socket.socketpair()
        log = self.path("strace")
        with self.subTest(" ".join(words), kind=kind), ours, theirs:
            fd = theirs.fileno()
            ours.sendall(b"hello")
            ours.shutdown(socket.SHUT_WR)
            done = self.expect(support.run(
                *self.within, "strace", "-qq", "-o", log, "-e",
                "trace=setsockopt", SBIND, "connect", *words,
                self.addresses.get(kind, f"fd://{fd}"), pass_fds=(fd,),
                env=support.environment(asan="detect_leaks=0")),
                self.status(kind, words, applies))
            self.assertEqual(done.out, b"hello" if done.status == 0 else b"")
            with open(log) as file:
                self.assertEqual(self.said(file), self.wanted(
                    kind, calls if done.status != 2 else None))

    def status(self, kind, words, applies):
        if kind not in applies or is_lacked(words):
            return 2
        if words[:1] == ("--unix-owner",) and PORTABLE:
            return 111                      # P46 is weaker: no owner is known
        return 111 if kind in ("any", "pipe") else 0

    def said(self, lines):
        """How often each option of a socket was set, except for the time limit."""
        names = [re.search(r"SOL_\w+, (.+), \d+\) += 0", line)
                 for line in lines if "SO_SNDTIMEO" not in line]
        return collections.Counter(
            m[1].replace("0x53 /* SO_??? */", "SO_PASSRIGHTS") for m in names)

    def wanted(self, kind, calls):
        if calls is None or kind in ("any", "pipe", "fd"):
            return collections.Counter()
        sockets = 2 if kind == "name" else 1
        return collections.Counter({call: sockets for call in calls})

    def test_each_option_with_each_kind(self):
        for words, applies, calls in CONNECT:
            for kind in ALL:
                self.check(kind, words, applies, calls)

    def test_the_delay_is_the_one_that_is_given(self):
        """The second address is tried once the delay in milliseconds is over."""
        full = socket.socket()
        self.addCleanup(full.close)
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = socket.create_connection(("127.0.0.1", port))
        self.addCleanup(waiting.close)
        p = self.listen("-H", f"tcp://127.0.0.2:{port}", "--",
                        *support.activated("serve"))
        p.listening()
        for words, most in (((), 250), (("--attempt-delay", "77"), 77)):
            lines = support.trace("poll", *self.within, SBIND, "connect",
                                  *words, f"tcp://two:{port}",
                                  directory=self.directory)
            first = int(re.search(r", (\d+)\)", lines[0])[1])
            self.assertGreater(first, most // 2, lines)
            self.assertLessEqual(first, most, lines)


if __name__ == "__main__":
    support.main()
