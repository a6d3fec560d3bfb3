#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What does sbind inherit from its starter? The cases are sockets beside other descriptors, and
variables that are missing, malformed or set twice.

Promises: P12 P44
"""
import json
import os
import socket

import support
from support import PORTABLE, PYTHON, SBIND, activated, example, sbind

# Passes the descriptors in argv[1] as 3, 4 and so on, and becomes a program.
# The words in argv[2] are variables; "$$" stands for the process id.
STARTER = r"""
import fcntl, os, sys
numbers = [int(fd) for fd in sys.argv[1].split(",")]
given = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in numbers]
for fd in numbers:
    os.close(fd)
for number, fd in enumerate(given, 3):
    os.dup2(fd, number)
    os.close(fd)
for word in sys.argv[2].split():
    name, value = word.split("=", 1)
    os.environ[name] = value.replace("$$", str(os.getpid()))
os.execvp(sys.argv[3], sys.argv[3:])
"""


class InheritedCase(support.Case):
    def listener(self, family=socket.AF_INET, address=("127.0.0.1", 0)):
        s = self.socket(family)
        s.bind(address)
        s.listen()
        return s

    def socket(self, *kind):
        s = socket.socket(*kind)
        self.addCleanup(s.close)
        return s

    def words(self, things, variables, *argv):
        """The words that start argv with these things as passed descriptors."""
        numbers = ",".join(str(t.fileno()) for t in things)
        return (*PYTHON, "-c", STARTER, numbers, variables, *argv)

    def passed(self, things, variables, *argv, **more):
        return support.run(*self.words(things, variables, *argv),
                           pass_fds=[t.fileno() for t in things], **more)

    def variables(self, count, names=None):
        words = f"LISTEN_PID=$$ LISTEN_FDS={count}"
        return words if names is None else f"{words} LISTEN_FDNAMES={names}"


class Beside(InheritedCase):
    """Listening sockets among other descriptors."""

    def setUp(self):
        super().setUp()
        self.tcp = self.listener()
        self.udp = self.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(self.tcp.getsockname())
        self.stored = os.fdopen(os.memfd_create("stored"))
        self.addCleanup(self.stored.close)

    def test_the_command_gets_the_listening_ones_and_no_others(self):
        for things, names, address in (
                ((self.tcp, self.udp), "h3:h3", "fd://h3"),
                ((self.udp, self.tcp), "h3:h3", "fd://h3"),
                ((self.udp, self.tcp, self.stored), None, "fd://"),
                ((self.stored, self.tcp, self.udp), "s:web:web", "fd://*")):
            with self.subTest(address, names=names):
                done = self.expect(self.passed(
                    things, self.variables(len(things), names), SBIND,
                    "listen", "-H", address, "--", *activated()), 0, err="")
                got = json.loads(done.out)
                self.assertEqual(got["fds"], [0, 1, 2, 3])
                self.assertEqual(got["passed"][0]["name"],
                                 list(self.tcp.getsockname()))

    def test_a_server_serves_beside_them(self):
        support.requires("curl")
        things = (self.udp, self.tcp, self.stored)
        for address in ("fd://", "fd://*", "fd://web"):
            with self.subTest(address):
                p = self.start(*self.words(
                    things, self.variables(3, "web:web:state"),
                    example("web_server"), "-H", address),
                    pass_fds=[t.fileno() for t in things])
                where = "tcp://127.0.0.1:%d" % self.tcp.getsockname()[1]
                self.assertEqual(p.listening(), [where])
                self.expect(support.curl(where), 0, out=b"Hello from sbind\n")
                for thing, number in ((self.udp, 3), (self.stored, 5)):
                    self.assertTrue(os.path.samestat(
                        os.fstat(thing.fileno()),
                        os.stat(f"/proc/{p.pid}/fd/{number}")))
                p.kill()

    def test_without_one_it_is_said_what_the_nearest_lacks(self):
        for things, name, number in (
                ((self.stored, self.udp), "fd-not-stream", 4),
                ((self.udp, self.stored), "fd-not-stream", 3),
                ((self.stored,), "fd-not-socket", 3)):
            for address in ("fd://", "fd://*"):
                self.expect(self.passed(
                    things, self.variables(len(things)), SBIND, "listen", "-H",
                    address, "--", "true"), 111, out="",
                    err=rf"\({name}\); descriptor {number}\b")

    def test_a_client_takes_the_connection_among_them(self):
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        ours.sendall(b"hello")
        ours.shutdown(socket.SHUT_WR)
        with theirs:
            self.expect(self.passed(
                (self.tcp, self.udp, theirs), self.variables(3), SBIND,
                "connect", "fd://"), 0, out="hello", err="")


class OwnAddress(InheritedCase):
    """A socket that was passed on can tell its own address."""

    def says(self, s, address):
        done = self.expect(sbind(
            "listen", "-v", "-H", f"fd://{s.fileno()}", "--", SBIND, "listen",
            "-v", "-H", "fd://", "--", "true", pass_fds=[s.fileno()]), 0)
        self.assertEqual(done.err.decode(),
                         f"sbind: listening on {address}\n" * 2)

    def test_a_path(self):
        self.says(self.listener(socket.AF_UNIX, self.path("s")),
                  "unix://" + self.path("s"))

    def test_a_path_that_was_taken_over(self):
        s = self.listener(socket.AF_UNIX, self.path(".s.sbind-new"))
        os.rename(self.path(".s.sbind-new"), self.path("s"))
        self.says(s, "unix://" + self.path("s"))

    def passed_on(self, *options):
        """Two starters, one after the other, both set the variables. The second starter gets
        the socket of the first."""
        done = self.expect(sbind(
            "listen", "-v", *options, "-H", "unix://" + self.path("s"), "--",
            SBIND, "listen", "-v", "-H", "fd://", "--", "true"), 0)
        line = f"sbind: listening on unix://{self.path('s')}\n"
        self.assertEqual(done.err.decode(), line * 2)

    def test_a_path_of_sbind_listen(self):
        self.passed_on()

    def test_a_path_that_sbind_listen_took_over(self):
        p = self.listen("-H", "unix://" + self.path("s"), "--", "sleep", "60")
        p.listening()
        self.passed_on("--replace")

    def test_one_without_a_name_keeps_its_number(self):
        os.mkdir(self.path("d"))
        directory = os.open(self.path("d"), os.O_PATH)
        self.addCleanup(os.close, directory)
        s = self.listener(socket.AF_UNIX, f"/proc/self/fd/{directory}/s")
        done = self.expect(sbind("listen", "-v", "-H", f"fd://{s.fileno()}",
                                 "--", "true", pass_fds=[s.fileno()]), 0)
        self.assertEqual(done.err.decode(),
                         f"sbind: listening on fd://{s.fileno()}\n")

    def test_so_does_one_whose_name_cannot_be_asked_for(self):
        """A security filter may forbid a call that asks about descriptors."""
        s = self.listener()
        done = self.expect(support.run(
            *support.injecting("getsockname:error=EPERM"), SBIND, "listen", "-v",
            "-H", f"fd://{s.fileno()}", "--", "true", pass_fds=[s.fileno()],
            env=support.environment(asan="detect_leaks=0")), 111 * PORTABLE)
        # if there is no SO_DOMAIN, only this call tells the family of a socket
        self.assertRegex(done.err.decode(), "; getsockname: EPERM\n" if PORTABLE
                         else f"^sbind: listening on fd://{s.fileno()}\n$")


class Environment(InheritedCase):
    def setUp(self):
        super().setUp()
        self.things = (self.listener(), self.listener())

    def listen(self, variables, *words, command=activated(), **more):
        return self.passed(self.things, variables, SBIND, "listen", *words,
                           "--", *command, **more)

    def test_a_malformed_one_is_refused_whatever_is_asked_for(self):
        """A wrong environment is an error, because the command could get descriptors that no
        address asked for. An environment for another process matters only if an address needs it
        (command_test)."""
        good = dict(LISTEN_PID="$$", LISTEN_FDS="2", LISTEN_FDNAMES="a:b")
        bad = [("LISTEN_FDNAMES", "a", "fdnames-count"),
               ("LISTEN_FDNAMES", "a:\x7f", "bad-listen-fdnames"),
               ("LISTEN_FDS", "2x", "bad-listen-fds"),
               ("LISTEN_FDS", "2000000000", "too-many-fds"),
               ("LISTEN_PID", "0", "bad-listen-pid")]
        if support.pidfdid(os.getpid()) is not None:
            bad.append(("LISTEN_PIDFDID", "x", "bad-listen-pidfdid"))
        for name, value, error in bad:
            variables = " ".join(f"{n}={v}" for n, v in
                                 (good | {name: value}).items())
            for address in ("fd://3", "fd://", "unix://" + self.path("s")):
                if name == "LISTEN_PID" and address.startswith("unix"):
                    continue
                with self.subTest(value, name=name, address=address):
                    self.expect(self.listen(variables, "-H", address), 1,
                                out="",
                                err=rf"^sbind: {name}: .*\({error}\)\n")
        self.assertEqual(self.names(), [])

    def test_what_is_not_asked_for_is_closed(self):
        for words in (("-H", "fd://3"), ("-H", "tcp://127.0.0.1:0")):
            done = self.expect(self.listen(self.variables(2), *words), 0,
                               err="")
            self.assertEqual(json.loads(done.out)["fds"], [0, 1, 2, 3])

    def test_nor_does_the_process_of_a_client_get_it(self):
        for address in ("fd://3", "unix://" + self.path("s")):
            p = self.start(*self.words(
                self.things, self.variables(2), SBIND, "listen", "-v",
                "--accept", "--inetd", "-H", address, "--", "sh", "-c",
                "ls /proc/$$/fd; true"),
                pass_fds=[t.fileno() for t in self.things])
            with self.subTest(address), support.connect(p.listening()[0]) as s:
                self.assertEqual(s.makefile().read(), "0\n1\n2\n")
            p.kill()

    def test_what_is_meant_for_another_process_is_left_alone(self):
        done = self.expect(self.listen("LISTEN_PID=1 LISTEN_FDS=2", "-H",
                                       "tcp://127.0.0.1:0"), 0, err="")
        self.assertEqual(json.loads(done.out)["fds"], [0, 1, 2, 3, 4])

    def test_variables_that_are_there_twice(self):
        """A variable may be set several times. With sbind, the command finds the right value,
        whichever of the values it reads. Without sbind, it could also find the wrong one."""
        class Twice(dict):
            def items(self):
                return [*super().items(), ("LISTEN_PID", "1"),
                        ("LISTEN_FDS", "9"), ("LISTEN_FDNAMES", "x"),
                        ("LISTEN_PIDFDID", "7")] * 2

        def found(*before):
            done = self.expect(support.run(
                *before, "cat", "/proc/self/environ",
                env=Twice(support.environment())), 0, err="")
            return sorted(word for word in done.out.decode().split("\0")
                          if word.startswith("LISTEN_"))
        self.assertEqual(found().count("LISTEN_FDS=9"), 2,
                         "this test cannot fail any more")
        names = ("--name", "web")
        for more, count in (((), 2), (names, 3)):
            got = found(SBIND, "listen", "-H", "tcp://127.0.0.1:0", *more,
                        "--")
            if support.pidfdid(os.getpid()) is not None:
                self.assertRegex(got.pop(), r"^LISTEN_PIDFDID=\d+$")
            self.assertEqual(len(got), count, got)
            self.assertIn("LISTEN_FDS=1", got)
            self.assertEqual("LISTEN_FDNAMES=web" in got, bool(more))
            self.assertNotIn("LISTEN_PID=1", got)


class MissingPid(InheritedCase):
    """A starter that cannot set LISTEN_PID, such as systemfd --no-pid."""

    def setUp(self):
        super().setUp()
        self.things = (self.listener(), self.listener())

    def run_with(self, variables, *argv):
        return self.passed(self.things, variables, *argv)

    def test_it_is_refused_unless_it_is_accepted(self):
        for address, variables in (("fd://", "LISTEN_FDS=1"),
                                   ("fd://b",
                                    "LISTEN_FDS=2 LISTEN_FDNAMES=a:b")):
            words = ("-H", address, "--", *activated())
            self.expect(self.run_with(variables, SBIND, "listen", *words), 111,
                        out="", err=r"\(not-activated\)")
            done = self.expect(self.run_with(
                variables, SBIND, "listen", "--accept-missing-pid", *words), 0,
                err="")
            wanted = self.things["b" in address].getsockname()
            self.assertEqual(json.loads(done.out)["passed"][0]["name"],
                             list(wanted))

    def test_another_process_is_no_missing_one(self):
        self.expect(self.run_with("LISTEN_FDS=1 LISTEN_PID=1", SBIND, "listen",
                                  "--accept-missing-pid", "-H", "fd://", "--",
                                  "true"), 111, out="",
                    err="LISTEN_PID names another process")

    def test_what_was_passed_that_way_does_not_leak_either(self):
        done = self.expect(self.run_with(
            "LISTEN_FDS=2", SBIND, "listen", "--accept-missing-pid", "-H",
            "fd://3", "--", *activated()), 0, err="")
        self.assertEqual(json.loads(done.out)["fds"], [0, 1, 2, 3])

    def test_a_malformed_environment_is_refused_too(self):
        self.expect(self.run_with("LISTEN_FDS=x", SBIND, "listen",
                                  "--accept-missing-pid", "fd://3"), 1, out="",
                    err=r"^sbind: LISTEN_FDS: .*\(bad-listen-fds\)")

    def test_serving_one_client(self):
        p = self.start(*self.words(
            self.things[:1], "LISTEN_FDS=1", SBIND, "listen",
            "--accept-missing-pid", "fd://"),
            pass_fds=[self.things[0].fileno()])
        p.listening()
        with socket.create_connection(self.things[0].getsockname()) as client:
            client.sendall(b"hello")
        self.expect(p.wait(), 0, out="hello")

    def test_connecting(self):
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        ours.sendall(b"hello")
        ours.shutdown(socket.SHUT_WR)
        with theirs:
            self.things = (theirs,)
            self.expect(self.run_with("LISTEN_FDS=1", SBIND, "connect",
                                      "fd://"), 111, out="",
                        err=r"\(not-activated\)")
            self.expect(self.run_with("LISTEN_FDS=1x", SBIND, "connect",
                                      "--accept-missing-pid", "fd://"), 1,
                        out="", err=r"\(bad-listen-fds\)")
            self.expect(self.run_with("LISTEN_FDS=1", SBIND, "connect",
                                      "--accept-missing-pid", "fd://"), 0,
                        out="hello", err="")

    def test_connecting_by_a_number_or_a_name(self):
        for address in ("fd://3", "fd://web"):
            ours, theirs = socket.socketpair()
            with self.subTest(address), ours, theirs:
                ours.sendall(b"hello")
                ours.shutdown(socket.SHUT_WR)
                self.things = (theirs,)
                self.expect(self.run_with(
                    "LISTEN_FDS=1 LISTEN_FDNAMES=web", SBIND, "connect",
                    "--accept-missing-pid", address), 0, out="hello", err="")

    def test_it_is_for_descriptors(self):
        option = "--accept-missing-pid"
        unix = "unix://" + self.path("s")
        for words in (("listen", option, "-H", unix, "--", "true"),
                      ("listen", option, unix), ("connect", option, unix),
                      ("connect", option, "tcp://127.0.0.1:1")):
            with self.subTest(words):
                self.expect(sbind(*words), 2, out="",
                            err=r"--accept-missing-pid is for fd://\n")
        self.assertEqual(self.names(), [])
        self.expect(sbind("listen", option, "-H", unix, "-H",
                          f"fd://{self.things[0].fileno()}", "--", "true",
                          pass_fds=[self.things[0].fileno()]), 0)


if __name__ == "__main__":
    support.main()
