#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The system calls, as strace sees them.

Promises: P1 P3 P14 P28
"""
import os
import re
import socket

import support
from support import SBIND

NETWORK = "%network"
OPENED = re.compile(r'^open(?:at)?\((?:[^,"]+, )?"([^"]*)"')
RESOLVER = ("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf",
            "/etc/host.conf", "/etc/gai.conf", "/etc/services")

EVERY_KIND = ("tcp://", "tcp://127.0.0.1:80", "tcp://[::1%lo]:80",
              "tcp://localhost:80", "tcp://*:80", "unix:///tmp/x", "unix://@x",
              "fd://", "fd://*", "fd://3", "fd://web", "npipe://x",
              "npipe:////srv/pipe/x", "tcp://127.1:80", "nonsense")


# The system calls of each path through src/bind/posix/path.c and
# posix/unlink.c, in their order, and what would not hold without each call
# (SECURITY.md). tests/model checks the same steps in every order of several
# processes.
DIRECTORY = (
    (r'openat\(AT_FDCWD, "[^"]*/d", .*O_NOFOLLOW.*O_PATH\|O_DIRECTORY',
     "all that follows is in this directory, whatever becomes of its path"),
    (r'newfstatat\(\d+, "", ', "other users cannot replace files in it"),
)
LOCK = (
    (r'openat\(\d+, "\.s\.sbind", .*O_CREAT\|O_EXCL.*O_NOFOLLOW',
     "no starter looks at a socket that another one is just making"),
    (r'newfstatat\(\d+, "", ',
     "the lock is a file of ours; whatever the umask, we can open it again"),
    (r"flock\(\d+, LOCK_EX\|LOCK_NB", "of several starters one goes on"),
    (r'newfstatat\(\d+, "\.s\.sbind", .*AT_SYMLINK_NOFOLLOW',
     "its last holder has not removed it meanwhile"),
)
SOCKET = (
    (r"socket\(AF_UNIX, SOCK_STREAM\|SOCK_CLOEXEC", "a socket"),
    (r"fchmod\(\d+, 0600",
     "at no moment is the file open to others, whatever the umask"),
)
LOOK = (
    (r'bind\(.*sun_path="[^"]*/d/s"\}.* EADDRINUSE',
     "the name is taken: only then is it looked at"),
    (r'openat\(\d+, "s", .*O_NOFOLLOW.*O_PATH',
     "all questions are about one file, whose inode is not used again"),
    (r'newfstatat\(\d+, "", .*S_IFSOCK', "it is a socket"),
    (r"geteuid\(", "it is ours"),
    (r"socket\(AF_UNIX, SOCK_DGRAM\|SOCK_CLOEXEC",
     "the process that listens does not notice the question"),
    (r'connect\(.*sun_path="/proc/thread-self/fd/\d+"',
     "whether a process has the socket"),
    (r"close\(", "no descriptor is left"),
)
BIND = (
    (r'bind\(.*sun_path="[^"]*/d/s"\}.* = 0',
     "the system knows the socket by the path that was asked for"),
    (r'openat\(\d+, "s", .*O_NOFOLLOW.*O_PATH',
     "closing removes this file and no other, even once its inode is free"),
    (r'newfstatat\(\d+, "", .*S_IFSOCK\|0600', "the mode is exact"),
    (r"listen\(\d+, 4096", "it listens"),
)
UNLOCK = (
    (r'unlinkat\(\d+, "\.s\.sbind", 0',
     "nothing but the socket is in the directory while it listens"),
    (r"close\(", "no descriptor is left"),
)
MAKER = ((r"getpid\(", "closing in a forked child removes nothing"),)

FRESH = DIRECTORY + LOCK + SOCKET + BIND + UNLOCK + MAKER
STALE = DIRECTORY + LOCK + SOCKET + LOOK + (
    (r'renameat2\(\d+, "s", \d+, "\.s\.sbind-old", RENAME_NOREPLACE',
     "it can be put back when the start fails after all"),
    (r'newfstatat\(\d+, "\.s\.sbind-old", .*AT_SYMLINK_NOFOLLOW',
     "it is the file that was judged, and not one that has come since"),
    (r'newfstatat\(\d+, "", .*S_IFSOCK',
     "on FUSE too, where another file may have its inode"),
) + BIND + (
    (r'unlinkat\(\d+, "\.s\.sbind-old", 0', "nothing of it is left"),
    (r"close\(", "no descriptor is left"),
) + UNLOCK + MAKER
REPLACE = DIRECTORY + LOCK + SOCKET + LOOK + (
    (r'bind\(.*sun_path="[^"]*/d/\.s\.sbind-new"\}.* = 0',
     "the other process goes on listening meanwhile"),
    (r'openat\(\d+, "\.s\.sbind-new", .*O_NOFOLLOW.*O_PATH',
     "closing removes this file and no other, even once its inode is free"),
    (r'newfstatat\(\d+, "", .*S_IFSOCK\|0600', "the mode is exact"),
    (r"listen\(\d+, 4096", "it listens before clients can see it"),
    (r'renameat2\(\d+, "\.s\.sbind-new", \d+, "s", RENAME_EXCHANGE',
     "there is no moment without a socket that listens"),
    (r'newfstatat\(\d+, "\.s\.sbind-new", .*AT_SYMLINK_NOFOLLOW',
     "what came out is the file that was judged"),
    (r'newfstatat\(\d+, "", .*S_IFSOCK',
     "on FUSE too, where another file may have its inode"),
    (r'openat\(\d+, "s", .*O_NOFOLLOW.*O_PATH',
     "what clients find by the public name"),
    (r'newfstatat\(\d+, "", ', "it is there"),
    (r"socket\(AF_UNIX, SOCK_DGRAM\|SOCK_CLOEXEC", "nobody notices"),
    (r'connect\(.*sun_path="/proc/thread-self/fd/\d+".* EPROTOTYPE',
     "on this file system clients reach a socket that was renamed"),
    (r"close\(", "no descriptor is left"),
    (r"close\(", "no descriptor is left"),
    (r'unlinkat\(\d+, "\.s\.sbind-new", 0', "nothing of the old one is left"),
    (r"close\(", "no descriptor is left"),
) + UNLOCK + MAKER
CLOSE = MAKER + (
    (r"getsockopt\(\d+, SOL_SOCKET, SO_ACCEPTCONN", "it is our socket still"),
    (r"getsockopt\(\d+, SOL_SOCKET, SO_PEERCRED",
     "a process in another PID namespace may have our number"),
    (r'newfstatat\(\d+, "", .*S_IFDIR',
     "whose lock files are as good as ours"),
) + LOCK + (
    (r'newfstatat\(\d+, "s", .*AT_SYMLINK_NOFOLLOW', "it is our file"),
    (r'newfstatat\(\d+, "", .*S_IFSOCK',
     "on FUSE too, where another file may have its inode"),
    (r'unlinkat\(\d+, "s", 0', "it goes while the socket is alive"),
    (r'newfstatat\(\d+, "", .*S_IFREG',
     "what has the name of the lock"),
    (r'newfstatat\(\d+, "\.s\.sbind", .*AT_SYMLINK_NOFOLLOW',
     "is the lock and no other file"),
) + UNLOCK + (
    (r"close\(", "the socket"),
    (r"close\(", "the directory"),
    (r"close\(", "the pin of the file"),
)
# The calls for a listener on which sbind_accept will wait.
CLOSE_WAITING = CLOSE[:-3] + (
    (r"newfstatat\(\d+, \"\", .*S_IFSOCK", "it is our socket still"),
    (r"shutdown\(\d+, SHUT_RDWR", "other threads may wait for a client"),
) + CLOSE[-3:]


class CallsCase(support.Case):
    def setUp(self):
        super().setUp()
        support.requires("strace")

    def trace(self, expression, *argv, **more):
        return support.trace(expression, SBIND, *argv,
                             directory=self.directory, **more)

    def listening(self, *addresses, options=()):
        """The calls of listening alone, without output and without a client."""
        words = [w for a in addresses for w in ("-H", a)]
        return self.trace(NETWORK, "listen", *options, *words, "--",
                          "true")


class Listening(CallsCase):
    def test_ipv4_is_four_calls(self):
        lines = self.listening("tcp://127.0.0.1:0")
        self.assertEqual(support.calls(lines),
                         ["socket", "setsockopt", "bind", "listen"])
        self.assertIn("SO_REUSEADDR, [1]", lines[1])
        self.assertIn(", 4096)", lines[3])

    def test_ipv6_is_five_calls(self):
        support.requires_ipv6()
        lines = self.listening("tcp://[::1]:0")
        self.assertEqual(
            support.calls(lines),
            ["socket", "setsockopt", "setsockopt", "bind", "listen"])
        self.assertIn("IPV6_V6ONLY, [1]", lines[1])

    def test_any_is_one_socket_for_both(self):
        support.requires_ipv6()
        lines = self.listening("tcp://*:0")
        self.assertEqual(
            support.calls(lines),
            ["socket", "setsockopt", "setsockopt", "bind", "listen"])
        self.assertIn("IPV6_V6ONLY, [0]", lines[1])

    def test_abstract_is_three_calls(self):
        lines = self.listening("unix://@" + support.abstract_name(self))
        self.assertEqual(support.calls(lines), ["socket", "bind", "listen"])
        # the length of the name: two octets of family, a NUL, the name
        length = 3 + len(support.abstract_name(self))
        self.assertRegex(lines[1], rf"}}, {length}\)")

    def test_a_fresh_path_makes_one_socket_and_asks_nobody(self):
        support.weaker("P28")
        lines = self.listening("unix://" + self.path("s"))
        self.assertEqual(support.calls(lines), ["socket", "bind", "listen"])

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("d"), 0o700)
        self.sock = self.path("d", "s")

    def of_path(self, *more):
        """The calls from the first call about the directory to the last call about it."""
        lines = self.trace("!%memory", "listen", *more, "-H",
                           "unix://" + self.sock, "--", "true", umask=0o022)
        first = next(i for i, line in enumerate(lines)
                     if f'AT_FDCWD, "{self.path("d")}"' in line)
        last = next(i for i, line in enumerate(lines)
                    if i > first and line.startswith("getpid("))
        return lines[first:last + 1]

    def same(self, lines, steps):
        """If the directory belongs to a user other than root, sbind also calls geteuid."""
        if os.geteuid() != 0:
            lines = [line for line in lines if not line.startswith("geteuid(")]
            steps = [step for step in steps if not step[0].startswith("gete")]
        for line, (pattern, reason) in zip(lines, steps):
            self.assertRegex(line, pattern, reason)
        self.assertEqual(len(lines), len(steps), lines)

    def test_a_fresh_path_is_fifteen_calls_and_each_has_its_reason(self):
        support.weaker("P28")
        self.assertLessEqual(len(FRESH), 15)
        self.same(self.of_path(), FRESH)

    def test_a_stale_path(self):
        support.weaker("P28")
        support.stale_socket(self.sock)
        self.same(self.of_path(), STALE)
        self.assertEqual(os.listdir(self.path("d")), ["s"])

    def test_a_path_whose_listener_is_replaced(self):
        support.weaker("P28")
        self.listen("-H", "unix://" + self.sock, "--", "sleep",
                    "60").listening()
        self.same(self.of_path("--replace"), REPLACE)

    def test_closing(self):
        support.weaker("P28")
        log = self.path("log")
        p = self.start("strace", "-qq", "-o", log, "-e", "trace=!%memory",
                       SBIND, "listen", "unix://" + self.sock,
                       env=support.environment(asan="detect_leaks=0"))
        p.listening()
        support.connect("unix://" + self.sock).close()
        self.expect(p.wait(), 0)
        with open(log, encoding="latin-1") as file:
            lines = file.read().splitlines()
        first = next(i for i, line in enumerate(lines) if "accept4(" in line)
        self.assertTrue(lines[first + 1].startswith("close("), "the wait's own")
        self.same(lines[first + 2:first + 2 + len(CLOSE_WAITING)],
                  CLOSE_WAITING)

    def test_a_umask_that_takes_one_right_from_the_lock(self):
        lines = self.trace("fchmod", "listen", "-H", "unix://" + self.sock,
                           "--", "true", umask=0o277)
        self.assertEqual(support.calls(lines), ["fchmod", "fchmod"],
                         "the lock's, and the socket's")

    def test_another_mode_is_two_calls_more(self):
        support.weaker("P28")
        names = support.calls(self.of_path("--mode", "0666"))
        at = names.index("bind") + 3
        wanted = [re.match(r"\w+", pattern).group() for pattern, _ in FRESH]
        wanted[at:at] = ["chmod", "newfstatat"]
        self.assertEqual([n for n in names if n != "geteuid"], wanted)

    def test_a_stale_path_is_asked_by_a_datagram_socket(self):
        support.weaker("P28")
        support.stale_socket(self.path("s"))
        lines = self.listening("unix://" + self.path("s"))
        kinds = [line for line in lines if line.startswith("socket(")
                 and "SOCK_STREAM" not in line]
        self.assertEqual(len(kinds), 1)
        self.assertIn("SOCK_DGRAM", kinds[0])
        self.assertEqual(support.calls(lines).count("connect"), 1)

    def test_a_path_is_bound_once_its_mode_is_narrow(self):
        support.weaker("P28")
        lines = self.trace("fchmod,bind,listen,renameat2,chmod", "listen",
                           "-H", "unix://" + self.path("s"), "--",
                           "true")
        self.assertEqual(support.calls(lines), ["fchmod", "bind", "listen"])

    def test_adopting_a_descriptor_is_at_most_nine_calls(self):
        support.weaker("P28")
        cases = [(socket.AF_INET, ("127.0.0.1", 0)),
                 (socket.AF_UNIX, "\0" + support.abstract_name(self)),
                 (socket.AF_UNIX, self.path("a"))]
        if support.has_ipv6():
            cases.append((socket.AF_INET6, ("::", 0)))
        for family, name in cases:
            with self.subTest(name), socket.socket(family) as s:
                if family == socket.AF_INET6:
                    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                s.bind(name)
                s.listen()
                fd = s.fileno()
                lines = self.trace(
                    "%network,%desc", "listen", "-H", f"fd://{fd}",
                    "--", "true", pass_fds=(fd,))
                about = [line for line in lines
                         if re.match(rf"\w+\({fd}[,)]", line)]
                end = next(i for i, line in enumerate(about)
                           if re.match("dup2|.*F_DUPFD", line))  # passing on
                # before a socket is passed on, a call asks whether it is open
                self.assertRegex(about[end - 1], r"F_GETFD\) += 0x1 ")
                adopting = about[:end - 1]
                first = next(i for i, line in enumerate(adopting)
                             if "SO_TYPE" in line)
                adopting = adopting[first:]
                self.assertLessEqual(len(adopting), 9, adopting)
                self.assertIn("F_SETFD, FD_CLOEXEC", "".join(adopting))
                changes = [i for i, line in enumerate(adopting)
                           if "F_SETF" in line]
                asked = [i for i, line in enumerate(adopting)
                         if "getsockopt" in line and "SOL_SOCKET" in line]
                self.assertLess(max(asked), min(changes))

    def test_a_refused_descriptor_is_not_changed(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            lines = self.trace("fcntl,ioctl", "listen", f"fd://{s.fileno()}",
                               pass_fds=(s.fileno(),), status=111)
        self.assertFalse([line for line in lines
                          if re.search("F_SET(FD|FL)|FIO", line)])


class CloseOnExec(CallsCase):
    """Every socket is close-on-exec from the start, in every mode."""

    def setUp(self):
        super().setUp()
        support.weaker("P3")        # a second call does it

    def sockets_of(self, lines):
        found = [line for line in lines if line.startswith("socket(")
                 or line.startswith("accept")]
        for line in found:
            self.assertIn("SOCK_CLOEXEC", line)
            self.assertFalse(line.startswith("accept("), line)
        return found

    def test_listening(self):
        support.stale_socket(self.path("stale"))
        for option in ((), ("--nonblocking",)):
            found = self.sockets_of(self.listening(
                "tcp://127.0.0.1:0", "tcp://*:0",
                "unix://@" + support.abstract_name(self),
                "unix://" + self.path("stale"), "unix://" + self.path("new"),
                options=option))
            streams = [line for line in found if "SOCK_STREAM" in line]
            self.assertEqual(len(streams), 5, found)
            for line in streams:
                self.assertEqual("SOCK_NONBLOCK" in line, bool(option))
        self.sockets_of(self.listening("tcp://localhost:0"))

    def test_connecting(self):
        for address in ("unix://" + self.path("none"), "unix://@none-" +
                        support.abstract_name(self), "tcp://127.0.0.1:"
                        + str(support.free_port()), "tcp://localhost:"
                        + str(support.free_port())):
            with self.subTest(address):
                self.assertTrue(self.sockets_of(
                    self.trace(NETWORK, "connect", address, status=111)))

    def test_accepting(self):
        log = self.path("log")
        p = self.start("strace", "-qq", "-o", log, "-e", "trace=%network",
                       SBIND, "listen", "tcp://127.0.0.1:0",
                       env=support.environment(asan="detect_leaks=0"))
        support.connect(p.listening()[0]).close()
        self.expect(p.wait(), 0)
        with open(log) as file:
            found = self.sockets_of(file.read().splitlines())
        self.assertEqual(len(found), 2, found)
        self.assertTrue(found[1].startswith("accept4("))

    def test_files_too(self):
        support.stale_socket(self.path("s"))
        lines = self.trace("openat,open", "listen", "-H",
                           "unix://" + self.path("s"), "--", "true")
        ours = [line for line in lines if self.directory in line
                or '"s"' in line or '".s.sbind' in line]
        self.assertGreaterEqual(len(ours), 4)
        for line in ours:
            self.assertIn("O_CLOEXEC", line)
            self.assertIn("O_NOFOLLOW", line)


class Pure(CallsCase):
    """Parsing asks the system nothing."""

    COMMANDS = (("parse",), ("parse", "--json"), ("check", "--portable"),
                ("check", "--loopback", "--numeric"), ("explain",))

    def opened(self, *argv, status):
        lines = self.trace("open,openat,openat2", *argv, status=status)
        return [m.group(1) for m in map(OPENED.match, lines) if m]

    def test_no_socket_is_made_and_nobody_is_asked(self):
        for words in self.COMMANDS:
            with self.subTest(words):
                self.assertEqual(
                    self.trace(NETWORK, *words, *EVERY_KIND, status=1), [])

    def test_no_file_is_opened_but_by_the_loader(self):
        loader = self.opened("--version", status=0)
        for words in self.COMMANDS:
            with self.subTest(words):
                opened = self.opened(*words, *EVERY_KIND, status=1)
                self.assertEqual(opened, loader)
                self.assertFalse(set(opened) & set(RESOLVER))

    def test_before_the_first_octet_of_output_there_is_only_start_up(self):
        """Up to the first write, the command makes the same calls as sbind --version."""
        def before_write(*argv):
            names = support.calls(self.trace("all", *argv, status=0))
            return names[:next(i for i, name in enumerate(names)
                               if name.startswith("write"))]
        harmless = {"brk", "mmap", "munmap", "madvise", "mprotect", "fstat",
                    "newfstatat", "getrandom"}
        start_up = before_write("--version")
        for words in (("parse", "tcp://localhost:80"),
                      ("check", "tcp://localhost:80"),
                      ("explain", "tcp://localhost:80"),
                      ("parse", "--json", "unix:///tmp/x")):
            with self.subTest(words):
                rest = list(before_write(*words))
                for name in start_up:
                    if name in rest:
                        rest.remove(name)
                self.assertLessEqual(set(rest), harmless, rest)

    def test_this_finds_the_files_of_the_resolver(self):
        """Listening on a host name does read these files. The test above would notice that."""
        lines = self.trace("open,openat,openat2", "listen", "-H",
                           "tcp://localhost:0", "--", "true")
        opened = {m.group(1) for m in map(OPENED.match, lines) if m}
        self.assertTrue(opened & set(RESOLVER), opened)

    def test_a_refused_address_opens_nothing(self):
        for words in (("listen", "-H", "unix://" + self.path("s"), "-H",
                       "tcp://127.1:80", "--", "true"),
                      ("connect", "tcp://127.0.0.1:65536")):
            with self.subTest(words):
                self.assertEqual(self.trace(NETWORK, *words, status=1), [])
        self.assertEqual([n for n in self.names() if n != "strace"], [])


if __name__ == "__main__":
    support.main()
