#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Do the examples work: the web server, its client, the units, and the programs for
event loops?

Promises: P17
"""
import contextlib
import os
import re
import shutil
import signal
import socket

import support
from support import example

PAGE = b"Hello from sbind\n"


class ServerCase(support.Case):
    def serve(self, *addresses, env=None):
        words = [w for a in addresses for w in ("-H", a)]
        p = self.start(example("web_server"), *words,
                       env=support.environment(**(env or {})))
        return p, p.listening(max(1, len(addresses)))

    def fetched(self, address):
        """Fetches a page with curl, and with the client from the examples."""
        self.expect(support.curl(address), 0, out=PAGE)
        done = self.expect(support.run(example("client"), address), 0, err="")
        self.assertRegex(done.out, rb"\AHTTP/1\.1 200 ")
        self.assertTrue(done.out.endswith(b"\r\n\r\n" + PAGE), done)

    def stopped(self, p, how=signal.SIGTERM):
        self.expect(p.kill(how), 0, err="")


class WebServer(ServerCase):
    def test_serves_every_kind_of_address_at_once(self):
        support.requires("curl")
        support.requires_ipv6()
        path = self.path("web.sock")
        p, where = self.serve("tcp://127.0.0.1:0", "tcp://[::1]:0",
                              "unix://" + path,
                              "unix://@" + support.abstract_name(self))
        self.assertRegex(where[0], r"\Atcp://127\.0\.0\.1:[1-9]\d*\Z")
        self.assertRegex(where[1], r"\Atcp://\[::1\]:[1-9]\d*\Z")
        self.assertEqual(where[2], "unix://" + path)
        for address in where:
            with self.subTest(address):
                for _ in range(3):
                    self.fetched(address)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.stopped(p)

    def test_serves_a_name_on_all_its_addresses(self):
        support.requires("curl")
        within = self.with_hosts(two=("127.0.0.1", "127.0.0.2"))
        p = self.start(*within, example("web_server"), "-H", "tcp://two:0")
        where = p.listening(2)
        port = support.port_of(where[0])
        self.assertEqual(where, [f"tcp://127.0.0.{n}:{port}" for n in (1, 2)])
        for address in where:
            self.fetched(address)
        self.expect(support.curl(f"tcp://two:{port}", within=within), 0,
                    out=PAGE)
        self.stopped(p)

    def test_host_is_the_default_of_h(self):
        support.requires("curl")
        path = self.path("web.sock")
        p, where = self.serve(env={"HOST": "unix://" + path})
        self.assertEqual(where, ["unix://" + path])
        self.fetched(where[0])
        self.stopped(p)
        p, where = self.serve("tcp://127.0.0.1:0",
                              env={"HOST": "unix://" + path})
        self.assertEqual(len(where), 1)
        self.assertFalse(os.path.exists(path))
        self.stopped(p)

    def test_tcp_alone_means_127_0_0_1_8080(self):
        support.requires("curl")
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", 8080))
                s.listen()
            except OSError as e:
                support.unavailable(f"port 8080 is taken: {e}")
        for words, env in (((), None), (("tcp://",), None),
                           ((), {"HOST": "tcp://"})):
            p, where = self.serve(*words, env=env)
            self.assertEqual(where, ["tcp://127.0.0.1:8080"])
            self.fetched(where[0])
            done = self.expect(support.run(example("client")), 0, err="")
            self.assertTrue(done.out.endswith(PAGE))
            self.stopped(p)

    def test_sigterm_and_sigint_remove_the_socket_file(self):
        path = self.path("web.sock")
        for how in (signal.SIGTERM, signal.SIGINT):
            p, _ = self.serve("unix://" + path, "tcp://127.0.0.1:0")
            self.stopped(p, how)
            self.assertEqual(self.names(), [])

    def test_a_second_server_does_not_take_the_socket(self):
        support.requires("curl")
        address = "unix://" + self.path("web.sock")
        p, _ = self.serve(address)
        done = support.run(example("web_server"), "-H", address)
        self.expect(done, 1, out="", err=r"^web_server: .*\(address-in-use\)")
        self.fetched(address)
        self.stopped(p)

    def test_comes_back_after_a_crash(self):
        support.requires("curl")
        address = "unix://" + self.path("web.sock")
        p, _ = self.serve(address)
        p.kill()
        p, _ = self.serve(address)
        self.fetched(address)
        self.stopped(p)

    def test_a_bad_address_has_a_caret(self):
        done = support.run(example("web_server"), "-H",
                           "tcp://127.0.0.1:65536")
        self.expect(done, 1, out="")
        self.assertEqual(
            done.err.decode(),
            "web_server: the port is above 65535 (port-range)\n"
            "  tcp://127.0.0.1:65536\n" + " " * 22 + "^\n"
            "  hint: ports run from 0 to 65535\n")

    def test_a_bad_address_takes_back_the_good_one(self):
        done = support.run(example("web_server"), "-H",
                           "unix://" + self.path("web.sock"), "-H", "fd://03")
        self.expect(done, 1, out="", err="bad-fd")
        self.assertEqual(self.names(), [])

    def test_fd_without_activation_is_refused(self):
        done = support.run(example("web_server"), "-H", "fd://")
        self.expect(done, 1, out="", err=r"\(not-activated\)")

    def test_an_error_of_the_environment_quotes_the_environment(self):
        self.expect(support.run(
            example("web_server"), "-H", "fd://web",
            env=support.environment(LISTEN_PID="12a")), 1, out="",
            err=r"\(bad-listen-pid\)\n  12a\n    \^\n")

    def test_strict(self):
        for address, refused in (("tcp://*:0", "wildcard"),
                                 ("tcp://localhost:0", "not-numeric"),
                                 ("unix://@x", "abstract-not-allowed")):
            self.expect(support.run(example("web_server"), "-s", "-H", address),
                        1, out="", err=rf"^web_server: .*\({refused}\)")
        p = self.start(example("web_server"), "-s", "-H", "tcp://127.0.0.1:0")
        self.fetched(p.listening(1)[0])
        self.stopped(p)

    def test_takes_no_operands(self):
        self.expect(support.run(example("web_server"), "unix://" +
                                self.path("s")), 2, out="", err="^usage: ")

    def test_other_methods_are_refused(self):
        support.requires("curl")
        p, where = self.serve("tcp://127.0.0.1:0")
        done = support.curl(where[0], "-X", "DELETE")
        self.expect(done, 22, err="405")
        self.stopped(p)


class Client(ServerCase):
    def test_nobody_there(self):
        for address, wanted in (
                ("unix://" + self.path("none"), "ENOENT"),
                (f"tcp://127.0.0.1:{support.free_port()}", "ECONNREFUSED"),
                ("tcp://127.1:80", "numeric-host"),
                ("tcp://0.0.0.0:80", "unusable-address")):
            with self.subTest(address):
                self.expect(support.run(example("client"), address), 1,
                            out="", err="^client: .*" + wanted)


class EventLoops(ServerCase):
    """The examples that connect or listen in an event loop."""

    def traced(self, *argv):
        """Runs a program under strace. Returns the result, and the calls of close that the program
        made."""
        support.requires("strace")
        trace = self.path("trace")
        done = support.run("strace", "-f", "-qq", "-e", "trace=close", "-o",
                           trace, *argv,
                           env=support.environment(asan="detect_leaks=0"))
        with open(trace, encoding="utf-8") as lines:
            return done, [line.rstrip() for line in lines]

    def check_closes(self, closes):
        """No descriptor is closed twice: the second close could hit a descriptor of another
        thread."""
        self.assertTrue(closes)
        self.assertEqual([c for c in closes if not c.endswith("= 0")], [])

    def test_poll_reaches_every_kind_of_address_at_once(self):
        p, where = self.serve("tcp://localhost:0",
                              "unix://" + self.path("web.sock"),
                              "unix://@" + support.abstract_name(self))
        where = [f"tcp://localhost:{support.port_of(where[0])}", *where[-2:]]
        gone = f"tcp://127.0.0.1:{support.free_port()}"
        done, closes = self.traced(example("poll_client"), *where)
        self.expect(done, 0, err="")
        self.assertEqual(sorted(done.out.decode().splitlines()),
                         sorted(a + " answers" for a in where))
        self.check_closes(closes)
        done, closes = self.traced(example("poll_client"), where[0], gone)
        self.expect(done, 1, out=f"{where[0]} answers\n".encode(),
                    err="^poll_client: .*ECONNREFUSED")
        self.check_closes(closes)
        self.stopped(p)

    def test_libevent_owns_the_connection(self):
        p, where = self.serve("tcp://localhost:0",
                              "unix://" + self.path("web.sock"))
        for address in (f"tcp://localhost:{support.port_of(where[0])}",
                        where[-1]):
            done, closes = self.traced(example("libevent_client"), address)
            self.expect(done, 0, err="")
            self.assertTrue(done.out.endswith(b"\r\n\r\n" + PAGE), done)
            self.check_closes(closes)
        self.expect(support.run(
            example("libevent_client"),
            f"tcp://localhost:{support.free_port()}"), 1, out="",
            err="^libevent_client: .*ECONNREFUSED")
        self.stopped(p)

    def test_libuv_owns_the_listener(self):
        """Many clients come at once. One of them is still connected when the server is
        stopped."""
        support.requires("strace")
        for address in ("tcp://localhost:0", "unix://" + self.path("echo.sock"),
                        "unix://@" + support.abstract_name(self)):
            with self.subTest(address), contextlib.ExitStack() as stack:
                trace = self.path("trace")
                p = self.start(             # -D: the server is our child
                    "strace", "-D", "-f", "-q", "-e", "trace=close", "-o", trace,
                    example("libuv_server"), address,
                    env=support.environment(asan="detect_leaks=0"))
                where = p.listening(1)[0]
                clients = [stack.enter_context(support.connect(where))
                           for _ in range(20)]
                for i, client in enumerate(clients):
                    client.sendall(b"%04d" % i * 5000)
                for i, client in enumerate(clients):
                    self.assertEqual(client.recv(20000, socket.MSG_WAITALL),
                                     b"%04d" % i * 5000)
                for client in clients[1:]:
                    client.close()
                self.stopped(p)
                self.assertEqual(clients[0].recv(1), b"")
                self.assertFalse(os.path.lexists(self.path("echo.sock")))
                support.wait_until(lambda: "+++ exited" in self.read(trace),
                                   "strace to end")
                self.check_closes([line for line in self.read(trace).splitlines()
                                   if "close(" in line])

    def read(self, file):
        with open(file, encoding="utf-8") as f:
            return f.read()

    def test_a_second_close_would_be_seen(self):
        done, closes = self.traced(
            "python3", "-c", "import os; os.close(0)\n"
            "try: os.close(0)\nexcept OSError: pass")
        self.expect(done, 0)
        with self.assertRaises(AssertionError):
            self.check_closes(closes)


class Units(support.Case):
    def units(self, change=lambda name, text: text, folder="",
              names=("app.socket", "app.service")):
        directory = self.path("units")
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
        for name in names:
            text = support.source("examples", folder, name).read_text()
            text = text.replace("/usr/bin/app", example("web_server")).replace(
                "/usr/bin/session", example("echo_client"))
            with open(os.path.join(directory, name), "w") as file:
                file.write(change(name, text))
        return [os.path.join(directory, name) for name in names]

    def verify(self, *files, manager="--system"):
        support.requires("systemd-analyze")
        done = support.run("systemd-analyze", manager, "verify", "--man=no", *files,
                           env=support.environment(XDG_RUNTIME_DIR=self.directory))
        if b"Failed to initialize manager" in done.err:
            support.unavailable("systemd-analyze cannot run here: "
                                + done.err.decode())
        # what systemd says about other units of this machine does not matter
        about = "\n".join(line for line in done.err.decode().split("\n")
                          if re.search(r"\b(app|standalone|session@?)\.s", line))
        return done.status, about

    def test_are_sound(self):
        self.assertEqual(self.verify(*self.units()), (0, ""))
        for names in (("standalone.service",), ("session.socket", "session@.service")):
            self.assertEqual(self.verify(*self.units(names=names)), (0, ""))
        self.assertEqual(self.verify(*self.units(folder="user"), manager="--user"),
                         (0, ""))

    def test_every_unit_is_verified(self):
        root = support.source("examples")
        self.assertEqual(
            sorted(str(p.relative_to(root)) for kind in ("service", "socket")
                   for p in root.rglob("*." + kind)),
            ["app.service", "app.socket", "session.socket", "session@.service",
             "standalone.service", "user/app.service", "user/app.socket"])

    def exposed(self, file):
        """Whether the exposure is above 1.5 of 10."""
        return support.run("systemd-analyze", "security", "--offline=true",
                           "--no-pager", "--threshold=15", file).status != 0

    def test_are_hardened(self):
        """Units of users are left out, because their manager cannot restrict as
        much."""
        support.requires("systemd-analyze")
        names = ("app.service", "standalone.service", "session@.service")
        for file in self.units(names=names):
            self.assertFalse(self.exposed(file), file)

        def without_filter(name, text):
            return re.sub("SystemCallFilter=.*\n", "", text)

        for file in self.units(without_filter, names=names):
            self.assertTrue(self.exposed(file), file)

    def test_pass_the_socket_to_the_built_server(self):
        _, service = self.units()
        with open(service) as file:
            text = file.read()
        self.assertIn(f"ExecStart={example('web_server')} -H fd://\n", text)

    def test_broken_ones_are_found(self):
        """Verification of a broken unit fails, which shows that verification can fail."""
        def without_program(name, text):
            return re.sub(r"ExecStart=\S+", "ExecStart=/no/such/program",
                          text)

        def with_unknown_option(name, text):
            return text.replace("SocketMode=", "SocketMood=")

        status, about = self.verify(*self.units(without_program))
        self.assertNotEqual(status, 0)
        self.assertIn("/no/such/program", about)
        _, about = self.verify(*self.units(with_unknown_option))
        self.assertIn("SocketMood", about)


class Echo(support.Case):
    def test_a_passed_connection_is_used(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            p = self.start(example("echo_client"), f"fd://{theirs.fileno()}",
                           "words", pass_fds=(theirs.fileno(),))
            ours.settimeout(support.WAIT)
            ours.sendall(ours.recv(16))
            self.expect(p.wait(), 0, out="words\n", err="")

    def test_what_is_sent_comes_back(self):
        for address in ("tcp://127.0.0.1:0", "unix://" + self.path("echo")):
            server = self.start(example("echo_server"), address, "3")
            where = server.listening()[0]
            for words in ("hello", "x" * 100000, ""):
                self.expect(support.run(example("echo_client"), where, words),
                            0, out=words + "\n", err="")
            self.expect(server.wait(), 0, err="")


class Source(support.Case):
    def test_the_web_server_has_at_most_120_lines(self):
        text = support.source("examples", "web_server.c").read_text()
        self.assertLessEqual(text.count("\n"), 120)


if __name__ == "__main__":
    support.main()
