#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""sbind listen and sbind connect with real programs on the other side.

Promises: P17 P22 P38 P39 P40
"""
import fcntl
import hashlib
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess
import time

import support
from support import ACCEPT, PORTABLE, SBIND, activated, example, sbind

MEGABYTE = 1_000_000
PAGE = b"Hello from sbind\n"


def announced(p):
    """The report of an activated program about itself."""
    return json.loads(support.wait_until(
        lambda: b"\n" in p.out and p.out.split(b"\n")[0],
        f"{p.argv} to say what it got; {p.err!r}"))


class ListenCase(support.Case):
    def setUp(self):
        super().setUp()
        self.abstract = "unix://@" + support.abstract_name(self)

    def unix(self, name="s"):
        return "unix://" + self.path(name)

    def report(self, *words, within=(), env=None, **more):
        """Starts a program with sbind listen. Returns its report on what it got."""
        done = self.expect(support.run(*within, SBIND, "listen", *words, "--",
                                       *activated(), env=env, **more), 0,
                           err="")
        return json.loads(done.out)

    def accept(self, server):
        """Accepts a client at a socket of the test. A client has to come."""
        self.assertTrue(select.select([server], [], [], support.WAIT)[0],
                        "no client came")
        connection, _ = server.accept()
        connection.settimeout(support.WAIT)
        return connection


# ---- A command that takes the sockets ------------------------------------------

class Passing(ListenCase):
    def test_sockets_come_in_the_order_of_the_addresses(self):
        support.requires_ipv6()
        got = self.report("-H", "tcp://127.0.0.1:0", "-H", self.abstract,
                          "-H", "tcp://[::1]:0", "-H", self.unix())
        self.assertEqual([s["fd"] for s in got["passed"]], [3, 4, 5, 6])
        self.assertEqual([s["family"] for s in got["passed"]],
                         ["AF_INET", "AF_UNIX", "AF_INET6", "AF_UNIX"])
        self.assertEqual(got["passed"][1]["name"],
                         "\0" + support.abstract_name(self))
        self.assertEqual(got["environment"]["LISTEN_FDS"], "4")
        self.assertNotIn("LISTEN_FDNAMES", got["environment"])

    def test_listen_pid_is_the_programs_own(self):
        got = self.report("-H", self.abstract)
        self.assertEqual(got["environment"]["LISTEN_PID"], str(got["pid"]))

    def test_one_name_is_that_of_every_socket(self):
        got = self.report("-H", self.abstract, "-H", "tcp://127.0.0.1:0",
                          "--name", "web")
        self.assertEqual(got["environment"]["LISTEN_FDNAMES"], "web:web")

    def test_names_go_by_addresses_and_may_repeat(self):
        got = self.report("--name", "a", "-H", self.abstract, "--name", "b c",
                          "-H", "tcp://127.0.0.1:0", "--name", "a", "-H",
                          self.unix())
        self.assertEqual(got["environment"]["LISTEN_FDNAMES"], "a:b c:a")

    def test_a_host_name_is_as_many_sockets_as_it_has_addresses(self):
        within = self.with_hosts(two=("127.0.0.1", "127.0.0.2"))
        words = ("-H", self.abstract, "-H", "tcp://two:0", "-H", self.unix())
        for names, wanted in ((("x",), "x:x:x:x"),
                              (("x", "y", "z"), "x:y:y:z")):
            got = self.report(*words, *(w for name in names
                                        for w in ("--name", name)),
                              within=within)
            self.assertEqual(got["environment"]["LISTEN_FDNAMES"], wanted)
            self.assertEqual(got["environment"]["LISTEN_FDS"], "4")
            first, second = (s["name"] for s in got["passed"][1:3])
            self.assertEqual((first[0], second[0]), ("127.0.0.1", "127.0.0.2"))
            self.assertEqual(first[1], second[1])
            self.assertEqual([s["family"] for s in got["passed"]],
                             ["AF_UNIX", "AF_INET", "AF_INET", "AF_UNIX"])
            os.unlink(self.path("s"))

    def test_no_other_descriptor_leaks(self):
        got = self.report("-H", self.abstract, "-H", self.unix(), "-H",
                          "tcp://127.0.0.1:0", "-H", "tcp://localhost:0")
        self.assertEqual(got["fds"], list(range(3 + len(got["passed"]))))

    def with_descriptors(self, *words, before=()):
        """The report of the command on its descriptors. When sbind starts, three other descriptors
        are open. The number of the first of these follows the numbers of the passed sockets."""
        with open("/dev/null", "rb") as file:
            others = [fcntl.fcntl(file, fcntl.F_DUPFD, least)
                      for least in (100, 200)]
        try:
            return support.run(
                "sh", "-c", 'exec "$@" 5</dev/null', "sh", *before, SBIND,
                "listen", "-H", self.abstract, "-H", "tcp://127.0.0.1:0",
                *words, "--", *activated(),
                pass_fds=others, env=support.environment(asan="detect_leaks=0"))
        finally:
            for fd in others:
                os.close(fd)

    def test_other_descriptors_are_closed_if_asked(self):
        def left(*words, **more):
            done = self.expect(self.with_descriptors(*words, **more), 0, err="")
            return json.loads(done.out)["fds"]
        for words in ((), ("--no-new-privs",)):
            self.assertEqual(len(left(*words)), 8, words)
        passed = [0, 1, 2, 3, 4]
        self.assertEqual(left("--close-fds"), passed)
        for error in ("ENOSYS", "EINVAL", "EPERM"):  # Linux 5.8, 5.10, a filter
            self.assertEqual(left("--close-fds", before=support.injecting(
                "close_range:error=" + error)), passed, error)

    def test_nothing_is_run_when_they_cannot_be_closed(self):
        support.requires("strace")
        old = (support.from_environment("SBIND_SECCOMP"), "close_range=ENOSYS")
        for fault, text in (
                (("-P", "/proc/self/fd", "-e", "inject=open,openat:error=EACCES"),
                 "opendir /proc/self/fd"),
                (("-e", "inject=getdents64:error=EACCES"),
                 "readdir /proc/self/fd")):
            done = self.with_descriptors("--close-fds", before=(
                "strace", "-qq", "-o", "/dev/null", *fault, *old))
            self.expect(done, 111, out="",
                        err=f"sbind: {text}: Permission denied\n$")

    def test_a_passed_socket_that_is_not_asked_for_does_not_leak(self):
        words = ("listen", "-H", self.abstract, "-H",
                 self.abstract + "-2", "--name", "a", "--name", "b", "--")
        done = self.expect(sbind(*words, SBIND, "listen", "-H",
                                 "fd://a", "--", *activated()), 0, err="")
        got = json.loads(done.out)
        self.assertEqual(got["environment"]["LISTEN_FDS"], "1")
        self.assertEqual(got["fds"], [0, 1, 2, 3])

    def test_many_sockets(self):
        words = [w for i in range(200)
                 for w in ("-H", f"{self.abstract}-{i}")]
        got = self.report(*words)
        self.assertEqual(got["fds"], list(range(203)))
        self.assertEqual([s["name"][1:] for s in got["passed"]],
                         [f"{support.abstract_name(self)}-{i}"
                          for i in range(200)])

    def test_the_sockets_block_unless_asked_otherwise(self):
        words = ("-H", "tcp://127.0.0.1:0", "-H", self.unix())
        for options, wanted in (((), False), (("--nonblocking",), True)):
            got = self.report(*words, *options)
            self.assertEqual({s["nonblocking"] for s in got["passed"]},
                             {wanted})

    def test_a_passed_socket_stays_as_it_is_unless_asked_otherwise(self):
        for blocking in (True, False):
            with socket.create_server(("127.0.0.1", 0)) as s:
                s.setblocking(blocking)
                words = ("-H", f"fd://{s.fileno()}")
                for options, nonblocking in (((), not blocking),
                                             (("--nonblocking",), True)):
                    got = self.report(*words, *options,
                                      pass_fds=(s.fileno(),))
                    self.assertEqual(got["passed"][0]["nonblocking"],
                                     nonblocking)
                    self.assertEqual(os.get_blocking(s.fileno()),
                                     not nonblocking)

    def test_a_socket_that_was_standard_input_leaves_it_open(self):
        with socket.create_server(("127.0.0.1", 0)) as s:
            done = self.expect(support.run(
                SBIND, "listen", "-H", "fd://0", "--", *activated(),
                input=None, stdin=s.fileno()), 0, err="")
            self.assertEqual(json.loads(done.out)["fds"], [0, 1, 2, 3])
            p = self.start(SBIND, "listen", "fd://0", stdin=s.fileno())
            p.listening()
            with socket.create_connection(s.getsockname()) as client:
                client.sendall(b"hello")
            self.expect(p.wait(), 0, out="hello")

    def test_nothing_is_run_when_it_cannot_be_left_open(self):
        support.requires("strace")
        no_null = ("strace", "--quiet=path-resolution,exit,attach", "-o",
                   self.path("log"), "-P", "/dev/null", "-e",
                   "inject=open,openat:error=ENOENT")
        env = support.environment(asan="detect_leaks=0")
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.expect(support.run(
                *no_null, SBIND, "listen", "-H", "fd://0", "--", "echo", "run",
                input=None, stdin=s.fileno(), env=env), 111, out="",
                err="^sbind: open /dev/null: No such file")
            p = self.start(*no_null, SBIND, "listen", "fd://0",
                           stdin=s.fileno(), env=env)
            p.listening()
            socket.create_connection(s.getsockname()).close()
            self.expect(p.wait(), 111, out="",
                        err="open /dev/null: No such file")

    def test_variables_from_outside_are_replaced_or_removed(self):
        got = self.report("-H", self.abstract, env=support.environment(
            LISTEN_PID="1", LISTEN_PIDFDID="77", LISTEN_FDS="9",
            LISTEN_FDNAMES="a:b:c"))
        self.assertNotEqual(got["environment"].pop("LISTEN_PIDFDID", ""), "77")
        self.assertEqual(got["environment"], {
            "LISTEN_PID": str(got["pid"]), "LISTEN_FDS": "1"})

    def test_listen_pidfdid_is_the_programs_own(self):
        p = self.listen("-H", self.abstract, "--", *activated("wait"))
        got = announced(p)["environment"]
        self.assertEqual(got.get("LISTEN_PIDFDID"), support.pidfdid(p.pid))

    def test_where_the_system_has_no_pidfd_ids_none_is_passed(self):
        # the command must not take a variable from outside for one that is meant for it
        support.requires("strace")
        for call in ("pidfd_open", "fstatfs"):    # which tells what a pidfd is
            done = self.expect(support.run(
                "strace", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                f"inject={call}:error=ENOSYS", SBIND, "listen", "-H",
                self.abstract, "--", *activated(), env=support.environment(
                    LISTEN_PIDFDID="77", asan="detect_leaks=0")), 0, err="")
            self.assertNotIn("LISTEN_PIDFDID",
                             json.loads(done.out)["environment"], call)

    def test_a_chain_with_a_shell_in_between_passes_nothing(self):
        for between, wanted in (((), 0), (("sh", "-c", '"$@"; exit $?', "sh"),
                                          111)):
            done = self.expect(sbind(
                "listen", "-H", self.abstract, "--", *between, SBIND, "listen",
                "-H", "fd://", "--", "true"), wanted)
            self.assertEqual(b"not-activated" in done.err, wanted != 0)

    def test_closed_standard_descriptors_do_no_harm(self):
        done = subprocess.run(
            ("sh", "-c", 'exec "$@" <&-', "sh", SBIND, "listen", "-H",
             self.abstract, "-H", self.unix(), "--", *activated()),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=support.environment(), timeout=support.WAIT)
        self.assertEqual(done.returncode, 0, done.stderr)
        got = json.loads(done.stdout)
        self.assertEqual([s["fd"] for s in got["passed"]], [3, 4])
        self.assertEqual(got["fds"][-4:], [1, 2, 3, 4])

    def test_arguments_reach_the_command_as_they_are(self):
        done = self.expect(sbind("listen", "-H", self.abstract, "--",
                                 *activated("a b", "", "-H", "--")), 0)
        self.assertEqual(json.loads(done.out)["args"],
                         ["a b", "", "-H", "--"])

    def test_the_command_keeps_the_process(self):
        p = self.listen("-H", self.abstract, "--", *activated("wait"))
        self.assertEqual(announced(p)["pid"], p.pid)

    def test_its_exit_status_is_the_commands(self):
        self.expect(sbind("listen", "-H", self.abstract, "--", "sh",
                          "-c", "exit 42"), 42)

    def test_clients_are_served(self):
        support.requires_ipv6()
        p = self.listen("-H", "tcp://127.0.0.1:0", "-H", self.unix(), "-H",
                        "tcp://[::1]:0", "-H", self.abstract, "--",
                        *activated("serve"))
        for address in p.listening(4):
            with self.subTest(address), support.connect(address) as s:
                self.assertEqual(s.recv(5), b"hello")
            done = self.expect(sbind("connect", address), 0, err="")
            self.assertEqual(done.out, b"hello")


class Several(ListenCase):
    """One address that means several sockets: how they get their names, and for how
    many there is room."""

    ROOM = 256

    def sockets(self, count):
        """-H for so many abstract sockets."""
        return [w for i in range(count)
                for w in ("-H", f"{self.abstract}-{i}")]

    def passed(self, count, *words):
        """Starts sbind listen, and passes "count" sockets to it."""
        return sbind("listen", *self.sockets(count), "--", SBIND, "listen",
                     *words)

    def got(self, count, *words):
        done = self.passed(count, *words, "--", *activated())
        return json.loads(self.expect(done, 0, err="").out)

    def test_a_name_goes_to_every_socket_of_its_address(self):
        several, one = ("-H", "fd://*"), ("-H", self.abstract)
        for words, names in (((*several, *one), "a:a:a:b"),
                             ((*one, *several), "a:b:b:b")):
            got = self.got(3, *words, "--name", "a", "--name", "b")
            self.assertEqual(got["environment"]["LISTEN_FDNAMES"], names)
            self.assertEqual(got["environment"]["LISTEN_FDS"], "4")

    def test_one_name_goes_to_every_socket_of_every_address(self):
        got = self.got(3, "-H", "fd://*", "-H", self.abstract, "--name", "a")
        self.assertEqual(got["environment"]["LISTEN_FDNAMES"], "a:a:a:a")

    def test_names_are_as_many_as_addresses_not_as_sockets(self):
        several, one = ("-H", "fd://*"), ("-H", self.unix())
        for words, names in (((*several, *one), "abc"), (several, "ab"),
                             ((*several, *one, *one), "ab"),
                             (several + one, "abcd")):
            with self.subTest(words, names=names):
                self.expect(self.passed(
                    2, *words, *(w for n in names for w in ("--name", n)),
                    "--", "echo", "it runs"), 2, out="",
                    err="^sbind listen: one --name, or as many as -H\n")
        self.assertEqual(self.names(), [])

    def test_names_for_the_one_address_of_host(self):
        env = support.environment(HOST=self.unix())
        self.expect(sbind("listen", "--name", "a", "--name", "b", "--", "true",
                          env=env), 2, out="", err="as many as -H")

    def test_all_the_room_can_be_used(self):
        for passed in (0, 10):
            own = [w for i in range(self.ROOM - passed)
                   for w in ("-H", f"{self.abstract}-own-{i}")]
            got = self.got(passed or 1, *own,
                           *(["-H", "fd://*"] if passed else []))
            self.assertEqual(got["environment"]["LISTEN_FDS"],
                             str(self.ROOM))
            self.assertEqual(len(got["passed"]), self.ROOM)

    def test_beyond_it_nothing_is_opened(self):
        full = [w for i in range(self.ROOM)
                for w in ("-H", f"{self.abstract}-own-{i}")]
        almost = full[:2 * (self.ROOM - 9)]
        last = ("-H", self.unix())
        for words in ((*almost, "-H", "fd://*"), ("-H", "fd://*", *almost),
                      (*almost[2:], *last, "-H", "fd://*")):
            self.expect(self.passed(10, *words, "--", "echo", "it runs"), 111,
                        out="", err=r"\(too-many-listeners\)")
        self.expect(self.passed(1, *full, *last, "--", "echo", "it runs"), 2,
                    out="", err="^sbind listen: too many addresses\n")
        self.expect(self.passed(1, *["--name", "a"] * (self.ROOM + 1), "-H",
                                "fd://*", "--", "echo", "it runs"), 2, out="",
                    err="^sbind listen: too many names\n")
        self.assertFalse(os.path.lexists(self.path("s")))


class Options(ListenCase):
    def backlog_of(self, port):
        support.requires("ss")
        lines = support.run("ss", "-Hltn", f"sport = :{port}").out.decode()
        return int(lines.split()[2])

    def test_backlog(self):
        with open("/proc/sys/net/core/somaxconn") as file:
            most = int(file.read())
        for options, wanted in (((), 4096), (("--backlog", "7"), 7),
                                (("--backlog", "1"), 1),
                                (("--backlog", "2147483647"), most)):
            with self.subTest(options):
                p = self.listen(*options, "-H", "tcp://127.0.0.1:0", "--",
                                "sleep", "60")
                port = support.port_of(p.listening()[0])
                self.assertEqual(self.backlog_of(port), min(wanted, most))
                p.kill()

    def used_port(self):
        """A socket of the test listens there."""
        s = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(s.close)
        return s, f"tcp://127.0.0.1:{s.getsockname()[1]}"

    def test_an_address_in_use_is_waited_for(self):
        for options in ((), ("--accept",), ("--lazy",)):
            with self.subTest(options):
                server, address = self.used_port()
                p = self.listen(*options, "--in-use-timeout", "60000", "-H",
                                self.unix(), "-H", address, "--", "sleep", "60")
                time.sleep(.3)
                self.assertTrue(p.running())
                self.assertEqual(p.err, b"")
                server.close()
                p.listening(2)
                p.kill(signal.SIGTERM)
                if os.path.lexists(self.path("s")):  # of a plain sleep
                    os.unlink(self.path("s"))

    def test_a_wait_for_an_address_ends(self):
        """The wait ends when the time is up, or when a signal comes. No file is
        left."""
        _, address = self.used_port()
        for command in ((), ("--", "true")):
            begin = time.monotonic()
            done = self.expect(sbind(
                "listen", "--in-use-timeout", "320", "-H", address, *command),
                111, out="", err="address-in-use")
            self.assertGreaterEqual(time.monotonic() - begin, .32)
            self.assertEqual(done.err.count(b"address-in-use"), 1)
        self.expect(sbind(
            "listen", "--in-use-timeout", "300", "-H", self.unix(), "-H",
            address, "--", "true"), 111, out="", err="address-in-use")
        self.assertEqual(os.listdir(self.directory), [])
        begin = time.monotonic()
        self.expect(sbind("listen", "--in-use-timeout", "60000", "-H",
                          "unix://" + self.path("none/s"), "--", "true"), 111,
                    out="", err="ENOENT")
        self.assertLess(time.monotonic() - begin, 30)
        both = ("-H", self.unix(), "-H", address)
        for options in (("-H", address, "-H", self.unix()),
                        ("--accept", *both), ("--lazy", *both)):
            for how in (signal.SIGTERM, signal.SIGINT):
                with self.subTest(options, how=how):
                    p = self.start(SBIND, "listen", "--in-use-timeout",
                                   "60000", *options, "--", "sleep", "60")
                    time.sleep(.3)
                    self.assertEqual(p.kill(how).status, -how)
                    self.assertEqual(os.listdir(self.directory), [])

    def test_dual_stack(self):
        support.requires_ipv6()
        for options, host, wanted in (((), "[::]", False),
                                      (("--dual-stack",), "[::]", True),
                                      ((), "*", True),
                                      (("--dual-stack",), "*", True)):
            with self.subTest(options, host=host):
                p = self.listen(*options, "-H", f"tcp://{host}:0", "--",
                                *activated("serve"))
                where = p.listening()[0]
                self.assertIn(host, where)
                port = support.port_of(where)
                support.connect(f"tcp://[::1]:{port}").close()
                try:
                    support.connect(f"tcp://127.0.0.1:{port}").close()
                    reached = True
                except ConnectionRefusedError:
                    reached = False
                self.assertEqual(reached, wanted)
                p.kill()

    def test_any_is_ipv4_where_there_is_no_ipv6(self):
        support.requires("strace")
        for lack in ("socket:error=EAFNOSUPPORT:when=1",
                     "bind:error=EADDRNOTAVAIL:when=1"):
            with self.subTest(lack):
                done = self.expect(support.run(
                    "strace", "-qq", "-o", "/dev/null", "-e",
                    "trace=socket,bind", "-e", "inject=" + lack, SBIND,
                    "listen", "-v", "-H", "tcp://*:0", "--", *activated(),
                    env=support.environment(asan="detect_leaks=0")), 0,
                    err=r"^sbind: listening on tcp://\*:[1-9]\d*\n")
                got = json.loads(done.out)["passed"]
                self.assertEqual([s["family"] for s in got], ["AF_INET"])
                self.assertEqual(got[0]["name"][0], "0.0.0.0")

    def test_reuse_port(self):
        p = self.listen("--reuse-port", "-H", "tcp://127.0.0.1:0", "--",
                        "sleep", "60")
        where = p.listening()[0]
        self.expect(sbind("listen", "-H", where, "--", "true"), 111,
                    err="address-in-use")
        got = self.report("--reuse-port", "-H", where)
        self.assertTrue(got["passed"][0]["reuseport"])

    def test_a_port_that_is_taken_is_refused(self):
        p = self.listen("-H", "tcp://127.0.0.1:0", "--", "sleep", "60")
        where = p.listening()[0]
        done = self.expect(sbind("listen", where), 111, out="",
                           err=r"EADDRINUSE")
        self.assertIn(where.encode(), done.err)

    def test_switches_of_the_socket(self):
        for option, name, usual in (("--nodelay", "nodelay", False),
                                    ("--keepalive", "keepalive", False),
                                    ("--reuse-port", "reuseport", False),
                                    ("--no-reuse-address", "reuseaddr",
                                     True)):
            for options in ((), (option,)):
                with self.subTest(options):
                    got = self.report("-H", "tcp://127.0.0.1:0", *options)
                    self.assertEqual(got["passed"][0][name],
                                     usual != bool(options))

    def test_buffers(self):
        got = self.report("-H", "tcp://127.0.0.1:0", "--receive-buffer",
                          "20000", "--send-buffer", "30000")
        self.assertEqual(got["passed"][0]["receive"], 40000)   # socket(7)
        self.assertEqual(got["passed"][0]["send"], 60000)

    def test_freebind(self):
        self.expect(sbind("listen", "-H", "tcp://192.0.2.1:0", "--", "true"),
                    111, err="EADDRNOTAVAIL")
        if PORTABLE:
            self.lacks("freebind")
        else:
            self.report("--freebind", "-H", "tcp://192.0.2.1:0")

    def lacks(self, option, *value):
        """POSIX does not have this option."""
        self.expect(sbind("listen", "--" + option, *value, "-H",
                          "tcp://127.0.0.1:0", "--", "true"), 2, out="",
                    err=f"\n  hint: this system does not have the option {option}; "
                    "leave it out\n")

    def test_device(self):
        if PORTABLE:
            self.lacks("device", "lo")
            return
        support.requires_root()
        self.report("--device", "lo", "-H", "tcp://127.0.0.1:0")
        self.expect(sbind("listen", "--device", "no-such", "-H",
                          "tcp://127.0.0.1:0", "--", "true"), 111,
                    err="ENODEV")

    def test_one_that_applies_to_no_address_is_usage(self):
        tcp, path = "tcp://127.0.0.1:0", self.unix()
        for option, address in (
                (("--mode", "0600"), tcp), (("--mode", "0600"), self.abstract),
                (("--owner", "0"), tcp), (("--group", "0"), self.abstract),
                (("--replace",), tcp), (("--refuse",), self.abstract),
                (("--any-directory",), tcp), (("--nodelay",), path),
                (("--keepalive",), self.abstract), (("--reuse-port",), path),
                (("--no-reuse-address",), path), (("--freebind",), path),
                (("--device", "lo"), self.abstract), (("--nodelay",), "fd://"),
                (("--dual-stack",), tcp), (("--dual-stack",), path),
                (("--dual-stack",), "tcp://localhost:0"),
                (("--backlog", "5"), "fd://3"),
                (("--send-buffer", "5"), "fd://3")):
            with self.subTest(option, address=address):
                self.expect(sbind("listen", *option, "-H", address, "--",
                                  "true"), 2, out="",
                            err=r"\(option-not-applicable\)")
        self.assertEqual(self.names(), [])

    def test_each_address_takes_those_that_apply_to_it(self):
        support.requires_ipv6()
        got = self.report("-H", "tcp://[::1]:0", "-H", self.unix(), "-H",
                          self.abstract, "-H", "tcp://127.0.0.1:0", "--mode",
                          "0640", "--nodelay", "--dual-stack", "--backlog",
                          "9")
        self.assertEqual([s["nodelay"] for s in got["passed"]],
                         [True, False, False, True])
        self.assertEqual(os.stat(self.path("s")).st_mode & 0o777, 0o640)

    def test_connect_refuses_them_too(self):
        for option in ("--nodelay", "--keepalive"):
            self.expect(sbind("connect", option, self.unix()), 2, out="",
                        err="option-not-applicable")
        self.expect(sbind("connect", "--timeout", "5", "fd://3"), 2, out="",
                    err="option-not-applicable")


class Ids(ListenCase):
    """To the system, the id 4294967295 means "no id": a call with this id changes nothing and
    reports no error. So every option that takes an id refuses this number."""

    NONE = ("4294967295", "4294967296", "18446744073709551615",
            "18446744073709551616", "-1", "+1", " 1", "1 ", "0x1", "1.0", "",
            "no-such-name")
    NUMBER = "or a number from 0 to 4294967294$"

    def refuse(self, words, err, prefix=()):
        with self.subTest(words):
            self.expect(support.run(
                *prefix, SBIND, "listen", "-H", self.unix(), *words, "--",
                "echo", "it runs"), 2, out="", err=err)
            self.assertEqual(self.names(), [])       # nothing was opened

    def test_a_text_that_names_no_id_is_refused(self):
        for option, wanted in (("--owner", "a user"), ("--group", "a group"),
                               ("--user", "a user")):
            for text in self.NONE:
                self.refuse((option, text), f"(?m)^sbind listen: {option} "
                            f"takes {wanted} of this machine, {self.NUMBER}")
        for text in self.NONE:
            self.refuse(("--user", "0", "--primary-group", text),
                        "(?m)^sbind listen: --primary-group takes a group of "
                        f"this machine, {self.NUMBER}")
        for text in ("4294967295", "0,4294967295", "4294967295,0", "4294967296",
                     "-1", "0,", ",0", "0,,0", ",", "0, 0", "no-such-name"):
            self.refuse(("--user", "0", "--supplementary-groups", text),
                        "(?m)^sbind listen: --supplementary-groups takes "
                        "groups of this machine, each a name or a number from "
                        "0 to 4294967294, separated by commas$")

    def test_the_user_database_cannot_give_no_id(self):
        """/etc/passwd and /etc/group may contain any line."""
        support.requires_root()
        support.requires("unshare", "mount")
        line = "odd:x:4294967295:4294967295::/:/bin/sh\n"
        prefix = ("unshare", "-m", "sh", "-c",
                  'mount --bind "$0" "/etc/$1" && shift && exec "$@"')
        passwd = (*prefix, self.write("passwd", line), "passwd")
        group = (*prefix, self.write("group", "odd:x:4294967295:\n"), "group")
        for words, before in (
                (("--owner", "odd"), passwd), (("--user", "odd"), passwd),
                (("--group", "odd"), group),
                (("--user", "0", "--primary-group", "odd"), group),
                (("--user", "0", "--supplementary-groups", "odd"), group)):
            with self.subTest(words):
                self.expect(support.run(
                    *before, SBIND, "listen", "-H", self.unix(), *words, "--",
                    "echo", "it runs"), 2, out="", err="of this machine")
        self.assertEqual(self.names(), ["group", "passwd"])

    def test_the_largest_id_can_be_used(self):
        support.requires_root()
        most = "4294967294"
        self.report("-H", self.unix(), "--owner", most, "--group", most)
        st = os.lstat(self.path("s"))
        self.assertEqual((st.st_uid, st.st_gid), (int(most), int(most)))
        os.unlink(self.path("s"))
        done = self.expect(sbind(
            "listen", "-H", "tcp://127.0.0.1:0", "--user", most,
            "--primary-group", most, "--supplementary-groups", most, "--",
            "cat", "/proc/self/status"), 0)
        for line in ("Uid:" + f"\t{most}" * 4, "Gid:" + f"\t{most}" * 4,
                     f"Groups:\t{most} "):
            self.assertIn(line, done.out.decode().split("\n"))


class AllOrNothing(ListenCase):
    def test_when_the_second_address_fails_nothing_is_left(self):
        port = support.free_port()
        for bad, name in ((self.unix("no/such"), "ENOENT"),
                          ("tcp://192.0.2.1:0", "EADDRNOTAVAIL"),
                          ("fd://900", "fd-closed")):
            with self.subTest(bad):
                self.expect(sbind(
                    "listen", "-H", self.unix(), "-H",
                    f"tcp://127.0.0.1:{port}", "-H", self.abstract, "-H", bad,
                    "--", "true"), 111, out="", err=name)
                self.assertEqual(self.names(), [])
                with socket.socket() as s:
                    s.bind(("127.0.0.1", port))
                with self.assertRaises(ConnectionRefusedError):
                    support.connect(self.abstract)

    def test_a_bad_text_is_found_before_anything_is_opened(self):
        self.expect(sbind("listen", "-H", self.unix(), "-H", "fd://03", "--",
                          "true"), 1, out="", err="bad-fd")
        self.assertEqual(self.names(), [])

    def test_when_the_command_cannot_be_run_nothing_is_left(self):
        """The exit status is the one that a shell would end with."""
        interpreted = self.write("script", "#!/no/such/interpreter\n")
        os.chmod(interpreted, 0o755)
        for command, status, error in (
                (self.path("no-such-program"), 127, "No such file"),
                ("no-such-program-in-path", 127, "No such file"),
                (interpreted, 127, "No such file"),
                (self.write("text", "no program"), 126, "Permission denied"),
                (self.directory, 126, "Permission denied"),
                (self.path("text", "x"), 126, "Not a directory")):
            for words in ((), ("--close-fds",)):
                with self.subTest(command, words=words):
                    self.expect(sbind("listen", "-H", self.unix(), "-H",
                                      "tcp://127.0.0.1:0", *words, "--",
                                      command), status, out="",
                                err=rf"\Asbind: {command}: {error}[^\n]*\n\Z")
                    self.assertFalse(os.path.lexists(self.path("s")),
                                     "the socket file is left")

    def test_nor_when_the_user_has_changed_already(self):
        support.requires_root()
        os.chmod(self.directory, 0o755)
        self.expect(sbind("listen", "-H", self.unix(), "--user",
                          "nobody", "--", self.path("no-such-program")), 127,
                    out="")
        self.assertFalse(os.path.lexists(self.path("s")),
                         "the socket file is left")

    def test_one_socket_file_cannot_be_asked_for_twice(self):
        self.expect(sbind("listen", "-H", self.unix(), "-H",
                          self.unix(), "--", "true"), 111,
                    err="address-in-use")
        self.assertEqual(self.names(), [])


# ---- systemd ----------------------------------------------------------------------

class Systemd(ListenCase):
    def setUp(self):
        super().setUp()
        support.requires("systemd-socket-activate", "curl")

    def activate(self, listen, command, names=None):
        """Starts systemd-socket-activate, and waits until it listens. systemd-socket-activate does
        not accept port 0."""
        env = support.environment()
        words = [f"--listen={where}" for where in listen]
        if names is not None:
            words.append("--fdname=" + names)
        words += [f"--setenv={k}={env[k]}" for k in ("ASAN_OPTIONS",
                                                     "UBSAN_OPTIONS")]
        p = self.start("systemd-socket-activate", *words, *command)
        support.wait_until(
            lambda: p.err.count(b"Listening on ") >= len(listen)
            or not p.running(), "systemd-socket-activate")
        self.assertTrue(p.running(), p.err)
        return p

    def server(self, host):
        return (example("web_server"), "-H", host)

    def path_of(self, name="activated.sock"):
        return self.path(name)

    def test_one_socket_of_every_kind(self):
        port = support.free_port()
        for listen, address in (
                (f"127.0.0.1:{port}", f"tcp://127.0.0.1:{port}"),
                (self.path_of(), "unix://" + self.path_of()),
                ("@" + support.abstract_name(self), self.abstract)):
            with self.subTest(address):
                p = self.activate([listen], self.server("fd://"))
                self.expect(support.curl(address), 0, out=PAGE)
                self.assertEqual(p.listening(), [address])
                self.expect(p.kill(signal.SIGTERM), 0)
        self.assertEqual(self.names(), ["activated.sock"])    # systemd's own

    def test_by_number_by_name_and_all(self):
        paths = [self.path_of(name) for name in ("a", "b")]
        for host, served in (("fd://*", 2), ("fd://web", 1), ("fd://3", 1)):
            with self.subTest(host):
                p = self.activate(paths, self.server(host), "web:admin")
                for path in paths[:served]:
                    self.expect(support.curl("unix://" + path), 0, out=PAGE)
                self.assertEqual(p.listening(served),
                                 ["unix://" + path for path in paths[:served]])
                self.expect(p.kill(signal.SIGTERM), 0)
                for path in paths:
                    os.unlink(path)

    def refused(self, paths, command, names, status, *wanted):
        p = self.activate(paths, command, names)
        support.connect("unix://" + paths[0]).close()
        done = self.expect(p.wait(), status)
        for text in wanted:
            self.assertRegex(done.err.decode(), text)
        for path in paths:
            os.unlink(path)

    def test_the_single_one_of_two_is_refused_and_both_are_named(self):
        paths = [self.path_of(name) for name in ("a", "b")]
        wanted = (r"\(not-one-fd\); descriptor 3 and 4\n", r"fd://NAME")
        self.refused(paths, self.server("fd://"), "web:admin", 1, *wanted)
        self.refused(paths, (SBIND, "listen", "-H", "fd://", "--", "true"),
                     None, 111, *wanted)

    def test_a_name_nobody_has_is_refused(self):
        paths = [self.path_of("a")]
        self.refused(paths, self.server("fd://nope"), "web", 1,
                     "no-such-fd-name")
        self.refused(paths, (SBIND, "listen", "-H", "fd://4", "--", "true"),
                     "web", 111, "fd-closed|fd-not-socket")

    def test_a_name_that_two_have_is_both(self):
        paths = [self.path_of(name) for name in ("a", "b", "c")]
        p = self.activate(paths, self.server("fd://web"), "web:admin:web")
        self.expect(support.curl("unix://" + paths[0]), 0, out=PAGE)
        self.expect(support.curl("unix://" + paths[2]), 0, out=PAGE)
        self.assertEqual(p.listening(2), ["unix://" + paths[0],
                                          "unix://" + paths[2]])
        p.kill()

    def test_a_name_that_two_have_is_refused_where_one_is_wanted(self):
        paths = [self.path_of(name) for name in ("a", "b")]
        self.refused(paths, (SBIND, "listen", "fd://web"), "web:web", 1,
                     r"\(ambiguous-fd-name\); descriptor 3 and 4\n")

    def test_datagram_sockets_are_refused(self):
        p = self.start("systemd-socket-activate", "--datagram",
                       "--listen=" + self.path_of(), SBIND, "listen", "fd://")
        support.wait_until(lambda: b"Listening on " in p.err, "it")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(b"x", self.path_of())
        self.expect(p.wait(), 111, err="fd-not-stream")

    def test_a_chain_through_sbind_listen(self):
        path = self.path_of()
        p = self.activate(
            [path], (SBIND, "listen", "-v", "-H", "fd://web", "-H",
                     "tcp://127.0.0.1:0", "--name", "first", "--name",
                     "second", "--", *activated("serve")), "web")
        with support.connect("unix://" + path) as s:
            self.assertEqual(s.recv(5), b"hello")
        got = announced(p)
        self.assertEqual(got["environment"]["LISTEN_FDNAMES"],
                         "first:second")
        self.assertEqual(got["environment"]["LISTEN_PID"], str(got["pid"]))
        self.assertEqual([s["family"] for s in got["passed"]],
                         ["AF_UNIX", "AF_INET"])
        self.assertEqual(got["fds"], [0, 1, 2, 3, 4])
        where = p.listening(2)
        self.assertEqual(where[0], "unix://" + path)
        with support.connect(where[1]) as s:
            self.assertEqual(s.recv(5), b"hello")

    def test_a_chain_may_turn_the_order_around(self):
        paths = [self.path_of(name) for name in ("a", "b", "c")]
        p = self.activate(
            paths, (SBIND, "listen", "-H", "fd://5", "-H", "fd://b",
                    "-H", "fd://3", "--", *activated("exit")), "a:b:c")
        support.connect("unix://" + paths[0]).close()
        self.expect(p.wait(), 0)
        self.assertEqual([s["name"] for s in announced(p)["passed"]],
                         [paths[2], paths[1], paths[0]])

    def test_closing_leaves_the_file_that_systemd_made(self):
        path = self.path_of()
        p = self.activate([path], (SBIND, "listen", "fd://"))
        support.connect("unix://" + path).close()
        self.expect(p.wait(), 0)
        self.assertEqual(self.names(), ["activated.sock"])


# ---- Copying --------------------------------------------------------------------------

class Copying(ListenCase):
    """Copies a megabyte each way. The end of each direction is passed on."""

    def setUp(self):
        super().setUp()
        chance = random.Random(4711)
        self.data = [chance.randbytes(MEGABYTE) for _ in "ab"]
        self.files = [self.write(name, data)
                      for name, data in zip(("a.in", "b.in"), self.data)]

    def both_ways(self, server, client, ready):
        """Each gets what the other was given."""
        with open(self.files[0], "rb") as a, open(self.files[1], "rb") as b:
            first = self.start(*server, stdin=a)
            where = ready(first)
            second = self.start(*client(where), stdin=b)
            for p, data in ((second, self.data[0]), (first, self.data[1])):
                done = self.expect(p.wait(), 0)
                self.assertEqual(hashlib.sha256(done.out).hexdigest(),
                                 hashlib.sha256(data).hexdigest(), p.argv)

    def addresses(self):
        """Options of sbind, and the same options of socat and ncat."""
        kinds = [("tcp://127.0.0.1:", "TCP4", "-4"),
                 (self.unix("peer"), "UNIX", "-U"),
                 (self.abstract, "ABSTRACT", None)]
        if support.has_ipv6():
            kinds.append(("tcp://[::1]:", "TCP6", "-6"))
        return kinds

    def peer_words(self, address, program, kind, listening):
        if program == "socat":
            if kind == "ABSTRACT":
                name = address.split("@", 1)[1]
                verb = "LISTEN" if listening else "CONNECT"
                return ("socat", "-t", str(support.WAIT), "-",
                        f"ABSTRACT-{verb}:{name}")
            verb = "LISTEN" if listening else "CONNECT"
            rest = address.split("://", 1)[1]
            if kind != "UNIX" and listening:
                host, port = rest.rsplit(":", 1)
                rest = f"{port},bind={host},reuseaddr"
            return ("socat", "-t", str(support.WAIT), "-",
                    f"{kind}-{verb}:{rest}")
        rest = address.split("://", 1)[1]
        if kind == "UNIX":
            return ("ncat", *(["-l"] if listening else []), "-U", rest)
        host, port = rest.rsplit(":", 1)
        return ("ncat", *(["-l"] if listening else []),
                "-4" if kind == "TCP4" else "-6", host.strip("[]"), port)

    def listens(self, address):
        """Whether a process listens at this address. Does not connect to find out."""
        scheme, rest = address.split("://", 1)
        if scheme == "unix":
            with open("/proc/net/unix", errors="replace") as file:
                return any(line.split()[-1] == rest and
                           line.split()[3] == "00010000"
                           for line in file.readlines()[1:])
        wanted = "%04X" % support.port_of(address)
        for name in ("tcp", "tcp6"):
            try:
                with open("/proc/net/" + name) as file:
                    for line in file.readlines()[1:]:
                        fields = line.split()
                        if (fields[1].endswith(":" + wanted)
                                and fields[3] == "0A"):
                            return True
            except FileNotFoundError:
                pass
        return False

    def with_peers(self, program):
        support.requires(program)
        for address, kind, option in self.addresses():
            if program == "ncat" and option is None:
                continue             # it has no abstract names
            with self.subTest(kind, sbind="connects"):
                where = (address + str(support.free_port())
                         if address.startswith("tcp") else address)

                def ready(p, where=where):
                    support.wait_until(
                        lambda: self.listens(where) or not p.running(),
                        program)
                    return where
                self.both_ways(self.peer_words(where, program, kind, True),
                               lambda where: (SBIND, "connect", where), ready)
                if kind == "UNIX" and os.path.exists(self.path("peer")):
                    os.unlink(self.path("peer"))
            with self.subTest(kind, sbind="listens"):
                where = (address + "0" if address.startswith("tcp")
                         else address)
                self.both_ways(
                    (SBIND, "listen", where),
                    lambda where, kind=kind: self.peer_words(
                        where, program, kind, False),
                    lambda p: p.listening()[0])

    def test_with_socat(self):
        self.with_peers("socat")

    def test_with_ncat(self):
        self.with_peers("ncat")

    def test_with_itself(self):
        for address, *_ in self.addresses():
            with self.subTest(address):
                where = (address + "0" if address.startswith("tcp")
                         else address)
                self.both_ways((SBIND, "listen", where),
                               lambda where: (SBIND, "connect", where),
                               lambda p: p.listening()[0])

    def test_an_answer_comes_after_the_question_has_ended(self):
        # half-close: the other side answers only after it has seen the end
        support.requires("socat")
        path = self.path("half")
        self.start("socat", "-t", str(support.WAIT),
                   f"UNIX-LISTEN:{path},fork",
                   f"SYSTEM:sha256sum; cat {self.files[1]}")
        support.wait_until(lambda: self.listens("unix://" + path), "socat")
        done = self.expect(sbind("connect", "unix://" + path,
                                 input=self.data[0]), 0, err="")
        digest = hashlib.sha256(self.data[0]).hexdigest().encode()
        self.assertTrue(done.out.startswith(digest), done.out[:80])
        self.assertTrue(done.out.endswith(self.data[1]))

    def test_the_server_ends_first(self):
        address = self.abstract
        p = self.listen(address, stdin=subprocess.DEVNULL)
        p.listening()
        with support.connect(address) as s:
            self.assertEqual(s.recv(1), b"")     # it has ended, we have not
            s.sendall(b"still here")
        self.assertEqual(self.expect(p.wait(), 0).out, b"still here")

    def test_a_client_that_goes_without_a_word_ends_it(self):
        gate, opens = os.pipe()
        self.addCleanup(os.close, opens)
        p = self.listen(self.abstract, stdin=gate)
        os.close(gate)
        p.listening()
        support.connect(self.abstract).close()
        self.expect(p.wait(), 0)

    def test_a_standard_input_or_output_that_fails_is_told(self):
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind("\0" + support.abstract_name(self))
        server.listen()
        with open("/dev/full", "wb") as full:
            directory = os.open(self.directory, os.O_RDONLY)
            self.addCleanup(os.close, directory)
            # the starter of sbind ignores SIGPIPE
            reads, unread = os.pipe()
            os.close(reads)
            self.addCleanup(os.close, unread)
            for stdin, stdout, error in (
                    (directory, subprocess.DEVNULL, b"Is a directory"),
                    (subprocess.DEVNULL, full, b"No space left on device"),
                    (subprocess.DEVNULL, unread, b"Broken pipe")):
                p = subprocess.Popen((SBIND, "connect", self.abstract),
                                     stdin=stdin, stdout=stdout,
                                     stderr=subprocess.PIPE,
                                     env=support.environment(),
                                     restore_signals=False)
                connection = self.accept(server)
                if stdin != directory:
                    connection.sendall(b"x")
                err = p.communicate(timeout=support.WAIT)[1]
                connection.close()
                self.assertEqual(p.returncode, 111)
                self.assertEqual(err, b"sbind: copying: " + error + b"\n")

    def test_what_the_other_side_did_not_take_is_lost(self):
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            where = "tcp://127.0.0.1:%d" % server.getsockname()[1]
            with open("/dev/zero", "rb") as endless:
                p = self.start(SBIND, "connect", where, stdin=endless)
                connection = self.accept(server)
                connection.recv(1)
                connection.close()              # what is unread resets it
                self.expect(p.wait(), 111, out="",
                            err="^sbind: copying: Connection reset by peer")

    def test_a_client_that_has_gone_is_nobody(self):
        def serve(fault):
            p = self.start(*support.injecting(
                ACCEPT + ":" + fault, SBIND, "listen", self.abstract),
                env=support.environment(asan="detect_leaks=0"))
            p.listening()
            return p
        p = serve("error=ECONNABORTED:when=1")
        support.connect(self.abstract).close()
        self.expect(p.wait(), 0)
        self.expect(serve("error=EMFILE").wait(), 111,
                    err=f"{ACCEPT}: EMFILE\n  {self.abstract}\n  hint: ")

    def test_a_call_that_is_interrupted_is_made_again(self):
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind("\0" + support.abstract_name(self))
        server.listen()
        word = self.write("word", "word")
        for fault, status, err in (
                ("sendto:error=EINTR:when=1", 0, ""),
                ("sendto:error=EAGAIN:when=1", 0, ""),
                ("poll:error=EINTR:when=1", 0, ""),
                ("sendto:error=EPIPE", 111, "copying: Connection reset"),
                ("sendto:error=EIO", 111, "copying: " + support.says("Input/output error")),
                ("poll:error=EIO", 111, "copying: " + support.says("Input/output error"))):
            with self.subTest(fault), open(word, "rb") as stdin:
                p = self.start(*support.injecting(fault, SBIND, "connect",
                                                  self.abstract), stdin=stdin,
                               env=support.environment(asan="detect_leaks=0"))
                connection = self.accept(server)
                with connection:
                    connection.shutdown(socket.SHUT_WR)
                    if status == 0:
                        self.assertEqual(connection.recv(4), b"word")
                    self.expect(p.wait(), status, err=err)

    def test_waiting_for_a_slow_reader_costs_no_time(self):
        # the peer is gone, and the octets that it sent cannot be written yet
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind("\0" + support.abstract_name(self))
        server.listen()
        hold, opens = os.pipe()
        reads, full = os.pipe()
        p = subprocess.Popen((SBIND, "connect", self.abstract), stdin=hold,
                             stdout=full, stderr=subprocess.DEVNULL,
                             env=support.environment())
        try:
            os.close(hold)
            os.close(full)
            connection = self.accept(server)
            connection.sendall(b"x" * 150_000)     # a pipe holds 65536
            connection.close()
            support.at_rest(p.pid)
            got = b""
            while len(got) < 150_000:
                got += os.read(reads, 65536)
        finally:
            os.close(opens)
            p.kill()
            p.wait()
            os.close(reads)

    def test_the_socket_file_is_gone_once_the_client_is_there(self):
        p = self.listen(self.unix())
        p.listening()
        with support.connect(self.unix()):
            support.wait_until(lambda: not os.path.exists(self.path("s")),
                               "the file to go")
            self.assertTrue(p.running())
        self.expect(p.wait(), 0)

    def test_waiting_for_a_client_costs_no_time(self):
        p = self.listen(self.abstract)
        p.listening()
        support.at_rest(p.pid)
        support.connect(self.abstract).close()
        self.expect(p.wait(), 0)

    def test_two_of_us_that_both_send_do_not_wait_for_each_other(self):
        small = ("--send-buffer", "4096", "--receive-buffer", "4096")
        data = self.write("data", bytes(20000000))
        with open(data, "rb") as file:
            p = self.listen(*small, "tcp://127.0.0.1:0", stdin=file)
        where = p.listening()[0]
        with open(data, "rb") as file:
            client = self.start(SBIND, "connect", *small, where, stdin=file)
        for end in (client, p):
            self.assertEqual(len(self.expect(end.wait(), 0).out), 20000000)

    def test_what_is_for_a_command(self):
        for option in (("--nonblocking",), ("--close-fds",), ("--no-new-privs",),
                       ("--user", "0"), ("--name", "a")):
            self.expect(sbind("listen", *option, self.abstract), 2, out="",
                        err="are for a command")

    def test_several_passed_sockets_need_a_command(self):
        hint = ("  hint: name one of them, or give a command after --: it gets "
                "all of them\n")
        for names, address, *lines in (
                ("a", "fd://*", "this address means several sockets, and one is "
                 "needed (several); descriptor 3 and 4"),
                ("a", "fd://a", "several passed sockets have this name "
                 "(ambiguous-fd-name); descriptor 3 and 4")):
            with self.subTest(address):
                done = self.expect(sbind(
                    "listen", "-H", self.abstract, "-H", self.abstract + "-2",
                    "--name", names, "--", SBIND, "listen", address), 1, out="")
                self.assertEqual(done.err.decode(), "\n".join(
                    ("sbind: " + lines[0], "  " + address, hint)))

    def test_one_passed_socket_is_served_whatever_it_is_called(self):
        for address in ("fd://*", "fd://a", "fd://"):
            with self.subTest(address):
                p = self.listen("-H", self.abstract, "--name", "a", "--", SBIND,
                                "listen", address)
                p.listening(2)
                support.connect(self.abstract).close()
                self.expect(p.wait(), 0)

    def test_a_connection_that_is_reset_is_no_success(self):
        # the input has been cut off, and must not be taken for the whole
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            gate, opens = os.pipe()
            self.addCleanup(os.close, opens)
            p = self.start(SBIND, "connect", "tcp://127.0.0.1:"
                           + str(server.getsockname()[1]), stdin=gate)
            os.close(gate)
            connection = self.accept(server)
            connection.sendall(b"part")
            support.wait_until(lambda: p.out == b"part", "the first part")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", 1, 0))
            connection.close()
        self.assertEqual(p.wait().status, 111, p.wait())


class ClosedDescriptors(ListenCase):
    """If a standard stream is closed, a socket must not take its place."""

    def closed(self, redirection, *argv, **more):
        return ("sh", "-c", f'exec "$@" {redirection}', "sh", SBIND, *argv)

    def test_what_the_server_sends_does_not_go_back_to_it(self):
        for redirection, out in (("<&-", "hello"), (">&-", ""),
                                 ("<&- >&-", "")):
            with self.subTest(redirection), socket.socket() as server:
                server.bind(("127.0.0.1", 0))
                server.listen()
                p = self.start(*self.closed(
                    redirection, "connect", "tcp://127.0.0.1:"
                    + str(server.getsockname()[1])))
                with self.accept(server) as connection:
                    connection.sendall(b"hello")
                    connection.shutdown(socket.SHUT_WR)
                    back = b"".join(iter(lambda: connection.recv(16), b""))
                self.assertEqual(back, b"")
                self.expect(p.wait(), 0, out=out, err="")

    def test_messages_do_not_go_into_the_lock_file(self):
        lines = support.trace("openat", *self.closed(
            ">&- 2>&-", "listen", "-H", self.unix(), "--", "true"),
            directory=self.directory)
        locks = [line for line in lines if '".s.sbind"' in line]
        self.assertEqual(len(locks), 1)
        self.assertGreater(int(locks[0].rsplit("= ", 1)[1]), 2)

    def test_a_socket_becomes_none_of_the_three(self):
        for redirection in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
            lines = support.trace("socket", *self.closed(
                redirection, "listen", "-H", "tcp://127.0.0.1:0", "--", "true"),
                directory=self.directory)
            self.assertEqual(len(lines), 1, lines)
            self.assertGreater(int(lines[0].rsplit("= ", 1)[1]), 2, redirection)


class Connecting(ListenCase):
    def of_two_addresses(self):
        """A host name with two addresses, and a port. On this port, no process listens at the first
        address."""
        s = socket.socket()
        self.addCleanup(s.close)
        s.bind(("127.0.0.1", 0))
        return (self.with_hosts(two=("127.0.0.1", "127.0.0.2")),
                s.getsockname()[1])

    def test_a_name_is_tried_address_by_address(self):
        within, port = self.of_two_addresses()
        p = self.listen("-H", f"tcp://127.0.0.2:{port}", "--",
                        *activated("serve"))
        p.listening()
        self.expect(support.run(*within, SBIND, "connect", f"tcp://two:{port}"),
                    0, out="hello", err="")

    def test_every_attempt_is_reported(self):
        within, port = self.of_two_addresses()
        self.expect(support.run(*within, SBIND, "connect", f"tcp://two:{port}"),
                    111, out="", err=(
                        rf"\n  tcp://127\.0\.0\.1:{port}: connect: ECONNREFUSED"
                        rf"[^\n]*\n  tcp://127\.0\.0\.2:{port}: connect: "
                        "ECONNREFUSED"))

    def test_what_can_only_be_listened_on_is_refused(self):
        for address in ("tcp://0.0.0.0:1", "tcp://[::]:1", "tcp://*:1",
                        "tcp://127.0.0.1:0", "tcp://224.0.0.1:1",
                        "tcp://[::ffff:127.0.0.1]:1",
                        "tcp://255.255.255.255:1"):
            with self.subTest(address):
                self.expect(sbind("connect", address), 111, out="",
                            err=r"\(unusable-address\)")

    def test_the_timeout_is_kept(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.bind("\0" + support.abstract_name(self))
            s.listen(0)
            with support.connect(self.abstract):    # fills the backlog
                begin = time.monotonic()
                self.expect(sbind("connect", "--timeout", "300",
                                  self.abstract), 111, out="",
                            err="timed-out")
                took = time.monotonic() - begin
        self.assertGreaterEqual(took, 0.3)
        self.assertLess(took, 5)

    def test_a_connected_descriptor_can_be_used(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            p = self.start(SBIND, "connect", f"fd://{theirs.fileno()}",
                           pass_fds=(theirs.fileno(),))
            theirs.close()
            ours.sendall(b"hello")
            ours.shutdown(socket.SHUT_WR)
            self.assertEqual(self.expect(p.wait(), 0).out, b"hello")

    def test_a_listening_descriptor_is_not_connected(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            self.expect(sbind("connect", f"fd://{s.fileno()}",
                              pass_fds=(s.fileno(),)), 111, out="",
                        err="fd-not-connected")


if __name__ == "__main__":
    support.main()
