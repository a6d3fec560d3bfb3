#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The system calls, as strace sees them."""
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


# Every call of listening on a path where there is nothing, and what would not
# hold without it (SECURITY.md). Three make a socket that listens; the others are
# the price of what is promised. geteuid and getpid look at no file.
FRESH = (
    (r'openat\(AT_FDCWD, ".*/", .*O_PATH\|O_DIRECTORY',
     "all that follows is in this directory, whatever becomes of its path"),
    (r'newfstatat\(\d+, "", ', "others cannot replace files in it"),
    (r"geteuid\(", "it is root's or ours"),
    (r'openat\(\d+, "s", .*O_NOFOLLOW.*O_PATH.* ENOENT',
     "a start that is refused makes no file, not even the lock"),
    (r'openat\(\d+, "s\.lock", .*O_CREAT\|O_EXCL.*O_NOFOLLOW',
     "of several starters one wins"),
    (r'newfstatat\(\d+, "", ',
     "the lock is a file of ours; whatever the umask, we can open it again"),
    (r"geteuid\(", "it is ours"),
    (r"flock\(\d+, LOCK_EX\|LOCK_NB", "of several starters one wins"),
    (r"socket\(AF_UNIX, SOCK_STREAM\|SOCK_CLOEXEC", "a socket"),
    (r"fchmod\(\d+, 0600",
     "at no moment is the file open to others, whatever the umask"),
    (r'bind\(.*sun_path="/proc/thread-self/fd/\d+/\.sbind-[0-9a-f]{16}"',
     "a path of any length, under a name that the next start knows"),
    (r'newfstatat\(\d+, "\.sbind-.*S_IFSOCK.*AT_SYMLINK_NOFOLLOW',
     "the mode is exact; closing removes this file and no other"),
    (r"listen\(\d+, 4096", "it listens"),
    (r'renameat2\(\d+, "\.sbind-[^"]*", \d+, "s", RENAME_NOREPLACE',
     "who sees the name can connect; a file that has come is not replaced"),
    (r"getpid\(", "closing in a forked child removes nothing"),
)


class CallsCase(support.Case):
    def setUp(self):
        super().setUp()
        support.requires("strace")

    def trace(self, expression, *argv, **more):
        return support.trace(expression, SBIND, *argv,
                             directory=self.directory, **more)

    def listening(self, *addresses, options=()):
        """The calls of listening alone: nothing is said, nobody served."""
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
        # the name's own length: two octets of family, a NUL, the name
        length = 3 + len(support.abstract_name(self))
        self.assertRegex(lines[1], rf"}}, {length}\)")

    def test_a_fresh_path_makes_one_socket_and_asks_nobody(self):
        lines = self.listening("unix://" + self.path("s"))
        self.assertEqual(support.calls(lines), ["socket", "bind", "listen"])

    def of_path(self, *more):
        """From the first look at the directory to the last call for it."""
        lines = self.trace("!%memory", "listen", *more, "-H",
                           "unix://" + self.path("s"), "--", "true",
                           umask=0o022)
        first = next(i for i, line in enumerate(lines)
                     if f'"{self.directory}/"' in line)
        last = max(i for i, line in enumerate(lines) if "renameat2(" in line)
        return lines[first:last + 2]

    def test_a_fresh_path_is_fifteen_calls_and_each_has_its_reason(self):
        lines = self.of_path()
        self.assertEqual(len(lines), len(FRESH), lines)
        for line, (pattern, reason) in zip(lines, FRESH):
            self.assertRegex(line, pattern, reason)

    def test_another_mode_is_four_calls_more(self):
        names = support.calls(self.of_path("--mode", "0666"))
        at = names.index("bind") + 2
        self.assertEqual(len(names), len(FRESH) + 4)
        self.assertEqual(names[at:at + 4],
                         ["openat", "newfstatat", "chmod", "close"])

    def test_a_stale_path_is_asked_by_a_datagram_socket(self):
        support.stale_socket(self.path("s"))
        lines = self.listening("unix://" + self.path("s"))
        kinds = [line for line in lines if line.startswith("socket(")]
        self.assertIn("SOCK_STREAM", kinds.pop())
        for line in kinds:
            self.assertIn("SOCK_DGRAM", line)
        self.assertEqual(support.calls(lines).count("connect"), len(kinds))

    def test_a_path_is_bound_once_its_mode_is_narrow(self):
        lines = self.trace("fchmod,bind,listen,renameat2,chmod", "listen",
                           "-H", "unix://" + self.path("s"), "--",
                           "true")
        self.assertEqual(support.calls(lines),
                         ["fchmod", "bind", "listen", "renameat2"])

    def test_adopting_a_descriptor_is_at_most_nine_calls(self):
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
                adopting = about[:end]
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
    """Every socket is close-on-exec from birth, in every mode."""

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
                or '"s"' in line or '"s.lock"' in line or ".sbind-" in line]
        self.assertGreaterEqual(len(ours), 4)
        for line in ours:
            self.assertIn("O_CLOEXEC", line)
            if "O_DIRECTORY" not in line:
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
        """All calls up to the first write are those of --version."""
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
        """listen on a name does read them; so they would be seen."""
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
