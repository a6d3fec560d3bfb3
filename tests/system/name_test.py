#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Is the kernel's name of a listening socket the path that was asked for? Programs,
operators and clients find the socket by that name. And is the socket the only file in
the directory?

Promises: P20
"""
import os
import re
import signal

import daemons
import support
from support import FRESH, PORTABLE, PYTHON, SBIND, example, sbind

# A program that says whether descriptor 3 listens at the path in its argument.
IS_SOCKET_UNIX = r"""
import ctypes, socket, sys
library = ctypes.CDLL("libsystemd.so.0")
path = sys.argv[1].encode()
print(library.sd_is_socket_unix(3, socket.SOCK_STREAM, 1, path,
                                ctypes.c_size_t(0)))
"""


def known(path):
    """The name by which the system knows a socket. With POSIX only, it is the name
    from which the socket was renamed (P20)."""
    return os.path.join(os.path.dirname(path), FRESH) if PORTABLE else path


class Programs(support.PathCase):
    """Programs that find a passed socket by its name."""

    def passed(self, daemon, *options):
        """The daemon on our socket."""
        p = self.listen(*options, "-H", self.address, "--", *daemon.command,
                        env=support.environment(**daemon.variables))
        p.listening()
        return p

    def test_nginx(self):
        """nginxinc/docker-nginx#702"""
        support.requires("curl")
        daemon = daemons.nginx(self, self.sock)
        p = self.passed(daemon)
        if PORTABLE:                    # nginx wants a socket of its own there
            self.expect(p.wait(), 1, err="bind.* failed .98: ")
            return
        done = support.curl(self.address)
        self.assertEqual(done.out, daemon.page, (done, p.err))
        self.expect(p.kill(signal.SIGQUIT), 0)
        self.assertEqual(self.names(self.dir), ["s"])

    def test_dbus_daemon(self):
        support.requires("dbus-send")
        p = self.passed(daemons.dbus(self))
        printed = support.wait_until(
            lambda: p.out.endswith(b"\n") and p.out.decode(), "its address")
        self.assertEqual(printed.split(",")[0], "unix:path=" + known(self.sock))
        # if the printed path is a hidden name, no client can connect to it
        self.expect(support.run(
            "dbus-send", "--bus=" + printed.strip(), "--print-reply",
            "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetId"),
            int(PORTABLE), err="No such file" if PORTABLE else "")

    def test_gpg_agent(self):
        support.requires("gpg-connect-agent")
        self.passed(daemons.gpg_agent(self), "--name", "std")
        done = support.run("gpg-connect-agent", "--no-autostart", "--homedir",
                           self.path("gnupg"), "--raw-socket", self.sock,
                           "GETINFO socket_name", "/bye")
        self.expect(done, 0, err="")
        self.assertIn(f"D {known(self.sock)}\n", done.out.decode())

    def test_pipewire(self):
        support.requires("pw-cli")
        daemon = daemons.pipewire(self, self.sock)
        self.passed(daemon)
        done = support.run("pw-cli", "info", "0",
                           env=support.environment(**daemon.variables))
        self.expect(done, 0)
        self.assertIn("PipeWire:Interface:Core", done.out.decode())
        # if no passed socket has the name, PipeWire makes a socket of its own
        self.assertEqual(support.mode_of(self.sock) != 0o600, PORTABLE)

    def test_gunicorn(self):
        p = self.passed(daemons.gunicorn(self))
        said = support.wait_until(
            lambda: [line for line in p.err.decode().splitlines()
                     if "Listening at: " in line], "gunicorn to say where")
        self.assertIn(f"unix:{known(self.sock)} ", said[0])

    def test_a_program_that_asks_libsystemd(self):
        probe = (*PYTHON, "-c", IS_SOCKET_UNIX)
        name = known(self.sock)
        for path, answer in ((name, "1\n"), (name + "x", "0\n")):
            self.expect(sbind("listen", "-H", self.address, "--", *probe,
                              path), 0, out=answer, err="")

    def test_the_name_is_the_path_as_it_was_given(self):
        probe = (*PYTHON, "-c", "import socket\n"
                 "print(socket.socket(fileno=3).getsockname())")
        for path in ("s", "./s", "../d/s", self.sock, "x" * 107):
            name = re.escape(known(path))
            if PORTABLE and path[0] == "x":         # has a hash of the name
                name = r"\.sbind-[0-9a-f]{16}-d/s"
            for existing in ((), ("--refuse",)):
                with self.subTest(path, existing=existing):
                    self.clear()
                    done = sbind("listen", *existing, "-H", "unix://" + path,
                                 "--", *probe, cwd=self.dir)
                    self.assertRegex(done.out.decode(), f"^{name}\n$", done)


class Operators(support.PathCase):
    """Programs that list the sockets of a machine show the path."""

    def setUp(self):
        super().setUp()
        self.server = self.hold()

    def test_ss(self):
        support.requires("ss")
        done = self.expect(support.run("ss", "-xlH"), 0)
        self.assertIn(known(self.sock), done.out.decode().split())

    def test_lsof(self):
        support.requires("lsof")
        done = self.expect(support.run(
            "lsof", "-n", "-a", "-U", "-p", str(self.server.pid), "-F", "n"), 0)
        self.assertIn(f"n{known(self.sock)} type=STREAM",
                      done.out.decode())

    def test_fuser(self):
        support.requires("fuser")
        done = self.expect(support.run("fuser", self.sock), int(PORTABLE))
        self.assertEqual(done.out.decode().split(),
                         [] if PORTABLE else [str(self.server.pid)])

    def test_a_client(self):
        with support.connect(self.address) as client:
            self.assertEqual(client.getpeername(), known(self.sock))


class Directory(support.PathCase):
    """The directory has one file while a process listens, and none after closing."""

    def test_a_server_that_ends(self):
        for before in ((), (self.sock,)):
            for path in before:
                support.stale_socket(path)
            p = self.start(example("web_server"), "-H", self.address)
            p.listening()
            self.assertEqual(self.names(self.dir), ["s"])
            self.expect(p.kill(signal.SIGTERM), 0)
            self.assertEqual(self.names(self.dir), [])

    def test_a_command_that_serves_one_client(self):
        for options in ((), ("--replace",), ("--refuse",),
                        ("--mode", "0666")):
            with self.subTest(options):
                p = self.listen(*options, self.address)
                p.listening()
                self.assertEqual(self.names(self.dir), ["s"])
                self.expect(sbind("connect", self.address), 0)
                self.expect(p.wait(), 0)
                self.assertEqual(self.names(self.dir), [])

    def test_a_command_that_took_the_socket(self):
        """The process that listens may remove the file by hand. A later start still
        works."""
        self.accepted()
        self.assertEqual(self.names(self.dir), ["s"])
        self.accepted("--replace")
        self.assertEqual(self.names(self.dir), ["s"])
        self.accepted()
        self.assertEqual(self.names(self.dir), ["s"])

    def test_starts_that_are_refused(self):
        self.hold()
        for options in ((), ("--refuse",)):
            self.refused("address-in-use", *options)
            self.assertEqual(self.names(self.dir), ["s"])

    def test_one_listener_that_follows_another(self):
        for how in (signal.SIGKILL, signal.SIGTERM):
            first = self.start(example("web_server"), "-H", self.address)
            first.listening()
            second = self.listen("--replace", self.address)
            second.listening()
            self.assertEqual(self.names(self.dir), ["s"])
            first.kill(how)
            self.assertEqual(self.names(self.dir), ["s"])
            self.expect(sbind("connect", self.address), 0)
            self.expect(second.wait(), 0)
            self.assertEqual(self.names(self.dir), [])


if __name__ == "__main__":
    support.main()
